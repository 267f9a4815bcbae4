// SPDX-License-Identifier: MIT
/* Processes: fork, vfork, clone, exec of good and hostile files, wait. */
#include "tap.h"

#include <elf.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

extern char **environ;

TEST(exit_codes_come_back)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(0x1ab);
	CHECK_EQ(wait4(pid, &status, 0, NULL), pid);
	CHECK_EQ(status, 0xab00);
	CHECK_ERR(waitpid(pid, &status, 0), ECHILD);
}

TEST(wait_can_look_without_waiting)
{
	pid_t pid = fork();
	siginfo_t info = {};

	if (!pid) {
		usleep(50000);
		_exit(3);
	}
	CHECK_EQ(waitpid(pid, NULL, WNOHANG), 0);
	CHECK_EQ(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	CHECK_EQ(info.si_status, 3);
	CHECK_EQ(waitid(P_PID, (id_t)pid, &info, WEXITED), 0);
	CHECK_EQ(info.si_pid, pid);
}

static volatile int shared_by_vfork;

TEST(vfork_borrows_the_memory)
{
	int status;
	pid_t pid = vfork();

	if (!pid) {
		shared_by_vfork = 5;
		_exit(0);
	}
	CHECK_EQ(shared_by_vfork, 5);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
}

TEST(spawn_runs_a_program)
{
	char *argv[] = { "true", NULL };
	int status;
	pid_t pid;

	CHECK_EQ(posix_spawn(&pid, "/bin/true", NULL, NULL, argv, environ), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	CHECK_EQ(posix_spawn(&pid, "/no/such", NULL, NULL, argv, environ),
		 ENOENT);
}

TEST(orphans_go_to_init)
{
	int fds[2];
	pid_t pid, ppid = 0;

	CHECK_EQ(pipe(fds), 0);
	pid = fork();
	if (!pid) {
		if (!fork()) {
			while (getppid() != 1)
				usleep(1000);
			ppid = getppid();
			(void)!write(fds[1], &ppid, sizeof(ppid));
			_exit(0);
		}
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	CHECK_EQ(read(fds[0], &ppid, sizeof(ppid)), sizeof(ppid));
	CHECK_EQ(ppid, 1);
}

static void *add_thread(void *arg)
{
	static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	long *sum = arg;

	for (int i = 0; i < 20000; i++) {
		pthread_mutex_lock(&m);
		++*sum;
		pthread_mutex_unlock(&m);
	}
	return (void *)(long)syscall(SYS_gettid);
}

TEST(threads_share_and_join)
{
	pthread_t t[4];
	long sum = 0;
	void *tid;

	for (int i = 0; i < 4; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, add_thread, &sum), 0);
	for (int i = 0; i < 4; i++) {
		CHECK_EQ(pthread_join(t[i], &tid), 0);
		CHECK((long)tid != getpid());
	}
	CHECK_EQ(sum, 80000);
}

static void *sleep_thread(void *arg)
{
	pause();
	return arg;
}

static void exit_with_threads(void)
{
	pthread_t t;

	for (int i = 0; i < 3; i++)
		pthread_create(&t, NULL, sleep_thread, NULL);
	usleep(10000);
	exit(7);
}

static void *exec_thread(void *arg)
{
	char *argv[] = { "sh", "-c", "exit 9", NULL };

	execv("/bin/sh", argv);
	return arg;
}

static void exec_from_thread(void)
{
	pthread_t t;

	pthread_create(&t, NULL, sleep_thread, NULL);
	pthread_create(&t, NULL, exec_thread, NULL);
	pthread_join(t, NULL);
}

TEST(a_group_dies_as_one)
{
	CHECK_EXITS(exit_with_threads, 7);
	CHECK_EXITS(exec_from_thread, 9);
}

TEST(clone_flags_are_checked)
{
	CHECK_ERR(syscall(SYS_clone, CLONE_THREAD, 0, 0, 0, 0), EINVAL);
	CHECK_ERR(syscall(SYS_clone, CLONE_SIGHAND, 0, 0, 0, 0), EINVAL);
}

TEST(auxv_is_complete)
{
	CHECK_EQ(getauxval(AT_PAGESZ), 4096);
	CHECK_EQ(getauxval(AT_CLKTCK), 100);
	CHECK_EQ(getauxval(AT_PHENT), 56);
	CHECK(getauxval(AT_PHDR) != 0);
	CHECK(getauxval(AT_RANDOM) != 0);
	CHECK(getauxval(AT_ENTRY) >= 0x400000);
	CHECK_EQ(getauxval(AT_SECURE), 0);
	CHECK(getauxval(AT_HWCAP) & 3);
	CHECK(!strcmp((char *)getauxval(AT_PLATFORM), "aarch64"));
	CHECK(!strcmp((char *)getauxval(AT_EXECFN), "/tests/process"));
}

/* Run a file of these bytes => exit code, or -errno of execve. */
static int try_exec(const void *bytes, size_t n, const char *arg)
{
	static const char path[] = "/tmp/exec-test";
	int fds[2], fd, status, err = 0;
	pid_t pid;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0700);
	CHECK(fd >= 0);
	CHECK_EQ(write(fd, bytes, n), (ssize_t)n);
	close(fd);
	CHECK_EQ(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	if (!pid) {
		char *argv[] = { "exec-test", (char *)arg, NULL };

		execve(path, argv, environ);
		err = errno;
		(void)!write(fds[1], &err, sizeof(err));
		_exit(127);
	}
	close(fds[1]);
	(void)!read(fds[0], &err, sizeof(err));
	close(fds[0]);
	waitpid(pid, &status, 0);
	unlink(path);
	if (err)
		return -err;
	return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) :
				     WEXITSTATUS(status);
}

TEST(scripts_run_their_interpreter)
{
	static const char ok[] = "#!/bin/sh\nexit 5\n";
	static const char arg[] = "#! /bin/sh -e \nfalse\nexit 5\n";
	static const char none[] = "#!/no/such\n";
	static const char empty[] = "#!\n";
	static const char self[] = "#!/tmp/exec-test\n";

	CHECK_EQ(try_exec(ok, sizeof(ok) - 1, NULL), 5);
	CHECK_EQ(try_exec(arg, sizeof(arg) - 1, NULL), 1);
	CHECK_EQ(try_exec(none, sizeof(none) - 1, NULL), -ENOENT);
	CHECK_EQ(try_exec(empty, sizeof(empty) - 1, NULL), -ENOEXEC);
	CHECK_EQ(try_exec(self, sizeof(self) - 1, NULL), -ELOOP);
	CHECK_EQ(try_exec("", 0, NULL), -ENOEXEC);
	CHECK_EQ(try_exec("text", 4, NULL), -ENOEXEC);
}

static char *read_self(size_t *n)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	struct stat st;
	char *p;

	CHECK(fd >= 0);
	CHECK_EQ(fstat(fd, &st), 0);
	*n = (size_t)st.st_size;
	p = malloc(*n);
	CHECK_EQ(read(fd, p, *n), st.st_size);
	close(fd);
	return p;
}

TEST(truncated_programs_are_refused)
{
	size_t n, cut;
	char *self = read_self(&n);
	static const size_t cuts[] = { 1, 4, 16, 63, 64, 100, 120, 300, 4096 };

	for (unsigned i = 0; i < sizeof(cuts) / sizeof(*cuts); i++) {
		int r = try_exec(self, cut = cuts[i], NULL);

		if (r != -ENOEXEC && r != -ENOMEM)
			printf("# cut at %zu: %d\n", cut, r);
		CHECK(r == -ENOEXEC || r == -ENOMEM);
	}
}

/* Damage one field of a good program; nothing but an errno or a signal. */
TEST(hostile_headers_are_refused)
{
	size_t n;
	char *self = read_self(&n), *p = malloc(n);
	Elf64_Ehdr *eh = (Elf64_Ehdr *)p;
	Elf64_Phdr *ph;
	unsigned seed = 1;

#define WITH(damage, want)                            \
	do {                                          \
		memcpy(p, self, n);                   \
		ph = (Elf64_Phdr *)(p + eh->e_phoff); \
		damage;                               \
		CHECK_EQ(try_exec(p, n, NULL), want); \
	} while (0)
	WITH(eh->e_ident[EI_CLASS] = ELFCLASS32, -ENOEXEC);
	WITH(eh->e_machine = EM_X86_64, -ENOEXEC);
	WITH(eh->e_type = ET_REL, -ENOEXEC);
	WITH(eh->e_phnum = 0, -ENOEXEC);
	WITH(eh->e_phnum = 65535, -ENOEXEC);
	WITH(eh->e_phentsize = 8, -ENOEXEC);
	WITH(eh->e_phoff = ~0UL, -ENOEXEC);
	WITH(ph[0].p_filesz = ~0UL, -ENOEXEC);
	WITH(ph[0].p_memsz = 0, -ENOEXEC);
	WITH(ph[0].p_vaddr = 0xffff800000000000UL, -ENOEXEC);
	WITH(ph[0].p_vaddr += 8, -ENOEXEC);
	WITH(ph[0].p_offset = ~0xfffUL, -ENOEXEC);
#undef WITH
	for (int i = 0; i < 60; i++) {
		int r;

		memcpy(p, self, n);
		for (int k = 0; k < 4; k++) {
			seed = seed * 1103515245 + 12345;
			p[(seed >> 8) % 512] ^= (char)(1 << (seed >> 28 & 7));
		}
		r = try_exec(p, n, "child");
		CHECK(r != -1);
	}
}

