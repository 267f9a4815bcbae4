// SPDX-License-Identifier: MIT
/*
 * The page cache and mapped files, on an object of the test's own: 40 pages
 * whose "disk" answers each page's number in its first word.
 */
#include <lib/err.h>
#include <lib/string.h>
#include <mm/vm/huge_mm.h>
#include <mm/vm/lru.h>
#include <mm/vm/pagemap.h>

#include "vm_test.h"

#define FILE_PAGES 40UL

static struct address_space mapping;
static loff_t file_size;
static unsigned int disk_reads, file_refs;

static loff_t test_size(struct address_space *m)
{
	(void)m;
	return file_size;
}

static int test_readpage(struct address_space *m, struct page *page)
{
	unsigned long *word = page_address(page);

	(void)m;
	memset(word, 0, PAGE_SIZE);
	*word = page->index + 1000;
	disk_reads++;
	SetPageUptodate(page);
	unlock_page(page);
	return 0;
}

static const struct address_space_operations test_aops = {
	.readpage = test_readpage,
	.size = test_size,
};

static void test_get(struct file *f)
{
	(void)f;
	file_refs++;
}

static void test_put(struct file *f)
{
	(void)f;
	file_refs--;
}

static const struct vm_backing backing = {
	.file = (struct file *)&mapping,
	.mapping = &mapping,
	.ops = &generic_file_vm_ops,
	.get = test_get,
	.put = test_put,
	.may_read = true,
	.may_write = true,
	.may_exec = true,
};

static void file_up(void)
{
	file_size = (loff_t)(FILE_PAGES << PAGE_SHIFT);
	disk_reads = 0;
	address_space_init(&mapping, NULL, &test_aops, 0, 0);
}

static void file_down(struct ktest *t)
{
	VM_EXPECT_EQ(t, file_refs, 0);
	address_space_destroy(&mapping);
}

static size_t copy_out(void *ctx, void *kaddr, size_t n)
{
	char **to = ctx;

	memcpy(*to, kaddr, n);
	*to += n;
	return n;
}

static size_t copy_in(void *ctx, void *kaddr, size_t n)
{
	const char **from = ctx;

	memcpy(kaddr, *from, n);
	*from += n;
	return n;
}

static void read_and_write(struct ktest *t)
{
	unsigned long words[3] = { 0 }, v = 4711;
	loff_t pos = 5 * (loff_t)PAGE_SIZE;
	char *to = (char *)words;
	const char *from = (const char *)&v;

	file_up();
	VM_EXPECT_EQ(
		t, generic_mapping_read(&mapping, NULL, &pos, 8, copy_out, &to),
		8);
	VM_EXPECT_EQ(t, words[0], 1005);
	VM_EXPECT_EQ(t, pos, 5 * PAGE_SIZE + 8);
	pos = 6 * (loff_t)PAGE_SIZE - 8;
	to = (char *)words;
	VM_EXPECT_EQ(t,
		     generic_mapping_read(&mapping, NULL, &pos, 16, copy_out,
					  &to),
		     16);
	VM_EXPECT_EQ(t, words[1], 1006);
	VM_EXPECT_EQ(t, disk_reads, 2);
	/* At the end, and behind it. */
	pos = file_size - 4;
	to = (char *)words;
	VM_EXPECT_EQ(t,
		     generic_mapping_read(&mapping, NULL, &pos, 16, copy_out,
					  &to),
		     4);
	VM_EXPECT_EQ(t,
		     generic_mapping_read(&mapping, NULL, &pos, 16, copy_out,
					  &to),
		     0);
	pos = 0;
	VM_EXPECT_EQ(
		t, generic_mapping_write(&mapping, &pos, 8, copy_in, &from), 8);
	pos = 0;
	to = (char *)words;
	VM_EXPECT_EQ(
		t, generic_mapping_read(&mapping, NULL, &pos, 8, copy_out, &to),
		8);
	VM_EXPECT_EQ(t, words[0], 4711);
	file_down(t);
}

