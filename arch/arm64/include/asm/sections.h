/* SPDX-License-Identifier: MIT */
/* The boundaries that linker.ld draws; see the picture there. */
#ifndef _ASM_SECTIONS_H
#define _ASM_SECTIONS_H

#include <lib/types.h>

extern char _text[], _stext[], _etext[];
extern char __idmap_text_start[], __idmap_text_end[];
extern char __start_rodata[], __end_rodata[];
extern char __init_begin[], __init_end[];
extern char __inittext_begin[], __inittext_end[];
extern char __initdata_begin[], __initdata_end[];
extern char _sdata[], _edata[];
extern char __bss_start[], __bss_stop[], _end[];
extern char __per_cpu_load[], __per_cpu_start[], __per_cpu_end[];

static inline bool is_kernel_text(unsigned long addr)
{
	return (addr >= (unsigned long)_text && addr < (unsigned long)_etext) ||
	       (addr >= (unsigned long)__inittext_begin &&
		addr < (unsigned long)__inittext_end);
}

#endif
