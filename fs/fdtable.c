// SPDX-License-Identifier: MIT
/*
 * File descriptor tables. Two bitmaps say which numbers are in use and which
 * are closed by exec; next_fd is a lower bound of the lowest free number, so
 * that the usual "lowest free" costs a word or two.
 *
 * A number is reserved first (open_fds) and gets its file later
 * (fd_install), so that opening cannot fail after it has had effects.
 */
#include <base/bug.h>
#include <fs/fdtable.h>
#include <fs/locks.h>
#include <lib/bitmap.h>
#include <mm/phys/slab.h>
#include <mm/phys/vmalloc.h>
#include "file_internal.h"

static struct kmem_cache *files_cache;

void fdtable_init(void)
{
	files_cache = kmem_cache_create("files_cache",
					sizeof(struct files_struct), 0,
					SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL);
}

struct files_struct *alloc_files(void)
{
	struct files_struct *f = kmem_cache_zalloc(files_cache, GFP_KERNEL);

	if (!f)
		return NULL;
	atomic_set(&f->count, 1);
	spin_lock_init(&f->file_lock);
	f->max_fds = NR_OPEN_DEFAULT;
	f->fd = f->fd_array;
	f->open_fds = &f->open_init;
	f->close_on_exec = &f->cloexec_init;
	return f;
}

/* --- growing: the array and both bitmaps in one piece --- */

struct fd_arrays {
	unsigned int max;
	struct file **fd;
	unsigned long *open, *cloexec;
};

static bool alloc_arrays(struct fd_arrays *a, unsigned int want)
{
	size_t bits;

	a->max = (unsigned int)roundup_pow_of_two(max(want, 256U));
	a->max = min(a->max, NR_OPEN_MAX);
	bits = a->max / BITS_PER_BYTE;
	a->fd = kvzalloc(a->max * sizeof(struct file *) + 2 * bits, GFP_KERNEL);
	if (!a->fd)
		return false;
	a->open = (unsigned long *)(a->fd + a->max);
	a->cloexec = (unsigned long *)((char *)a->open + bits);
	return true;
}

/* => file_lock held; what was there before, to be freed */
static struct file **install_arrays(struct files_struct *f,
				    const struct fd_arrays *a)
{
	struct file **old = f->fd;

	memcpy(a->fd, f->fd, f->max_fds * sizeof(struct file *));
	bitmap_copy(a->open, f->open_fds, f->max_fds);
	bitmap_copy(a->cloexec, f->close_on_exec, f->max_fds);
	f->fd = a->fd;
	f->open_fds = a->open;
	f->close_on_exec = a->cloexec;
	f->max_fds = a->max;
	return old;
}

static void free_array(struct files_struct *f, struct file **fd)
{
	if (fd != f->fd_array)
		kvfree(fd);
}

/* Make room for number fd. => file_lock held, released between. 0, -EMFILE,
 * -ENOMEM */
static int expand_files(struct files_struct *f, unsigned int fd)
{
	struct fd_arrays a;
	struct file **old;

	while (fd >= f->max_fds) {
		if (fd >= NR_OPEN_MAX)
			return -EMFILE;
		spin_unlock(&f->file_lock);
		if (!alloc_arrays(&a, fd + 1)) {
			spin_lock(&f->file_lock);
			return -ENOMEM;
		}
		spin_lock(&f->file_lock);
		old = a.fd;
		if (a.max > f->max_fds)
			old = install_arrays(f, &a);
		free_array(f, old);
	}
	return 0;
}

int get_unused_fd(struct files_struct *f, unsigned int start,
		  unsigned long limit, unsigned int flags)
{
	unsigned int fd;
	int err;

	if (start >= limit)
		return -EMFILE;
	spin_lock(&f->file_lock);
	do {
		fd = max(start, f->next_fd);
		fd = (unsigned int)find_next_zero_bit(f->open_fds, f->max_fds,
						      fd);
		err = fd >= limit ? -EMFILE : 0;
		if (!err && fd >= f->max_fds)
			err = expand_files(f, fd) ?: -EAGAIN;
	} while (err == -EAGAIN);
	if (!err) {
		__set_bit(fd, f->open_fds);
		__assign_bit(fd, f->close_on_exec, flags & O_CLOEXEC);
		if (start <= f->next_fd)
			f->next_fd = fd + 1;
		BUG_ON(f->fd[fd]);
	}
	spin_unlock(&f->file_lock);
	return err ? err : (int)fd;
}

