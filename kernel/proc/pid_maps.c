// SPDX-License-Identifier: MIT
/*
 * /proc/PID/maps, smaps and smaps_rollup: an address space, line by line;
 * and map_files, the files in it.
 *
 *   00400000-0048d000 r-xp 00000000 00:01 17             /bin/busybox
 *   first -last+1     what offset   device inode         column 73: name
 *
 * The text is made with mmap_lock held for reading, in one go, so it is of
 * one moment. (Linux takes the lock anew for every page of text.)
 */
#include <fs/fs.h>
#include <lib/seq_buf.h>
#include <mm/phys/slab.h>
#include <mm/vm/huge_mm.h>
#include <mm/vm/hugetlb.h>
#include <mm/vm/mm.h>
#include <proc/pid_proc.h>
#include <proc/process.h>

#define NAME_COLUMN 72

/* Path names may hold newlines; a line may not. */
static void put_path(struct seq_buf *s, const struct path *path, char *buf)
{
	const char *name = d_path(path, NULL, buf, PATH_MAX);

	if (IS_ERR(name))
		return;
	for (; *name; name++) {
		if (*name == '\n')
			seq_buf_puts(s, "\\012");
		else
			seq_buf_putc(s, *name);
	}
}

static void put_prefix(struct seq_buf *s, unsigned long start,
		       unsigned long end, const char *flags, u64 offset,
		       dev_t dev, unsigned long ino)
{
	seq_buf_put_hex(s, start, 8);
	seq_buf_putc(s, '-');
	seq_buf_put_hex(s, end, 8);
	seq_buf_putc(s, ' ');
	seq_buf_puts(s, flags);
	seq_buf_putc(s, ' ');
	seq_buf_put_hex(s, offset, 8);
	seq_buf_putc(s, ' ');
	seq_buf_put_hex(s, MAJOR(dev), 2);
	seq_buf_putc(s, ':');
	seq_buf_put_hex(s, MINOR(dev), 2);
	seq_buf_putc(s, ' ');
	seq_buf_put_decimal(s, ino, 0);
	seq_buf_putc(s, ' ');
}

static void put_vma(struct seq_buf *s, struct vm_area_struct *vma, char *buf)
{
	const char *name = vma_name(vma);
	unsigned long ino = vma_shmem_ino(vma);
	dev_t dev = ino ? MKDEV(0, 1) : 0;
	char flags[5];
	u64 offset = 0;

	if (vma->vm_file) {
		struct inode *inode = file_inode(vma->vm_file);

		dev = inode->i_sb->s_dev;
		ino = inode->i_ino;
	}
	if (vma->vm_file || ino)
		offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	vma_flags_str(vma, flags);
	put_prefix(s, vma->vm_start, vma->vm_end, flags, offset, dev, ino);
	if (name || vma->vm_file) {
		seq_buf_pad(s, NAME_COLUMN);
		seq_buf_putc(s, ' ');
	}
	if (name)
		seq_buf_puts(s, name);
	else if (vma->vm_file)
		put_path(s, &vma->vm_file->f_path, buf);
	seq_buf_putc(s, '\n');
}

/* --- smaps --- */

static void put_kb(struct seq_buf *s, const char *name, u64 bytes)
{
	seq_buf_puts(s, name);
	seq_buf_pad(s, 16);
	seq_buf_put_decimal(s, bytes >> 10, 8);
	seq_buf_puts(s, " kB\n");
}

#define PSS_SHIFT 12

static void put_stats(struct seq_buf *s, const struct mm_vma_stats *st,
		      bool rollup)
{
	put_kb(s, "Rss:", st->rss);
	put_kb(s, "Pss:", st->pss >> PSS_SHIFT);
	put_kb(s, "Pss_Dirty:", st->pss_dirty >> PSS_SHIFT);
	if (rollup) {
		put_kb(s, "Pss_Anon:", st->pss_anon >> PSS_SHIFT);
		put_kb(s, "Pss_File:", st->pss_file >> PSS_SHIFT);
		put_kb(s, "Pss_Shmem:", st->pss_shmem >> PSS_SHIFT);
	}
	put_kb(s, "Shared_Clean:", st->shared_clean);
	put_kb(s, "Shared_Dirty:", st->shared_dirty);
	put_kb(s, "Private_Clean:", st->private_clean);
	put_kb(s, "Private_Dirty:", st->private_dirty);
	put_kb(s, "Referenced:", st->referenced);
	put_kb(s, "Anonymous:", st->anonymous);
	put_kb(s, "LazyFree:", st->lazyfree);
	put_kb(s, "AnonHugePages:", st->anonymous_thp);
	put_kb(s, "ShmemPmdMapped:", 0);
	put_kb(s, "FilePmdMapped:", 0);
	put_kb(s, "Shared_Hugetlb:", st->shared_hugetlb);
	put_kb(s, "Private_Hugetlb:", st->private_hugetlb);
	put_kb(s, "Swap:", st->swap);
	put_kb(s, "SwapPss:", st->swap_pss >> PSS_SHIFT);
	put_kb(s, "Locked:", st->pss_locked >> PSS_SHIFT);
}

