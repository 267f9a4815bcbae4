// SPDX-License-Identifier: MIT
/*
 * futex(2): sleeping until a word of user memory changes.
 *
 *   key of the word --hash--> bucket: lock, list of waiters
 *
 *   waiter: lock bucket              waker: change the word
 *           word still == val?              lock bucket
 *           queue, unlock, sleep            take matching waiters off, wake
 *
 * The word is compared under the bucket's lock, so a waker that changed it
 * before it took the lock is seen, and one that takes it later finds the
 * waiter queued: no wake-up is lost. Under the lock a page fault must not be
 * resolved (it would sleep): with faults disabled the access fails instead,
 * the lock is dropped, the page is brought in, and all begins anew.
 *
 * A word is named by (mm, address), or, in a MAP_SHARED mapping and asked for
 * without FUTEX_PRIVATE_FLAG, by (object, offset): other processes may see it
 * at another address. The object is not held: a mapping that goes away while
 * someone sleeps on it can at worst cause a wake-up too many.
 *
 * To wake takes two steps: waiters are moved from the bucket to a list of the
 * waker's under the lock, and woken behind it: waking may send an interrupt to
 * another CPU, and the woken thread may come back to the same bucket at once.
 *
 * Invariant: q->bucket is NULL, or WAKING and q is in one waker's list, or q
 * is in that bucket's list.
 * Lock: bucket->lock, process context only; two of them by address.
 */
#include <asm/barrier.h>
#include <asm/uaccess.h>
#include <base/clock.h>
#include <base/preempt.h>
#include <base/spinlock.h>
#include <lib/errno.h>
#include <lib/hash.h>
#include <lib/list.h>
#include <mm/vm/mm.h>
#include <proc/process.h>
#include <proc/syscalls.h>
#include <proc/time.h>
#include <sched/sched.h>

#define FUTEX_WAIT	       0
#define FUTEX_WAKE	       1
#define FUTEX_REQUEUE	       3
#define FUTEX_CMP_REQUEUE      4
#define FUTEX_WAKE_OP	       5
#define FUTEX_WAIT_BITSET      9
#define FUTEX_WAKE_BITSET      10
#define FUTEX_PRIVATE_FLAG     128
#define FUTEX_CLOCK_REALTIME   256
#define FUTEX_CMD_MASK	       ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME)
#define FUTEX_BITSET_MATCH_ANY 0xffffffffU

#define FUTEX_WAITERS	  0x80000000U /* in a robust mutex word */
#define FUTEX_OWNER_DIED  0x40000000U
#define FUTEX_TID_MASK	  0x3fffffffU
#define ROBUST_LIST_LIMIT 2048

#define FUTEX_HASH_BITS 8

struct futex_key {
	const void *object; /* mm or address_space */
	u64 offset;	    /* bytes in it; KEY_MM_SHARED */
};

/* A shared futex in memory that is not: apart from the private one there. */
#define KEY_MM_SHARED 1

struct futex_bucket {
	spinlock_t lock;
	struct list_head waiters;
} __aligned(64);

/* A sleeping thread, on its own stack. Fields: its bucket's lock. */
struct futex_q {
	struct list_head list;
	struct task_struct *task; /* constant */
	struct futex_key key;
	struct futex_bucket *bucket; /* NULL: woken; WAKING: being so */
	u32 bitset;
};

/* Taken out by a waker that will set NULL soon, without sleeping. */
#define WAKING ((struct futex_bucket *)1)

struct robust_list_head {
	u64 next;	  /* user address of the first entry */
	s64 futex_offset; /* from an entry to its word */
	u64 list_op_pending;
};

static struct futex_bucket buckets[1 << FUTEX_HASH_BITS];

/* A bucket is set up by whoever uses it first. */
static DEFINE_SPINLOCK(setup_lock);

static struct futex_bucket *hash_futex(const struct futex_key *key)
{
	u64 h = key->offset + (unsigned long)key->object;
	struct futex_bucket *b = &buckets[hash_64(h, FUTEX_HASH_BITS)];

	if (likely(smp_load_acquire(&b->waiters.next)))
		return b;
	guard(spinlock)(&setup_lock);
	if (!b->waiters.next) {
		spin_lock_init(&b->lock);
		b->waiters.prev = &b->waiters;
		smp_store_release(&b->waiters.next, &b->waiters);
	}
	return b;
}

