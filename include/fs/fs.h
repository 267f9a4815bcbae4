/* SPDX-License-Identifier: MIT */
/*
 * The objects of the virtual file system.
 *
 *	files_struct[fd] -> file -> path { vfsmount, dentry } -> inode
 *	                      |                 |                  |
 *	                   position          a name in         the object:
 *	                   and mode          a directory       data, owner
 *
 * A dentry holds its parent and its inode; a file holds its path; a mount
 * holds the root dentry of its super block. A dentry without inode
 * (negative) remembers that a name does not exist.
 *
 * Lock order (each before those to its right):
 *	namespace_lock -> s_rename_lock -> parent i_rwsem -> child i_rwsem
 *	  -> file f_pos_lock, pipe mutex -> mmap_lock (faults in copies)
 *	  -> page lock -> mapping lock
 *	dcache_lock and the other spinlocks are innermost.
 * The fault path takes no i_rwsem, so copying from and to user memory under
 * an i_rwsem is allowed.
 *
 * Lock key: (d) dcache_lock, (i) inode->i_rwsem, (c) constant after creation,
 * (a) atomic, (f) file->f_lock, (p) f_pos_lock, (n) namespace_lock,
 * (s) i_lock, (w) wb_lock: fs_writeback.c, (h) icache_lock: icache.c
 */
#ifndef _FS_FS_H
#define _FS_FS_H

#include <asm/atomic.h>
#include <base/spinlock.h>
#include <fs/fcntl.h>
#include <fs/uio.h>
#include <lib/err.h>
#include <lib/list.h>
#include <lib/rbtree.h>
#include <lib/seq_buf.h>
#include <lib/string.h>
#include <lib/types.h>
#include <mm/vm/pagemap.h>
#include <sched/mutex.h>
#include <sched/rwsem.h>

struct block_device;
struct dentry;
struct dir_context;
struct file;
struct inode;
struct iattr;
struct kstat;
struct kstatfs;
struct pipe_inode_info;
struct poll_table;
struct super_block;
struct vfsmount;
struct vm_backing;
struct walk_ctx;

/* A device number as inside the kernel: 12 bits major, 20 bits minor. */
#define MINORBITS     20
#define MINORMASK     ((1U << MINORBITS) - 1)
#define MAJOR(dev)    ((unsigned int)((dev) >> MINORBITS))
#define MINOR(dev)    ((unsigned int)((dev)&MINORMASK))
#define MKDEV(ma, mi) (((dev_t)(ma) << MINORBITS) | (dev_t)(mi))

/* As in struct stat and mknod(2). */
static inline u32 new_encode_dev(dev_t dev)
{
	u32 minor = MINOR(dev);

	return (minor & 0xff) | (MAJOR(dev) << 8) | ((minor & ~0xffU) << 12);
}

static inline dev_t new_decode_dev(u32 dev)
{
	return MKDEV((dev & 0xfff00) >> 8,
		     (dev & 0xff) | ((dev >> 12) & 0xfff00));
}

#ifndef _STRUCT_TIMESPEC64
#define _STRUCT_TIMESPEC64
struct timespec64 {
	time64_t tv_sec;
	long tv_nsec;
};
#endif

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

/* --- inode --- */

#define S_DEAD	    0x01 /* i_flags: a removed directory */
#define S_NOATIME   0x02
#define S_SWAPFILE  0x04 /* its blocks belong to swap: it must not change */
#define S_APPEND    0x08 /* chattr +a: nothing that was written changes */
#define S_IMMUTABLE 0x10 /* chattr +i: nothing changes at all */

