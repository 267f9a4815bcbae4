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
	/* Text files, and links whose text is made. */
	text_show_t show;				      /* (c) or: */
	void (*show_data)(struct seq_buf *s, void *data);     /* (c) */
	text_write_t write;				      /* (c) or: */
	int (*write_data)(void *data, char *buf, size_t len); /* (c) */
	void *data;					      /* (c) */
	const struct file_operations *fops; /* (c) NULL: text */
};

extern spinlock_t proc_lock;
extern struct proc_dir_entry proc_root, sysfs_root;

/* Add an entry below root, with the directories on the way. */
struct proc_dir_entry *pde_add(struct proc_dir_entry *root, const char *path,
			       umode_t mode); /* => or ERR_PTR */
struct proc_dir_entry *pde_find(struct proc_dir_entry *dir, const char *name,
				size_t len);

struct proc_inode {
	struct proc_dir_entry *pde;	    /* (c) NULL: belongs to a process */
	void *task;			    /* (c) owned, or the parent's */
	bool owned;			    /* (c) task is put with the inode */
	const struct proc_pid_entry *entry; /* (c) NULL: the directory itself */
	const struct proc_pid_entry *table; /* (c) names in a directory */
	int id;			  /* (c) fd, in FDS and FDINFO; or -1 */
	unsigned long start, end; /* (c) in RANGES */
	struct inode vfs_inode;
};

static inline struct proc_inode *PROC_I(const struct inode *inode)
{
	return container_of((struct inode *)(uintptr_t)inode, struct proc_inode,
			    vfs_inode);
}

struct inode *pde_inode(struct super_block *sb, struct proc_dir_entry *pde);
int pde_lookup(struct inode *dir, struct dentry *dentry);
/* Emit the registered children; positions from 2. => false: full */
bool pde_iterate(struct proc_dir_entry *dir, struct dir_context *ctx);
int proc_setattr(struct dentry *dentry, const struct iattr *attr);

/* --- text files (text.c) --- */
/* What a text file says: 0 or -errno. */
int proc_show(struct inode *inode, struct seq_buf *s);
int proc_store(struct inode *inode, char *buf, size_t len);
extern const struct file_operations proc_text_fops;

/* --- processes (pid.c) --- */
extern const struct proc_pid_ops *pid_ops; /* NULL until L7 sets it */
#define FIRST_PID_POS 0x10000		   /* readdir position of process 0 */
int proc_pid_lookup(struct inode *dir, struct dentry *dentry);
int proc_pid_iterate(struct dir_context *ctx);
int proc_pid_show(struct inode *inode, struct seq_buf *s);
int proc_pid_store(struct inode *inode, char *buf, size_t len);

/* --- contents --- */
/* For files that are only written. */
void nothing_show(struct seq_buf *s);
extern struct proc_system_ops proc_system;
void proc_global_init(void);
void proc_sysctl_init(void);
void proc_kpage_init(void);

#endif