/* => 0, -EFAULT (no such memory), -EINVAL (not aligned) */
static int get_futex_key(u32 __user *uaddr, bool shared, struct futex_key *key)
{
	struct mm_struct *mm = current->mm;
	unsigned long addr = (unsigned long)uaddr;
	struct vm_area_struct *vma;
	int err = 0;

	if (addr & 3)
		return -EINVAL;
	if (!access_ok(uaddr, sizeof(*uaddr)))
		return -EFAULT;
	*key = (struct futex_key){ mm, addr };
	if (!shared)
		return 0;
	guard(rwsem_read)(&mm->mmap_lock);
	vma = vma_lookup(mm, addr);
	if (!vma)
		err = -EFAULT;
	else if (vma->vm_flags & VM_MAYSHARE && vma->vm_mapping)
		*key = (struct futex_key){
			vma->vm_mapping,
			((u64)vma->vm_pgoff << PAGE_SHIFT) +
				(addr - vma->vm_start),
		};
	else
		key->offset |= KEY_MM_SHARED;
	return err;
}

static bool match_futex(const struct futex_key *a, const struct futex_key *b)
{
	return a->object == b->object && a->offset == b->offset;
}

/* Spinlock held: read without resolving faults. => 0, -EFAULT */
static int get_user_locked(u32 *val, u32 __user *uaddr)
{
	int err;

	preempt_disable();
	err = get_user(*val, uaddr);
	preempt_enable();
	return err;
}

static int fault_in_writable(u32 __user *uaddr)
{
	vm_fault_t fault;
	int si_code;

	fault = mm_user_fault(current->mm, (unsigned long)uaddr,
			      FAULT_FLAG_WRITE | FAULT_FLAG_USER, &si_code);
	return fault & VM_FAULT_ERROR ? -EFAULT : 0;
}

/* --- waking --- */

/* Step 1, bucket lock held. */
static void mark_woken(struct futex_q *q, struct list_head *woken)
{
	list_move_tail(&q->list, woken);
	WRITE_ONCE(q->bucket, WAKING);
}

/* Step 2, no lock held. */
static void wake_marked(struct list_head *woken)
{
	struct futex_q *q, *next;

	list_for_each_entry_safe(q, next, woken, list) {
		struct task_struct *t = q->task;

		get_task_struct(t);
		/* from here on q's thread may return and q be gone */
		smp_store_release(&q->bucket, NULL);
		wake_up_process(t);
		put_task_struct(t);
	}
}

/* Bucket lock held. => how many were marked */
static int mark_matching(struct futex_bucket *b, const struct futex_key *key,
			 int nr, u32 bitset, struct list_head *woken)
{
	struct futex_q *q, *next;
	int done = 0;

	list_for_each_entry_safe(q, next, &b->waiters, list) {
		if (done >= nr)
			break;
		if (!match_futex(&q->key, key) || !(q->bitset & bitset))
			continue;
		mark_woken(q, woken);
		done++;
	}
	return done;
}

static int futex_wake(u32 __user *uaddr, bool shared, int nr, u32 bitset)
{
	struct futex_key key;
	struct futex_bucket *b;
	LIST_HEAD(woken);
	int ret = get_futex_key(uaddr, shared, &key);

	if (ret)
		return ret;
	b = hash_futex(&key);
	spin_lock(&b->lock);
	ret = mark_matching(b, &key, max(nr, 1), bitset, &woken);
	spin_unlock(&b->lock);
	wake_marked(&woken);
	return ret;
}

int futex_wake_addr(u32 __user *uaddr, int nr)
{
	return futex_wake(uaddr, true, nr, FUTEX_BITSET_MATCH_ANY);
}

/* --- two words at once --- */

struct futex_pair {
	struct futex_key key, key2;
	struct futex_bucket *b, *b2; /* may be the same */
};

/* => 0 with both buckets locked, -EFAULT, -EINVAL */
static int lock_pair(struct futex_pair *p, u32 __user *uaddr,
		     u32 __user *uaddr2, bool shared)
{
	int err = get_futex_key(uaddr, shared, &p->key);

	if (!err)
		err = get_futex_key(uaddr2, shared, &p->key2);
	if (err)
		return err;
	p->b = hash_futex(&p->key);
	p->b2 = hash_futex(&p->key2);
	spin_lock(&min(p->b, p->b2)->lock);
	if (p->b != p->b2)
		spin_lock_nested(&max(p->b, p->b2)->lock, 1);
	return 0;
}

