/* SPDX-License-Identifier: MIT */
/* vdso.S - the finished vDSO (vdso/), as whole pages of the kernel image */
#include <asm/assembler.h>
#include <asm/page.h>

	.section .rodata, "a"
	.globl	vdso_start, vdso_end
	.balign	PAGE_SIZE
vdso_start:
	.incbin	"vdso.so"
	.balign	PAGE_SIZE
vdso_end:
