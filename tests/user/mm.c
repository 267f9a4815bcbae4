// SPDX-License-Identifier: MIT
/* Address spaces seen from inside: mapping, faults, copy-on-write, limits. */
#include "tap.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>

#define PAGE 4096UL

static void *map(size_t len, int prot)
{
	void *p = mmap(NULL, len, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

/* What an access did: 0, or the signal with its code and address. */
static sigjmp_buf fault_jmp;
static volatile int fault_sig, fault_code;
static void *volatile fault_addr;

static void on_fault(int sig, siginfo_t *info, void *uc)
{
	(void)uc;
	fault_sig = sig;
	fault_code = info->si_code;
	fault_addr = info->si_addr;
	siglongjmp(fault_jmp, 1);
}

static int access_faults(volatile char *p, int write)
{
	struct sigaction sa = { .sa_sigaction = on_fault,
				.sa_flags = SA_SIGINFO };

	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	fault_sig = 0;
	if (!sigsetjmp(fault_jmp, 1)) {
		if (write)
			*p = 1;
		else
			(void)*p;
	}
	return fault_sig;
}

static long minor_faults(void)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	return ru.ru_minflt;
}

/* Linux may be up to 64 pages behind in each thread's counters. */
static long status_kb(const char *key)
{
	char line[256];
	long kb = -1;
	FILE *f = fopen("/proc/self/status", "r");

	CHECK(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			kb = atol(line + strlen(key) + 1);
	fclose(f);
	return kb;
}

TEST(anonymous_memory_is_zero)
{
	unsigned char *p = map(16 * PAGE, PROT_READ | PROT_WRITE);

	for (size_t i = 0; i < 16 * PAGE; i++)
		CHECK_EQ(p[i], 0);
}

TEST(untouched_memory_is_not_resident)
{
	long before = status_kb("VmRSS:"), size = status_kb("VmSize:");
	char *p = map(64UL << 20, PROT_READ | PROT_WRITE);

	madvise(p, 64UL << 20, MADV_NOHUGEPAGE);
	CHECK_EQ(status_kb("VmSize:") - size, 64 << 10);
	CHECK(status_kb("VmRSS:") - before < 512);
	memset(p, 1, 8UL << 20);
	CHECK(status_kb("VmRSS:") - before >= 8 << 10);
	CHECK(status_kb("VmRSS:") - before < (8 << 10) + 512);
	munmap(p, 64UL << 20);
	CHECK_EQ(status_kb("VmSize:"), size);
	CHECK(status_kb("VmRSS:") - before < 512);
}

TEST(reading_maps_the_zero_page_and_counts_minor_faults)
{
	volatile char *p = map(512 * PAGE, PROT_READ | PROT_WRITE);
	long rss, before, sum = 0;

	/* 2 MiB and what lies beside it may hold a huge page. */
	madvise((void *)p, 512 * PAGE, MADV_NOHUGEPAGE);
	rss = status_kb("VmRSS:");
	before = minor_faults();
	for (int i = 0; i < 512; i++)
		sum += p[i * PAGE];
	CHECK_EQ(sum, 0);
	CHECK_EQ(minor_faults() - before, 512);
	CHECK(status_kb("VmRSS:") - rss < 1024);
	before = minor_faults();
	for (int i = 0; i < 512; i++)
		p[i * PAGE] = 1;
	CHECK_EQ(minor_faults() - before, 512);
	CHECK(status_kb("VmRSS:") - rss >= 1536);
}

TEST(fork_shares_then_copies)
{
	volatile int *p = map(PAGE, PROT_READ | PROT_WRITE);
	int status;
	pid_t pid;

	*p = 42;
	pid = fork();
	if (!pid) {
		if (*p != 42)
			_exit(1);
		*p = 43;
		_exit(*p == 43 ? 0 : 2);
	}
	waitpid(pid, &status, 0);
	CHECK_EQ(status, 0);
	CHECK_EQ(*p, 42);
}

TEST(shared_memory_stays_shared_over_fork)
{
	volatile int *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid;

	CHECK(p != MAP_FAILED);
	pid = fork();
	if (!pid) {
		*p = 7;
		_exit(0);
	}
	waitpid(pid, &status, 0);
	CHECK_EQ(*p, 7);
}

TEST(cow_of_many_pages_keeps_every_byte)
{
	enum { N = 512 };
	unsigned *p = map(N * PAGE, PROT_READ | PROT_WRITE);
	int status[4];
	pid_t pid[4];

	for (size_t i = 0; i < N * PAGE / 4; i++)
		p[i] = (unsigned)i * 2654435761U;
	for (int c = 0; c < 4; c++) {
		pid[c] = fork();
		if (pid[c])
			continue;
		for (size_t i = (size_t)c; i < N * PAGE / 4; i += 1024)
			p[i] ^= 0xffffffffU;
		for (size_t i = 0; i < N * PAGE / 4; i++) {
			unsigned want = (unsigned)i * 2654435761U;

			if (i % 1024 == (size_t)c)
				want = ~want;
			if (p[i] != want)
				_exit(1);
		}
		_exit(0);
	}
	for (int c = 0; c < 4; c++) {
		waitpid(pid[c], &status[c], 0);
		CHECK_EQ(status[c], 0);
	}
	for (size_t i = 0; i < N * PAGE / 4; i++)
		CHECK_EQ(p[i], (unsigned)i * 2654435761U);
}

TEST(segv_says_maperr_or_accerr_and_where)
{
	char *p = map(2 * PAGE, PROT_READ | PROT_WRITE);

	CHECK_EQ(access_faults(NULL, 0), SIGSEGV);
	CHECK_EQ(fault_code, SEGV_MAPERR);
	CHECK(fault_addr == NULL);
	munmap(p + PAGE, PAGE);
	CHECK_EQ(access_faults(p + PAGE + 5, 1), SIGSEGV);
	CHECK_EQ(fault_code, SEGV_MAPERR);
	CHECK(fault_addr == p + PAGE + 5);
	CHECK_EQ(mprotect(p, PAGE, PROT_READ), 0);
	CHECK_EQ(access_faults(p + 9, 0), 0);
	CHECK_EQ(access_faults(p + 9, 1), SIGSEGV);
	CHECK_EQ(fault_code, SEGV_ACCERR);
	CHECK(fault_addr == p + 9);
	CHECK_EQ(mprotect(p, PAGE, PROT_NONE), 0);
	CHECK_EQ(access_faults(p, 0), SIGSEGV);
	CHECK_EQ(fault_code, SEGV_ACCERR);
	CHECK_EQ(access_faults((char *)0xffff800000000000UL, 0), SIGSEGV);
	CHECK_EQ(fault_code, SEGV_MAPERR);
}

TEST(code_is_not_writable_and_data_is_not_executable)
{
	extern char __executable_start[];
	unsigned *p = map(PAGE, PROT_READ | PROT_WRITE);

	CHECK_EQ(access_faults(__executable_start, 1), SIGSEGV);
	CHECK_EQ(fault_code, SEGV_ACCERR);
	*p = 0xd65f03c0; /* ret */
	__builtin___clear_cache((char *)p, (char *)p + 4);
	fault_sig = 0;
	if (!sigsetjmp(fault_jmp, 1))
		((void (*)(void))p)();
	CHECK_EQ(fault_sig, SIGSEGV);
	CHECK_EQ(fault_code, SEGV_ACCERR);
	CHECK_EQ(mprotect(p, PAGE, PROT_READ | PROT_EXEC), 0);
	((void (*)(void))p)();
}

/* Lines of /proc/self/maps that meet [p, p + len). */
static int maps_lines(void *p, size_t len)
{
	unsigned long a, b, s = (unsigned long)p;
	char line[512];
	int n = 0;
	FILE *f = fopen("/proc/self/maps", "r");

	CHECK(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx-%lx", &a, &b) == 2 && a < s + len &&
		    b > s)
			n++;
	fclose(f);
	return n;
}

TEST(mprotect_splits_and_merges_areas)
{
	char *hole = map(20 * PAGE, PROT_NONE), *p = hole + 4 * PAGE;

	CHECK(mmap(p, 10 * PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p);
	CHECK_EQ(maps_lines(p, 10 * PAGE), 1);
	CHECK_EQ(mprotect(p + 3 * PAGE, PAGE, PROT_READ), 0);
	CHECK_EQ(maps_lines(p, 10 * PAGE), 3);
	CHECK_EQ(mprotect(p + 3 * PAGE, PAGE, PROT_READ | PROT_WRITE), 0);
	CHECK_EQ(maps_lines(p, 10 * PAGE), 1);
	CHECK_EQ(munmap(p + 5 * PAGE, PAGE), 0);
	CHECK_EQ(maps_lines(p, 10 * PAGE), 2);
	CHECK(mmap(p + 5 * PAGE, PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		   0) == p + 5 * PAGE);
	CHECK_EQ(maps_lines(p, 10 * PAGE), 1);
}

TEST(mmap_refuses_nonsense)
{
	CHECK_ERR((long)mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
			     -1, 0),
		  EINVAL);
	CHECK_ERR((long)mmap((void *)1, PAGE, PROT_READ,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
		  EINVAL);
	CHECK_ERR((long)mmap(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0),
		  EINVAL);
	CHECK_ERR((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 77, 0), EBADF);
	CHECK_ERR((long)mmap(NULL, ~0UL & ~(PAGE - 1), PROT_READ,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
		  ENOMEM);
	CHECK_ERR(munmap((void *)1, PAGE), EINVAL);
	CHECK_ERR(munmap((void *)PAGE, 0), EINVAL);
	CHECK_ERR(mprotect((void *)(PAGE * 3), PAGE, PROT_READ), ENOMEM);
	CHECK_EQ(munmap((void *)0x10000000, PAGE), 0);
}

TEST(brk_grows_and_shrinks)
{
	char *start = sbrk(0), *p;

	CHECK_EQ(brk(start + 64 * PAGE), 0);
	p = sbrk(0);
	CHECK(p == start + 64 * PAGE);
	memset(start, 0x5a, 64 * PAGE);
	CHECK_EQ(brk(start), 0);
	CHECK_EQ(brk(start + 64 * PAGE), 0);
	for (unsigned i = 0; i < 64; i++)
		CHECK_EQ(start[i * PAGE], 0);
}

TEST(mremap_moves_content)
{
	char *p = map(4 * PAGE, PROT_READ | PROT_WRITE), *q;

	for (int i = 0; i < 4; i++)
		p[(unsigned long)i * PAGE] = (char)('a' + i);
	q = mremap(p, 4 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
	CHECK(q != MAP_FAILED);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(q[(unsigned long)i * PAGE], 'a' + i);
	CHECK_EQ(q[63 * PAGE], 0);
}

TEST(dontneed_gives_zeroes_again)
{
	char *p = map(4 * PAGE, PROT_READ | PROT_WRITE);

	memset(p, 1, 4 * PAGE);
	CHECK_EQ(madvise(p, 4 * PAGE, MADV_DONTNEED), 0);
	CHECK_EQ(p[0], 0);
	CHECK_EQ(p[3 * PAGE], 0);
}

static int recurse(int depth)
{
	volatile char frame[PAGE];

	frame[0] = (char)depth;
	return depth ? recurse(depth - 1) + frame[0] : 0;
}

TEST(the_stack_grows_to_its_limit)
{
	recurse(1000);
}

static void overflow_stack(void)
{
	recurse(100000000);
}

TEST(a_stack_beyond_its_limit_is_a_fault)
{
	CHECK_DIES(overflow_stack, SIGSEGV);
}

TEST(private_file_mapping_is_a_copy)
{
	int fd = open("/tmp/mm-test", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char buf[16] = {}, *p;

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, "hello, world", 12), 12);
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	CHECK(p != MAP_FAILED);
	CHECK(!memcmp(p, "hello, world", 13));
	memcpy(p, "HELLO", 5);
	CHECK_EQ(pread(fd, buf, 12, 0), 12);
	CHECK(!memcmp(buf, "hello, world", 12));
	CHECK(!memcmp(p, "HELLO, world", 12));
	unlink("/tmp/mm-test");
}

TEST(shared_file_mapping_is_the_file)
{
	int fd = open("/tmp/mm-shared", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char buf[16] = {}, *p;

	CHECK_EQ(ftruncate(fd, 2 * PAGE), 0);
	p = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	memcpy(p + PAGE, "written", 7);
	CHECK_EQ(pread(fd, buf, 7, PAGE), 7);
	CHECK(!memcmp(buf, "written", 7));
	CHECK_EQ(pwrite(fd, "again", 5, PAGE), 5);
	CHECK(!memcmp(p + PAGE, "againen", 7));
	CHECK_EQ(access_faults(p + 2 * PAGE, 0), SIGBUS);
	CHECK_EQ(fault_code, BUS_ADRERR);
	CHECK_EQ(ftruncate(fd, PAGE), 0);
	CHECK_EQ(access_faults(p + PAGE, 0), SIGBUS);
	unlink("/tmp/mm-shared");
}

TEST(rlimit_as_stops_mmap)
{
	struct rlimit rl = { 64UL << 20, 64UL << 20 };

	CHECK_EQ(setrlimit(RLIMIT_AS, &rl), 0);
	CHECK_ERR((long)mmap(NULL, 128UL << 20, PROT_READ,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
		  ENOMEM);
}

TEST(maps_names_what_is_there)
{
	char text[8192] = {};
	int fd = open("/proc/self/maps", O_RDONLY);
	ssize_t n, len = 0;

	free(malloc(1000));
	while ((n = read(fd, text + len, sizeof(text) - 1 - (size_t)len)) > 0)
		len += n;
	CHECK(strstr(text, "/tests/mm\n"));
	CHECK(strstr(text, "[stack]\n"));
	CHECK(strstr(text, "[vdso]\n"));
	CHECK(strstr(text, "[heap]\n"));
	CHECK(strstr(text, "r-xp 00000000 "));
}

TAP_MAIN(CASE(anonymous_memory_is_zero), CASE(untouched_memory_is_not_resident),
	 CASE(reading_maps_the_zero_page_and_counts_minor_faults),
	 CASE(fork_shares_then_copies),
	 CASE(shared_memory_stays_shared_over_fork),
	 CASE(cow_of_many_pages_keeps_every_byte),
	 CASE(segv_says_maperr_or_accerr_and_where),
	 CASE(code_is_not_writable_and_data_is_not_executable),
	 CASE(mprotect_splits_and_merges_areas), CASE(mmap_refuses_nonsense),
	 CASE(brk_grows_and_shrinks), CASE(mremap_moves_content),
	 CASE(dontneed_gives_zeroes_again), CASE(the_stack_grows_to_its_limit),
	 CASE(a_stack_beyond_its_limit_is_a_fault),
	 CASE(private_file_mapping_is_a_copy),
	 CASE(shared_file_mapping_is_the_file), CASE(rlimit_as_stops_mmap),
	 CASE(maps_names_what_is_there))
