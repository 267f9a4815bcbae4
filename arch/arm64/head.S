/* SPDX-License-Identifier: MIT */
/*
 * head.S - from the loader's jump to start_kernel()
 *
 *   _head              the Image header; its first instruction jumps to
 *   primary_entry      MMU off, x0 = device tree, EL1 or EL2
 *     init_kernel_el   drop to EL1
 *     create_tables    TTBR0: the page of .idmap.text at its own address
 *                      TTBR1: the image at KIMAGE_VADDR, 2 MiB blocks
 *     cpu_setup        TCR, MAIR, CPACR ...
 *     enable_mmu       returns straight to a virtual address
 *   primary_switched   clear bss, find a stack, start_kernel(fdt)
 *
 *   secondary_entry    the same for other CPUs, with the final TTBR1
 *
 * The image may be loaded at any multiple of 2 MiB plus TEXT_OFFSET. Code
 * before the MMU is on finds data by adrp, which gives physical addresses
 * then. .idmap.text stays in use: for other CPUs and for replacing TTBR1.
 */
#include <asm/asm_offsets.h>
#include <asm/assembler.h>
#include <asm/memory.h>
#include <asm/pgtable.h>
#include <asm/ptrace.h>
#include <asm/sysreg.h>

#define SCTLR_EL2_RES1	0x30c50830
#define HCR_EL2_VALUE	((1 << 31) | (3 << 40))	/* RW; no PAuth traps */
#define MSR_PAN_1	0xd500419f		/* msr pan, #1 */
#define EARLY_BLOCK \
	(PTE_TYPE_BLOCK | PTE_AF | PTE_SHARED | PTE_UXN | \
	 PTE_ATTRINDX(MT_NORMAL))

	.section .head.text, "ax"
	.globl	_head
_head:
	b	primary_entry
	.long	0
	.quad	_text_offset
	.quad	_image_size
	.quad	0xa			/* little-endian, 4 KiB, anywhere */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

/* Early page tables: head.S clears them, being outside .bss. */
	.section .pgdir, "aw", %nobits
	.align	12
early_tables:
	.globl	idmap_pg_dir, init_pg_dir, reserved_pg_dir
idmap_pg_dir:
	.skip	3 * PAGE_SIZE		/* PGD, PUD, PMD */
init_pg_dir:
	.skip	3 * PAGE_SIZE
reserved_pg_dir:
	.skip	PAGE_SIZE
early_tables_end:

	.section .init.text, "ax"
local_func primary_entry
	msr	daifset, #0xf
	mov	x21, x0
	bl	init_kernel_el
	bl	create_tables
	bl	cpu_setup
	adrp	x1, init_pg_dir
	adrp	x22, _head
	ldr	x30, =primary_switched
	b	enable_mmu
endfunc primary_entry

