// SPDX-License-Identifier: MIT
/*
 * futex(2) as libc and others use it: who waits on what, and who is woken.
 * The same program passes on Linux 6.1.
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#include "tap.h"

#define MS 1000000L

static long futex(void *addr, int op, uint32_t val, const void *timeout,
		  void *addr2, uint32_t val3)
{
	return syscall(SYS_futex, addr, op, val, timeout, addr2, val3);
}

#define FAILS(call, err)                \
	do {                            \
		CHECK_EQ((call), -1);   \
		CHECK_EQ(errno, (err)); \
	} while (0)

static const struct timespec soon = { 0, 20 * MS };

static int *shared_page(void)
{
	int *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

/* --- misuse --- */

TEST(misuse_is_refused)
{
	static int word[2];
	struct timespec bad = { 0, 1000 * MS }, negative = { -1, 0 };

	FAILS(futex(word, FUTEX_WAIT, 1, NULL, NULL, 0), EAGAIN);
	FAILS(futex(word, FUTEX_WAIT, 0, &soon, NULL, 0), ETIMEDOUT);
	FAILS(futex(word, FUTEX_WAIT, 0, &bad, NULL, 0), EINVAL);
	FAILS(futex(word, FUTEX_WAIT, 0, &negative, NULL, 0), EINVAL);
	FAILS(futex((char *)word + 1, FUTEX_WAIT, 0, NULL, NULL, 0), EINVAL);
	FAILS(futex((void *)8, FUTEX_WAIT, 0, NULL, NULL, 0), EFAULT);
	FAILS(futex((void *)8, FUTEX_WAKE, 1, NULL, NULL, 0), EFAULT);
	CHECK_EQ(futex((void *)8, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 0);
	FAILS(futex((void *)-8L, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), EFAULT);
	FAILS(futex(word, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0), EINVAL);
	FAILS(futex(word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0), EINVAL);
	FAILS(futex(word, FUTEX_CMP_REQUEUE, 1, (void *)1, word + 1, 7),
	      EAGAIN);
	FAILS(futex(word, FUTEX_REQUEUE, (uint32_t)-1, (void *)1, word + 1, 0),
	      EINVAL);
	FAILS(futex(word, 99, 0, NULL, NULL, 0), ENOSYS);
	FAILS(futex(word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0),
	      ENOSYS);
}

/* --- waiters in threads --- */

struct waiter {
	pthread_t thread;
	int *word, op;
	uint32_t bits;
	long result;
};

static volatile int waiting, woken;

static void *wait_thread(void *arg)
{
	struct waiter *w = arg;

	__atomic_add_fetch(&waiting, 1, __ATOMIC_SEQ_CST);
	w->result = futex(w->word, w->op, 0, NULL, NULL, w->bits);
	__atomic_add_fetch(&woken, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void start(struct waiter *w, int n, int *word, int op)
{
	int before = waiting;

	for (int i = 0; i < n; i++) {
		w[i].word = word;
		w[i].op = op;
		if (!w[i].bits)
			w[i].bits = ~0U;
		CHECK(!pthread_create(&w[i].thread, NULL, wait_thread, &w[i]));
	}
	while (waiting < before + n)
		sched_yield();
	usleep(30000); /* from the count to the system call */
}

static void join(struct waiter *w, int n)
{
	for (int i = 0; i < n; i++) {
		CHECK(!pthread_join(w[i].thread, NULL));
		CHECK_EQ(w[i].result, 0);
	}
}

static void until_woken(int n)
{
	while (woken < n)
		sched_yield();
	usleep(10000);
	CHECK_EQ(woken, n);
}

TEST(wake_counts_whom_it_wakes)
{
	struct waiter w[4] = {};
	static int word;

	start(w, 4, &word, FUTEX_WAIT_PRIVATE);
	CHECK_EQ(futex(&word, FUTEX_WAKE, 9, NULL, NULL, 0),
		 0); /* shared key */
	CHECK_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 1);
	until_woken(1);
	CHECK_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0), 3);
	join(w, 4);
	CHECK_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0), 0);
}

TEST(requeue_moves_the_rest)
{
	struct waiter w[4] = {};
	static int word[2];

	start(w, 4, word, FUTEX_WAIT_PRIVATE);
	CHECK_EQ(futex(word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)2, word + 1,
		       0),
		 3);
	until_woken(1);
	CHECK_EQ(futex(word, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0), 1);
	until_woken(2);
	CHECK_EQ(futex(word + 1, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0), 2);
	join(w, 4);
}

