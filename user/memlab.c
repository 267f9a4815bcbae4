/* SPDX-License-Identifier: MIT */
/*
 * memlab cow | huge [advise|refuse] | around | shared [SECONDS] | faults |
 * idle [SECONDS]:
 * experiments for docs/labs.md. Each but the last does a few steps with memory of its own
 * and says after each what can be seen of it: the faults that the access
 * itself took, the page behind the address (pagemap), by how many entries it
 * is mapped (kpagecount), lines of smaps and meminfo.
 *
 * "faults" measures what a fault of each kind costs, in nanoseconds. These
 * are instructions if QEMU has been told to count them (-icount shift=0).
 */
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "lib.h"

#define PAGE	4096UL
#define HUGE	(2UL << 20)
#define PRESENT (1ULL << 63)
#define PFN	((1ULL << 55) - 1)
#define PAGES	64UL

/* --- what can be seen --- */

static long faults(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return r.ru_minflt;
}

/* Once per page: READ or WRITE it, or let the kernel do so in BY_KERNEL. */
enum access { READ, WRITE, BY_KERNEL };

static void touch(volatile char *p, size_t size, enum access how)
{
	static int zero = -1;

	if (how == BY_KERNEL && zero < 0)
		zero = open("/dev/zero", O_RDONLY);
	for (size_t i = 0; i < size; i += PAGE)
		if (how == WRITE)
			p[i] = 1;
		else if (how == READ)
			(void)p[i];
		else if (read(zero, (char *)p + i, 1) != 1)
			continue; /* EFAULT */
}

/* => faults of reading or writing each page; those of counting are before */
static long faults_of(char *p, size_t size, enum access how)
{
	long before;

	faults();
	before = faults();
	touch(p, size, how);
	return faults() - before;
}

/* The index-th word of one of the files that have one for each page. */
static uint64_t word_of(const char *file, uint64_t index)
{
	uint64_t word = 0;
	int fd = open(file, O_RDONLY);

	if (fd < 0 || pread(fd, &word, 8, (off_t)(index * 8)) != 8)
		err(1, "%s", file);
	close(fd);
	return word;
}

static uint64_t entry_of(const char *p)
{
	return word_of("/proc/self/pagemap", (uintptr_t)p / PAGE);
}

static size_t entries(const char *p, size_t pages)
{
	size_t n = 0;

	for (size_t i = 0; i < pages; i++)
		n += (entry_of(p + i * PAGE) & PRESENT) != 0;
	return n;
}

static unsigned long kib_of(const char *file, const char *key)
{
	char text[8192], *p;

	if (read_file(file, text, sizeof(text)) <= 0)
		err(1, "%s", file);
	p = strstr(text, key);
	return p ? strtoul(p + strlen(key), NULL, 10) : 0;
}

static char *map(size_t size, int prot, int flags, int fd, void *at)
{
	char *p = mmap(at, size, prot, flags, fd, 0);

	if (p == MAP_FAILED)
		err(1, "mmap");
	return p;
}

/* A range of addresses that begins at a whole 2 MiB, and nothing in it. */
static char *aligned(size_t size)
{
	char *p = map(size + HUGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		      NULL);

	return p + (HUGE - (uintptr_t)p % HUGE) % HUGE;
}

/* --- cow: who has which page? --- */

static void show(const char *who, const char *what, long n, const char *p)
{
	uint64_t entry = entry_of(p);

	printf("%-7s %-22s %6ld  ", who, what, n);
	if (entry & PRESENT)
		printf("%#8llx %8llu\n", (unsigned long long)(entry & PFN),
		       (unsigned long long)word_of("/proc/kpagecount",
						   entry & PFN));
	else
		printf("%8s %8s\n", "-", "-");
	fflush(stdout);
}

static void say_and_wait(int say, int wait)
{
	char c = 0;

	if (write(say, &c, 1) != 1 || read(wait, &c, 1) != 1)
		exit(1);
}

static void cow_child(char *p, int say, int wait)
{
	show("child", "after fork", 0, p);
	show("child", "reads", faults_of(p, PAGE, READ), p);
	show("child", "writes", faults_of(p, PAGE, WRITE), p);
	say_and_wait(say, wait);
	show("child", "writes again", faults_of(p, PAGE, WRITE), p);
	exit(0);
}