static void map_private(struct ktest *t)
{
	struct mm_struct *mm = mm_alloc();
	unsigned long a, p = PAGE_SIZE;
	int code;

	KTEST_ASSERT_NOT_NULL(t, mm);
	file_up();
	a = (unsigned long)do_mmap(mm, 0x10000000, FILE_PAGES * p, RW,
				   MAP_PRIVATE, 0, &backing);
	VM_EXPECT_EQ(t, a, 0x10000000);
	/* First touch reads the disk: major. */
	VM_EXPECT_EQ(t, vm_touch(mm, a, false, &code), VM_FAULT_MAJOR);
	VM_EXPECT_EQ(t, vm_read_word(mm, a), 1000);
	VM_EXPECT_EQ(t, get_mm_counter(mm, MM_FILEPAGES), 1);
	for (pgoff_t i = 0; i < 32; i++)
		put_page(read_mapping_page(&mapping, i));
	/* 15 cached pages come with one minor fault, not readahead's mark. */
	VM_EXPECT_EQ(t, vm_touch(mm, a + 17 * p, false, &code), 0);
	VM_EXPECT_EQ(t, get_mm_counter(mm, MM_FILEPAGES), 16);
	VM_EXPECT_EQ(t, vm_read_word(mm, a + 31 * p), 1031);
	/* A write makes a copy; the file does not see it. */
	VM_EXPECT_EQ(t, vm_write_word(mm, a + 17 * p, 1), 0);
	VM_EXPECT_EQ(t, vm_write_word(mm, a + 2 * p, 2), 0);
	VM_EXPECT_EQ(t, get_mm_counter(mm, MM_FILEPAGES), 15);
	VM_EXPECT_EQ(t, get_mm_counter(mm, MM_ANONPAGES), 2);
	{
		struct page *page = find_get_page(&mapping, 17);

		VM_EXPECT_EQ(t, *(unsigned long *)page_address(page), 1017);
		VM_EXPECT_EQ(t, page_mapcount(page), 0);
		put_page(page);
	}
	VM_EXPECT_SOUND(t, mm);
	mmput(mm);
	file_down(t);
}

static void map_shared(struct ktest *t)
{
	struct mm_struct *mm = mm_alloc(), *other = mm_alloc();
	unsigned long a, b, p = PAGE_SIZE;
	struct page *page;

	KTEST_ASSERT_NOT_NULL(t, mm);
	KTEST_ASSERT_NOT_NULL(t, other);
	file_up();
	a = (unsigned long)do_mmap(mm, 0, 8 * p, RW, MAP_SHARED, 0, &backing);
	b = (unsigned long)do_mmap(other, 0, 4 * p, PROT_READ, MAP_SHARED, 2,
				   &backing);
	VM_EXPECT_EQ(t, vm_write_word(mm, a + 3 * p, 5), 0);
	VM_EXPECT_EQ(t, vm_read_word(other, b + p), 5);
	page = find_get_page(&mapping, 3);
	VM_EXPECT_EQ(t, page_mapcount(page), 2);
	VM_EXPECT_EQ(t, page_count_mappings(page), 2);
	KTEST_EXPECT_TRUE(t, PageDirty(page));
	put_page(page);
	VM_EXPECT_SOUND(t, mm);
	VM_EXPECT_SOUND(t, other);
	mmput(other);
	mmput(mm);
	file_down(t);
}

