// SPDX-License-Identifier: MIT
/*
 * context.c - address space identifiers
 *
 * An id is  generation << 16 | ASID.  An address space whose id is of the
 * current generation runs at once; otherwise it needs a new ASID. When none
 * is free, a new generation begins:
 *
 *   - all ids of old generations become invalid at once (one counter),
 *   - except those that CPUs run with right now: they are `reserved`, and
 *     their owners keep the same ASID in the new generation,
 *   - each CPU flushes its TLB before it next loads an id (flush_pending).
 *
 * ASID 0 belongs to reserved_pg_dir and is never given out.
 *
 * Invariant: two address spaces whose ids are of the current generation have
 * different ASIDs.
 *
 * Lock: asid_lock for everything but the fast path, which changes only
 * active[cpu], by compare-and-swap: a new generation swaps in 0 there, so a
 * CPU either is seen with its id, or fails the swap and takes the lock.
 */
#include <lib/bitmap.h>
#include <asm/cpufeature.h>
#include <asm/mmu_context.h>
#include <asm/spinlock.h>
#include <asm/sysreg.h>
#include <asm/thread_info.h>
#include <asm/tlbflush.h>

#define ASID_FIELD_BITS 16
#define GENERATION_ONE	(1LL << ASID_FIELD_BITS)

static arch_spinlock_t asid_lock = __ARCH_SPIN_LOCK_UNLOCKED;
static unsigned int asid_bits = 8;
static atomic64_t generation = ATOMIC64_INIT(GENERATION_ONE);
static unsigned long asid_used[BITS_TO_LONGS(1 << ASID_FIELD_BITS)];
static unsigned long asid_hint;	   /* search from here: asid_lock */
static atomic64_t active[NR_CPUS]; /* id in TTBR0, 0 after a rollover */
static s64 reserved[NR_CPUS];	   /* id kept over it: asid_lock */
static u64 flush_pending;	   /* CPUs: asid_lock */

void arch_asid_init(void)
{
	u64 bits = SYSREG_FIELD(read_sysreg(id_aa64mmfr0_el1), 4);

	asid_bits = bits == 2 ? 16 : 8;
	asid_hint = 1;
	__set_bit(0, asid_used);
}

unsigned int arch_asid_bits(void)
{
	return asid_bits;
}

static bool is_current(s64 id)
{
	return ((id ^ atomic64_read(&generation)) >> ASID_FIELD_BITS) == 0;
}

static void new_generation(void)
{
	unsigned int cpu;

	atomic64_add(GENERATION_ONE, &generation);
	bitmap_zero(asid_used, 1U << asid_bits);
	__set_bit(0, asid_used);
	for (cpu = 0; cpu < NR_CPUS; cpu++) {
		s64 id = atomic64_xchg(&active[cpu], 0);

		/* Two rollovers since it last switched: the first counts. */
		if (!id)
			id = reserved[cpu];
		reserved[cpu] = id;
		__set_bit((u64)id & (GENERATION_ONE - 1), asid_used);
	}
	flush_pending = GENMASK_ULL(NR_CPUS - 1, 0);
	asid_hint = 1;
}

/* Does a CPU run with this id since before the rollover? Then it is renewed. */
static bool keep_reserved(s64 id, s64 renewed)
{
	bool found = false;
	unsigned int cpu;

	for (cpu = 0; cpu < NR_CPUS; cpu++) {
		if (reserved[cpu] == id) {
			reserved[cpu] = renewed;
			found = true;
		}
	}
	return found;
}

/* => asid_lock held */
static s64 new_id(s64 old)
{
	unsigned long nr = 1UL << asid_bits, asid;

	if (old) {
		s64 renewed = atomic64_read(&generation) |
			      (old & (GENERATION_ONE - 1));

		if (keep_reserved(old, renewed))
			return renewed;
		/* Nobody took its ASID meanwhile: keep it. */
		asid = (unsigned long)old & (GENERATION_ONE - 1);
		if (!__test_and_set_bit(asid, asid_used))
			return renewed;
	}
	asid = find_next_zero_bit(asid_used, nr, asid_hint);
	if (asid >= nr) {
		new_generation();
		asid = find_next_zero_bit(asid_used, nr, asid_hint);
	}
	__set_bit(asid, asid_used);
	asid_hint = asid;
	return atomic64_read(&generation) | (s64)asid;
}

static s64 switch_slow(struct arch_mm *amm, unsigned int cpu)
{
	s64 id;

	arch_spin_lock(&asid_lock);
	id = atomic64_read(&amm->id);
	if (!is_current(id)) {
		id = new_id(id);
		atomic64_set(&amm->id, id);
	}
	if (flush_pending & BIT_ULL(cpu)) {
		flush_pending &= ~BIT_ULL(cpu);
		local_flush_tlb_all();
	}
	atomic64_set(&active[cpu], id);
	arch_spin_unlock(&asid_lock);
	return id;
}

void arch_mm_init(struct arch_mm *amm, phys_addr_t pgd_pa)
{
	amm->pgd = pgd_pa;
	atomic64_set(&amm->id, 0);
}

void arch_mm_destroy(struct arch_mm *amm)
{
	if (atomic64_read(&amm->id))
		flush_tlb_mm(amm);
}

void arch_switch_mm(struct arch_mm *next)
{
	unsigned int cpu = smp_processor_id();
	s64 id, old;

	if (!next) {
		write_sysreg(__pa_symbol(reserved_pg_dir), ttbr0_el1);
		isb();
		return;
	}
	id = atomic64_read(&next->id);
	old = atomic64_read(&active[cpu]);
	if (unlikely(!old || !is_current(id) ||
		     atomic64_cmpxchg_relaxed(&active[cpu], old, id) != old))
		id = switch_slow(next, cpu);
	/* One write changes table and ASID together (TCR.A1 = 0). */
	write_sysreg(next->pgd | (u64)id << TTBR_ASID_SHIFT, ttbr0_el1);
	isb();
}