struct inode_operations {
	/*
	 * Find dentry->d_name in dir: bind it with d_add(dentry, inode), or
	 * d_add(dentry, NULL) if it does not exist. => 0 or -errno
	 */
	int (*lookup)(struct inode *dir, struct dentry *dentry);
	/* The dentry is negative and hashed; dir is locked by all of these. */
	int (*create)(struct inode *dir, struct dentry *dentry, umode_t mode,
		      const struct walk_ctx *ctx);
	int (*link)(struct inode *inode, struct inode *dir,
		    struct dentry *dentry);
	int (*unlink)(struct inode *dir, struct dentry *dentry);
	int (*symlink)(struct inode *dir, struct dentry *dentry,
		       const char *target, const struct walk_ctx *ctx);
	int (*mkdir)(struct inode *dir, struct dentry *dentry, umode_t mode,
		     const struct walk_ctx *ctx);
	int (*rmdir)(struct inode *dir, struct dentry *dentry);
	int (*mknod)(struct inode *dir, struct dentry *dentry, umode_t mode,
		     dev_t dev, const struct walk_ctx *ctx);
	/* Checks are done; ndentry may be positive: it is replaced. */
	int (*rename)(struct inode *odir, struct dentry *odentry,
		      struct inode *ndir, struct dentry *ndentry);
	/*
	 * The text of a symbolic link, at most size bytes, not terminated.
	 * => length or -errno
	 */
	int (*readlink)(struct dentry *dentry, char *buf, size_t size);
	/* Instead of text: jump there (/proc/PID/exe). => referenced path */
	int (*jump_link)(struct dentry *dentry, struct path *out);
	/* inode locked; checks are done. Default: setattr_copy(). */
	int (*setattr)(struct dentry *dentry, const struct iattr *attr);
	/* Default: generic_fillattr(). */
	int (*getattr)(const struct path *path, struct kstat *st);
	/* Default: generic_permission(). mask of MAY_*; must not sleep. */
	int (*permission)(const struct walk_ctx *ctx, struct inode *inode,
			  int mask);
};

struct inode {
	umode_t i_mode;		/* (i) */
	unsigned short i_flags; /* (i) S_* */
	uid_t i_uid;		/* (i) */
	gid_t i_gid;		/* (i) */
	unsigned int i_nlink;	/* (s) */
	dev_t i_rdev;		/* (c) */
	atomic_t i_count;	/* (a) */
	atomic_t i_writecount;	/* (a) <0: being executed */
	const struct inode_operations *i_op;
	const struct file_operations *i_fop;
	struct super_block *i_sb;
	struct address_space *i_mapping; /* (c) &i_data, or NULL: no pages */
	ino_t i_ino;			 /* (c) */
	loff_t i_size;			 /* (i) read without */
	unsigned long i_blocks;		 /* of 512 bytes */
	struct timespec64 i_atime;
	struct timespec64 i_mtime;
	struct timespec64 i_ctime;
	struct block_device *i_bdev; /* (c) where its blocks are, or NULL */
	u64 i_dirtied_when;	     /* (w) ns */
	unsigned long i_sync_round;  /* (w) the last sync() to write it */
	struct list_head i_io_list;  /* (w) while dirty */
	unsigned int i_state;	     /* (w) I_*: writeback.h */
	unsigned char i_blkbits;     /* (c) log2 of the block size */
	u8 i_life;		     /* (h) I_NEW and so on, below */
	struct hlist_node i_hash;    /* (h) */
	struct list_head i_lru;	     /* (h) while unused, cached */
	union {
		struct pipe_inode_info *i_pipe; /* (s) FIFOs and pipes */
		struct dentry *i_dentry; /* (d) a directory's, once used */
	};
	struct hlist_head i_locks; /* advisory ones: locks.c */
	void *i_private;
	spinlock_t i_lock;
	struct rw_semaphore i_rwsem;
	struct address_space i_data; /* set up only if i_mapping is set */
};

/* Prepare what a file system has just allocated; i_count 1, nlink 1. */
void inode_init(struct inode *inode, struct super_block *sb, umode_t mode);
struct inode *new_inode(struct super_block *sb, umode_t mode); /* or NULL */
void iput(struct inode *inode); /* may sleep; NULL is allowed */

/* i_life: of an inode in the cache */
#define I_NEW	  0x1U /* being filled: wait */
#define I_FREEING 0x2U
#define I_BAD	  0x4U /* could not be read */

/* inode.c for icache.c: content and memory of one that nobody uses. */
void evict_inode(struct inode *inode);
void free_inode(struct inode *inode);
void icache_init(void);

/* A reference to one found in a list. => false: it is being freed */
bool inode_tryget(struct inode *inode);

/* --- inodes of file systems on disks are kept while nobody uses them --- */

/*
 * The inode of that number, referenced; a new one is to be filled (I_NEW)
 * and given to unlock_new_inode(), or iget_failed(). => NULL: no memory
 */
struct inode *iget_locked(struct super_block *sb, ino_t ino);
bool inode_is_new(const struct inode *inode);
void unlock_new_inode(struct inode *inode);
void iget_failed(struct inode *inode);
/* A number that is new on the disk, too. => inode is not I_NEW afterwards */
void insert_inode_hash(struct inode *inode);
/* All inodes of sb go, after its last dentry. Sleeps. */
void evict_inodes(struct super_block *sb);
/* fn for the pages of each file on a disk, one after the other. */
void for_each_cached_inode(void (*fn)(struct inode *inode));

