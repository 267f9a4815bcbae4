/* SPDX-License-Identifier: MIT */
/*
 * user_copy.S - moving bytes across the border to user memory
 *
 * Blocks of 64 bytes, then the bits of the length, as memcpy does. There is
 * one answer to a fault anywhere: go on byte by byte from the last piece that
 * was finished, and when a byte faults too, that is exactly how far the copy
 * got. The pointer to user memory therefore moves only after a piece is done.
 */
#include <asm/assembler.h>

	.text

	/* One user access, whose fault goes to \fixup. */
	.macro	user fixup, insn:vararg
8888:	\insn
	extable 8888b, \fixup
	.endm

/*
 * unsigned long __arch_copy_from_user(void *to, const void *from, n)
 * => x0 = bytes not copied; x12 = end of from
 */
func __arch_copy_from_user
	add	x12, x1, x2
	subs	x3, x2, #64
	b.lo	2f
1:	user	7f, ldtr x4, [x1]
	user	7f, ldtr x5, [x1, #8]
	user	7f, ldtr x6, [x1, #16]
	user	7f, ldtr x7, [x1, #24]
	user	7f, ldtr x8, [x1, #32]
	user	7f, ldtr x9, [x1, #40]
	user	7f, ldtr x10, [x1, #48]
	user	7f, ldtr x11, [x1, #56]
	add	x1, x1, #64
	stp	x4, x5, [x0], #64
	stp	x6, x7, [x0, #-48]
	stp	x8, x9, [x0, #-32]
	stp	x10, x11, [x0, #-16]
	subs	x3, x3, #64
	b.hs	1b
2:	tbz	x2, #5, 3f
	user	7f, ldtr x4, [x1]
	user	7f, ldtr x5, [x1, #8]
	user	7f, ldtr x6, [x1, #16]
	user	7f, ldtr x7, [x1, #24]
	add	x1, x1, #32
	stp	x4, x5, [x0], #32
	stp	x6, x7, [x0, #-16]
3:	tbz	x2, #4, 3f
	user	7f, ldtr x4, [x1]
	user	7f, ldtr x5, [x1, #8]
	add	x1, x1, #16
	stp	x4, x5, [x0], #16
3:	tbz	x2, #3, 3f
	user	7f, ldtr x4, [x1]
	add	x1, x1, #8
	str	x4, [x0], #8
3:	tbz	x2, #2, 3f
	user	7f, ldtr w4, [x1]
	add	x1, x1, #4
	str	w4, [x0], #4
3:	tbz	x2, #1, 3f
	user	7f, ldtrh w4, [x1]
	add	x1, x1, #2
	strh	w4, [x0], #2
3:	tbz	x2, #0, 4f
	user	7f, ldtrb w4, [x1]
	strb	w4, [x0]
4:	mov	x0, #0
	ret
7:	user	9f, ldtrb w4, [x1]
	strb	w4, [x0], #1
	add	x1, x1, #1
	cmp	x1, x12
	b.ne	7b
9:	sub	x0, x12, x1
	ret
endfunc __arch_copy_from_user

/*
 * unsigned long __arch_copy_to_user(void *to, const void *from, n)
 * => x0 = bytes not copied; x12 = end of to, x13 = from - to
 */
func __arch_copy_to_user
	add	x12, x0, x2
	sub	x13, x1, x0
	subs	x3, x2, #64
	b.lo	2f
1:	ldp	x4, x5, [x1], #64
	ldp	x6, x7, [x1, #-48]
	ldp	x8, x9, [x1, #-32]
	ldp	x10, x11, [x1, #-16]
	user	7f, sttr x4, [x0]
	user	7f, sttr x5, [x0, #8]
	user	7f, sttr x6, [x0, #16]
	user	7f, sttr x7, [x0, #24]
	user	7f, sttr x8, [x0, #32]
	user	7f, sttr x9, [x0, #40]
	user	7f, sttr x10, [x0, #48]
	user	7f, sttr x11, [x0, #56]
	add	x0, x0, #64
	subs	x3, x3, #64
	b.hs	1b
2:	tbz	x2, #5, 3f
	ldp	x4, x5, [x1], #32
	ldp	x6, x7, [x1, #-16]
	user	7f, sttr x4, [x0]
	user	7f, sttr x5, [x0, #8]
	user	7f, sttr x6, [x0, #16]
	user	7f, sttr x7, [x0, #24]
	add	x0, x0, #32
3:	tbz	x2, #4, 3f
	ldp	x4, x5, [x1], #16
	user	7f, sttr x4, [x0]
	user	7f, sttr x5, [x0, #8]
	add	x0, x0, #16
3:	tbz	x2, #3, 3f
	ldr	x4, [x1], #8
	user	7f, sttr x4, [x0]
	add	x0, x0, #8
3:	tbz	x2, #2, 3f
	ldr	w4, [x1], #4
	user	7f, sttr w4, [x0]
	add	x0, x0, #4
3:	tbz	x2, #1, 3f
	ldrh	w4, [x1], #2
	user	7f, sttrh w4, [x0]
	add	x0, x0, #2
3:	tbz	x2, #0, 4f
	ldrb	w4, [x1]
	user	7f, sttrb w4, [x0]
4:	mov	x0, #0
	ret
7:	ldrb	w4, [x0, x13]
	user	9f, sttrb w4, [x0]
	add	x0, x0, #1
	cmp	x0, x12
	b.ne	7b
9:	sub	x0, x12, x0
	ret
endfunc __arch_copy_to_user

/* unsigned long __arch_clear_user(void *to, unsigned long n) */
func __arch_clear_user
	add	x12, x0, x1
	subs	x3, x1, #32
	b.lo	2f
1:	user	7f, sttr xzr, [x0]
	user	7f, sttr xzr, [x0, #8]
	user	7f, sttr xzr, [x0, #16]
	user	7f, sttr xzr, [x0, #24]
	add	x0, x0, #32
	subs	x3, x3, #32
	b.hs	1b
2:	cmp	x0, x12
	b.eq	8f
7:	user	9f, sttrb wzr, [x0]
	add	x0, x0, #1
	cmp	x0, x12
	b.ne	7b
8:	mov	x0, #0
	ret
9:	sub	x0, x12, x0
	ret
endfunc __arch_clear_user
