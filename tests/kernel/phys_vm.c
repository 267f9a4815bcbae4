// SPDX-License-Identifier: MIT
/*
 * Tests of what is mapped: vmalloc with its guards, kernel stacks, changing
 * permissions, W^X over the whole table, user page tables, reports.
 */
#include <lib/errno.h>
#include <lib/string.h>
#include <asm/sections.h>
#include <base/ktest.h>
#include <mm/phys/init.h>
#include <mm/phys/internal.h>
#include <mm/phys/memblock.h>
#include <mm/phys/pgtable.h>
#include <mm/phys/report.h>
#include <mm/phys/vmalloc.h>
#include <mm/phys/vmstat.h>

static void vmalloc_pages(struct ktest *t)
{
	unsigned long before = vmalloc_nr_pages(), i;
	struct vm_struct *area;
	char *p = vmalloc(10 * PAGE_SIZE + 1);

	KTEST_ASSERT_NOT_NULL(t, p);
	KTEST_EXPECT_TRUE(t, is_vmalloc_addr(p));
	KTEST_EXPECT_EQ(t, vmalloc_nr_pages(), before + 11);
	for (i = 0; i < 11; i++)
		memset(p + i * PAGE_SIZE, (int)i, PAGE_SIZE);
	for (i = 0; i < 11; i++) {
		struct page *page = vmalloc_to_page(p + i * PAGE_SIZE);

		KTEST_ASSERT_NOT_NULL(t, page);
		KTEST_EXPECT_EQ(t, *(char *)page_address(page), (char)i);
	}
	/* Behind it nothing is mapped, and the guard is known as such. */
	KTEST_EXPECT_NULL(t, vmalloc_to_page(p + 11 * PAGE_SIZE));
	KTEST_EXPECT_TRUE(t, vmalloc_is_guard((unsigned long)p + 11 * PAGE_SIZE,
					      &area));
	KTEST_EXPECT_PTR_EQ(t, area->addr, p);
	KTEST_EXPECT_PTR_EQ(t, find_vm_area(p + 5000), area);
	vfree(p);
	KTEST_EXPECT_NULL(t, find_vm_area(p));
	KTEST_EXPECT_NULL(t, vmalloc_to_page(p));
	KTEST_EXPECT_EQ(t, vmalloc_nr_pages(), before);
	KTEST_EXPECT_NULL(t, vmalloc(0));
	KTEST_EXPECT_NULL(t, vmalloc(1UL << 45));
	KTEST_EXPECT_TRUE(t, vmalloc_check());
}

static void vmalloc_fails_cleanly(struct ktest *t)
{
	unsigned long nth, pages = vmalloc_nr_pages();
	void *p = NULL;

	vfree(vmalloc(3 * PAGE_SIZE));
	for (nth = 1; nth < 20; nth++) {
		fail_alloc_arm(nth);
		p = vmalloc(3 * PAGE_SIZE);
		if (!fail_alloc_hit())
			break;
		KTEST_EXPECT_NULL(t, p);
	}
	fail_alloc_arm(0);
	KTEST_EXPECT_GT(t, nth, 3UL);
	KTEST_EXPECT_NOT_NULL(t, p);
	vfree(p);
	KTEST_EXPECT_EQ(t, vmalloc_nr_pages(), pages);
	KTEST_EXPECT_TRUE(t, mm_phys_check());
}

static void vmap_shares_pages(struct ktest *t)
{
	struct page *pages[3] = { alloc_page(GFP_KERNEL),
				  alloc_page(GFP_KERNEL), NULL };
	char *p;

	pages[2] = pages[0];
	p = vmap(pages, 3, 0, PAGE_KERNEL);
	KTEST_ASSERT_NOT_NULL(t, p);
	strcpy(p, "one page");
	KTEST_EXPECT_STREQ(t, p + 2 * PAGE_SIZE, "one page");
	vunmap(p);
	KTEST_EXPECT_STREQ(t, page_address(pages[0]), "one page");
	__free_page(pages[0]);
	__free_page(pages[1]);
}