static inline struct inode *igrab(struct inode *inode)
{
	atomic_inc(&inode->i_count);
	return inode;
}

#define I_MUTEX_NORMAL	0 /* lockdep subclasses of i_rwsem */
#define I_MUTEX_PARENT	1
#define I_MUTEX_PARENT2 2
#define I_MUTEX_CHILD	3
#define I_MUTEX_CHILD2	4
void inode_lock(struct inode *inode);
void inode_lock_nested(struct inode *inode, unsigned int subclass);
void inode_unlock(struct inode *inode);
void inode_lock_shared(struct inode *inode);
void inode_unlock_shared(struct inode *inode);
DEFINE_GUARD(inode, struct inode, inode_lock, inode_unlock)

void inc_nlink(struct inode *inode);
void drop_nlink(struct inode *inode);
void clear_nlink(struct inode *inode);
struct timespec64 current_time(void);
void inode_times_now(struct inode *inode); /* mtime and ctime */
void touch_atime(struct file *file);	   /* relatime */
/* i_fop and i_rdev of a device, FIFO or socket inode. */
void init_special_inode(struct inode *inode, umode_t mode, dev_t rdev);
ino_t get_next_ino(void);
unsigned long inode_count(void); /* in memory, of all file systems */
/* ETXTBSY: 0 or -ETXTBSY; exec denies writing as long as it maps a file. */
int deny_write_access(struct file *file);
void allow_write_access(struct file *file);

/* --- dentry --- */

struct qstr {
	const char *name;
	u32 len;
	u32 hash; /* salted with the parent */
};

#define DNAME_INLINE_LEN 40

#define DCACHE_UNHASHED	  0x01
#define DCACHE_MOUNTED	  0x02 /* something is mounted on it */
#define DCACHE_NOCACHE	  0x04 /* drop at the last dput */
#define DCACHE_REVALIDATE 0x08 /* has d_op->d_revalidate */
#define DCACHE_ON_LRU	  0x10

struct dentry_operations {
	/* => false: the dentry is stale, look the name up anew */
	bool (*d_revalidate)(struct dentry *dentry);
	/* Name of a dentry that is in no tree ("pipe:[17]"). */
	void (*d_dname)(struct dentry *dentry, struct seq_buf *s);
};

struct dentry {
	atomic_t d_count;	  /* (a) 0 -> LRU or freed under (d) */
	unsigned int d_flags;	  /* (d) */
	struct hlist_node d_hash; /* (d) */
	struct dentry *d_parent;  /* (d) itself for a root; referenced */
	struct qstr d_name;	  /* (d) */
	struct inode *d_inode;	  /* (d) set; NULL: negative */
	struct super_block *d_sb; /* (c) */
	const struct dentry_operations *d_op; /* (c) */
	struct list_head d_lru;		      /* (d) */
	struct rb_node d_dirnode;	/* dir's i_rwsem: for in-memory dirs */
	u64 d_cookie;			/* readdir position in the parent */
	char d_iname[DNAME_INLINE_LEN]; /* (d) short names */
};

extern spinlock_t dcache_lock;

static inline struct dentry *dget(struct dentry *dentry)
{
	atomic_inc(&dentry->d_count);
	return dentry;
}

static inline struct inode *d_inode(const struct dentry *dentry)
{
	return READ_ONCE(dentry->d_inode);
}

static inline bool d_is_negative(const struct dentry *dentry)
{
	return !d_inode(dentry);
}

static inline bool d_is_dir(const struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);

	return inode && S_ISDIR(inode->i_mode);
}

void dput(struct dentry *dentry); /* may sleep; NULL is allowed */
/* Not yet hashed, negative, holds parent. => NULL if out of memory */
struct dentry *d_alloc(struct dentry *parent, const struct qstr *name);
struct dentry *d_alloc_root(struct inode *inode); /* takes over inode's ref */
struct dentry *d_alloc_anon(struct super_block *sb, struct inode *inode,
			    const struct dentry_operations *ops);
/* The same with a name, for ops->d_dname to show. */
struct dentry *d_alloc_pseudo(struct super_block *sb, const char *name,
			      struct inode *inode,
			      const struct dentry_operations *ops);
/* Hash it; binds inode (whose reference it takes over) or stays negative. */
void d_add(struct dentry *dentry, struct inode *inode);
/*
 * d_add() for what a disk says: a directory lies in one place only, else who
 * locks along two ways could meet himself.
 * => 0; -ELOOP: in itself, -EUCLEAN: in another; the reference is the caller's
 */