static void unlock_pair(struct futex_pair *p)
{
	spin_unlock(&p->b->lock);
	if (p->b != p->b2)
		spin_unlock(&p->b2->lock);
}

/* Wake some of the first word's waiters, move some. => woken + moved */
static int move_matching(struct futex_pair *p, int nr_wake, int nr_move,
			 struct list_head *woken)
{
	struct futex_q *q, *next;
	int done = 0;

	list_for_each_entry_safe(q, next, &p->b->waiters, list) {
		if (done - nr_wake >= nr_move)
			break;
		if (!match_futex(&q->key, &p->key))
			continue;
		if (done++ < nr_wake) {
			mark_woken(q, woken);
			continue;
		}
		q->key = p->key2;
		if (p->b == p->b2)
			continue;
		list_move_tail(&q->list, &p->b2->waiters);
		WRITE_ONCE(q->bucket, p->b2);
	}
	return done;
}

/* cmpval NULL: FUTEX_REQUEUE. => woken + moved, -EAGAIN, -EFAULT */
static int futex_requeue(u32 __user *uaddr, u32 __user *uaddr2, bool shared,
			 int nr_wake, int nr_move, const u32 *cmpval)
{
	struct futex_pair pair;
	LIST_HEAD(woken);
	u32 val;
	int ret;

	if (nr_wake < 0 || nr_move < 0)
		return -EINVAL;
	for (;;) {
		ret = lock_pair(&pair, uaddr, uaddr2, shared);
		if (ret)
			return ret;
		if (!cmpval)
			break;
		ret = get_user_locked(&val, uaddr);
		if (!ret && val == *cmpval)
			break;
		unlock_pair(&pair);
		if (!ret)
			return -EAGAIN;
		if (get_user(val, uaddr))
			return -EFAULT;
	}
	ret = move_matching(&pair, nr_wake, nr_move, &woken);
	unlock_pair(&pair);
	wake_marked(&woken);
	return ret;
}

/* The comparison of FUTEX_WAKE_OP. => 0, 1, -ENOSYS */
static int compare_op(unsigned int cmp, s32 old, s32 arg)
{
	switch (cmp) {
	case 0:
		return old == arg;
	case 1:
		return old != arg;
	case 2:
		return old < arg;
	case 3:
		return old <= arg;
	case 4:
		return old > arg;
	case 5:
		return old >= arg;
	default:
		return -ENOSYS;
	}
}

/* Bits of val3: shift 1, op 3, cmp 4, oparg 12, cmparg 12 (both signed). */
static int apply_op(u32 encoded, u32 __user *uaddr)
{
	s32 oparg = (s32)(encoded << 8) >> 20;
	s32 cmparg = (s32)(encoded << 20) >> 20;
	u32 old;
	int err;

	if (encoded & 0x80000000U)
		oparg = (s32)(1U << (oparg & 31));
	preempt_disable();
	err = futex_op_user((int)(encoded >> 28 & 7), (u32)oparg, &old, uaddr);
	preempt_enable();
	return err ? err : compare_op(encoded >> 24 & 15, (s32)old, cmparg);
}

/* Change *uaddr2, wake on uaddr, and on uaddr2 if its old value matches. */
static int futex_wake_op(u32 __user *uaddr, u32 __user *uaddr2, bool shared,
			 int nr, int nr2, u32 encoded)
{
	struct futex_pair pair;
	LIST_HEAD(woken);
	int ret, matches;

	for (;;) {
		ret = lock_pair(&pair, uaddr, uaddr2, shared);
		if (ret)
			return ret;
		matches = apply_op(encoded, uaddr2);
		if (matches >= 0)
			break;
		unlock_pair(&pair);
		if (matches != -EFAULT)
			return matches;
		ret = fault_in_writable(uaddr2);
		if (ret)
			return ret;
	}
	ret = mark_matching(pair.b, &pair.key, max(nr, 1),
			    FUTEX_BITSET_MATCH_ANY, &woken);
	if (matches)
		ret += mark_matching(pair.b2, &pair.key2, max(nr2, 1),
				     FUTEX_BITSET_MATCH_ANY, &woken);
	unlock_pair(&pair);
	wake_marked(&woken);
	return ret;
}