static void thread_stacks(struct ktest *t)
{
	unsigned long kb = global_node_page_state(NR_KERNEL_STACK_KB);
	void *a = alloc_thread_stack(), *b = alloc_thread_stack();

	KTEST_ASSERT_NOT_NULL(t, a);
	KTEST_ASSERT_NOT_NULL(t, b);
	KTEST_EXPECT_EQ(t, global_node_page_state(NR_KERNEL_STACK_KB),
			kb + 2 * THREAD_SIZE / 1024);
	KTEST_EXPECT_TRUE(t, IS_ALIGNED((unsigned long)a, THREAD_ALIGN));
	memset(a, 0, THREAD_SIZE);
	KTEST_EXPECT_NULL(t, vmalloc_to_page((char *)a - 1));
	KTEST_EXPECT_NULL(t, vmalloc_to_page((char *)a + THREAD_SIZE));
	free_thread_stack(a);
	KTEST_EXPECT_PTR_EQ(t, alloc_thread_stack(), a);
	free_thread_stack(a);
	free_thread_stack(b);
	KTEST_EXPECT_EQ(t, global_node_page_state(NR_KERNEL_STACK_KB), kb);
	drain_thread_stacks();
}

static void set_memory(struct ktest *t)
{
	char *p = vmalloc(2 * PAGE_SIZE);
	unsigned long va = (unsigned long)p;
	u64 raw;

	KTEST_ASSERT_NOT_NULL(t, p);
	KTEST_EXPECT_EQ(t, set_memory_x(va, 1), -EINVAL);
	KTEST_EXPECT_EQ(t, set_memory_ro(va, 1), 0);
	KTEST_EXPECT_EQ(t, set_memory_x(va, 1), 0);
	KTEST_ASSERT_TRUE(t, kernel_walk(va, NULL, &raw, NULL));
	KTEST_EXPECT_TRUE(t, kernel_leaf_exec(raw));
	KTEST_EXPECT_FALSE(t, kernel_leaf_writable(raw));
	KTEST_EXPECT_EQ(t, set_memory_rw(va, 1), 0);
	KTEST_ASSERT_TRUE(t, kernel_walk(va, NULL, &raw, NULL));
	KTEST_EXPECT_FALSE(t, kernel_leaf_exec(raw));
	KTEST_EXPECT_TRUE(t, kernel_leaf_writable(raw));
	*p = 1;
	/* The guard page: all or nothing. */
	KTEST_EXPECT_EQ(t, set_memory_ro(va, 3), -EINVAL);
	KTEST_ASSERT_TRUE(t, kernel_walk(va, NULL, &raw, NULL));
	KTEST_EXPECT_TRUE(t, kernel_leaf_writable(raw));
	KTEST_EXPECT_EQ(t, set_memory_ro(va + 1, 1), -EINVAL);
	vfree(p);
}

/* No entry of the whole table may be written to and executed. */
static void write_xor_execute(struct ktest *t)
{
	unsigned long alias = (unsigned long)__va(__pa_symbol(_etext - 4096));
	u64 raw;

	KTEST_EXPECT_EQ(t, ptdump_check_wx(true), 0UL);
	KTEST_ASSERT_TRUE(t,
			  kernel_walk((unsigned long)_stext, NULL, &raw, NULL));
	KTEST_EXPECT_TRUE(t, kernel_leaf_exec(raw));
	KTEST_EXPECT_FALSE(t, kernel_leaf_writable(raw));
	KTEST_ASSERT_TRUE(t, kernel_walk(alias, NULL, &raw, NULL));
	KTEST_EXPECT_FALSE(t, kernel_leaf_writable(raw));
	KTEST_EXPECT_FALSE(t, kernel_leaf_exec(raw));
	KTEST_ASSERT_TRUE(t,
			  kernel_walk((unsigned long)_sdata, NULL, &raw, NULL));
	KTEST_EXPECT_TRUE(t, kernel_leaf_writable(raw));
	KTEST_EXPECT_FALSE(t, kernel_leaf_exec(raw));
}

/* Blocks where nothing but RAM is; __pa and __va undo each other. */
static void linear_map(struct ktest *t)
{
	phys_addr_t block = ALIGN(__pa_symbol(_end), PMD_SIZE), pa;
	phys_addr_t last = memblock_end_of_DRAM() - PAGE_SIZE;
	unsigned long size;

	KTEST_ASSERT_TRUE(t, kernel_walk((unsigned long)__va(last), &pa, NULL,
					 NULL));
	KTEST_EXPECT_EQ(t, pa, last);
	KTEST_EXPECT_EQ(t, __pa(__va(last)), last);
	KTEST_ASSERT_TRUE(t, kernel_walk((unsigned long)__va(block), &pa, NULL,
					 &size));
	KTEST_EXPECT_EQ(t, pa, block);
	KTEST_EXPECT_GE(t, size, PMD_SIZE);
}

