// SPDX-License-Identifier: MIT
/*
 * The memory of another process: /proc/PID/mem, pagemap and clear_refs,
 * process_vm_readv and process_vm_writev.
 *
 * An open mem or pagemap keeps the mm_struct that the process had at that
 * moment (mmgrab) but not the memory in it: each read asks whether there is
 * still somebody in the address space (mmget_not_zero), and finds an end of
 * file when there is not. So an open file neither keeps the memory of a
 * process that has exited, nor looks into what it has become by exec.
 *
 * Bytes go through one page of the kernel: while they are copied from or to
 * the other side, no lock is held that a fault on this side might want.
 */
#include <fs/fs.h>
#include <fs/proc_fs.h>
#include <lib/kstrtox.h>
#include <lib/string.h>
#include <mm/phys/gfp.h>
#include <mm/vm/mm.h>
#include <proc/pid_proc.h>
#include <proc/process.h>
#include <proc/syscalls.h>
#include <sched/sched.h>

/*
 * The loop of all of them: from or to addr in mm, as much as iter wants.
 * => bytes moved; *err: why no more, -EIO the other side, -EFAULT this one
 */
static size_t copy_remote(struct mm_struct *mm, unsigned long addr, size_t len,
			  struct iov_iter *iter, char *page, unsigned int foll,
			  int *err)
{
	size_t done = 0;

	*err = 0;
	len = min(len, iter->count);
	while (done < len && !*err && !fatal_signal_pending(current)) {
		size_t want = min(len - done, (size_t)PAGE_SIZE), n = want;

		if (foll & FOLL_WRITE) {
			n = copy_from_iter(page, want, iter);
			*err = n == want ? 0 : -EFAULT;
		}
		want = n;
		n = access_remote_vm(mm, addr + done, page, want, foll);
		if (n != want)
			*err = -EIO;
		want = n;
		if (!(foll & FOLL_WRITE)) {
			n = copy_to_iter(page, want, iter);
			*err = n == want ? *err : -EFAULT;
		}
		done += n;
		cond_resched();
	}
	return done;
}

/* --- open files --- */

static int mm_open(struct inode *inode, struct file *file)
{
	struct task_struct *t = proc_pid_task(inode);
	struct mm_struct *mm;

	if (IS_ERR(t))
		return (int)PTR_ERR(t);
	mm = get_task_mm(t);
	if (mm) {
		mmgrab(mm);
		mmput(mm);
	}
	file->private_data = mm;
	file->f_mode |= FMODE_UNSIGNED;
	return 0;
}

static int mm_release_file(struct inode *inode __unused, struct file *file)
{
	if (file->private_data)
		mmdrop(file->private_data);
	return 0;
}

/* => a page for the copy, 0: no memory, or nothing to look at (*err 0) */
static unsigned long mm_begin(struct mm_struct *mm, int *err)
{
	unsigned long page;

	*err = 0;
	if (!mm)
		return 0;
	page = __get_free_page(GFP_KERNEL);
	if (!page)
		*err = -ENOMEM;
	else if (mmget_not_zero(mm))
		return page;
	free_page(page);
	return 0;
}

static void mm_end(struct mm_struct *mm, unsigned long page)
{
	mmput(mm);
	free_page(page);
}

/* --- mem --- */

static ssize_t mem_rw(struct file *file, struct iov_iter *iter, loff_t *pos,
		      unsigned int foll)
{
	struct mm_struct *mm = file->private_data;
	int err;
	unsigned long page = mm_begin(mm, &err);
	size_t done;

	if (!page)
		return err;
	done = copy_remote(mm, (unsigned long)*pos, iter->count, iter,
			   (char *)page, foll | FOLL_FORCE, &err);
	mm_end(mm, page);
	*pos += (loff_t)done;
	return err == -EFAULT || !done ? err : (ssize_t)done;
}

static ssize_t mem_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	return mem_rw(file, to, pos, 0);
}

static ssize_t mem_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	return mem_rw(file, from, pos, FOLL_WRITE);
}

const struct file_operations pid_mem_fops = {
	.open = mm_open,
	.release = mm_release_file,
	.read_iter = mem_read,
	.write_iter = mem_write,
	.llseek = mem_llseek,
};

/* --- pagemap --- */

#define ENTRY sizeof(u64)

static ssize_t pagemap_entries(struct mm_struct *mm, struct iov_iter *to,
			       loff_t *pos, u64 *buf, bool pfns)
{
	const u64 nr = TASK_SIZE / PAGE_SIZE;
	ssize_t done = 0;

	if ((u64)*pos % ENTRY || to->count % ENTRY)
		return -EINVAL;
	while (to->count && (u64)*pos / ENTRY < nr) {
		u64 first = (u64)*pos / ENTRY;
		size_t n = min(to->count, (size_t)PAGE_SIZE) / ENTRY;
		int err;

		n = min(n, (size_t)(nr - first));
		err = mm_pagemap(mm, first * PAGE_SIZE, buf, n, pfns);
		if (!err && copy_to_iter(buf, n * ENTRY, to) != n * ENTRY)
			err = -EFAULT;
		if (err)
			return err;
		done += (ssize_t)(n * ENTRY);
		*pos += (loff_t)(n * ENTRY);
		if (fatal_signal_pending(current))
			break;
		cond_resched();
	}
	return done;
}