/* => file_lock held */
static void __put_unused_fd(struct files_struct *f, unsigned int fd)
{
	__clear_bit(fd, f->open_fds);
	if (fd < f->next_fd)
		f->next_fd = fd;
}

void put_unused_fd(struct files_struct *f, unsigned int fd)
{
	guard(spinlock)(&f->file_lock);
	__put_unused_fd(f, fd);
}

void fd_install(struct files_struct *f, unsigned int fd, struct file *file)
{
	guard(spinlock)(&f->file_lock);
	BUG_ON(f->fd[fd]);
	f->fd[fd] = file;
}

/* --- closing --- */

/* Take the file out. => file_lock held; NULL: none */
static struct file *pick_file(struct files_struct *f, unsigned int fd)
{
	struct file *file;

	if (fd >= f->max_fds || !f->fd[fd])
		return NULL;
	file = f->fd[fd];
	f->fd[fd] = NULL;
	__put_unused_fd(f, fd);
	return file;
}

/* A table lets go of a file, and of its own locks on it. */
static void close_file(struct files_struct *f, struct file *file)
{
	if (unlikely(file && !hlist_empty(&file->f_inode->i_locks)))
		locks_forget(file, f);
	fput(file);
}

bool file_is_at(struct files_struct *f, unsigned int fd,
		const struct file *file)
{
	guard(spinlock)(&f->file_lock);
	return fd < f->max_fds && f->fd[fd] == file;
}

int close_fd(struct files_struct *f, unsigned int fd)
{
	struct file *file;

	spin_lock(&f->file_lock);
	file = pick_file(f, fd);
	spin_unlock(&f->file_lock);
	if (!file)
		return -EBADF;
	close_file(f, file);
	return 0;
}

int close_fd_range(struct files_struct *f, unsigned int first,
		   unsigned int last, bool cloexec)
{
	unsigned long fd;
	struct file *file;

	if (first > last)
		return -EINVAL;
	spin_lock(&f->file_lock);
	fd = first;
	while ((fd = find_next_bit(f->open_fds, f->max_fds, fd)) < f->max_fds &&
	       fd <= last) {
		if (cloexec) {
			__set_bit(fd, f->close_on_exec);
		} else {
			file = pick_file(f, (unsigned int)fd);
			spin_unlock(&f->file_lock);
			close_file(f, file);
			spin_lock(&f->file_lock);
		}
		fd++;
	}
	spin_unlock(&f->file_lock);
	return 0;
}

void put_files_struct(struct files_struct *f)
{
	unsigned long fd;

	if (!atomic_dec_and_test(&f->count))
		return;
	for_each_set_bit(fd, f->open_fds, f->max_fds)
		close_file(f, f->fd[fd]);
	free_array(f, f->fd);
	kmem_cache_free(files_cache, f);
}

void do_close_on_exec(struct files_struct *f)
{
	struct file *file;
	unsigned long fd = 0;

	spin_lock(&f->file_lock);
	while ((fd = find_next_bit(f->close_on_exec, f->max_fds, fd)) <
	       f->max_fds) {
		__clear_bit(fd, f->close_on_exec);
		file = pick_file(f, (unsigned int)fd++);
		if (!file)
			continue;
		spin_unlock(&f->file_lock);
		close_file(f, file);
		spin_lock(&f->file_lock);
	}
	spin_unlock(&f->file_lock);
}

/* --- copying (fork) --- */

/* => old->file_lock held */
static void copy_fds(struct files_struct *new, struct files_struct *old,
		     unsigned int n)
{
	unsigned long fd;

	bitmap_copy(new->open_fds, old->open_fds, n);
	bitmap_copy(new->close_on_exec, old->close_on_exec, n);
	for_each_set_bit(fd, old->open_fds, n) {
		if (old->fd[fd])
			new->fd[fd] = get_file(old->fd[fd]);
		else
			__clear_bit(fd, new->open_fds); /* only reserved */
	}
	new->next_fd = min(old->next_fd, (unsigned int)find_first_zero_bit(
						 new->open_fds, new->max_fds));
}

/* How many slots are in use, up to the highest. => file_lock held */
static unsigned int used_slots(const struct files_struct *f)
{
	unsigned long last = find_last_bit(f->open_fds, f->max_fds);

	return last == f->max_fds ? 0 : (unsigned int)last + 1;
}

struct files_struct *dup_fd(struct files_struct *old)
{
	struct files_struct *new = alloc_files();
	struct fd_arrays a;
	unsigned int n;

