// SPDX-License-Identifier: MIT
/*
 * Advisory locks. Each inode has a list; a lock is a range, a type and an
 * owner, and one owner's locks of an inode do not overlap.
 *
 *   want [ 10 ------------- 30 ] of A, which has   [ 5 -- 14 ]  [ 25 -- 40 ]
 *   1. does somebody else's lock overlap, and one of the two write? wait
 *   2. cut the range out of A's own locks          [ 5-9 ]       [ 31 -- 40 ]
 *   3. put the new one in, joined with neighbours of its type
 *
 * Unlocking is step 2 alone. What the steps need is allocated before. flock's
 * locks are whole files in a world of their own.
 *
 * All sleepers wait on one queue and look again when any lock goes. A sleeper
 * says what it waits for, so that a circle of owners is seen (-EDEADLK); an
 * open file is nobody who waits, and has no circles.
 *
 * Lock: locks_lock guards all lists.
 */
#include <asm/uaccess.h>
#include <fs/locks.h>
#include <mm/phys/slab.h>
#include <sched/wait.h>

#define OPEN_FILE_PID (-1)

struct file_lock {
	struct hlist_node node;
	const void *owner; /* files_struct or file */
	loff_t start, end; /* both belong to it */
	int type;	   /* F_RDLCK, F_WRLCK */
	int pid;	   /* OPEN_FILE_PID: an open file's */
	bool flock;
};

/* Who sleeps for what, on the sleeper's stack. */
struct lock_wait {
	struct list_head list;
	struct inode *inode;
	const struct file_lock *want;
};

/* Links of a circle that are looked at: there may be others' on the way. */
#define MAX_DEADLK_STEPS 10

struct user_flock {
	short l_type, l_whence;
	s64 l_start, l_len;
	int l_pid;
};

static DEFINE_SPINLOCK(locks_lock);
static LIST_HEAD(lock_waits);
static DECLARE_WAIT_QUEUE_HEAD(locks_queue);

/* --- the list: locks_lock held --- */

static bool overlap(const struct file_lock *a, const struct file_lock *b)
{
	return a->flock == b->flock && a->start <= b->end && b->start <= a->end;
}

static struct file_lock *find_conflict(struct inode *inode,
				       const struct file_lock *want)
{
	struct file_lock *l;

	hlist_for_each_entry(l, &inode->i_locks, node)
		if (l->owner != want->owner && overlap(l, want) &&
		    (l->type == F_WRLCK || want->type == F_WRLCK))
			return l;
	return NULL;
}

/*
 * Cut a range out of its owner's locks. spare: an allocated lock for the case
 * that one is cut in two; set to NULL if used. Locks that are over go to free.
 */
static void cut_out(struct inode *inode, const struct file_lock *range,
		    struct file_lock **spare, struct hlist_head *free)
{
	struct file_lock *l, *rest;
	struct hlist_node *next;

	hlist_for_each_entry_safe(l, next, &inode->i_locks, node) {
		if (l->owner != range->owner || !overlap(l, range))
			continue;
		if (l->start < range->start && l->end > range->end) {
			rest = *spare;
			*spare = NULL;
			*rest = *l;
			rest->start = range->end + 1;
			l->end = range->start - 1;
			hlist_add_behind(&rest->node, &l->node);
		} else if (l->start < range->start) {
			l->end = range->start - 1;
		} else if (l->end > range->end) {
			l->start = range->end + 1;
		} else {
			hlist_del(&l->node);
			hlist_add_head(&l->node, free);
		}
	}
}

static void insert(struct inode *inode, struct file_lock *new,
		   struct hlist_head *free)
{
	struct file_lock *l;
	struct hlist_node *next;

	hlist_for_each_entry_safe(l, next, &inode->i_locks, node) {
		if (l->owner != new->owner || l->type != new->type ||
		    l->flock != new->flock)
			continue;
		if (l->end + 1 == new->start)
			new->start = l->start;
		else if (new->end != S64_MAX &&new->end + 1 == l->start)
			new->end = l->end;
		else
			continue;
		hlist_del(&l->node);
		hlist_add_head(&l->node, free);
	}
	hlist_add_head(&new->node, &inode->i_locks);
}

static void free_locks(struct hlist_head *free)
{
	struct file_lock *l;
	struct hlist_node *next;

	hlist_for_each_entry_safe(l, next, free, node)
		kfree(l);
}

/* Is the owner of want, who waits for that, waited for by whom it waits for? */
static bool would_deadlock(struct inode *inode, const struct file_lock *want)
{
	const struct file_lock *l = find_conflict(inode, want);
	struct lock_wait *w;
	int steps = 0;

again:
	if (!l || steps++ == MAX_DEADLK_STEPS)
		return false;
	if (l->owner == want->owner)
		return true;
	list_for_each_entry(w, &lock_waits, list) {
		if (w->want->owner != l->owner)
			continue;
		l = find_conflict(w->inode, w->want);
		goto again;
	}
	return false;
}

/* --- locking --- */

/* => 0, -EAGAIN, -ENOMEM */
static int try_lock(struct inode *inode, const struct file_lock *want)
{
	struct file_lock *new = kmalloc(sizeof(*new), GFP_KERNEL);
	struct file_lock *spare = kmalloc(sizeof(*spare), GFP_KERNEL);
	HLIST_HEAD(free);
	int err = -ENOMEM;

	if (!new || !spare)
		goto out;
	err = 0;
	spin_lock(&locks_lock);
	if (want->type != F_UNLCK && find_conflict(inode, want)) {
		err = -EAGAIN;
		/* flock gives up what it had before it waits for more */
		if (want->flock)
			cut_out(inode, want, &spare, &free);
	} else {
		cut_out(inode, want, &spare, &free);
		if (want->type != F_UNLCK) {
			*new = *want;
			insert(inode, new, &free);
			new = NULL;
		}
	}
	spin_unlock(&locks_lock);
	wake_up_all(&locks_queue); /* less may be locked now */
out:
	kfree(new);
	kfree(spare);
	free_locks(&free);
	return err;
}