static void truncated_file(struct ktest *t)
{
	struct mm_struct *mm = mm_alloc();
	unsigned long a, b, p = PAGE_SIZE;
	int code;

	KTEST_ASSERT_NOT_NULL(t, mm);
	file_up();
	a = (unsigned long)do_mmap(mm, 0, 10 * p, RW, MAP_PRIVATE, 0, &backing);
	b = (unsigned long)do_mmap(mm, 0, 10 * p, RW, MAP_SHARED, 0, &backing);
	for (unsigned long i = 0; i < 10; i++)
		VM_EXPECT_EQ(t, vm_write_word(mm, b + i * p + 8, 9), 0);
	VM_EXPECT_EQ(t, vm_write_word(mm, a + 7 * p, 1), 0);
	VM_EXPECT_EQ(t, vm_read_word(mm, a + 3 * p), 1003);
	file_size = 3 * (loff_t)p + 4;
	truncate_pagecache(&mapping, file_size);
	VM_EXPECT_EQ(t, mapping.nrpages, 4);
	/* The rest of the last page is zero, all behind it is gone. */
	VM_EXPECT_EQ(t, vm_read_word(mm, b + 3 * p + 8), 0);
	VM_EXPECT_EQ(t, vm_read_word(mm, b + 2 * p + 8), 9);
	VM_EXPECT_EQ(t, vm_touch(mm, b + 4 * p, false, &code), VM_FAULT_SIGBUS);
	VM_EXPECT_EQ(t, code, BUS_ADRERR);
	VM_EXPECT_EQ(t, vm_touch(mm, a + 7 * p, true, &code), VM_FAULT_SIGBUS);
	VM_EXPECT_SOUND(t, mm);
	mmput(mm);
	file_down(t);
}

static void rights_of_files(struct ktest *t)
{
	struct mm_struct *mm = mm_alloc();
	struct vm_backing ro = backing, bad = backing;
	unsigned long a, p = PAGE_SIZE;

	KTEST_ASSERT_NOT_NULL(t, mm);
	file_up();
	ro.may_write = false;
	VM_EXPECT_EQ(t, do_mmap(mm, 0, p, RW, MAP_SHARED, 0, &ro), -EACCES);
	VM_EXPECT_EQ(t, do_mmap(mm, 0, p, RW, 0, 0, &ro), -EINVAL);
	a = (unsigned long)do_mmap(mm, 0, p, PROT_READ, MAP_SHARED, 0, &ro);
	VM_EXPECT_EQ(t, do_mprotect(mm, a, p, RW), -EACCES);
	VM_EXPECT_ADDR(t, do_mmap(mm, 0, p, RW, MAP_PRIVATE, 0, &ro));
	bad.may_exec = false;
	VM_EXPECT_EQ(t, do_mmap(mm, 0, p, PROT_EXEC, MAP_PRIVATE, 0, &bad),
		     -EPERM);
	bad.may_read = false;
	VM_EXPECT_EQ(t, do_mmap(mm, 0, p, PROT_READ, MAP_PRIVATE, 0, &bad),
		     -EACCES);
	VM_EXPECT_EQ(t,
		     do_mmap(mm, 0, p, PROT_READ, MAP_PRIVATE,
			     ~0UL >> PAGE_SHIFT << PAGE_SHIFT | 4095, &ro),
		     -EOVERFLOW);
	VM_EXPECT_SOUND(t, mm);
	mmput(mm);
	file_down(t);
}

static int test_writepage(struct address_space *m, struct page *page,
			  struct writeback_control *wbc)
{
	(void)m, (void)wbc;
	set_page_writeback(page);
	unlock_page(page);
	end_page_writeback(page);
	return 0;
}

/* Clean unused pages go, all others stay; shadows are in nobody's way. */
static void invalidated(struct ktest *t)
{
	struct page *page;

	file_up();
	for (pgoff_t i = 0; i < 4; i++)
		put_page(read_mapping_page(&mapping, i));
	page = find_lock_page(&mapping, 0);
	KTEST_EXPECT_FALSE(t, page_ref_count(page) != 2);
	KTEST_EXPECT_TRUE(t, remove_mapping(&mapping, page,
					    workingset_eviction(page)));
	unlock_page(page);
	put_page(page);
	KTEST_EXPECT_NULL(t, find_get_page(&mapping, 0));
	page = find_get_page(&mapping, 2);
	VM_EXPECT_EQ(t, invalidate_mapping_pages(&mapping, 0, ULONG_MAX), 1);
	VM_EXPECT_EQ(t, mapping.nrpages, 1);
	put_page(page);
	put_page(read_mapping_page(&mapping, 0));
	VM_EXPECT_EQ(t, disk_reads, 5);
	VM_EXPECT_EQ(t, mapping.nrpages, 2);
	file_down(t);
}