static void put_smap(struct seq_buf *s, struct vm_area_struct *vma, char *buf)
{
	struct mm_vma_stats st = {};

	mm_vma_stats(vma, &st);
	put_vma(s, vma, buf);
	put_kb(s, "Size:", vma->vm_end - vma->vm_start);
	put_kb(s, "KernelPageSize:", vma_kernel_pagesize(vma));
	put_kb(s, "MMUPageSize:", vma_kernel_pagesize(vma));
	put_stats(s, &st, false);
	seq_buf_printf(
		s, "THPeligible:    %d\nVmFlags: ", hugepage_vma_check(vma));
	vma_vmflags_show(s, vma);
	seq_buf_putc(s, '\n');
}

/* --- files --- */

static int show_vmas(struct task_struct *t, struct seq_buf *s,
		     void (*put)(struct seq_buf *s, struct vm_area_struct *vma,
				 char *buf))
{
	struct mm_struct *mm __free(mmput) = get_task_mm(t);
	char *buf __free(kfree) = NULL;
	struct vm_area_struct *vma;
	int err;

	if (!mm)
		return 0;
	buf = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	err = down_read_killable(&mm->mmap_lock);
	if (err)
		return err;
	for_each_vma(mm, vma) {
		put(s, vma, buf);
		if (seq_buf_has_overflowed(s))
			break;
	}
	up_read(&mm->mmap_lock);
	return 0;
}

/* --- map_files: the mappings of files, by their addresses --- */

bool pid_next_mapping(struct task_struct *t, unsigned long *start,
		      unsigned long *end)
{
	struct mm_struct *mm __free(mmput) = get_task_mm(t);
	struct vm_area_struct *vma;

	if (!mm || down_read_killable(&mm->mmap_lock))
		return false;
	vma = find_vma(mm, *start);
	while (vma && (vma->vm_start < *start || !vma->vm_file))
		vma = vma->vm_next;
	if (vma) {
		*start = vma->vm_start;
		*end = vma->vm_end;
	}
	up_read(&mm->mmap_lock);
	return vma;
}

int pid_mapping_path(struct task_struct *t, unsigned long start,
		     unsigned long end, struct path *out, fmode_t *mode)
{
	struct mm_struct *mm __free(mmput) = get_task_mm(t);
	struct vm_area_struct *vma;
	int err = mm ? down_read_killable(&mm->mmap_lock) : -ENOENT;

	if (err)
		return err;
	vma = find_vma(mm, start);
	if (vma && vma->vm_start == start && vma->vm_end == end &&
	    vma->vm_file) {
		*out = vma->vm_file->f_path;
		path_get(out);
		*mode = vma->vm_file->f_mode;
	} else {
		err = -ENOENT;
	}
	up_read(&mm->mmap_lock);
	return err;
}

/* --- texts --- */

int pid_maps_show(struct task_struct *t, struct seq_buf *s)
{
	return show_vmas(t, s, put_vma);
}

int pid_smaps_show(struct task_struct *t, struct seq_buf *s)
{
	return show_vmas(t, s, put_smap);
}

int pid_smaps_rollup_show(struct task_struct *t, struct seq_buf *s)
{
	struct mm_struct *mm __free(mmput) = get_task_mm(t);
	struct mm_vma_stats st = {};
	struct vm_area_struct *vma;
	int err = mm ? down_read_killable(&mm->mmap_lock) : -ESRCH;

	if (err)
		return err;
	for_each_vma(mm, vma)
		mm_vma_stats(vma, &st);
	put_prefix(s, mm->mmap ? mm->mmap->vm_start : 0, mm->highest_vm_end,
		   "---p", 0, 0, 0);
	seq_buf_pad(s, NAME_COLUMN);
	seq_buf_puts(s, " [rollup]\n");
	put_stats(s, &st, true);
	up_read(&mm->mmap_lock);
	return 0;
}