	if (!new)
		return ERR_PTR(-ENOMEM);
	spin_lock(&old->file_lock);
	while ((n = used_slots(old)) > new->max_fds) {
		spin_unlock(&old->file_lock);
		if (!alloc_arrays(&a, n)) {
			put_files_struct(new);
			return ERR_PTR(-ENOMEM);
		}
		free_array(new, install_arrays(new, &a));
		spin_lock(&old->file_lock);
	}
	copy_fds(new, old, n);
	spin_unlock(&old->file_lock);
	return new;
}

/* --- looking up --- */

static struct file *fd_file(const struct files_struct *f, unsigned int fd)
{
	return likely(fd < f->max_fds) ? READ_ONCE(f->fd[fd]) : NULL;
}

struct file *fget_raw(struct files_struct *f, unsigned int fd)
{
	struct file *file;

	guard(spinlock)(&f->file_lock);
	file = fd_file(f, fd);
	if (file)
		get_file(file);
	return file;
}

struct file *fget(struct files_struct *f, unsigned int fd)
{
	struct file *file = fget_raw(f, fd);

	if (file && file->f_mode & FMODE_PATH) {
		fput(file);
		return NULL;
	}
	return file;
}

struct fd fdget_raw(struct files_struct *f, unsigned int fd)
{
	struct fd ret = { .file = NULL };

	if (likely(atomic_read(&f->count) == 1)) {
		ret.file = fd_file(f, fd);
		return ret;
	}
	ret.file = fget_raw(f, fd);
	ret.put = ret.file != NULL;
	return ret;
}

struct fd fdget(struct files_struct *f, unsigned int fd)
{
	struct fd ret = fdget_raw(f, fd);

	if (unlikely(ret.file && ret.file->f_mode & FMODE_PATH)) {
		fdput(&ret);
		ret = (struct fd){ .file = NULL };
	}
	return ret;
}

struct fd fdget_pos(struct files_struct *f, unsigned int fd)
{
	struct fd ret = fdget(f, fd);

	/* Shared with another table or thread, and it has a position. */
	if (ret.file && !(ret.file->f_mode & FMODE_STREAM) &&
	    atomic_long_read(&ret.file->f_count) > 1) {
		mutex_lock(&ret.file->f_pos_lock);
		ret.pos_locked = true;
	}
	return ret;
}

bool files_next(struct files_struct *f, unsigned int *fd, struct file **file)
{
	unsigned long n;

	*file = NULL;
	guard(spinlock)(&f->file_lock);
	for (n = *fd; n < f->max_fds && !*file; n++) {
		n = find_next_bit(f->open_fds, f->max_fds, n);
		if (n >= f->max_fds)
			break;
		if (f->fd[n]) {
			*file = get_file(f->fd[n]);
			*fd = (unsigned int)n;
		}
	}
	return *file != NULL;
}

unsigned int files_count_open(struct files_struct *f)
{
	guard(spinlock)(&f->file_lock);
	return (unsigned int)bitmap_weight(f->open_fds, f->max_fds);
}

/* --- dup2, flags --- */

int replace_fd(struct files_struct *f, unsigned int fd, struct file *file,
	       unsigned long limit, unsigned int flags)
{
	struct file *old;
	int err;

	if (fd >= limit)
		return -EBADF;
	spin_lock(&f->file_lock);
	err = expand_files(f, fd);
	if (!err && !f->fd[fd] && test_bit(fd, f->open_fds))
		err = -EBUSY; /* being opened by another thread */
	if (err) {
		spin_unlock(&f->file_lock);
		return err == -EMFILE ? -EBADF : err;
	}
	old = f->fd[fd];
	f->fd[fd] = get_file(file);
	__set_bit(fd, f->open_fds);
	__assign_bit(fd, f->close_on_exec, flags & O_CLOEXEC);
	spin_unlock(&f->file_lock);
	close_file(f, old);
	return (int)fd;
}

int get_close_on_exec(struct files_struct *f, unsigned int fd)
{
	int ret = -EBADF;

	guard(spinlock)(&f->file_lock);
	if (fd_file(f, fd))
		ret = test_bit(fd, f->close_on_exec);
	return ret;
}

int set_close_on_exec(struct files_struct *f, unsigned int fd, bool on)
{
	int ret = -EBADF;

	guard(spinlock)(&f->file_lock);
	if (fd_file(f, fd)) {
		__assign_bit(fd, f->close_on_exec, on);
		ret = 0;
	}
	return ret;
}
