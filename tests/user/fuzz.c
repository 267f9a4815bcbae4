// SPDX-License-Identifier: MIT
/*
 * System calls at random: whatever a program asks for, the kernel survives.
 *
 *	fuzz [SECONDS [WORKERS [SEED]]]
 *
 * Each worker forks one victim after another, and every victim's two threads
 * make calls with arguments drawn from what tends to hurt: bad and boundary
 * pointers, memory full of such values, small descriptors, sizes, flags. A
 * victim may crash or hang as it likes; its process group is killed soon.
 * What would end the experiment (reboot, kill, another root or session, other
 * people's processes) is not drawn.
 */
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>

#include "tap.h"

#define NR_CALLS    461
#define VICTIM_MS   60
#define ARENA_WORDS 16384
#define FDS	    26
#define COUNT(a)    (sizeof(a) / sizeof(*(a)))

typedef unsigned long word;

static word arena[ARENA_WORDS] __attribute__((aligned(65536)));
static char dir[] = "/tmp/fuzz.XXXXXX";
static int null_fd, zero_fd; /* victims may unlink what they can name */

static word rnd(word *state)
{
	*state = *state * 6364136223846793005UL + 1442695040888963407UL;
	return *state >> 33;
}

static const unsigned short never[] = {
	SYS_umount2,
	SYS_mount,
	SYS_chroot,
	SYS_clock_settime,
	SYS_settimeofday,
	SYS_syslog,
	SYS_sched_setparam,
	SYS_kill,
	SYS_sched_setscheduler,
	SYS_tkill,
	SYS_tgkill,
	SYS_rt_sigqueueinfo,
	SYS_reboot,
	SYS_rt_tgsigqueueinfo,
	SYS_setregid,
	SYS_setgid,
	SYS_setreuid,
	SYS_setuid,
	SYS_setresuid,
	SYS_setresgid,
	SYS_setfsuid,
	SYS_setfsgid,
	SYS_setgroups,
	SYS_setpgid,
	SYS_setsid,
	SYS_sethostname,
	SYS_setdomainname,
	SYS_swapon,
	SYS_swapoff,
	SYS_sched_setattr,
	SYS_pivot_root,
	SYS_mknodat,
};

/* These are where the interesting code is: three calls of four. */
static const unsigned short often[] = {
	SYS_mmap,
	SYS_munmap,
	SYS_mremap,
	SYS_mprotect,
	SYS_madvise,
	SYS_mlock2,
	SYS_mincore,
	SYS_msync,
	SYS_brk,
	SYS_epoll_ctl,
	SYS_epoll_pwait,
	SYS_ppoll,
	SYS_read,
	SYS_write,
	SYS_readv,
	SYS_writev,
	SYS_sendmsg,
	SYS_recvmsg,
	SYS_sendto,
	SYS_recvfrom,
	SYS_connect,
	SYS_bind,
	SYS_listen,
	SYS_accept4,
	SYS_socketpair,
	SYS_socket,
	SYS_shutdown,
	SYS_fcntl,
	SYS_flock,
	SYS_close,
	SYS_dup3,
	SYS_openat,
	SYS_ftruncate,
	SYS_fallocate,
	SYS_futex,
	SYS_timer_create,
	SYS_timer_settime,
	SYS_timer_delete,
	SYS_timerfd_settime,
	SYS_setitimer,
	SYS_shmget,
	SYS_shmat,
	SYS_shmdt,
	SYS_shmctl,
	SYS_process_vm_readv,
	SYS_clone,
	SYS_clone3,
	SYS_memfd_create,
	SYS_process_vm_writev,
	SYS_sendfile,
	SYS_copy_file_range,
	SYS_lseek,
	SYS_pselect6,
	SYS_rt_sigaction,
	SYS_getdents64,
	SYS_pread64,
	SYS_pwrite64,
	SYS_ioctl,
	SYS_remap_file_pages,
	SYS_rt_sigtimedwait,
};

/* The argument that names a process: always the victim itself. */
static int pid_arg(long nr)
{
	switch (nr) {
	case SYS_prlimit64:
	case SYS_process_vm_readv:
	case SYS_process_vm_writev:
	case SYS_sched_setaffinity:
	case SYS_pidfd_open:
	case SYS_migrate_pages:
	case SYS_move_pages:
		return 0;
	case SYS_setpriority:
	case SYS_ioprio_set:
		return 1;
	default:
		return -1;
	}
}