/* --- waiting --- */

/* => 0 queued; -EAGAIN: the word is not val any more; -EFAULT, -EINVAL */
static int queue_if_equal(struct futex_q *q, u32 __user *uaddr, bool shared,
			  u32 val)
{
	struct futex_bucket *b;
	u32 now;
	int err;

	for (;;) {
		err = get_futex_key(uaddr, shared, &q->key);
		if (err)
			return err;
		b = hash_futex(&q->key);
		spin_lock(&b->lock);
		err = get_user_locked(&now, uaddr);
		if (!err)
			break;
		spin_unlock(&b->lock);
		if (get_user(now, uaddr))
			return -EFAULT;
	}
	if (now == val) {
		q->bucket = b;
		list_add_tail(&q->list, &b->waiters);
	} else {
		err = -EAGAIN;
	}
	spin_unlock(&b->lock);
	return err;
}

/* => true: nobody had woken it; a requeue may have moved it meanwhile */
static bool unqueue(struct futex_q *q)
{
	struct futex_bucket *b;

	while ((b = smp_load_acquire(&q->bucket))) {
		if (b == WAKING) {
			cpu_relax();
			continue;
		}
		spin_lock(&b->lock);
		if (b == q->bucket) {
			list_del(&q->list);
			spin_unlock(&b->lock);
			return true;
		}
		spin_unlock(&b->lock);
	}
	return false;
}

struct futex_timeout {
	u64 until; /* ns of the clock; U64_MAX: for ever */
	bool realtime;
};

static u64 time_left(const struct futex_timeout *to)
{
	u64 now;

	if (to->until == U64_MAX)
		return U64_MAX;
	now = to->realtime ? ktime_get_real_ns() : ktime_get_ns();
	return to->until > now ? to->until - now : 0;
}

static int futex_wait(u32 __user *uaddr, bool shared, u32 val,
		      const struct futex_timeout *to, u32 bitset)
{
	struct futex_q q = { .task = current, .bitset = bitset };
	int err = queue_if_equal(&q, uaddr, shared, val);
	u64 left;

	if (err)
		return err;
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		left = time_left(to);
		if (!READ_ONCE(q.bucket) || !left || signal_pending(current))
			break;
		schedule_timeout_ns(left);
	}
	__set_current_state(TASK_RUNNING);
	if (!unqueue(&q))
		return 0;
	if (!left)
		return -ETIMEDOUT;
	return to->until == U64_MAX ? -ERESTARTSYS : -ERESTARTNOHAND;
}

/* --- system calls --- */

/* FUTEX_WAIT's timeout is relative (monotonic), WAIT_BITSET's absolute. */
static int get_timeout(const struct timespec __user *utime, int op,
		       struct futex_timeout *to)
{
	int err;

	to->until = U64_MAX;
	to->realtime = op & FUTEX_CLOCK_REALTIME;
	if (!utime)
		return 0;
	err = get_timespec_ns(utime, &to->until);
	if (!err && (op & FUTEX_CMD_MASK) == FUTEX_WAIT)
		to->until += ktime_get_ns();
	return err;
}

SYSCALL(sys_futex, u32 __user *uaddr, int op, u32 val,
	const struct timespec __user *utime, u32 __user *uaddr2, u32 val3)
{
	bool shared = !(op & FUTEX_PRIVATE_FLAG);
	int cmd = op & FUTEX_CMD_MASK;
	int val2 = (int)(unsigned long)utime; /* for those without time */
	struct futex_timeout to;
	int err = 0;

	if (cmd == FUTEX_WAIT || cmd == FUTEX_WAIT_BITSET)
		err = get_timeout(utime, op, &to);
	if (err)
		return err;
	if (op & FUTEX_CLOCK_REALTIME && cmd != FUTEX_WAIT_BITSET)
		return -ENOSYS;
	switch (cmd) {
	case FUTEX_WAIT:
		val3 = FUTEX_BITSET_MATCH_ANY;
		fallthrough;
	case FUTEX_WAIT_BITSET:
		return val3 ? futex_wait(uaddr, shared, val, &to, val3) :
			      -EINVAL;
	case FUTEX_WAKE:
		val3 = FUTEX_BITSET_MATCH_ANY;
		fallthrough;
	case FUTEX_WAKE_BITSET:
		return val3 ? futex_wake(uaddr, shared, (int)val, val3) :
			      -EINVAL;
	case FUTEX_REQUEUE:
		return futex_requeue(uaddr, uaddr2, shared, (int)val, val2,
				     NULL);
	case FUTEX_CMP_REQUEUE:
		return futex_requeue(uaddr, uaddr2, shared, (int)val, val2,
				     &val3);
	case FUTEX_WAKE_OP:
		return futex_wake_op(uaddr, uaddr2, shared, (int)val, val2,
				     val3);
	default:
		return -ENOSYS;
	}
}

