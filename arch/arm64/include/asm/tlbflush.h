/* SPDX-License-Identifier: MIT */
/*
 * Forgetting translations. Each function makes the caller's earlier stores
 * to tables visible to the walkers of all CPUs (dsb ishst), invalidates on
 * all CPUs (the inner-shareable forms), and waits until no CPU uses the old
 * translation (dsb ish); the isb discards what this CPU fetched with it.
 */
#ifndef _ASM_TLBFLUSH_H
#define _ASM_TLBFLUSH_H

#include <asm/mmu_context.h>
#include <asm/sysreg.h>

/*
 * Above this many pages one flush of the whole ASID is cheaper: each TLBI for
 * all CPUs makes them stop, and under QEMU, where a CPU is a thread that may
 * have to wait for its turn, that can last as long as a page fault with I/O.
 */
#define MAX_TLBI_PAGES 8UL

#define __tlbi_arg(op, arg) \
	__asm__ __volatile__("tlbi " #op ", %0" ::"r"((u64)(arg)) : "memory")
#define __tlbi(op) __asm__ __volatile__("tlbi " #op ::: "memory")
#define __TLBI_VA(va, asid)                                 \
	((((u64)(va) >> PAGE_SHIFT) & GENMASK_ULL(43, 0)) | \
	 ((u64)(asid) << TTBR_ASID_SHIFT))

static inline u64 arch_mm_asid(const struct arch_mm *amm)
{
	return (u64)atomic64_read(&amm->id) & 0xffff;
}

static inline void flush_tlb_all(void)
{
	dsb(ishst);
	__tlbi(vmalle1is);
	dsb(ish);
	isb();
}

static inline void local_flush_tlb_all(void)
{
	dsb(nshst);
	__tlbi(vmalle1);
	dsb(nsh);
	isb();
}

static inline void flush_tlb_mm(struct arch_mm *amm)
{
	dsb(ishst);
	__tlbi_arg(aside1is, arch_mm_asid(amm) << TTBR_ASID_SHIFT);
	dsb(ish);
}

/* Only a last-level entry has changed. The nosync form leaves the wait out. */
static inline void flush_tlb_page_nosync(struct arch_mm *amm, unsigned long va)
{
	dsb(ishst);
	__tlbi_arg(vale1is, __TLBI_VA(va, arch_mm_asid(amm)));
}

static inline void flush_tlb_page(struct arch_mm *amm, unsigned long va)
{
	flush_tlb_page_nosync(amm, va);
	dsb(ish);
}

/*
 * An entry has been given rights. Only this CPU: another that knows it without
 * them faults, sees that all is well, and comes here too.
 */
static inline void flush_tlb_fix_spurious_fault(struct arch_mm *amm,
						unsigned long va)
{
	dsb(nshst);
	__tlbi_arg(vale1, __TLBI_VA(va, arch_mm_asid(amm)));
	dsb(nsh);
}

/* Entries of any level; [start, end) in bytes. */
static inline void flush_tlb_range(struct arch_mm *amm, unsigned long start,
				   unsigned long end)
{
	u64 asid = arch_mm_asid(amm);
	unsigned long va = start & PAGE_MASK;

	if (end - va > MAX_TLBI_PAGES * PAGE_SIZE) {
		flush_tlb_mm(amm);
		return;
	}
	dsb(ishst);
	for (; va < end; va += PAGE_SIZE)
		__tlbi_arg(vae1is, __TLBI_VA(va, asid));
	dsb(ish);
}

/* Kernel addresses, entries of any level. */
static inline void flush_tlb_kernel_range(unsigned long start,
					  unsigned long end)
{
	unsigned long va = start & PAGE_MASK;

	if (end - va > MAX_TLBI_PAGES * PAGE_SIZE) {
		flush_tlb_all();
		return;
	}
	dsb(ishst);
	for (; va != PAGE_ALIGN(end); va += PAGE_SIZE)
		__tlbi_arg(vaae1is, __TLBI_VA(va, 0));
	dsb(ish);
	isb();
}
#endif