static LIST_HEAD(dead);

/* Cut the table below an entry off if it is empty. => tables cut off: 0, 1 */
#define UNLINK(type, entry)                                                \
	__extension__({                                                    \
		struct page *__t = phys_to_page(type##_page_pa(*(entry))); \
		bool __empty = !__t->pt_live;                              \
		if (__empty) {                                             \
			type##_clear(entry);                               \
			pt_dec(entry);                                     \
			list_add(&__t->pt_list, &dead);                    \
		}                                                          \
		(unsigned long)__empty;                                    \
	})

/* Free what is empty on the way to va. => tables freed */
static unsigned long free_empty(pgd_t *pgd, unsigned long va)
{
	unsigned long n = 0;
	pud_t *pud;
	pmd_t *pmd;

	pgd = pgd_offset(pgd, va);
	if (pgd_none(*pgd))
		return 0;
	pud = pud_offset(pgd, va);
	if (!pud_none(*pud)) {
		pmd = pmd_offset(pud, va);
		if (!pmd_none(*pmd))
			n += UNLINK(pmd, pmd);
		n += UNLINK(pud, pud);
	}
	n += UNLINK(pgd, pgd);
	return user_table_free_list(&dead) == n ? n : ~0UL;
}

#define UVA 0x400000UL

static void user_tables(struct ktest *t)
{
	unsigned long tables = global_node_page_state(NR_PAGETABLE), bad = 0;
	unsigned long made = 0;
	pgd_t *pgd = pgd_alloc();
	pmd_t *pmd;
	pte_t *pte;

	KTEST_ASSERT_NOT_NULL(t, pgd);
	KTEST_EXPECT_NULL(t, pte_walk(pgd, UVA, &pmd));
	KTEST_EXPECT_NULL(t, pmd);
	pte = pte_alloc_walk(pgd, UVA, GFP_KERNEL, &made);
	KTEST_ASSERT_NOT_NULL(t, pte);
	KTEST_EXPECT_EQ(t, global_node_page_state(NR_PAGETABLE), tables + 4);
	KTEST_EXPECT_PTR_EQ(t, pte_walk(pgd, UVA, &pmd), pte);
	KTEST_EXPECT_PTR_EQ(t, pte_lockptr(pmd), ptl_of(pte));
	KTEST_EXPECT_PTR_EQ(
		t, pte_alloc_walk(pgd, UVA + PAGE_SIZE, GFP_KERNEL, &made),
		pte + 1);
	KTEST_EXPECT_EQ(t, made, 3UL);
	set_pte(pte, pfn_pte(zero_pfn, PAGE_READONLY));
	pt_inc(pte);
	KTEST_EXPECT_EQ(t, pt_live(pte), 1UL);
	KTEST_EXPECT_EQ(t, user_table_check(pgd, &bad), 4UL);
	KTEST_EXPECT_EQ(t, bad, 0UL);
	/* In use: stays. */
	KTEST_EXPECT_EQ(t, free_empty(pgd, UVA), 0UL);
	pte_clear(pte);
	pt_dec(pte);
	KTEST_EXPECT_EQ(t, free_empty(pgd, UVA), 3UL);
	KTEST_EXPECT_EQ(t, pt_live(pgd), 0UL);
	pgd_free(pgd);
	KTEST_EXPECT_EQ(t, global_node_page_state(NR_PAGETABLE), tables);
}

/* Tables of sparse addresses are found, and partly freed. */
static void sparse_user_tables(struct ktest *t)
{
	static const unsigned long at[] = {
		0,
		PMD_SIZE,
		PUD_SIZE + 5 * PAGE_SIZE,
		TASK_SIZE - PAGE_SIZE,
	};
	pgd_t *pgd = pgd_alloc();
	unsigned long va = 0, bad = 0, made = 0;
	unsigned int i;
	pte_t *pte;
	pmd_t *pmd;

	for (i = 0; i < ARRAY_SIZE(at); i++)
		KTEST_ASSERT_NOT_NULL(t, pte_alloc_walk(pgd, at[i], GFP_KERNEL,
							&made));
	for (i = 0; i < ARRAY_SIZE(at); i++) {
		va = pte_walk_next(pgd, va, TASK_SIZE, &pte, &pmd);
		KTEST_EXPECT_EQ(t, va, at[i] & PMD_MASK);
		va = pmd_addr_end(va, TASK_SIZE);
	}
	KTEST_EXPECT_EQ(t, pte_walk_next(pgd, va, TASK_SIZE, &pte, &pmd),
			TASK_SIZE);
	KTEST_EXPECT_EQ(t, user_table_check(pgd, &bad), 1 + 3 + 4 + 2UL);
	KTEST_EXPECT_EQ(t, free_empty(pgd, at[0]), 1UL);
	KTEST_EXPECT_EQ(t, free_empty(pgd, at[1]), 2UL);
	KTEST_EXPECT_EQ(t, free_empty(pgd, at[2]), 3UL);
	KTEST_EXPECT_EQ(t, free_empty(pgd, at[3]), 3UL);
	KTEST_EXPECT_EQ(t, bad, 0UL);
	pgd_free(pgd);
}

static void user_tables_without_memory(struct ktest *t)
{
	unsigned long before = global_node_page_state(NR_PAGETABLE), nth;
	unsigned long made = 0;
	pgd_t *pgd = pgd_alloc();
	pte_t *pte = NULL;

	for (nth = 1; nth < 10 && !pte; nth++) {
		fail_alloc_arm(nth);
		pte = pte_alloc_walk(pgd, UVA, GFP_KERNEL, &made);
		fail_alloc_arm(0);
		if (!pte)
			free_empty(pgd, UVA);
	}
	KTEST_EXPECT_NOT_NULL(t, pte);
	KTEST_EXPECT_GE(t, nth, 4UL);
	free_empty(pgd, UVA);
	pgd_free(pgd);
	KTEST_EXPECT_EQ(t, global_node_page_state(NR_PAGETABLE), before);
}

static void show(struct ktest *t, void (*fn)(struct seq_buf *),
		 const char *expect)
{
	char *buf = vmalloc(16384);
	struct seq_buf s;

	KTEST_ASSERT_NOT_NULL(t, buf);
	seq_buf_init(&s, buf, 16383);
	fn(&s);
	KTEST_EXPECT_FALSE(t, s.overflow);
	buf[s.len] = 0;
	if (!strstr(buf, expect))
		KTEST_FAIL(t, "\"%s\" is missing in: %.60s ...", expect, buf);
	vfree(buf);
}

static void vmstat(struct seq_buf *s)
{
	vmstat_show(s, 2, 1);
}

static void reports(struct ktest *t)
{
	show(t, buddyinfo_show, "Node 0, zone ");
	show(t, zoneinfo_show, "\n        protection: (0, ");
	show(t, zoneinfo_show, "\n  per-node stats\n      nr_inactive_anon ");
	show(t, pagetypeinfo_show, "Page block order: 9\n");
	show(t, vmstat, "nr_free_pages ");
	show(t, vmstat, "\nnr_dirty_background_threshold 1\n");
	show(t, vmstat, "\npgfault ");
	show(t, vmallocinfo_show, " pages=4 vmalloc\n");
	show(t, iomem_show, " : System RAM\n");
	show(t, iomem_show, " : Kernel code\n");
}

static const struct ktest_case cases[] = {
	{ "vmalloc_pages", vmalloc_pages },
	{ "vmalloc_fails_cleanly", vmalloc_fails_cleanly },
	{ "vmap_shares_pages", vmap_shares_pages },
	{ "thread_stacks", thread_stacks },
	{ "set_memory", set_memory },
	{ "write_xor_execute", write_xor_execute },
	{ "linear_map", linear_map },
	{ "user_tables", user_tables },
	{ "sparse_user_tables", sparse_user_tables },
	{ "user_tables_without_memory", user_tables_without_memory },
	{ "reports", reports },
	{}
};

const struct ktest_suite phys_vm_suite = { "phys_vm", cases };