/* Page numbers are for root: they tell where to hammer. */
static ssize_t pagemap_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct mm_struct *mm = file->private_data;
	int err;
	unsigned long page = mm_begin(mm, &err);
	ssize_t ret;

	if (!page)
		return err;
	ret = pagemap_entries(mm, to, pos, (u64 *)page, !file->f_uid);
	mm_end(mm, page);
	return ret;
}

const struct file_operations pid_pagemap_fops = {
	.open = mm_open,
	.release = mm_release_file,
	.read_iter = pagemap_read,
	.llseek = mem_llseek,
};

/* --- clear_refs --- */

int pid_clear_refs_write(struct task_struct *t, char *text)
{
	struct mm_struct *mm;
	int what, err = kstrtoint(strim(text), 10, &what);

	if (err)
		return err;
	if (what < CLEAR_REFS_ALL || what > CLEAR_REFS_MM_HIWATER_RSS)
		return -EINVAL;
	mm = get_task_mm(t);
	if (!mm)
		return 0;
	err = mm_clear_refs(mm, (enum clear_refs)what);
	mmput(mm);
	return err;
}

/* --- process_vm_readv, process_vm_writev --- */

/* => the address space of process pid; ERR_PTR: -ESRCH, -EPERM */
static struct mm_struct *mm_access(pid_t pid)
{
	struct task_struct *t __free(put_task_struct) = get_task_by_pid(pid);
	struct mm_struct *mm = t ? get_task_mm(t) : NULL;

	if (!mm)
		return ERR_PTR(-ESRCH);
	if (mm == current->mm || ptrace_may_access(t, true))
		return mm;
	mmput(mm);
	return ERR_PTR(-EPERM);
}

/* => bytes moved; the first address of either side that is not there ends it */
static ssize_t copy_vectors(struct mm_struct *mm, struct iov_iter *local,
			    const struct iovec *remote, unsigned long nr,
			    unsigned int foll)
{
	unsigned long page = __get_free_page(GFP_KERNEL);
	size_t done = 0;
	int err = 0;

	if (!page)
		return -ENOMEM;
	for (unsigned long i = 0; i < nr && local->count && !err; i++)
		done += copy_remote(mm, (unsigned long)remote[i].iov_base,
				    remote[i].iov_len, local, (char *)page,
				    foll, &err);
	free_page(page);
	return done || !err ? (ssize_t)done : -EFAULT;
}

static bool is_empty(const struct iovec *iov, unsigned long nr)
{
	while (nr && !iov[nr - 1].iov_len)
		nr--;
	return !nr;
}

static ssize_t process_vm_rw(pid_t pid, const struct iovec __user *lvec,
			     unsigned long nr_local,
			     const struct iovec __user *rvec,
			     unsigned long nr_remote, unsigned long flags,
			     unsigned int foll)
{
	struct iovec lfast[UIO_FASTIOV], rfast[UIO_FASTIOV], *liov, *riov;
	struct mm_struct *mm;
	struct iov_iter local;
	ssize_t ret;

	if (flags)
		return -EINVAL;
	ret = import_iovec(lvec, nr_local, lfast, &liov, &local);
	if (ret <= 0)
		goto out_local;
	/* The other side's addresses are not ours to check. */
	riov = iovec_from_user(rvec, nr_remote, rfast);
	ret = PTR_ERR_OR_ZERO(riov);
	if (ret || is_empty(riov, nr_remote))
		goto out;
	mm = mm_access(pid);
	ret = PTR_ERR_OR_ZERO(mm);
	if (ret)
		goto out;
	ret = copy_vectors(mm, &local, riov, nr_remote, foll);
	mmput(mm);
out:
	iovec_free(riov, rfast);
out_local:
	iovec_free(liov, lfast);
	return ret;
}

SYSCALL(sys_process_vm_readv, pid_t pid, const struct iovec __user *lvec,
	unsigned long nr_local, const struct iovec __user *rvec,
	unsigned long nr_remote, unsigned long flags)
{
	return process_vm_rw(pid, lvec, nr_local, rvec, nr_remote, flags, 0);
}

SYSCALL(sys_process_vm_writev, pid_t pid, const struct iovec __user *lvec,
	unsigned long nr_local, const struct iovec __user *rvec,
	unsigned long nr_remote, unsigned long flags)
{
	return process_vm_rw(pid, lvec, nr_local, rvec, nr_remote, flags,
			     FOLL_WRITE);
}