SYSCALL(sys_set_robust_list, struct robust_list_head __user *head, size_t len)
{
	if (len != sizeof(*head))
		return -EINVAL;
	current->proc->robust_list = (unsigned long)head;
	return 0;
}

SYSCALL(sys_get_robust_list, int pid, struct robust_list_head __user **head_ptr,
	size_t __user *len_ptr)
{
	struct task_struct *t = current;
	uid_t uid = current_cred()->euid;
	unsigned long head = 0;
	int err = -ESRCH;

	spin_lock(&tasklist_lock);
	if (pid)
		t = find_task_by_pid(pid);
	if (t && t->proc) {
		err = uid && uid != t->proc->cred.uid ? -EPERM : 0;
		head = t->proc->robust_list;
	}
	spin_unlock(&tasklist_lock);
	if (err)
		return err;
	if (put_user(sizeof(struct robust_list_head), len_ptr) ||
	    put_user((struct robust_list_head __user *)head, head_ptr))
		return -EFAULT;
	return 0;
}

/* --- robust mutexes of a thread that ends --- */

/* The word of one entry. => 0, -EFAULT: the list is not to be trusted */
static int handle_futex_death(u64 addr, bool pi, bool pending)
{
	u32 __user *uaddr = (u32 __user *)(unsigned long)addr;
	u32 val, found, owner;

	if (addr & 3 || get_user(val, uaddr))
		return -EFAULT;
	for (;;) {
		owner = val & FUTEX_TID_MASK;
		/* unlocked, but died before it could wake the next one */
		if (pending && !pi && !owner) {
			futex_wake_addr(uaddr, 1);
			return 0;
		}
		if (owner != (u32)current->pid)
			return 0;
		if (futex_cmpxchg_user(&found, uaddr, val,
				       (val & FUTEX_WAITERS) |
					       FUTEX_OWNER_DIED))
			return -EFAULT;
		if (found == val)
			break;
		val = found;
	}
	if (!pi && val & FUTEX_WAITERS)
		futex_wake_addr(uaddr, 1);
	return 0;
}

/* An entry's address; bit 0 says it is a priority-inheriting mutex. */
static int fetch_entry(u64 __user *uptr, u64 *entry, bool *pi)
{
	if (get_user(*entry, uptr))
		return -EFAULT;
	*pi = *entry & 1;
	*entry &= ~1ULL;
	return 0;
}

static u64 __user *user_u64(u64 addr)
{
	return (u64 __user *)(unsigned long)addr;
}

/* Called by the thread itself while it still has its memory. */
void exit_robust_list(struct task_struct *t)
{
	u64 head = t->proc ? t->proc->robust_list : 0, entry, next, pending;
	bool pi, next_pi, pending_pi;
	int limit = ROBUST_LIST_LIMIT;
	s64 offset;

	if (!head || !t->mm)
		return;
	t->proc->robust_list = 0;
	if (fetch_entry(user_u64(head), &entry, &pi) ||
	    get_user(offset, (s64 __user *)user_u64(head + 8)) ||
	    fetch_entry(user_u64(head + 16), &pending, &pending_pi))
		return;
	while (entry != head && limit-- > 0) {
		/* read on first: the woken may reuse this entry */
		int err = fetch_entry(user_u64(entry), &next, &next_pi);

		if (entry != pending &&
		    handle_futex_death(entry + (u64)offset, pi, false))
			return;
		if (err)
			return;
		entry = next;
		pi = next_pi;
		cond_resched();
	}
	if (pending)
		handle_futex_death(pending + (u64)offset, pending_pi, true);
}