static int cow(void)
{
	char *p = map(PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, NULL);
	int up[2], down[2], status = 1;
	char c;

	if (pipe(up) || pipe(down))
		err(1, "pipe");
	printf("%-7s %-22s %6s  %8s %8s\n", "who", "what", "faults", "page",
	       "mapped");
	show("parent", "maps a page", 0, p);
	show("parent", "reads", faults_of(p, PAGE, READ), p);
	show("parent", "writes", faults_of(p, PAGE, WRITE), p);
	show("parent", "writes again", faults_of(p, PAGE, WRITE), p);
	if (fork() == 0)
		cow_child(p, up[1], down[0]);
	if (read(up[0], &c, 1) != 1)
		return 1;
	show("parent", "when the child has its", 0, p);
	show("parent", "writes", faults_of(p, PAGE, WRITE), p);
	if (write(down[1], &c, 1) != 1 || wait(&status) < 0)
		return 1;
	return status != 0;
}

/* --- huge: one fault or 512? --- */

static void show_huge(const char *what, long n)
{
	const char *smaps = "/proc/self/smaps_rollup";

	printf("%-30s %6ld %9lu %9lu %6lu\n", what, n, kib_of(smaps, "Rss:"),
	       kib_of(smaps, "AnonHugePages:"),
	       kib_of("/proc/self/status", "VmPTE:"));
}

static int huge(const char *how)
{
	char *p = aligned(2 * HUGE);

	map(2 * HUGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, p);
	if (strcmp(how, "advise") == 0)
		madvise(p, 2 * HUGE, MADV_HUGEPAGE);
	else if (strcmp(how, "refuse") == 0)
		madvise(p, 2 * HUGE, MADV_NOHUGEPAGE);
	printf("%-30s %6s %9s %9s %6s\n", "what", "faults", "Rss kB", "huge kB",
	       "VmPTE");
	show_huge("4 MiB are mapped", 0);
	show_huge("each page is written", faults_of(p, 2 * HUGE, WRITE));
	mprotect(p + PAGE, PAGE, PROT_READ);
	show_huge("one page becomes read-only", 0);
	show_huge("each is read", faults_of(p, 2 * HUGE, READ));
	munmap(p, HUGE);
	show_huge("this half is unmapped", 0);
	madvise(p + HUGE, PAGE, MADV_DONTNEED);
	show_huge("one page is thrown away", 0);
	show_huge("and written again", faults_of(p + HUGE, PAGE, WRITE));
	return 0;
}

/* --- around: how many faults has a file? --- */

static void show_around(const char *what, long n, const char *p)
{
	unsigned char vec[PAGES];
	size_t cached = 0;

	if (mincore((void *)p, PAGES * PAGE, vec))
		err(1, "mincore");
	for (size_t i = 0; i < PAGES; i++)
		cached += vec[i] & 1;
	printf("%-34s %6ld %8zu %8zu\n", what, n, entries(p, PAGES), cached);
}

static int around(void)
{
	const int prot = PROT_READ | PROT_WRITE;
	char *p = aligned(PAGES * PAGE), page[PAGE];
	int fd = memfd_create("memlab", 0);

	memset(page, 'x', PAGE);
	for (size_t i = 0; i < PAGES; i++)
		if (write(fd, page, PAGE) != (ssize_t)PAGE)
			err(1, "write");
	printf("%-34s %6s %8s %8s\n", "a mapped file of 64 pages", "faults",
	       "entries", "mincore");
	map(PAGES * PAGE, prot, MAP_SHARED | MAP_FIXED, fd, p);
	show_around("mapped", 0, p);
	show_around("page 20 is read", faults_of(p + 20 * PAGE, PAGE, READ), p);
	show_around("each is read", faults_of(p, PAGES * PAGE, READ), p);
	show_around("each is written, shared",
		    faults_of(p, PAGES * PAGE, WRITE), p);
	map(PAGES * PAGE, prot, MAP_PRIVATE | MAP_FIXED, fd, p);
	show_around("new map: each is written, private",
		    faults_of(p, PAGES * PAGE, WRITE), p);
	map(PAGES * PAGE, prot, MAP_PRIVATE | MAP_FIXED, fd, p);
	show_around("new map: each is read, private",
		    faults_of(p, PAGES * PAGE, READ), p);
	show_around("then each is written", faults_of(p, PAGES * PAGE, WRITE),
		    p);
	return 0;
}