/*
 * Point the entry for \va in each table from \tbl on at the table in the
 * page behind it; leaves \tbl at the PMD table.
 */
	.macro	link_tables tbl, va, tmp, idx
	.irp	shift, 39, 30
	add	\tmp, \tbl, #PAGE_SIZE
	orr	\tmp, \tmp, #PTE_TYPE_PAGE
	ubfx	\idx, \va, #\shift, #9
	str	\tmp, [\tbl, \idx, lsl #3]
	add	\tbl, \tbl, #PAGE_SIZE
	.endr
	.endm

/*
 * Map blocks of 2 MiB in a PMD table: va .. last to pa on.
 */
	.macro	map_blocks tbl, va, last, pa, idx
	mov_q	\idx, EARLY_BLOCK
	orr	\pa, \pa, \idx
	ubfx	\idx, \va, #PMD_SHIFT, #9
	ubfx	\last, \last, #PMD_SHIFT, #9
1:	str	\pa, [\tbl, \idx, lsl #3]
	add	\pa, \pa, #PMD_SIZE
	add	\idx, \idx, #1
	cmp	\idx, \last
	b.ls	1b
	.endm

/*
 * With the MMU off stores go around the caches, so lines that are in a
 * cache by now would hide them from the walker: drop those before, in case
 * they are dirty, and after, in case they were fetched meanwhile.
 */
local_func create_tables
	mov	x12, x30
	bl	inval_tables
	adr_l	x0, early_tables
	adr_l	x1, early_tables_end
1:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	1b

	adr_l	x0, idmap_pg_dir
	adrp	x1, __idmap_text_start
	link_tables x0, x1, x3, x4
	mov	x2, x1
	and	x5, x1, #PMD_MASK
	map_blocks x0, x1, x2, x5, x4

	adr_l	x0, init_pg_dir
	ldr	x1, =_head
	link_tables x0, x1, x3, x4
	ldr	x2, =_end - 1
	adrp	x5, _head
	and	x5, x5, #PMD_MASK
	map_blocks x0, x1, x2, x5, x4
	dsb	sy
	mov	x30, x12
	b	inval_tables
endfunc create_tables

local_func inval_tables
	adr_l	x0, early_tables
	adr_l	x1, early_tables_end
	mrs	x3, ctr_el0
	ubfx	x3, x3, #16, #4		/* log2 of words in the least line */
	mov	x2, #4
	lsl	x2, x2, x3
1:	dc	ivac, x0
	add	x0, x0, x2
	cmp	x0, x1
	b.lo	1b
	dsb	sy
	ret
endfunc inval_tables

/* Virtual addresses from here on. x21 = device tree, x22 = PA of _head. */
local_func primary_switched
	adr_l	x0, __bss_start
	adr_l	x1, __bss_stop
1:	cmp	x0, x1
	b.hs	2f
	stp	xzr, xzr, [x0], #16
	b	1b
2:	ldr	x0, =_head
	sub	x0, x0, x22
	str_l	x0, kimage_voffset, x1

	adr_l	x0, init_task
	adr_l	x1, init_stack
	str	x1, [x0, #TSK_STACK]
	add	x1, x1, #THREAD_SIZE
	msr	tpidr_el1, xzr
	bl	enter_kernel
	mov	x0, x21
	bl	start_kernel
endfunc primary_switched

	.section .entry.text, "ax"
/*
 * The first moment of a CPU in the kernel: x0 = its task, x1 = the end of
 * its stack. No more identity map, exceptions can be taken.
 */
local_func enter_kernel
	str	x0, [x1, #STACK_TOP_TASK - STACK_TOP_SIZE]
	sub	x1, x1, #STACK_TOP_SIZE + S_SIZE
	mov	sp, x1
	stp	xzr, xzr, [sp, #S_STACKFRAME]
	add	x29, sp, #S_STACKFRAME
	msr	sp_el0, x0
	adr_l	x0, vectors
	msr	vbar_el1, x0
	adrp	x0, reserved_pg_dir
	ldr_l	x1, kimage_voffset
	sub	x0, x0, x1
	msr	ttbr0_el1, x0
	isb
	tlbi	vmalle1			/* identity entries are global */
	dsb	nsh
	isb
	msr	daifclr, #4		/* an SError is ours now */
	ret
endfunc enter_kernel

/* Virtual addresses; x20 = CPU number in the low bits. */
local_func secondary_switched
	and	x20, x20, #~PAGE_MASK
	adr_l	x2, secondary_data
	add	x2, x2, x20, lsl #5
	ldr	x3, [x2, #SECONDARY_PERCPU]
	msr	tpidr_el1, x3
	ldp	x0, x1, [x2, #SECONDARY_TASK]
	bl	enter_kernel
	mov	w0, w20
	bl	secondary_start_kernel
endfunc secondary_switched

	.section .idmap.text, "ax"
/* From the firmware: MMU off, x0 = TTBR1 | CPU number. */
func secondary_entry
	msr	daifset, #0xf
	mov	x20, x0
	bl	init_kernel_el
	bl	cpu_setup
	and	x1, x20, #PAGE_MASK
	ldr	x30, =secondary_switched
	b	enable_mmu
endfunc secondary_entry

/*
 * Go on at EL1 with SP_EL1, MMU and caches off, nothing trapped to EL2.
 * => clobbers x0, x1
 */
local_func init_kernel_el
	mov_q	x0, SCTLR_EL1_OFF
	msr	sctlr_el1, x0
	mrs	x0, CurrentEL
	cmp	x0, #PSR_MODE_EL2t
	b.eq	1f
	isb
	msr	spsel, #1
	ret

1:	mov_q	x0, SCTLR_EL2_RES1
	msr	sctlr_el2, x0
	mov_q	x0, HCR_EL2_VALUE
	msr	hcr_el2, x0
	isb
	mov	x0, #3			/* counter and timer for EL1 */
	msr	cnthctl_el2, x0
	msr	cntvoff_el2, xzr
	mrs	x0, midr_el1
	msr	vpidr_el2, x0
	mrs	x0, mpidr_el1
	msr	vmpidr_el2, x0
	mov	x0, #0x33ff		/* RES1; FP is not trapped */
	msr	cptr_el2, x0
	msr	hstr_el2, xzr
	msr	vttbr_el2, xzr

	mrs	x1, id_aa64dfr0_el1	/* all PMU counters are EL1's */
	ubfx	x1, x1, #8, #4
	mov	x0, #0
	sub	x1, x1, #1
	cmp	x1, #0xe		/* was 0 (none) or 0xf (other)? */
	b.hs	2f
	mrs	x0, pmcr_el0
	ubfx	x0, x0, #11, #5
2:	msr	mdcr_el2, x0

	mrs	x0, id_aa64pfr0_el1	/* GICv3: system registers for EL1 */
	ubfx	x0, x0, #24, #4
	cbz	x0, 3f
	mrs	x0, S3_4_C12_C9_5	/* ICC_SRE_EL2 */
	orr	x0, x0, #1		/* SRE */
	orr	x0, x0, #8		/* Enable */
	msr	S3_4_C12_C9_5, x0
	isb
	mrs	x0, S3_4_C12_C9_5
	tbz	x0, #0, 3f
	msr	S3_4_C12_C11_0, xzr	/* ICH_HCR_EL2 */

3:	mrs	x0, id_aa64mmfr0_el1	/* fine-grained traps: none */
	ubfx	x0, x0, #56, #4
	cbz	x0, 4f
	msr	S3_4_C1_C1_4, xzr	/* HFGRTR_EL2 */
	msr	S3_4_C1_C1_5, xzr	/* HFGWTR_EL2 */
	msr	S3_4_C1_C1_6, xzr	/* HFGITR_EL2 */
	msr	S3_4_C3_C1_4, xzr	/* HDFGRTR_EL2 */
	msr	S3_4_C3_C1_5, xzr	/* HDFGWTR_EL2 */

4:	mov	x0, #PSR_MODE_EL1h | PSR_D_BIT | PSR_A_BIT | PSR_I_BIT | \
		    PSR_F_BIT
	msr	spsr_el2, x0
	msr	elr_el2, x30
	eret
endfunc init_kernel_el

/*
 * This CPU's control registers, all but the tables and the MMU's switch.
 * => x0 = the value that switches it on; clobbers x1, x2
 */
local_func cpu_setup
	tlbi	vmalle1
	dsb	nsh
	mov	x0, #CPACR_FPEN_ALL
	msr	cpacr_el1, x0
	msr	mdscr_el1, xzr
	mrs	x0, id_aa64dfr0_el1	/* no PMU for EL0, if there is one */
	ubfx	x0, x0, #8, #4
	sub	x0, x0, #1
	cmp	x0, #0xe
	b.hs	1f
	msr	pmuserenr_el0, xzr
1:	msr	tpidr_el0, xzr
	msr	tpidrro_el0, xzr
	msr	cntv_ctl_el0, xzr
	mov	x0, #CNTKCTL_EL0PCTEN | CNTKCTL_EL0VCTEN
	msr	cntkctl_el1, x0

	mov_q	x0, MAIR_EL1_VALUE
	msr	mair_el1, x0
	mov_q	x0, TCR_EL1_BASE
	mrs	x1, id_aa64mmfr0_el1
	and	x2, x1, #7		/* PARange, */
	cmp	x2, #5			/* at most 48 bits */
	mov	x1, #5
	csel	x2, x2, x1, ls
	bfi	x0, x2, #TCR_IPS_SHIFT, #3
	mrs	x1, id_aa64mmfr0_el1
	tbz	x1, #5, 2f		/* ASIDBits: 2 is 16 bits */
	orr	x0, x0, #(1 << TCR_AS_SHIFT)
2:	msr	tcr_el1, x0

	mov_q	x0, SCTLR_EL1_ON
	mrs	x1, id_aa64mmfr1_el1
	ubfx	x1, x1, #20, #4
	cbz	x1, 3f
	and	x0, x0, #~SCTLR_SPAN	/* exceptions set PAN ... */
	.inst	MSR_PAN_1		/* ... as we do here */
3:	isb
	ret
endfunc cpu_setup

/* x0 = SCTLR, x1 = TTBR1, x30 = virtual address to go on at. */
local_func enable_mmu
	adrp	x2, idmap_pg_dir
	msr	ttbr0_el1, x2
	msr	ttbr1_el1, x1
	isb
	msr	sctlr_el1, x0
	isb
	ic	iallu			/* fetched before the caches were on */
	dsb	nsh
	isb
	ret
endfunc enable_mmu

/*
 * Called at its physical address with TTBR0 = idmap_pg_dir, IRQs masked:
 * x0 = the new TTBR1. The two tables are never live together.
 */
func idmap_replace_ttbr1
	adrp	x1, reserved_pg_dir
	msr	ttbr1_el1, x1
	isb
	tlbi	vmalle1
	dsb	nsh
	isb
	msr	ttbr1_el1, x0
	isb
	ret
endfunc idmap_replace_ttbr1
