/* SPDX-License-Identifier: MIT */
/*
 * Inside procfs and sysfs: the tree of registered entries, and the inodes
 * that show it or a process.
 */
#ifndef _FS_PROC_INTERNAL_H
#define _FS_PROC_INTERNAL_H

#include <fs/namei.h>
#include <fs/proc_fs.h>
#include <fs/stat.h>

/*
 * A registered name; never removed.
 * Lock key: (l) proc_lock, (c) constant once the entry is linked
 */
struct proc_dir_entry {
	const char *name;	   /* (c) */
	size_t len;		   /* (c) */
	umode_t mode;		   /* (c) with its type */
	ino_t ino;		   /* (c) */
	unsigned int nlink;	   /* (l) */
	struct list_head children; /* (l) */
	struct list_head sibling;  /* (l) */
	struct pseudo_file what;   /* (c) but its path and mode */
};

extern struct proc_dir_entry proc_root;

/* Add an entry below root, with the directories on the way. */
struct proc_dir_entry *pde_add(struct proc_dir_entry *root, const char *path,
			       umode_t mode); /* => or ERR_PTR */

/* What an inode of a process is. */
struct proc_pid {
	struct task_struct *task;
	bool owned;			    /* task is put with the inode */
	const struct proc_pid_entry *entry; /* NULL: the directory itself */
	const struct proc_pid_entry *table; /* names in a directory */
	int id;				    /* fd, in FDS and FDINFO; or -1 */
	unsigned long start, end;	    /* in RANGES */
};

struct proc_inode {
	struct proc_dir_entry *pde; /* (c) NULL: belongs to a process */
	struct proc_pid pid;	    /* (c) */
	struct inode vfs_inode;
};

static inline struct proc_inode *PROC_I(const struct inode *inode)
{
	return container_of((struct inode *)(uintptr_t)inode, struct proc_inode,
			    vfs_inode);
}

int pde_lookup(struct inode *dir, struct dentry *dentry);
int proc_setattr(struct dentry *dentry, const struct iattr *attr);

/* --- text files (text.c) --- */
extern const struct file_operations proc_text_fops;

/* --- processes (pid.c) --- */
extern const struct proc_pid_ops *pid_ops; /* NULL until L7 sets it */
#define FIRST_PID_POS 0x10000		   /* readdir position of process 0 */
int proc_pid_lookup(struct inode *dir, struct dentry *dentry);
int proc_pid_iterate(struct dir_context *ctx);
int proc_pid_show(struct inode *inode, struct seq_buf *s);
int proc_pid_store(struct inode *inode, char *text);

/* --- contents --- */
extern const struct file_operations kpagecount_fops, kpageflags_fops;
void proc_global_init(void);
void proc_sysctl_init(void);

#endif