/* --- shared: four ways to one kind of memory --- */

/* The line of maps that p is in. */
static void print_map(const char *p)
{
	FILE *f = fopen("/proc/self/maps", "r");
	char line[512];
	uintptr_t from, to;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx-%lx", &from, &to) == 2 &&
		    from <= (uintptr_t)p && (uintptr_t)p < to)
			fputs(line, stdout);
	if (f)
		fclose(f);
}

static void show_shared(const char *what, char *p)
{
	printf("\n%s: %ld faults, Shmem %lu kB, RssShmem %lu kB\n", what,
	       faults_of(p, PAGES * PAGE, WRITE),
	       kib_of("/proc/meminfo", "Shmem:"),
	       kib_of("/proc/self/status", "RssShmem:"));
	print_map(p);
}

static int shared(const char *seconds)
{
	const size_t size = PAGES * PAGE;
	const int prot = PROT_READ | PROT_WRITE;
	int mem = memfd_create("memlab", 0);
	int shm = shm_open("/memlab", O_RDWR | O_CREAT, 0600);
	int id = shmget(IPC_PRIVATE, size, IPC_CREAT | 0600);

	if (mem < 0 || shm < 0 || id < 0 || ftruncate(mem, (off_t)size) ||
	    ftruncate(shm, (off_t)size))
		err(1, "shared memory");
	show_shared("mmap",
		    map(size, prot, MAP_SHARED | MAP_ANONYMOUS, -1, NULL));
	show_shared("memfd_create", map(size, prot, MAP_SHARED, mem, NULL));
	show_shared("shm_open", map(size, prot, MAP_SHARED, shm, NULL));
	show_shared("shmget, shmat", shmat(id, NULL, 0));
	fflush(stdout);
	sleep_seconds(parse_seconds(seconds));
	shm_unlink("/memlab");
	return shmctl(id, IPC_RMID, NULL);
}

/* --- faults: what does each kind cost? --- */

#define MANY 1024UL /* pages */

static int file; /* of MANY pages, all in the page cache */
static pid_t sharer;

static char *anon(void)
{
	char *p = map(MANY * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, NULL);

	madvise(p, MANY * PAGE, MADV_NOHUGEPAGE);
	return p;
}

static char *anon_read(void)
{
	char *p = anon();

	touch(p, MANY * PAGE, READ);
	return p;
}

static char *anon_written(void)
{
	char *p = anon();

	touch(p, MANY * PAGE, WRITE);
	return p;
}

static char *anon_old(void)
{
	char *p = anon_written();
	int fd = open("/proc/self/clear_refs", O_WRONLY);

	if (fd < 0 || write(fd, "1", 1) != 1)
		err(1, "clear_refs");
	close(fd);
	return p;
}

static char *anon_lazy(void)
{
	char *p = anon_written();

	madvise(p, MANY * PAGE, MADV_FREE);
	return p;
}

static char *anon_shared(void)
{
	char *p = anon_written();

	sharer = fork();
	if (sharer == 0)
		for (;;)
			pause();
	return p;
}

static void end_sharer(void)
{
	if (sharer > 0) {
		kill(sharer, SIGKILL);
		waitpid(sharer, NULL, 0);
	}
	sharer = 0;
}

static char *anon_alone_again(void)
{
	char *p = anon_shared();

	end_sharer();
	return p;
}

static char *nameless(void)
{
	return map(MANY * PAGE, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, NULL);
}

static char *file_private(void)
{
	return map(MANY * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file,
		   NULL);
}

static char *file_shared(void)
{
	return map(MANY * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, NULL);
}

static char *file_private_read(void)
{
	char *p = file_private();

	touch(p, MANY * PAGE, READ);
	return p;
}

static char *file_shared_read(void)
{
	char *p = file_shared();

	touch(p, MANY * PAGE, READ);
	return p;
}

static char *huge_wanted(void)
{
	char *p = aligned(MANY * PAGE);

	map(MANY * PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, p);
	madvise(p, MANY * PAGE, MADV_HUGEPAGE);
	return p;
}

