/* SPDX-License-Identifier: MIT */
/*
 * cache.S - cache maintenance by address
 *
 * CTR_EL0 says how long the shortest line is (IminLine, DminLine: log2 of
 * words) and what the hardware keeps coherent by itself: IDC, cleaning is
 * not needed; DIC, instruction caches need no invalidation.
 */
#include <asm/assembler.h>

	.text

	/* \line = bytes in the shortest line that CTR field at \shift names */
	.macro	line_size line, shift, tmp
	mrs	\tmp, ctr_el0
	ubfx	\tmp, \tmp, #\shift, #4
	mov	\line, #4
	lsl	\line, \line, \tmp
	.endm

	/* \op each line of x0 .. x1; clobbers x2 to x4 */
	.macro	by_line shift, op:vararg
	line_size x2, \shift, x3
	sub	x4, x2, #1
	bic	x4, x0, x4
1:	\op, x4
	add	x4, x4, x2
	cmp	x4, x1
	b.lo	1b
	.endm

/* void sync_icache_range(unsigned long start, unsigned long len) */
func sync_icache_range
	cbz	x1, 3f
	add	x1, x0, x1
	mrs	x5, ctr_el0
	tbnz	x5, #28, 2f
	by_line	16, dc cvau
2:	dsb	ish			/* data is at the PoU for all CPUs */
	tbnz	x5, #29, 2f
	by_line	0, ic ivau
2:	dsb	ish			/* no CPU has the old instructions */
	isb
3:	ret
endfunc sync_icache_range
