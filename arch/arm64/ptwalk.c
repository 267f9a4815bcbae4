// SPDX-License-Identifier: MIT
/*
 * ptwalk.c - walking page tables to show them
 *
 * Reads TTBR0, TTBR1 and TCR of this CPU as they are, so the walk is the
 * hardware's, not what mm believes. Only the 4 KiB granule is understood;
 * the kernel uses no other. Used by panic reports, takes no lock: tables may
 * change under it, and what it shows then was true a moment ago.
 */
#include <lib/printf.h>
#include <asm/mmu_context.h>
#include <asm/pgtable.h>
#include <asm/ptwalk.h>
#include <asm/sections.h>
#include <asm/sysreg.h>

/*
 * Tables are in RAM. At first only the image is mapped; later its init part
 * no longer is, since that memory has become anything, a table perhaps.
 * => NULL: not where tables can be
 */
static const u64 *table_at(phys_addr_t pa)
{
	if (linear_map_ready)
		return pa < memstart_addr ? NULL : __va(pa);
	if (pa >= __pa_symbol(_text) && pa < __pa_symbol(_end))
		return __phys_to_kimg(pa);
	return NULL;
}

/* => the base of the table and the level it is of, or -1 for a hole */
static int walk_start(u64 va, phys_addr_t *base)
{
	bool high = va & BIT(55);
	u64 tcr = read_sysreg(tcr_el1);
	u64 ttbr = high ? read_sysreg(ttbr1_el1) : read_sysreg(ttbr0_el1);
	unsigned int bits = 64 - ((high ? tcr >> 16 : tcr) & 63);
	u64 top = va >> bits;

	if (!high && (tcr & TCR_TBI0))
		top &= BIT(56 - bits) - 1;
	if (bits < 25 || bits > 48 || top != (high ? ~0ULL >> bits : 0))
		return -1;
	*base = ttbr & TTBR_BADDR_MASK & PAGE_MASK;
	return 3 - (int)(bits - PAGE_SHIFT - 1) / 9;
}

int arch_ptwalk(u64 va, struct ptwalk_step steps[4])
{
	phys_addr_t base;
	int level = walk_start(va, &base), n = 0;

	if (level < 0)
		return 0;
	for (;; level++) {
		unsigned int shift = (unsigned int)(PGDIR_SHIFT - 9 * level);
		unsigned int index = (va >> shift) & 511;
		const u64 *table = table_at(base);
		struct ptwalk_step *s = &steps[n++];

		*s = (struct ptwalk_step){ .level = level };
		s->entry_pa = base + index * 8;
		if (!table)
			return n;
		s->desc = READ_ONCE(table[index]);
		s->valid = s->desc & PTE_VALID;
		s->leaf = s->valid && (level == 3 || !(s->desc & 2));
		s->pa = s->desc & PTE_ADDR_MASK;
		if (s->leaf)
			s->pa = ALIGN_DOWN(s->pa, 1ULL << shift) |
				(va & ((1ULL << shift) - 1));
		if (!s->valid || s->leaf)
			return n;
		base = s->pa;
	}
}

/* What AttrIndx means by MAIR. */
static const char *memory_type(u64 desc)
{
	unsigned int index = (desc >> 2) & 7;

	switch ((read_sysreg(mair_el1) >> (8 * index)) & 0xff) {
	case 0xff:
		return "normal";
	case 0x44:
		return "normal uncached";
	case 0x04:
		return "device nGnRE";
	case 0x00:
		return "device nGnRnE";
	default:
		return "other memory";
	}
}

void ptwalk_describe(const struct ptwalk_step *s, char *buf, size_t n)
{
	static const char *const names[] = { "PGD", "PUD", "PMD", "PTE" };
	const char *name = names[s->level & 3];
	phys_addr_t pa = s->pa;
	u64 d = s->desc;

	if (!s->valid) {
		snprintf(buf, n, "%s at %pa: %016llx %s", name, &s->entry_pa, d,
			 d & PTE_PROT_NONE ? "no access" :
			 d		   ? "not present" :
					     "none");
		return;
	}
	if (!s->leaf) {
		snprintf(buf, n, "%s at %pa: %016llx table at %pa", name,
			 &s->entry_pa, d, &pa);
		return;
	}
	snprintf(buf, n,
		 "%s at %pa: %016llx %s, %s, user %s%s, kernel %s%s"
		 "%s%s%s -> %pa",
		 name, &s->entry_pa, d, s->level == 3 ? "page" : "block",
		 memory_type(d),
		 !(d & PTE_USER) ? "--" :
		 d & PTE_RDONLY	 ? "r-" :
				   "rw",
		 d & PTE_UXN ? "-" : "x", d & PTE_RDONLY ? "r-" : "rw",
		 d & PTE_PXN ? "-" : "x", d & PTE_AF ? ", young" : ", old",
		 d & PTE_DIRTY ? ", dirty" : "", d & PTE_NG ? ", nG" : "", &pa);
}