static const char *const paths[] = {
	"f0",
	"f1",
	"d",
	"d/f2",
	"s0",
	"",
	".",
	"d/..",
	"/proc/self/maps",
	"/proc/self/smaps",
	"/proc/self/pagemap",
	"/proc/self/fd",
	"/proc/self/fd/5",
	"/proc/self/exe",
	"/proc/self/clear_refs",
	"/proc/self/map_files",
	"/proc/kpageflags",
	"/proc/self/task",
	"/proc/meminfo",
	"/proc/self/mem", /* the last: see drop_root() */
};
static unsigned int is_root;

static word interesting(word *st)
{
	static const word values[] = {
		0,
		1,
		2,
		3,
		4,
		7,
		8,
		15,
		16,
		64,
		255,
		4095,
		4096,
		4097,
		8192,
		65536,
		0x200000,
		0x1fffff,
		0x7fffffff,
		0x80000000,
		0xffffffff,
		0x100000000,
		0x7fffffffffffffff,
		0x8000000000000000,
		-1UL,
		-2UL,
		-100UL,
		-4095UL,
		-4096UL,
		999999999,
		1000000000,
		0x0000fffffffff000,
		0x0001000000000000,
		0xffff800000000000,
		0xffff000010080000,
		0xffff7e0000000000,
		0x4000000000,
	};
	word at = (word)arena + rnd(st) % sizeof(arena);

	switch (rnd(st) % 10) {
	case 0:
	case 1:
		return values[rnd(st) % COUNT(values)];
	case 2:
		return at & ~4095UL; /* a page of ours */
	case 3:
		return at & ~7UL;
	case 4:
		return (at & ~4095UL) - rnd(st) % 16; /* over a border */
	case 5:
		return rnd(st) % FDS;
	case 6:
		return 1UL << rnd(st) % 64;
	case 7:
		return (word)paths[rnd(st) % (COUNT(paths) - is_root)];
	case 8:
		return rnd(st) & 0xffff;
	default:
		return rnd(st) % 64;
	}
}

/*
 * A child that shares memory gets a stack of its own, all zero: it returns
 * from syscall() and jumps to 0. On its parent's stack it would write into
 * the parent's variables between check and use, and then calls are made that
 * are never drawn: one was a signal to the shell.
 */
static word child_stack[1024] __attribute__((aligned(16)));

/* A copy of the struct clone_args at `at`, if that is ours. => its address */
static word own_clone_args(word args[11], word at)
{
	if (at < (word)arena || at > (word)arena + sizeof(arena) - 11 * 8)
		return at;
	memcpy(args, (void *)at, 11 * 8);
	if (args[0] & CLONE_VM) {
		args[5] = (word)child_stack;
		args[6] = sizeof(child_stack) / 2;
	}
	return (word)args;
}