TEST(wake_op_changes_and_compares)
{
	struct waiter w[2] = {};
	static int word[2];

	start(&w[0], 1, word, FUTEX_WAIT_PRIVATE);
	start(&w[1], 1, word + 1, FUTEX_WAIT_PRIVATE);
	/* word[1] += 5; it was 0, which is not > 0: only word[0] */
	CHECK_EQ(futex(word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, word + 1,
		       FUTEX_OP(FUTEX_OP_ADD, 5, FUTEX_OP_CMP_GT, 0)),
		 1);
	CHECK_EQ(word[1], 5);
	until_woken(1);
	CHECK_EQ(futex(word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, word + 1,
		       FUTEX_OP(FUTEX_OP_SET, 7, FUTEX_OP_CMP_EQ, 5)),
		 1);
	CHECK_EQ(word[1], 7);
	join(w, 2);
	FAILS(futex(word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, (void *)8,
		    FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 0)),
	      EFAULT);
}

TEST(bitsets_choose)
{
	struct waiter w[2] = { { .bits = 1 }, { .bits = 6 } };
	static int word;

	start(w, 2, &word, FUTEX_WAIT_BITSET_PRIVATE);
	CHECK_EQ(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 9, NULL, NULL, 8), 0);
	CHECK_EQ(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 9, NULL, NULL, 4), 1);
	until_woken(1);
	CHECK_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0), 1);
	join(w, 2);
}

/* --- time --- */

static long ms_since(clockid_t clock, const struct timespec *from)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (now.tv_sec - from->tv_sec) * 1000 +
	       (now.tv_nsec - from->tv_nsec) / MS;
}

TEST(absolute_timeouts_by_either_clock)
{
	static const struct {
		clockid_t clock;
		int op;
	} ways[] = {
		{ CLOCK_MONOTONIC, FUTEX_WAIT_BITSET_PRIVATE },
		{ CLOCK_REALTIME,
		  FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME },
	};
	static int word;

	for (int i = 0; i < 2; i++) {
		struct timespec from, at;

		clock_gettime(ways[i].clock, &from);
		at = from;
		at.tv_nsec += 40 * MS;
		if (at.tv_nsec >= 1000 * MS) {
			at.tv_nsec -= 1000 * MS;
			at.tv_sec++;
		}
		FAILS(futex(&word, ways[i].op, 0, &at, NULL, 1), ETIMEDOUT);
		CHECK(ms_since(ways[i].clock, &from) >= 39);
		FAILS(futex(&word, ways[i].op, 0, &from, NULL, 1), ETIMEDOUT);
	}
}

static void on_signal(int sig)
{
	(void)sig;
}

static void *signal_thread(void *arg)
{
	usleep(30000);
	pthread_kill(*(pthread_t *)arg, SIGUSR1);
	usleep(60000);
	*(volatile int *)arg = 0;
	return NULL;
}

/* Without a timeout a wait goes on after SA_RESTART, with one it ends. */
TEST(signals_end_or_restart_it)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct timespec long_time = { 5, 0 };
	pthread_t self = pthread_self(), copy = self, t;
	static int word;

	sigaction(SIGUSR1, &sa, NULL);
	CHECK(!pthread_create(&t, NULL, signal_thread, &copy));
	FAILS(futex(&word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0), EINTR);
	pthread_join(t, NULL);
	copy = self;
	CHECK(!pthread_create(&t, NULL, signal_thread, &copy));
	FAILS(futex(&word, FUTEX_WAIT_PRIVATE, 0, &long_time, NULL, 0), EINTR);
	pthread_join(t, NULL);
}

/* --- keys --- */