/*
 * An object with a disk: shared pages start write-protected, and the first
 * write makes the page dirty. That is how a dirty page is known without help
 * of the hardware.
 */
static void write_notify(struct ktest *t)
{
	static const struct address_space_operations aops = {
		.readpage = test_readpage,
		.writepage = test_writepage,
		.size = test_size,
	};
	struct mm_struct *mm = mm_alloc();
	long before = (long)global_node_page_state(NR_FILE_DIRTY);
	unsigned long a, p = PAGE_SIZE;
	struct page *page;
	int code;

	KTEST_ASSERT_NOT_NULL(t, mm);
	file_up();
	mapping.a_ops = &aops;
	a = (unsigned long)do_mmap(mm, 0, 8 * p, RW, MAP_SHARED, 0, &backing);
	vm_touch(mm, a, false, &code);
	vm_touch(mm, a + p, false, &code);
	page = find_get_page(&mapping, 0);
	KTEST_EXPECT_FALSE(t, pte_write(follow_pte(mm, a, NULL)));
	KTEST_EXPECT_FALSE(t, PageDirty(page));
	VM_EXPECT_EQ(t, vm_touch(mm, a, true, &code), 0);
	KTEST_EXPECT_TRUE(t, pte_write(follow_pte(mm, a, NULL)));
	KTEST_EXPECT_TRUE(t, PageDirty(page));
	VM_EXPECT_EQ(t, global_node_page_state(NR_FILE_DIRTY), before + 1);
	/* Rights that come back do not skip the notice. */
	VM_EXPECT_EQ(t, do_mprotect(mm, a, 2 * p, PROT_READ), 0);
	VM_EXPECT_EQ(t, do_mprotect(mm, a, 2 * p, RW), 0);
	KTEST_EXPECT_FALSE(t, pte_write(follow_pte(mm, a + p, NULL)));
	VM_EXPECT_EQ(t, vm_touch(mm, a + p, true, &code), 0);
	VM_EXPECT_EQ(t, global_node_page_state(NR_FILE_DIRTY), before + 2);
	/* Written back it is clean, and the next write is noticed again. */
	lock_page(page);
	KTEST_EXPECT_TRUE(t, clear_page_dirty_for_io(page));
	KTEST_EXPECT_FALSE(t, pte_write(follow_pte(mm, a, NULL)));
	VM_EXPECT_EQ(t, test_writepage(&mapping, page, NULL), 0);
	KTEST_EXPECT_FALSE(t, PageWriteback(page) || PageDirty(page));
	VM_EXPECT_EQ(t, global_node_page_state(NR_FILE_DIRTY), before + 1);
	VM_EXPECT_EQ(t, vm_touch(mm, a, true, &code), 0);
	KTEST_EXPECT_TRUE(t, PageDirty(page));
	VM_EXPECT_EQ(t, global_node_page_state(NR_FILE_DIRTY), before + 2);
	put_page(page);
	VM_EXPECT_SOUND(t, mm);
	mmput(mm);
	file_down(t);
	VM_EXPECT_EQ(t, global_node_page_state(NR_FILE_DIRTY), before);
}

/* F_SEAL_WRITE and shared mappings that may write exclude each other. */
static void sealed_object(struct ktest *t)
{
	struct mm_struct *mm = mm_alloc();
	struct vm_backing ro = backing;
	unsigned long a, p = PAGE_SIZE;

	KTEST_ASSERT_NOT_NULL(t, mm);
	file_up();
	a = (unsigned long)do_mmap(mm, 0, p, PROT_READ, MAP_SHARED, 0,
				   &backing);
	VM_EXPECT_EQ(t, mapping_deny_writable(&mapping), -EBUSY);
	VM_EXPECT_EQ(t, do_munmap(mm, a, p), 0);
	VM_EXPECT_EQ(t, mapping_deny_writable(&mapping), 0);
	VM_EXPECT_EQ(t, do_mmap(mm, 0, p, PROT_READ, MAP_SHARED, 0, &backing),
		     -EPERM);
	VM_EXPECT_ADDR(t, do_mmap(mm, 0, p, RW, MAP_PRIVATE, 0, &backing));
	ro.may_write = false;
	VM_EXPECT_ADDR(t, do_mmap(mm, 0, p, PROT_READ, MAP_SHARED, 0, &ro));
	VM_EXPECT_SOUND(t, mm);
	mmput(mm);
	file_down(t);
}