int d_splice(struct dentry *dentry, struct inode *inode);
/* A hashed negative dentry becomes positive; takes over inode's reference. */
void d_instantiate(struct dentry *dentry, struct inode *inode);
void d_drop(struct dentry *dentry); /* unhash */
/* The name is gone: unhash. Open files keep the dentry and its name. */
void d_delete(struct dentry *dentry);
/* dentry takes target's place and name; target becomes unhashed. */
void d_move(struct dentry *dentry, struct dentry *target);
/* A referenced cached dentry, or NULL. */
struct dentry *d_lookup(struct dentry *parent, const struct qstr *name);
/* The same without a reference. => dcache_lock held */
struct dentry *__d_lookup(const struct dentry *parent, const struct qstr *name);
bool d_is_subdir(struct dentry *dentry, struct dentry *ancestor);
/* Free up to nr unused dentries, the oldest first (0: of sb, all). */
unsigned long shrink_dcache(struct super_block *sb, unsigned long nr);
/* Free the unused children (negative ones) of a removed directory. */
void shrink_dcache_parent(struct dentry *parent);
void dcache_stat(unsigned long *nr, unsigned long *nr_unused);

/* How eager reclaim is for names and inodes; 100: as for pages. */
extern int sysctl_vfs_cache_pressure;

/* => how many of nr unused objects a shrinker should admit to */
static inline unsigned long vfs_pressure_ratio(unsigned long nr)
{
	return nr * (unsigned int)READ_ONCE(sysctl_vfs_cache_pressure) / 100;
}

u32 name_hash(const struct dentry *parent, const char *name, u32 len);

static inline bool d_unhashed(const struct dentry *dentry)
{
	return dentry->d_flags & DCACHE_UNHASHED;
}

static inline void qstr_set(struct qstr *q, const struct dentry *parent,
			    const char *name, size_t len)
{
	q->name = name;
	q->len = (u32)len;
	q->hash = name_hash(parent, name, (u32)len);
}

/*
 * The path as text from root down (from the root of the mount tree, if it is
 * not below root), " (deleted)" behind if it has no name any more.
 * => start of the text within buf (it is built at buf's end), terminated, or
 *    ERR_PTR(-ENAMETOOLONG)
 * => root NULL: from the root of the mount tree
 */
char *d_path(const struct path *path, const struct path *root, char *buf,
	     size_t size);
/* The same from the root of its file system. */
char *dentry_path(struct dentry *dentry, char *buf, size_t size);
/* getcwd(2)'s view: => length with the 0, -ERANGE, -ENOENT if it is gone */
int d_getcwd(const struct path *path, const struct path *root, char *buf,
	     size_t size);

void path_get(const struct path *path);
void path_put(const struct path *path); /* may sleep; a zero path is allowed */

/* --- super block and file system type --- */

struct super_operations {
	struct inode *(*alloc_inode)(struct super_block *sb);
	void (*free_inode)(struct inode *inode);
	/* Last reference, before the pages are dropped. */
	void (*evict_inode)(struct inode *inode);
	/* Into its place on the disk; sync: and wait. => 0 or -errno */
	int (*write_inode)(struct inode *inode, bool sync);
	/* What is not in inodes: counts, state; write-back is the caller's. */
	void (*sync_fs)(struct super_block *sb);
	/* The last mount goes, the root is still there. */
	void (*put_super)(struct super_block *sb);
	/* Last of all: no inode is left. s_fs_info is freed behind it. */
	void (*release)(struct super_block *sb);
	int (*statfs)(struct dentry *dentry, struct kstatfs *st);
	/* flags MS_*; data may be NULL */
	int (*remount)(struct super_block *sb, unsigned long flags,
		       const char *data);
	/* Options for /proc/mounts, each with its leading comma. */
	void (*show_options)(struct seq_buf *s, struct super_block *sb);
};

#define SB_SINGLE  0x01 /* s_flags: one instance, never destroyed */
#define SB_NOCACHE 0x02 /* unused dentries are not kept */
#define SB_RDONLY  0x04 /* read-only after an error, whatever mounts say */

struct super_block {
	struct file_system_type *s_type;
	const struct super_operations *s_op;
	const struct dentry_operations *s_d_op;
	struct dentry *s_root;
	unsigned long s_magic;
	unsigned long s_blocksize;
	loff_t s_maxbytes;
	dev_t s_dev;
	struct block_device *s_bdev; /* or NULL */
	unsigned int s_flags;
	unsigned int s_wb_err;	    /* of any of its files: writeback.h */
	int s_count;		    /* (n) mounts of it */
	struct mutex s_rename_lock; /* one directory rename at a time */
	void *s_fs_info;
};