TEST(shared_memory_is_one_futex_by_any_address)
{
	int *a = shared_page(), *b, status;
	pid_t pid;

	b = mremap(a, 0, 4096, MREMAP_MAYMOVE); /* a second mapping of it */
	CHECK(b != MAP_FAILED && b != a);
	pid = fork();
	if (!pid) {
		a[1] = 1;
		_exit(futex(b, FUTEX_WAIT, 0, NULL, NULL, 0) ? 1 : 0);
	}
	while (!a[1])
		sched_yield();
	while (!futex(a, FUTEX_WAKE, 1, NULL, NULL, 0))
		usleep(1000);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

/* A private key does not reach another process, not even over shared pages. */
TEST(private_keys_stay_in_the_process)
{
	int *p = shared_page(), status;
	struct timespec limit = { 0, 100 * MS };
	pid_t pid = fork();

	if (!pid) {
		p[1] = 1;
		_exit(futex(p, FUTEX_WAIT_PRIVATE, 0, &limit, NULL, 0) == -1 &&
				      errno == ETIMEDOUT ?
			      0 :
			      1);
	}
	while (!p[1])
		sched_yield();
	usleep(20000);
	CHECK_EQ(futex(p, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 0);
	CHECK_EQ(futex(p, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

/* After fork, private memory at one address is two futexes. */
TEST(copied_memory_is_two_futexes)
{
	static int word;
	int *flag = shared_page(), status;
	struct timespec limit = { 0, 100 * MS };
	pid_t pid = fork();

	if (!pid) {
		*flag = 1;
		_exit(futex(&word, FUTEX_WAIT, 0, &limit, NULL, 0) == -1 &&
				      errno == ETIMEDOUT ?
			      0 :
			      1);
	}
	while (!*flag)
		sched_yield();
	usleep(20000);
	CHECK_EQ(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

TEST(files_share_by_offset)
{
	int fd = open("/tmp/futex", O_RDWR | O_CREAT | O_TRUNC, 0600), status;
	int *a, *b;
	pid_t pid;

	CHECK(fd >= 0);
	CHECK(!unlink("/tmp/futex"));
	CHECK(!ftruncate(fd, 8192));
	a = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	b = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 4096);
	CHECK(a != MAP_FAILED && b != MAP_FAILED);
	pid = fork();
	if (!pid) {
		a[0] = 1;
		_exit(futex(b, FUTEX_WAIT, 0, NULL, NULL, 0) ? 1 : 0);
	}
	while (!a[0])
		sched_yield();
	CHECK_EQ(futex(a, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
	while (!futex(a + 1024, FUTEX_WAKE, 1, NULL, NULL, 0))
		usleep(1000);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

/* --- robust lists --- */

TEST(a_dead_owner_leaves_a_robust_mutex)
{
	pthread_mutex_t *m = (pthread_mutex_t *)shared_page();
	pthread_mutexattr_t attr;
	int status;
	pid_t pid;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	CHECK(!pthread_mutex_init(m, &attr));
	pid = fork();
	if (!pid) {
		pthread_mutex_lock(m);
		usleep(50000); /* the parent waits for it by now */
		kill(getpid(), SIGKILL);
	}
	usleep(20000);
	CHECK_EQ(pthread_mutex_lock(m), EOWNERDEAD);
	CHECK(!pthread_mutex_consistent(m));
	CHECK(!pthread_mutex_unlock(m));
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status));
	CHECK(!pthread_mutex_lock(m));
}

static void *lock_and_end(void *m)
{
	pthread_mutex_lock(m);
	return NULL;
}

TEST(a_thread_that_ends_does_too)
{
	pthread_mutexattr_t attr;
	pthread_mutex_t m;
	pthread_t t;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	CHECK(!pthread_mutex_init(&m, &attr));
	CHECK(!pthread_create(&t, NULL, lock_and_end, &m));
	CHECK(!pthread_join(t, NULL));
	CHECK_EQ(pthread_mutex_lock(&m), EOWNERDEAD);
	CHECK(!pthread_mutex_consistent(&m));
	CHECK(!pthread_mutex_unlock(&m));
}

static void die_with_a_list_in_a_circle(void)
{
	static struct robust_list_head head;
	static struct robust_list a, b;

	head.list.next = &a;
	a.next = &b;
	b.next = &a; /* never back to the head */
	head.list_op_pending = (struct robust_list *)0x123;
	CHECK(!syscall(SYS_set_robust_list, &head, sizeof(head)));
	_exit(5);
}

TEST(hostile_lists_only_hurt_themselves)
{
	struct robust_list_head *head;
	size_t size;

	CHECK_EXITS(die_with_a_list_in_a_circle, 5);
	CHECK(!syscall(SYS_get_robust_list, 0, &head, &size));
	CHECK_EQ(size, sizeof(*head));
	FAILS(syscall(SYS_set_robust_list, head, size - 1), EINVAL);
	FAILS(syscall(SYS_get_robust_list, 999999, &head, &size), ESRCH);
}

/* --- libc's use of it --- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int turn;

static void *take_turns(void *arg)
{
	int me = (int)(intptr_t)arg;

	for (int i = 0; i < 300; i++) {
		pthread_mutex_lock(&mutex);
		while (turn % 3 != me)
			pthread_cond_wait(&cond, &mutex);
		turn++;
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

TEST(condition_variables_take_turns)
{
	pthread_t t[3];

	for (intptr_t i = 0; i < 3; i++)
		CHECK(!pthread_create(&t[i], NULL, take_turns, (void *)i));
	for (int i = 0; i < 3; i++)
		CHECK(!pthread_join(t[i], NULL));
	CHECK_EQ(turn, 900);
}

TAP_MAIN(CASE(misuse_is_refused), CASE(wake_counts_whom_it_wakes),
	 CASE(requeue_moves_the_rest), CASE(wake_op_changes_and_compares),
	 CASE(bitsets_choose), CASE(absolute_timeouts_by_either_clock),
	 CASE(signals_end_or_restart_it),
	 CASE(shared_memory_is_one_futex_by_any_address),
	 CASE(private_keys_stay_in_the_process),
	 CASE(copied_memory_is_two_futexes), CASE(files_share_by_offset),
	 CASE(a_dead_owner_leaves_a_robust_mutex),
	 CASE(a_thread_that_ends_does_too),
	 CASE(hostile_lists_only_hurt_themselves),
	 CASE(condition_variables_take_turns))