static bool is_free(struct inode *inode, const struct file_lock *want)
{
	guard(spinlock)(&locks_lock);
	return !find_conflict(inode, want);
}

static int wait_for(struct inode *inode, const struct file_lock *want)
{
	struct lock_wait w = { .inode = inode, .want = want };
	bool ranges = !want->flock && want->pid != OPEN_FILE_PID;
	int err;

	spin_lock(&locks_lock);
	if (ranges && would_deadlock(inode, want)) {
		spin_unlock(&locks_lock);
		return -EDEADLK;
	}
	list_add(&w.list, &lock_waits);
	spin_unlock(&locks_lock);
	err = wait_event_interruptible(locks_queue, is_free(inode, want));
	spin_lock(&locks_lock);
	list_del(&w.list);
	spin_unlock(&locks_lock);
	return err;
}

static int set_lock(struct inode *inode, const struct file_lock *want,
		    bool wait)
{
	int err;

	do {
		err = try_lock(inode, want);
		if (err != -EAGAIN || !wait)
			return err;
		err = wait_for(inode, want);
	} while (!err);
	return err;
}

void locks_forget(struct file *file, const void *owner)
{
	struct file_lock *l;
	struct hlist_node *next;
	HLIST_HEAD(free);

	spin_lock(&locks_lock);
	hlist_for_each_entry_safe(l, next, &file->f_inode->i_locks, node) {
		if (l->owner != owner)
			continue;
		hlist_del(&l->node);
		hlist_add_head(&l->node, &free);
	}
	spin_unlock(&locks_lock);
	free_locks(&free);
	wake_up_all(&locks_queue);
}

/* --- fcntl and flock --- */

/* => 0, -EINVAL, -EOVERFLOW */
static int to_range(struct file *file, const struct user_flock *u,
		    struct file_lock *l)
{
	loff_t base, len = u->l_len;

	switch (u->l_whence) {
	case SEEK_SET:
		base = 0;
		break;
	case SEEK_CUR:
		base = file->f_pos;
		break;
	case SEEK_END:
		base = file->f_inode->i_size;
		break;
	default:
		return -EINVAL;
	}
	if (check_add_overflow(base, u->l_start, &l->start))
		return -EOVERFLOW;
	if (l->start < 0)
		return -EINVAL;
	l->end = S64_MAX;
	if (len > 0 && check_add_overflow(l->start, len - 1, &l->end))
		return -EOVERFLOW;
	if (len < 0) { /* the bytes before */
		l->end = l->start - 1;
		l->start += len;
		if (l->start < 0)
			return -EINVAL;
	}
	return 0;
}

static void get_lock(struct inode *inode, const struct file_lock *want,
		     struct user_flock *u)
{
	struct file_lock *l;

	guard(spinlock)(&locks_lock);
	l = find_conflict(inode, want);
	u->l_type = l ? (short)l->type : F_UNLCK;
	if (l) {
		u->l_whence = SEEK_SET;
		u->l_start = l->start;
		u->l_len = l->end == S64_MAX ? 0 : l->end - l->start + 1;
		u->l_pid = l->pid;
	}
}

long fcntl_lock(struct file *file, const void *owner, unsigned int cmd,
		unsigned long uflock)
{
	bool ofd = cmd >= F_OFD_GETLK;
	struct file_lock want = { .owner = ofd ? file : owner,
				  .pid = ofd ? OPEN_FILE_PID : current->tgid };
	struct user_flock u;
	int err;

	if (copy_from_user(&u, (void *)uflock, sizeof(u)))
		return -EFAULT;
	if (u.l_type < F_RDLCK || u.l_type > F_UNLCK || (ofd && u.l_pid))
		return -EINVAL;
	want.type = u.l_type;
	err = to_range(file, &u, &want);
	if (err)
		return err;
	if (cmd == F_GETLK || cmd == F_OFD_GETLK) {
		if (want.type == F_UNLCK)
			return -EINVAL;
		get_lock(file->f_inode, &want, &u);
		return copy_to_user((void *)uflock, &u, sizeof(u)) ? -EFAULT :
								     0;
	}
	if ((want.type == F_RDLCK && !(file->f_mode & FMODE_READ)) ||
	    (want.type == F_WRLCK && !(file->f_mode & FMODE_WRITE)))
		return -EBADF;
	return set_lock(file->f_inode, &want,
			cmd == F_SETLKW || cmd == F_OFD_SETLKW);
}

int flock_file(struct file *file, unsigned int op)
{
	struct file_lock want = { .owner = file,
				  .end = S64_MAX,
				  .flock = true };

	switch (op & ~(unsigned int)LOCK_NB) {
	case LOCK_SH:
		want.type = F_RDLCK;
		break;
	case LOCK_EX:
		want.type = F_WRLCK;
		break;
	case LOCK_UN:
		want.type = F_UNLCK;
		break;
	default:
		return -EINVAL;
	}
	return file ? set_lock(file->f_inode, &want, !(op & LOCK_NB)) : -EBADF;
}