/*
 * May the caller take what is kept for root, for that user, or for that
 * group (0: none)? Installed by who knows processes.
 */
extern bool (*may_use_reserve)(uid_t uid, gid_t gid);

#define FS_NODEV  0x01 /* "nodev" in /proc/filesystems */
#define FS_NOUSER 0x02 /* cannot be mounted by user space */

struct file_system_type {
	const char *name;
	unsigned int fs_flags;
	/* A super block with s_root set, or ERR_PTR; s_count is the vfs's. */
	struct super_block *(*mount)(struct file_system_type *type,
				     unsigned long flags, const char *source,
				     const char *data);
	struct super_block *single; /* (n) the instance, if SB_SINGLE */
	struct list_head list;	    /* (n) */
};

int register_filesystem(struct file_system_type *type); /* 0, -EBUSY */
struct file_system_type *get_fs_type(const char *name); /* or NULL */
void filesystems_show(struct seq_buf *s);
/* A zeroed super block with a device number, or NULL. */
struct super_block *alloc_super(struct file_system_type *type);
/* Undo of alloc_super() before s_root is set. */
void free_super(struct super_block *sb);

/* --- open file --- */

#define FMODE_READ     0x01u
#define FMODE_WRITE    0x02u
#define FMODE_LSEEK    0x04u
#define FMODE_PREAD    0x08u
#define FMODE_PWRITE   0x10u
#define FMODE_EXCL     0x80u	/* a device, claimed */
#define FMODE_UNSIGNED 0x2000u	/* positions are addresses, never < 0 */
#define FMODE_PATH     0x4000u	/* O_PATH: only a place */
#define FMODE_STREAM   0x8000u	/* no position at all */
#define FMODE_WRITER   0x10000u /* counted in i_writecount */
typedef unsigned int fmode_t;

struct file_operations {
	/* => bytes, 0 at the end, -errno; *pos is moved */
	ssize_t (*read_iter)(struct file *file, struct iov_iter *to,
			     loff_t *pos);
	ssize_t (*write_iter)(struct file *file, struct iov_iter *from,
			      loff_t *pos);
	loff_t (*llseek)(struct file *file, loff_t offset, int whence);
	/* Directory locked (shared). */
	int (*iterate_shared)(struct file *file, struct dir_context *ctx);
	/* -ENOIOCTLCMD: not one of mine */
	long (*ioctl)(struct file *file, unsigned int cmd, unsigned long arg);
	int (*open)(struct inode *inode, struct file *file);
	int (*release)(struct inode *inode, struct file *file);
	/*
	 * Fill in mapping and ops (file, get, put, may_* are set).
	 * b->mapping left NULL means anonymous memory (/dev/zero).
	 */
	int (*mmap_backing)(struct file *file, struct vm_backing *b);
	unsigned int (*poll)(struct file *file, struct poll_table *pt);
	int (*fsync)(struct file *file);
	/* Checked: regular, open for writing, off and len in range. */
	int (*fallocate)(struct file *file, int mode, loff_t off, loff_t len);
};

struct file {
	struct path f_path;    /* (c) referenced */
	struct inode *f_inode; /* (c) */
	const struct file_operations *f_op;
	unsigned int f_flags;  /* (f) O_* without the creation ones */
	fmode_t f_mode;	       /* (c) */
	atomic_long_t f_count; /* (a) */
	struct mutex f_pos_lock;
	loff_t f_pos; /* (p) */
	void *private_data;
	struct address_space *f_mapping;
	struct file_ra_state f_ra;
	unsigned int f_wb_err; /* the last error of write-back it knows of, */
	unsigned int f_sb_err; /* and that of its file system */
	spinlock_t f_lock;
	struct hlist_head f_ep; /* epoll items that watch it: eventpoll.c */
	uid_t f_uid;		/* (c) of the opener */
	gid_t f_gid;		/* (c) */
};

static inline struct file *get_file(struct file *file)
{
	atomic_long_inc(&file->f_count);
	return file;
}

static inline struct inode *file_inode(const struct file *file)
{
	return file->f_inode;
}

void fput(struct file *file); /* may sleep; NULL is allowed */
DEFINE_FREE(fput, struct file, fput)
/* A file on a path that is already looked up; takes its own references. */
struct file *dentry_open(const struct path *path, unsigned int flags, uid_t uid,
			 gid_t gid);