/* What could not be read is not made dirty by zeroing a part of it. */
static void cut_unread_page(struct ktest *t)
{
	struct page *page;

	file_up();
	page = new_cache_page(&mapping, 3, GFP_KERNEL);
	KTEST_ASSERT_FALSE(t, IS_ERR(page));
	unlock_page(page);
	truncate_inode_pages_range(&mapping, (3 << PAGE_SHIFT) + 100, -1);
	KTEST_EXPECT_FALSE(t, PageDirty(page));
	put_page(page);
	put_page(read_mapping_page(&mapping, 3));
	truncate_inode_pages_range(&mapping, (3 << PAGE_SHIFT) + 100, -1);
	KTEST_EXPECT_TRUE(t, PageDirty(page));
	file_down(t);
}

/* What reclaim does to the first of the pages at a, but for the flush. */
static void unmap_first(struct ktest *t, struct mm_struct *mm, unsigned long a)
{
	struct page *page = read_mapping_page(&mapping, 0);

	VM_EXPECT_EQ(t, vm_read_word(mm, a), 1000);
	VM_EXPECT_EQ(t, atomic_read(&mm->tlb_unmapped), mm->tlb_flushed);
	lock_page(page);
	try_to_unmap(page);
	unlock_page(page);
	KTEST_EXPECT_FALSE(t, page_mapped(page));
	VM_EXPECT_EQ(t, atomic_read(&mm->tlb_unmapped), mm->tlb_flushed + 1);
	put_page(page);
}

/* TLBs may know what reclaim has unmapped, but not after one of these. */
static void unmapped_but_not_flushed(struct ktest *t)
{
	struct mm_struct *mm = mm_alloc(), *child = mm_alloc();
	unsigned long a, b, p = PAGE_SIZE;

	KTEST_ASSERT_NOT_NULL(t, mm);
	KTEST_ASSERT_NOT_NULL(t, child);
	file_up();
	a = (unsigned long)do_mmap(mm, 0, p, PROT_READ, MAP_SHARED, 0,
				   &backing);
	unmap_first(t, mm, a);
	VM_EXPECT_EQ(t, dup_mmap(child, mm), 0);
	mmput(child);
	unmap_first(t, mm, a);
	b = (unsigned long)do_mmap(mm, 0, p, RW, ANON, 0, NULL);
	VM_EXPECT_EQ(
		t, do_mremap(mm, a, p, p, MREMAP_MAYMOVE | MREMAP_FIXED, b), b);
	unmap_first(t, mm, b);
	VM_EXPECT_EQ(t, do_mprotect(mm, b, p, PROT_NONE), 0);
	VM_EXPECT_EQ(t, do_mprotect(mm, b, p, PROT_READ), 0);
	unmap_first(t, mm, b);
	VM_EXPECT_EQ(t, do_munmap(mm, b, p), 0);
	VM_EXPECT_EQ(t, atomic_read(&mm->tlb_unmapped), mm->tlb_flushed);
	VM_EXPECT_EQ(t, mm->tlb_flushed, 4);
	mmput(mm);
	file_down(t);
}

static const struct ktest_case cases[] = {
	{ "read_and_write", read_and_write },
	{ "invalidated", invalidated },
	{ "map_private", map_private },
	{ "map_shared", map_shared },
	{ "truncated_file", truncated_file },
	{ "rights_of_files", rights_of_files },
	{ "write_notify", write_notify },
	{ "sealed_object", sealed_object },
	{ "cut_unread_page", cut_unread_page },
	{ "unmapped_but_not_flushed", unmapped_but_not_flushed },
	{}
};
const struct ktest_suite vm_file_suite = { "vm_file", cases };