static void one_call(word *st)
{
	word a[6], nr, args[11];
	int pid;
	size_t i;

	nr = rnd(st) & 3 ? often[rnd(st) % COUNT(often)] : rnd(st) % NR_CALLS;
	for (i = 0; i < COUNT(never); i++)
		if (nr == never[i])
			return;
	for (i = 0; i < 6; i++)
		a[i] = interesting(st);
	if (rnd(st) & 1)
		a[0] = rnd(st) % FDS;
	for (i = 0; i < 32; i++)
		arena[rnd(st) % ARENA_WORDS] = interesting(st);
	pid = pid_arg((long)nr);
	if (pid >= 0)
		a[pid] = 0;
	if (pid == 1) /* not all of its group, or of its user: the shell */
		a[0] = PRIO_PROCESS;
	if (nr == SYS_clone && a[0] & CLONE_VM)
		a[1] = (word)child_stack + sizeof(child_stack) / 2;
	if (nr == SYS_clone3)
		a[0] = own_clone_args(args, a[0]);
	syscall((long)nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static void *calls(void *arg)
{
	word st = (word)arg;

	for (int i = 0; i < 2000; i++)
		one_call(&st);
	return NULL;
}

static void limit(int what, rlim_t value)
{
	struct rlimit r = { value, value };

	setrlimit((__rlimit_resource_t)what, &r);
}

/* Descriptors 0 to FDS: one of each kind. */
static void open_files(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int p[2];

	for (int i = 0; i < 3; i++)
		dup2(null_fd, i);
	(void)!pipe(p);
	(void)!memfd_create("fuzz", MFD_ALLOW_SEALING);
	eventfd(0, EFD_NONBLOCK);
	epoll_create1(0);
	timerfd_create(CLOCK_MONOTONIC, 0);
	socketpair(AF_UNIX, SOCK_STREAM, 0, p);
	socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, p);
	(void)!open("f0", O_RDWR | O_CREAT, 0600);
	(void)!open("f1", O_RDWR | O_CREAT, 0600);
	(void)!open(".", O_RDONLY | O_DIRECTORY);
	(void)!open("/proc/self/pagemap", O_RDONLY);
	(void)!open(is_root ? "/dev/null" : "/proc/self/mem", O_RDWR);
	(void)!open("/proc/self/smaps", O_RDONLY);
	dup(zero_fd);
	socket(AF_UNIX, SOCK_SEQPACKET, 0);
	p[0] = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(un.sun_path + 1, sizeof(un.sun_path) - 1, "%d", getpid());
	bind(p[0], (void *)&un, sizeof(un));
	listen(p[0], 3);
	p[1] = socket(AF_UNIX, SOCK_STREAM, 0);
	connect(p[1], (void *)&un, sizeof(un));
	(void)!write(p[1], "hello", 5);
}

/*
 * Through /proc/self/mem a victim can overwrite its own constants, the table
 * of what is never called first of all, and then send the shell a signal. So
 * half of the victims are root and have no such file, the others are nobody.
 */
static void drop_root(void)
{
	if (!is_root)
		CHECK(!setresuid(1000, 1000, 1000));
}

static void victim(word seed)
{
	pthread_t t;

	is_root = seed & 1;
	setpgid(0, 0);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, 4 << 20);
	limit(RLIMIT_AS, 256 << 20);
	limit(RLIMIT_NOFILE, 256);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	open_files();
	drop_root();
	for (size_t i = 0; i < ARENA_WORDS; i++)
		arena[i] = interesting(&seed);
	pthread_create(&t, NULL, calls, (void *)(seed ^ 0x5555));
	calls((void *)seed);
	_exit(0);
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void run_victim(word seed)
{
	long end = now_ms() + VICTIM_MS;
	pid_t pid = fork();

	if (!pid)
		victim(seed);
	if (pid < 0) {
		usleep(10000);
		return;
	}
	setpgid(pid, pid);
	while (now_ms() < end && !waitpid(pid, NULL, WNOHANG))
		usleep(2000);
	kill(-pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

/* What victims leave in the system, beyond their own end. */
static void clean_up(void)
{
	struct shmid_ds ds;
	int top = shmctl(0, SHM_INFO, &ds);

	for (int i = 0; i <= top; i++) {
		int id = shmctl(i, SHM_STAT, &ds);

		if (id >= 0)
			shmctl(id, IPC_RMID, NULL);
	}
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int main(int argc, char **argv)
{
	int seconds = argc > 1 ? atoi(argv[1]) : 3;
	int workers = argc > 2 ? atoi(argv[2]) : 3;
	word seed = argc > 3 ? strtoul(argv[3], NULL, 0) : 1;
	long end = now_ms() + seconds * 1000L;
	int bad = 0;

	if (argc < 1 || !strstr(argv[0], "fuzz"))
		return 0; /* a victim ran /proc/self/exe */
	null_fd = open("/dev/null", O_RDWR);
	zero_fd = open("/dev/zero", O_RDWR);
	CHECK(mkdtemp(dir) && !chdir(dir) && !mkdir("d", 0700));
	CHECK(!chmod(".", 0777) && !chmod("d", 0777));
	printf("1..%d\n", workers);
	fflush(stdout);
	for (int i = 0; i < workers; i++)
		if (!fork()) {
			word st = seed * 1000003 + (word)i;

			while (now_ms() < end)
				run_victim(rnd(&st));
			_exit(0);
		}
	for (int i = 0; i < workers; i++) {
		int status = -1;
		int ok = wait(&status) > 0 && !status;

		printf("%sok %d - the kernel survived\n", ok ? "" : "not ",
		       i + 1);
		bad += !ok;
	}
	clean_up();
	return bad != 0;
}