/* => NULL: nobody has filled it (/proc/sys/vm/nr_hugepages) */
static char *pool(void)
{
	char *p = mmap(NULL, MANY * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static char *forbidden(void)
{
	return map(MANY * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		   NULL);
}

/* All of it is behind the end of the file. */
static char *file_cut(void)
{
	char *p = file_shared();

	if (ftruncate(file, 0))
		err(1, "ftruncate");
	return p;
}

/* Go on behind the instruction that faulted. */
static void skip(int sig, siginfo_t *info, void *context)
{
	(void)sig, (void)info;
	((ucontext_t *)context)->uc_mcontext.pc += 4;
}

static long long ns_of(char *p, enum access how)
{
	struct timespec from, to;

	clock_gettime(CLOCK_MONOTONIC, &from);
	touch(p, MANY * PAGE, how);
	clock_gettime(CLOCK_MONOTONIC, &to);
	return (to.tv_sec - from.tv_sec) * 1000000000LL + to.tv_nsec -
	       from.tv_nsec;
}

static const struct {
	const char *slot, *mapping;
	enum access how;
	char *(*make)(void);
} kinds[] = {
	{ "empty", "anonymous", READ, anon },
	{ "empty", "anonymous", WRITE, anon },
	{ "zero page", "anonymous", WRITE, anon_read },
	{ "shared after fork", "anonymous", WRITE, anon_shared },
	{ "the child has gone", "anonymous", WRITE, anon_alone_again },
	{ "old", "anonymous", READ, anon_old },
	{ "lazy free", "anonymous", WRITE, anon_lazy },
	{ "empty", "anonymous, huge", READ, huge_wanted },
	{ "empty", "anonymous, huge", WRITE, huge_wanted },
	{ "empty", "huge pages' pool", WRITE, pool },
	{ "empty", "file", READ, file_private },
	{ "empty", "file, private", WRITE, file_private },
	{ "empty", "file, shared", WRITE, file_shared },
	{ "read before", "file, private", WRITE, file_private_read },
	{ "read before", "file, shared", WRITE, file_shared_read },
	{ "empty, new page", "shared memory", WRITE, nameless },
	{ "empty", "anonymous", BY_KERNEL, anon },
	{ "PROT_NONE: EFAULT", "any", BY_KERNEL, forbidden },
	{ "PROT_NONE: SIGSEGV", "any", READ, forbidden },
	{ "behind the end: SIGBUS", "file", READ, file_cut },
};

static int costs(void)
{
	struct sigaction sa = { .sa_sigaction = skip, .sa_flags = SA_SIGINFO };
	static const char *const names[] = { "read", "write", "read()" };
	long long ns, loop[3];
	char *p;

	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	file = memfd_create("memlab", 0);
	if (file < 0 || ftruncate(file, MANY * PAGE))
		err(1, "memfd_create");
	touch(file_shared(), MANY * PAGE, WRITE);
	p = anon_written();
	for (enum access how = READ; how <= BY_KERNEL; how++)
		loop[how] = ns_of(p, how);
	printf("%-24s %-16s %-6s %7s %9s %8s\n", "slot", "mapping", "access",
	       "faults", "ns/fault", "ns/page");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		long n;

		p = kinds[i].make();
		if (!p)
			continue;
		faults();
		n = faults();
		ns = ns_of(p, kinds[i].how) - loop[kinds[i].how];
		n = faults() - n;
		printf("%-24s %-16s %-6s %7ld %9lld %8lld\n", kinds[i].slot,
		       kinds[i].mapping, names[kinds[i].how], n,
		       n > 1 ? ns / n : 0, ns / (long long)MANY);
		end_sharer();
		munmap(p, MANY * PAGE);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "", *how = argv[2];

	if (strcmp(what, "cow") == 0)
		return cow();
	if (strcmp(what, "huge") == 0)
		return huge(argc > 2 ? how : "");
	if (strcmp(what, "around") == 0)
		return around();
	if (strcmp(what, "shared") == 0)
		return shared(argc > 2 ? how : "0");
	if (strcmp(what, "faults") == 0)
		return costs();
	if (strcmp(what, "idle") == 0) {
		puts("a process that holds still");
		sleep_seconds(parse_seconds(argc > 2 ? how : "600"));
		return 0;
	}
	usage("memlab cow | huge [advise|refuse] | around | shared [SECONDS]"
	      " | faults | idle [SECONDS]");
}