/* User-pointer forms; *pos is read and moved. => bytes or -errno */
ssize_t vfs_read(struct file *file, void *ubuf, size_t n, loff_t *pos);
ssize_t vfs_write(struct file *file, const void *ubuf, size_t n, loff_t *pos);
/* Check mode and position, then call the file. */
ssize_t vfs_iter_read(struct file *file, struct iov_iter *to, loff_t *pos);
ssize_t vfs_iter_write(struct file *file, struct iov_iter *from, loff_t *pos);
/* Kernel buffers; pos NULL means f_pos. */
ssize_t kernel_read(struct file *file, void *buf, size_t n, loff_t *pos);
ssize_t kernel_write(struct file *file, const void *buf, size_t n, loff_t *pos);
loff_t vfs_llseek(struct file *file, loff_t offset, int whence);
/*
 * sendfile(2): in must be readable by position if in_pos is given.
 * => bytes or -errno; *in_pos and *out_pos are moved; NULL: the file's own
 */
ssize_t vfs_sendfile(struct file *out, struct file *in, loff_t *in_pos,
		     loff_t *out_pos, size_t count);
/*
 * Installed by the process layer: may a regular file get bytes at pos?
 * => 0, count perhaps less; -EFBIG, and the process has a signal (SIGXFSZ)
 */
extern int (*check_file_size)(loff_t pos, size_t *count);
/* -ENOTTY if the file knows no ioctl. FIOCLEX and kin are L7's. */
long vfs_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
int vfs_fsync(struct file *file);
/*
 * For write_iter: position and length as O_APPEND and limits want them.
 * => bytes to write, 0, -EFBIG; inode locked
 */
ssize_t generic_write_checks(struct file *file, struct iov_iter *from,
			     loff_t *pos);
void file_remove_privs(struct file *file);
/*
 * What mmap of this file maps. prot is not looked at: b->may_write says
 * whether MAP_SHARED may be writable, b->may_exec whether PROT_EXEC may; of
 * a file that cannot be mapped b->ops stays NULL, and mmap() refuses it.
 * => 0 or -errno; takes no reference: mm takes its own by b->get.
 */
int vfs_mmap_backing(struct file *file, struct vm_backing *b);

loff_t generic_file_llseek(struct file *file, loff_t offset, int whence);
loff_t generic_file_llseek_size(struct file *file, loff_t offset, int whence,
				loff_t size);
loff_t no_llseek(struct file *file, loff_t offset, int whence);
loff_t noop_llseek(struct file *file, loff_t offset, int whence);
/* Any position whatever: memory and page arrays have no size. */
loff_t mem_llseek(struct file *file, loff_t offset, int whence);
int generic_fsync(struct file *file); /* memory is all there is */
int stream_open(struct inode *inode, struct file *file);
int nonseekable_open(struct inode *inode, struct file *file);

/* --- directories --- */

struct dir_context {
	/* => false: the buffer is full, stop before this entry */
	bool (*actor)(struct dir_context *ctx, const char *name, size_t len,
		      loff_t offset, ino_t ino, unsigned int d_type);
	loff_t pos;
};

static inline bool dir_emit(struct dir_context *ctx, const char *name,
			    size_t len, ino_t ino, unsigned int type)
{
	return ctx->actor(ctx, name, len, ctx->pos, ino, type);
}

/* "." and ".." at positions 0 and 1. => false: full */
bool dir_emit_dots(struct file *file, struct dir_context *ctx);
static inline unsigned int mode_to_dt(umode_t mode)
{
	return (mode & S_IFMT) >> 12;
}

/* Call ctx->actor for the entries from file->f_pos on. => 0 or -errno */
int iterate_dir(struct file *file, struct dir_context *ctx);
/* getdents64(2) => bytes, 0 at the end, -ENOTDIR, -EINVAL, -EFAULT */
ssize_t vfs_getdents64(struct file *file, void *ubuf, size_t n);

/*
 * All caches, file systems and the root mount (a tmpfs). Needs slab, page
 * cache and scheduler; called once, from process context.
 */
void vfs_init(void);
/* The root of everything, referenced. */
void get_root_path(struct path *out);

void dcache_init(void); /* parts of vfs_init() */
void inode_cache_init(void);
void files_init(void);
void mnt_init(void);

extern const struct file_operations def_chr_fops;  /* char_dev.c */
extern const struct file_operations pipefifo_fops; /* pipe.c */

#endif
