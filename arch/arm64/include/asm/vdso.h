/* SPDX-License-Identifier: MIT */
/* The page of user code that every process gets: the signal trampoline. */
#ifndef _ASM_VDSO_H
#define _ASM_VDSO_H

/* Where __kernel_rt_sigreturn is in the page. */
#define VDSO_SIGRETURN_OFFSET 0x400

#ifndef __ASSEMBLY__
/* One page, page-aligned, in rodata. */
extern const char vdso_start[], vdso_end[];
#endif
#endif