TEST(big_argument_lists_are_e2big_not_a_crash)
{
	static char *argv[40];
	char *big = malloc(130 * 1024);

	memset(big, 'x', 130 * 1024);
	big[130 * 1024 - 1] = 0;
	for (int i = 0; i < 2; i++)
		argv[i] = big;
	CHECK_ERR(execve("/bin/true", argv, environ), E2BIG);
	big[100 * 1024] = 0;
	for (int i = 0; i < 30; i++)
		argv[i] = big;
	CHECK_ERR(execve("/bin/true", argv, environ), E2BIG);
}

TEST(running_programs_cannot_be_written)
{
	CHECK_ERR(open("/tests/process", O_WRONLY), ETXTBSY);
}

TEST(close_on_exec_closes)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int keep = open("/dev/null", O_RDONLY);
	char cmd[100];

	snprintf(cmd, sizeof(cmd),
		 "test ! -e /proc/self/fd/%d && test -e /proc/self/fd/%d", fd,
		 keep);
	CHECK_EQ(system(cmd), 0);
}

TEST(counter_registers_are_readable)
{
	unsigned long a, b, f, ctr, dczid;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(a));
	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(f));
	__asm__ volatile("mrs %0, ctr_el0" : "=r"(ctr));
	__asm__ volatile("mrs %0, dczid_el0" : "=r"(dczid));
	usleep(1000);
	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(b));
	CHECK(b > a);
	CHECK_EQ(f, 62500000);
	CHECK(ctr & 0x80000000);
	CHECK_EQ(dczid & 0x10, 0);
}

TEST(dc_zva_and_cache_maintenance_work)
{
	static unsigned char block[4096] __attribute__((aligned(4096)));
	unsigned *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(block, 0xff, sizeof(block));
	__asm__ volatile("dc zva, %0" ::"r"(block) : "memory");
	CHECK_EQ(block[0], 0);
	CHECK_EQ(block[63], 0);
	CHECK_EQ(block[4095], 0xff);
	for (unsigned i = 1; i < 50; i++) {
		code[0] = 0xd2800000 | i << 5; /* mov x0, #i */
		code[1] = 0xd65f03c0;	       /* ret */
		__builtin___clear_cache((char *)code, (char *)(code + 2));
		CHECK_EQ(((long (*)(void))code)(), i);
	}
}

static void spin_fp(double seed, double *out)
{
	double x = seed;

	for (int i = 0; i < 3000000; i++)
		x = x * 1.0000001 + 0.0000001;
	*out = x;
}

TEST(fp_state_survives_switching)
{
	double *r = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	double want;

	spin_fp(1.25, &want);
	for (int i = 0; i < 6; i++)
		if (!fork()) {
			spin_fp(1.25, &r[i]);
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	for (int i = 0; i < 6; i++)
		CHECK(r[i] == want);
}

TEST(many_forks_leave_nothing)
{
	for (int i = 0; i < 300; i++) {
		pid_t pid = fork();

		CHECK(pid >= 0);
		if (!pid)
			_exit(i & 0x7f);
		CHECK_EQ(waitpid(pid, NULL, 0), pid);
	}
}

static const struct tap_case cases[] = {
	CASE(exit_codes_come_back),
	CASE(wait_can_look_without_waiting),
	CASE(vfork_borrows_the_memory),
	CASE(spawn_runs_a_program),
	CASE(orphans_go_to_init),
	CASE(threads_share_and_join),
	CASE(a_group_dies_as_one),
	CASE(clone_flags_are_checked),
	CASE(auxv_is_complete),
	CASE(scripts_run_their_interpreter),
	CASE(truncated_programs_are_refused),
	CASE(hostile_headers_are_refused),
	CASE(big_argument_lists_are_e2big_not_a_crash),
	CASE(running_programs_cannot_be_written),
	CASE(close_on_exec_closes),
	CASE(counter_registers_are_readable),
	CASE(dc_zva_and_cache_maintenance_work),
	CASE(fp_state_survives_switching),
	CASE(many_forks_leave_nothing),
};

/* Started again as a damaged copy of itself it does nothing. */
int main(int argc, char **argv)
{
	if (argc && !strcmp(argv[0], "exec-test"))
		return 77;
	return tap_run(cases, (int)(sizeof(cases) / sizeof(*cases)));
}
