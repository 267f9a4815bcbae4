/* SPDX-License-Identifier: MIT */
/*
 * Numbers to files: one table for each process, shared by its threads.
 *
 * Lock key: (l) file_lock, (a) atomic. The task that owns a table which is
 * not shared (count 1) reads it without the lock: only itself could change
 * it.
 */
#ifndef _FS_FDTABLE_H
#define _FS_FDTABLE_H

#include <fs/fs.h>

#define NR_OPEN_DEFAULT 64     /* slots inside files_struct */
#define NR_OPEN_MAX	65536u /* most slots a table can have */

struct files_struct {
	atomic_t count; /* (a) tasks, and readers in /proc */
	spinlock_t file_lock;
	unsigned int max_fds;	      /* (l) slots */
	unsigned int next_fd;	      /* (l) all below are in use */
	struct file **fd;	      /* (l) */
	unsigned long *open_fds;      /* (l) bit: in use or reserved */
	unsigned long *close_on_exec; /* (l) */
	struct file *fd_array[NR_OPEN_DEFAULT];
	unsigned long open_init, cloexec_init;
};

struct files_struct *alloc_files(void); /* empty, count 1; NULL: no memory */
/* A copy with a reference on each file. => ERR_PTR(-ENOMEM) */
struct files_struct *dup_fd(struct files_struct *files);
static inline struct files_struct *get_files_struct(struct files_struct *f)
{
	atomic_inc(&f->count);
	return f;
}
/* The last one closes all files. May sleep. */
void put_files_struct(struct files_struct *files);
DEFINE_FREE(put_files_struct, struct files_struct, put_files_struct)

/*
 * Reserve the lowest free number >= start and below limit (RLIMIT_NOFILE).
 * => fd, -EMFILE, -ENOMEM; flags: O_CLOEXEC
 */
int get_unused_fd(struct files_struct *files, unsigned int start,
		  unsigned long limit, unsigned int flags);
void put_unused_fd(struct files_struct *files, unsigned int fd);
/* Put file, whose reference it takes over, into a reserved slot. */
void fd_install(struct files_struct *files, unsigned int fd, struct file *file);
int close_fd(struct files_struct *files, unsigned int fd); /* 0, -EBADF */
/* close_range(2): close [first, last], or only set close-on-exec. */
int close_fd_range(struct files_struct *files, unsigned int first,
		   unsigned int last, bool cloexec);
/* dup2/dup3: makes fd refer to file (takes a reference). => fd, -errno */
int replace_fd(struct files_struct *files, unsigned int fd, struct file *file,
	       unsigned long limit, unsigned int flags);
void do_close_on_exec(struct files_struct *files);
/* fd or the next higher one in use; *file is referenced. => false: none */
bool files_next(struct files_struct *files, unsigned int *fd,
		struct file **file);
unsigned int files_count_open(struct files_struct *files);

/* With a reference; not for O_PATH files. => NULL */
struct file *fget(struct files_struct *files, unsigned int fd);
struct file *fget_raw(struct files_struct *files, unsigned int fd);

/*
 * The same for the length of a system call of a task that uses this table,
 * without touching the count if the table is not shared.
 */
struct fd {
	struct file *file; /* NULL: -EBADF */
	bool put;
	bool pos_locked;
};

struct fd fdget(struct files_struct *files, unsigned int fd);
struct fd fdget_raw(struct files_struct *files, unsigned int fd);
/* fdget, and f_pos is ours until fdput_pos(). */
struct fd fdget_pos(struct files_struct *files, unsigned int fd);

static inline void fdput(const struct fd *f)
{
	if (f->put)
		fput(f->file);
}

static inline void fdput_pos(const struct fd *f)
{
	if (f->pos_locked)
		mutex_unlock(&f->file->f_pos_lock);
	fdput(f);
}

/* Close-on-exec flag. => 0/1 or -EBADF; 0 or -EBADF */
int get_close_on_exec(struct files_struct *files, unsigned int fd);
int set_close_on_exec(struct files_struct *files, unsigned int fd, bool on);
/* Does fd (still) mean this file? */
bool file_is_at(struct files_struct *files, unsigned int fd,
		const struct file *file);
/* fcntl(2) */
long do_fcntl(struct files_struct *files, unsigned int fd, unsigned int cmd,
	      unsigned long arg, unsigned long nofile_limit);
/* The flags F_SETFL may change, also FIONBIO's work. */
int file_set_flags(struct file *file, unsigned int flags);

#endif
