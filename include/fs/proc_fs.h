/* SPDX-License-Identifier: MIT */
/*
 * Trees of text files made when they are read: procfs and sysfs.
 *
 * A file's show function appends its whole text to a seq_buf. The text is
 * made anew whenever it is read at offset 0 and kept with the open file, so
 * that later offsets continue the same text; the buffer grows until the text
 * fits (show may be called again with a larger one).
 *
 * Paths are relative to the tree's root, without a leading '/'; missing
 * directories are made. Registered trees are never removed.
 */
#ifndef _FS_PROC_FS_H
#define _FS_PROC_FS_H

#include <fs/fs.h>

struct task_struct;

typedef void (*text_show_t)(struct seq_buf *s);

struct pseudo_file {
	const char *path;
	umode_t mode;
	text_show_t show;
	/* What was written is terminated. => 0 or -errno */
	int (*write)(char *text);
	/* Or both with data: one function for several files. */
	void (*show_data)(struct seq_buf *s, void *data);
	int (*write_data)(void *data, char *text);
	void *data;
	const struct file_operations *fops; /* or something else than text */
};

/* Copied; callable before vfs_init() once slab works. */
void proc_create(const struct pseudo_file *files, size_t n);
void sysfs_create(const struct pseudo_file *files, size_t n);
void proc_symlink(const char *path, const char *target);
void sysfs_symlink(const char *path, const char *target); /* target: kept */
void sysfs_mkdir(const char *path);
void nothing_show(struct seq_buf *s); /* of files that are only written */

/*
 * A knob below /proc/sys. Numbers outside [min, max] are -EINVAL; a string
 * is set whole, and max is its room with the 0.
 */
struct ctl_table {
	const char *path;
	umode_t mode;
	enum { CTL_INT, CTL_ULONG, CTL_STRING } type;
	void *data;
	long min, max; /* of a CTL_ULONG: as such */
	/* CTL_ULONG or CTL_INT, whichever this is not: a value for one takes
	 * the place of the other, which becomes 0. */
	void *other;
	void (*changed)(void); /* called after it was written, or NULL */
};

void register_sysctls(struct ctl_table *table, size_t n); /* kept */

/*
 * /proc/PID. A task here is whatever get() returns: referenced. The functions
 * of an entry may be called after the process has exited (an open file): they
 * return -ESRCH then.
 */
enum proc_pid_kind {
	PROC_PID_TEXT,	 /* show, write */
	PROC_PID_FILE,	 /* fops */
	PROC_PID_LINK,	 /* get_path */
	PROC_PID_DIR,	 /* sub */
	PROC_PID_FDS,	 /* next_id, fd_path: links by number */
	PROC_PID_FDINFO, /* next_id, fd_show: text by number */
	PROC_PID_TASKS,	 /* next_id, get_id, sub: tid dirs */
	PROC_PID_RANGES, /* next_range, range_path: links by range */
};

struct proc_pid_entry {
	const char *name; /* NULL ends a table */
	umode_t mode;	  /* permission bits */
	enum proc_pid_kind kind;
	int (*show)(struct task_struct *t, struct seq_buf *s); /* 0 or -errno */
	int (*write)(struct task_struct *t, char *text);       /* the same */
	int (*get_path)(struct task_struct *t,
			struct path *out); /* referenced */
	/* The smallest number > after (start with -1), -1 at the end */
	int (*next_id)(struct task_struct *t, int after);
	/* => -ENOENT if there is no such fd; *mode gets the file's f_mode */
	int (*fd_path)(struct task_struct *t, int id, struct path *out,
		       fmode_t *mode);
	int (*fd_show)(struct task_struct *t, int id, struct seq_buf *s);
	/* A thread, referenced, or NULL */
	struct task_struct *(*get_id)(struct task_struct *t, int id);
	/* The first range starting at or after *start => false: none */
	bool (*next_range)(struct task_struct *t, unsigned long *start,
			   unsigned long *end);
	/* => -ENOENT if there is none exactly so */
	int (*range_path)(struct task_struct *t, unsigned long start,
			  unsigned long end, struct path *out, fmode_t *mode);
	const struct file_operations *fops;
	const struct proc_pid_entry *sub;
};

struct proc_pid_ops {
	/* The smallest process number > after; <= 0 at the end */
	int (*next_pid)(int after);
	struct task_struct *(*get)(int pid); /* referenced, or NULL */
	/* It is released: names are stale. */
	bool (*is_gone)(const struct task_struct *t);
	void (*owner)(struct task_struct *t, uid_t *uid, gid_t *gid);
	/* May the reader follow links, read mem-like files? */
	bool (*may_access)(struct task_struct *t,
			   const struct proc_pid_entry *e);
	const struct proc_pid_entry *entries;
};

void proc_set_pid_ops(const struct proc_pid_ops *ops);
/*
 * The task of an inode below /proc/PID, for the open of a PROC_PID_FILE.
 * => as good as the inode; ERR_PTR: -ESRCH, -EACCES
 */
struct task_struct *proc_pid_task(const struct inode *inode);

void proc_init(void); /* from vfs_init() */
void sysfs_init(void);
void sysfs_mm_init(void); /* /sys/kernel/mm */

#endif
