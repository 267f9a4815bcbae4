/* SPDX-License-Identifier: MIT */
/*
 * memory.S - copying, filling and comparing memory
 *
 * Blocks of 64 bytes by register pairs, then what is left bit by bit of the
 * length. Accesses may be unaligned: all of it is Normal memory.
 */
#include <asm/assembler.h>
#include <asm/page.h>

	.text

	/* One piece of a tail: \bytes if bit \bit of the length x2 is set. */
	.macro	copy_bit bit, bytes, ld, st, a
	tbz	x2, #\bit, 1f
	\ld	\a, [x1], #\bytes
	\st	\a, [x3], #\bytes
1:
	.endm

/* void *memcpy(void *dst, const void *src, size_t n) */
func memcpy
	mov	x3, x0
copy_forward:
	subs	x4, x2, #64
	b.lo	2f
1:	ldp	x6, x7, [x1], #64
	ldp	x8, x9, [x1, #-48]
	ldp	x10, x11, [x1, #-32]
	ldp	x12, x13, [x1, #-16]
	stp	x6, x7, [x3], #64
	stp	x8, x9, [x3, #-48]
	stp	x10, x11, [x3, #-32]
	stp	x12, x13, [x3, #-16]
	subs	x4, x4, #64
	b.hs	1b
2:	tst	x2, #63
	b.eq	4f
	tbz	x2, #5, 3f
	ldp	x6, x7, [x1], #32
	ldp	x8, x9, [x1, #-16]
	stp	x6, x7, [x3], #32
	stp	x8, x9, [x3, #-16]
3:	tbz	x2, #4, 3f
	ldp	x6, x7, [x1], #16
	stp	x6, x7, [x3], #16
3:	copy_bit 3, 8, ldr, str, x6
	copy_bit 2, 4, ldr, str, w6
	copy_bit 1, 2, ldrh, strh, w6
	copy_bit 0, 1, ldrb, strb, w6
4:	ret
endfunc memcpy

/*
 * void *memmove(void *dst, const void *src, size_t n)
 * Copying forward is right unless dst is inside [src, src + n): each block
 * is read whole before it is written.
 */
func memmove
	mov	x3, x0
	sub	x4, x0, x1
	cmp	x4, x2
	b.hs	copy_forward
	add	x1, x1, x2
	add	x3, x3, x2
	subs	x4, x2, #64
	b.lo	2f
1:	ldp	x6, x7, [x1, #-16]
	ldp	x8, x9, [x1, #-32]
	ldp	x10, x11, [x1, #-48]
	ldp	x12, x13, [x1, #-64]!
	stp	x6, x7, [x3, #-16]
	stp	x8, x9, [x3, #-32]
	stp	x10, x11, [x3, #-48]
	stp	x12, x13, [x3, #-64]!
	subs	x4, x4, #64
	b.hs	1b
2:	tbz	x2, #5, 3f
	ldp	x6, x7, [x1, #-16]
	ldp	x8, x9, [x1, #-32]!
	stp	x6, x7, [x3, #-16]
	stp	x8, x9, [x3, #-32]!
3:	tbz	x2, #4, 4f
	ldp	x6, x7, [x1, #-16]!
	stp	x6, x7, [x3, #-16]!
4:	tbz	x2, #3, 5f
	ldr	x6, [x1, #-8]!
	str	x6, [x3, #-8]!
5:	tbz	x2, #2, 6f
	ldr	w6, [x1, #-4]!
	str	w6, [x3, #-4]!
6:	tbz	x2, #1, 7f
	ldrh	w6, [x1, #-2]!
	strh	w6, [x3, #-2]!
7:	tbz	x2, #0, 8f
	ldrb	w6, [x1, #-1]
	strb	w6, [x3, #-1]
8:	ret
endfunc memmove

/* void *memset(void *dst, int c, size_t n) */
func memset
	mov	x3, x0
	and	x1, x1, #0xff
	mov	x4, #0x0101010101010101
	mul	x1, x1, x4
	subs	x4, x2, #64
	b.lo	2f
	cbnz	x1, 1f
	cmp	x2, #512
	b.lo	1f
	mrs	x5, dczid_el0		/* zeros by cache block: 64 bytes? */
	cmp	x5, #4
	b.eq	5f
1:	stp	x1, x1, [x3], #64
	stp	x1, x1, [x3, #-48]
	stp	x1, x1, [x3, #-32]
	stp	x1, x1, [x3, #-16]
	subs	x4, x4, #64
	b.hs	1b
2:	tbz	x2, #5, 3f
	stp	x1, x1, [x3], #32
	stp	x1, x1, [x3, #-16]
3:	tbz	x2, #4, 3f
	stp	x1, x1, [x3], #16
3:	tbz	x2, #3, 3f
	str	x1, [x3], #8
3:	tbz	x2, #2, 3f
	str	w1, [x3], #4
3:	tbz	x2, #1, 3f
	strh	w1, [x3], #2
3:	tbz	x2, #0, 4f
	strb	w1, [x3]
4:	ret

	/* Fill to the next block and beyond, go on at the block. */
5:	stp	xzr, xzr, [x3]
	stp	xzr, xzr, [x3, #16]
	stp	xzr, xzr, [x3, #32]
	stp	xzr, xzr, [x3, #48]
	add	x2, x3, x2
	add	x3, x3, #64
	and	x3, x3, #~63
	sub	x2, x2, x3		/* still at least 448 */
	sub	x4, x2, #64
6:	dc	zva, x3
	add	x3, x3, #64
	subs	x4, x4, #64
	b.hs	6b
	b	2b
endfunc memset

/* int memcmp(const void *a, const void *b, size_t n) */
func memcmp
	subs	x2, x2, #8
	b.lo	2f
1:	ldr	x3, [x0], #8
	ldr	x4, [x1], #8
	cmp	x3, x4
	b.ne	4f
	subs	x2, x2, #8
	b.hs	1b
2:	adds	x2, x2, #8
	b.eq	5f
3:	ldrb	w3, [x0], #1
	ldrb	w4, [x1], #1
	cmp	w3, w4
	b.ne	6f
	subs	x2, x2, #1
	b.ne	3b
	b	5f
4:	rev	x3, x3			/* the first byte decides */
	rev	x4, x4
	cmp	x3, x4
6:	cset	w0, hi
	csinv	w0, w0, wzr, hs
	ret
5:	mov	w0, #0
	ret
endfunc memcmp

	.arch_extension simd

/*
 * Whole pages go through four vector registers, 64 bytes per instruction, the
 * address stepping by itself (dc zva would need an add for each line). They
 * hold what the program has in them (the state moves only when tasks switch),
 * so they are put aside first; an interrupt in between that clears or copies
 * a page does the same. 16 bytes of each are all: programs are not given SVE.
 */

/* void clear_page(void *page) */
func clear_page
	sub	sp, sp, #64
	st1	{v0.16b - v3.16b}, [sp]
	movi	v0.16b, #0
	movi	v1.16b, #0
	movi	v2.16b, #0
	movi	v3.16b, #0
	add	x1, x0, #PAGE_SIZE
1:	.rept	16
	st1	{v0.16b - v3.16b}, [x0], #64
	.endr
	cmp	x0, x1
	b.ne	1b
	ld1	{v0.16b - v3.16b}, [sp], #64
	ret
endfunc clear_page

/* void copy_page(void *to, const void *from) */
func copy_page
	sub	sp, sp, #64
	st1	{v0.16b - v3.16b}, [sp]
	add	x2, x1, #PAGE_SIZE
1:	.rept	8
	ld1	{v0.16b - v3.16b}, [x1], #64
	st1	{v0.16b - v3.16b}, [x0], #64
	.endr
	cmp	x1, x2
	b.ne	1b
	ld1	{v0.16b - v3.16b}, [sp], #64
	ret
endfunc copy_page
