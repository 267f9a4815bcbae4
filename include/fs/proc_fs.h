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

typedef void (*text_show_t)(struct seq_buf *s);
/* buf is terminated. => 0 or -errno */
typedef int (*text_write_t)(char *buf, size_t len);

/* => 0, -ENOMEM, -EEXIST; callable before vfs_init() once slab works */
int proc_create_text(const char *path, umode_t mode, text_show_t show);
int proc_create_text_rw(const char *path, umode_t mode, text_show_t show,
			text_write_t write);
/* One show for several files: data is what it is for. */
int proc_create_data(const char *path, umode_t mode,
		     void (*show)(struct seq_buf *s, void *data), void *data);
int proc_create_data_rw(const char *path, umode_t mode,
			void (*show)(struct seq_buf *s, void *data),
			int (*write)(void *data, char *buf, size_t len),
			void *data);
/* A number; written values outside [min, max] are -EINVAL. mode 0444/0644 */
int proc_create_sysctl_ulong(const char *path, umode_t mode,
			     unsigned long *value, unsigned long min,
			     unsigned long max);
int proc_create_sysctl_int(const char *path, umode_t mode, int *value, int min,
			   int max);
/* A string of size bytes with its 0, set whole (sys/kernel/hostname). */
int proc_create_sysctl_string(const char *path, umode_t mode, char *value,
			      size_t size);
/* A file with operations of its own. */
int proc_create_fops(const char *path, umode_t mode,
		     const struct file_operations *fops);
int proc_mkdir(const char *path);
int proc_symlink(const char *path, const char *target);

int sysfs_create_text(const char *path, umode_t mode, text_show_t show,
		      text_write_t write);
int sysfs_create_data(const char *path, umode_t mode,
		      void (*show)(struct seq_buf *s, void *data),
		      int (*write)(void *data, char *buf, size_t len),
		      void *data);
int sysfs_mkdir(const char *path);
int sysfs_symlink(const char *path, const char *target); /* target: kept */

/*
 * What the text of stat, loadavg, version... needs from the layer above.
 * => any pointer may be NULL; set once
 */
struct proc_system_ops {
	unsigned int (*nr_threads)(void);
	int (*last_pid)(void);
	u64 (*total_forks)(void);
	const char *cmdline;	/* kernel command line, no newline */
	const char *version;	/* the line of /proc/version */
	const char *osrelease;	/* "6.1.0-quire" */
	const char *utsversion; /* "#1 SMP ..." */
	char *hostname;		/* writable */
	size_t hostname_size;
	char *domainname;
	size_t domainname_size;
	/* /proc/sysrq-trigger */
	void (*sysrq)(char key);
};

void proc_set_system_ops(const struct proc_system_ops *ops);

/*
 * /proc/PID. A task here is whatever get() returns: referenced, opaque. The
 * functions of an entry may be called after the process has exited (an open
 * file): they return -ESRCH then.
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
	int (*show)(void *task, struct seq_buf *s); /* 0 or -errno */
	/* buf is terminated; => 0 or -errno */
	int (*write)(void *task, char *buf, size_t len);
	int (*get_path)(void *task, struct path *out); /* referenced */
	/* The smallest number > after (start with -1), -1 at the end */
	int (*next_id)(void *task, int after);
	/* => -ENOENT if there is no such fd; *mode gets the file's f_mode */
	int (*fd_path)(void *task, int id, struct path *out, fmode_t *mode);
	int (*fd_show)(void *task, int id, struct seq_buf *s);
	void *(*get_id)(void *task, int id); /* a thread, referenced, or NULL */
	/* The first range starting at or after *start => false: none */
	bool (*next_range)(void *task, unsigned long *start,
			   unsigned long *end);
	/* => -ENOENT if there is none exactly so */
	int (*range_path)(void *task, unsigned long start, unsigned long end,
			  struct path *out, fmode_t *mode);
	const struct file_operations *fops;
	const struct proc_pid_entry *sub;
};

struct proc_pid_ops {
	/* The smallest process number > after; <= 0 at the end */
	int (*next_pid)(int after);
	void *(*get)(int pid); /* referenced, or NULL */
	void (*put)(void *task);
	bool (*alive)(void *task); /* false: released, names are stale */
	int (*self_pid)(void);	   /* of the reader */
	int (*self_tid)(void);
	void (*owner)(void *task, uid_t *uid, gid_t *gid);
	/* 0 or -EACCES: may the reader follow links, read mem-like files? */
	int (*may_access)(void *task, const struct proc_pid_entry *e);
	const struct proc_pid_entry *entries;
};

void proc_set_pid_ops(const struct proc_pid_ops *ops);
/*
 * The task of an inode below /proc/PID, for the open of a PROC_PID_FILE.
 * => as good as the inode; ERR_PTR: -ESRCH, -EACCES
 */
void *proc_pid_task(const struct inode *inode);

void proc_init(void); /* from vfs_init() */
void sysfs_init(void);
void sysfs_mm_init(void); /* /sys/kernel/mm */

#endif
