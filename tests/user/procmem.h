/* SPDX-License-Identifier: MIT */
/*
 * An address space as two kinds of file tell it: smaps, which adds up, and
 * pagemap with kpagecount and kpageflags, from which the same sums can be
 * derived page by page. And a process to look at.
 */
#ifndef PROCMEM_H
#define PROCMEM_H

#include "tap.h"
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#define PAGE	     4096UL
#define PM_PRESENT   (1ULL << 63)
#define PM_SWAP	     (1ULL << 62)
#define PM_FILE	     (1ULL << 61)
#define PM_EXCLUSIVE (1ULL << 56)
#define PM_PFN(e)    ((e) & ((1ULL << 55) - 1))

enum {
	RSS,
	PSS,
	PSS_DIRTY,
	SHARED_CLEAN,
	SHARED_DIRTY,
	PRIVATE_CLEAN,
	PRIVATE_DIRTY,
	ANONYMOUS,
	REFERENCED,
	ANON_HUGE,
	NR_SUMS
};

static const char *const sum_names[NR_SUMS] = {
	"Rss",		"Pss",		 "Pss_Dirty",	  "Shared_Clean",
	"Shared_Dirty", "Private_Clean", "Private_Dirty", "Anonymous",
	"Referenced",	"AnonHugePages",
};

struct vma {
	unsigned long start, end;
	unsigned long kb[NR_SUMS];
};

#define MAX_VMAS 200

static inline int open_of(pid_t pid, const char *file, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	return open(path, flags);
}

/* The VMAs of pid with the sums of its smaps => their number */
static inline int read_smaps(pid_t pid, struct vma *vmas)
{
	static char line[600];
	char path[64], key[40];
	unsigned long a, b;
	int n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps", (int)pid);
	f = fopen(path, "r");
	CHECK(f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%39[A-Za-z_]: %lu kB", key, &a) == 2) {
			for (int i = 0; n && i < NR_SUMS; i++)
				if (!strcmp(key, sum_names[i]))
					vmas[n - 1].kb[i] = a;
		} else if (sscanf(line, "%lx-%lx", &a, &b) == 2) {
			CHECK(n < MAX_VMAS);
			memset(&vmas[n], 0, sizeof(vmas[n]));
			vmas[n].start = a;
			vmas[n++].end = b;
		}
	}
	fclose(f);
	return n;
}

/* The sum of one smaps line over the VMAs that lie in [p, p + len). */
static inline unsigned long smaps_of(pid_t pid, const void *p, size_t len,
				     int what)
{
	static struct vma vmas[MAX_VMAS];
	unsigned long start = (unsigned long)p, sum = 0;
	int n = read_smaps(pid, vmas);

	for (int i = 0; i < n; i++)
		if (vmas[i].start >= start && vmas[i].end <= start + len)
			sum += vmas[i].kb[what];
	return sum;
}

static inline uint64_t entry_at(int fd, unsigned long nr)
{
	uint64_t e = 0;

	CHECK_EQ(pread(fd, &e, sizeof(e), (off_t)(nr * sizeof(e))), sizeof(e));
	return e;
}

static inline uint64_t pagemap_of(pid_t pid, const void *p)
{
	int fd = open_of(pid, "pagemap", O_RDONLY);
	uint64_t e;

	CHECK(fd >= 0);
	e = entry_at(fd, (unsigned long)p / PAGE);
	close(fd);
	return e;
}

static inline char *map(size_t pages, int prot, int flags, int fd)
{
	char *p = mmap(NULL, pages * PAGE, prot, flags, fd, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

static void *volatile nowhere = (void *)8;

#define RW	(PROT_READ | PROT_WRITE)
#define PRIVATE (MAP_PRIVATE | MAP_ANONYMOUS)
#define SHARED	(MAP_SHARED | MAP_ANONYMOUS)

/* A VMA of its own: nothing around it to merge with. */
static inline char *map_apart(size_t pages, int prot, int flags, int fd)
{
	char *p = map(pages + 2, PROT_NONE, PRIVATE, -1);

	CHECK(mmap(p + PAGE, pages * PAGE, prot, flags | MAP_FIXED, fd, 0) ==
	      p + PAGE);
	return p + PAGE;
}

/* 2 MiB, in one huge page if the kernel has them. */
static inline char *map_huge(void)
{
	char *p = map_apart(1024, RW, PRIVATE, -1);

	p = (char *)(((uintptr_t)p + (2 << 20) - 1) & ~((2UL << 20) - 1));
	madvise(p, 2 << 20, MADV_HUGEPAGE);
	return p;
}

static inline int temp_file(size_t pages)
{
	char name[] = "/tmp/procmem.XXXXXX";
	int fd = mkstemp(name);
	static char page[PAGE];

	CHECK(fd >= 0);
	unlink(name);
	memset(page, 'f', sizeof(page));
	for (size_t i = 0; i < pages; i++)
		CHECK_EQ(write(fd, page, PAGE), PAGE);
	return fd;
}

static inline void touch(volatile char *p, size_t pages, int value)
{
	for (size_t i = 0; i < pages; i++)
		if (value)
			p[i * PAGE] = (char)value;
		else
			(void)p[i * PAGE];
}

/* --- another process to look at --- */

static int to_subject[2], from_subject[2];

static inline void say(int fd)
{
	CHECK_EQ(write(fd, "x", 1), 1);
}

static inline void hear(int fd)
{
	char c;

	CHECK_EQ(read(fd, &c, 1), 1);
}

/* A child runs setup and waits. => its number */
static inline pid_t start_subject(void (*setup)(void))
{
	pid_t pid;

	CHECK(!pipe(to_subject) && !pipe(from_subject));
	fflush(stdout);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		char c;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(to_subject[1]);
		setup();
		say(from_subject[1]);
		_exit(read(to_subject[0], &c, 1) < 0);
	}
	close(to_subject[0]);
	close(from_subject[1]);
	hear(from_subject[0]);
	return pid;
}

static inline void end_subject(pid_t pid)
{
	int status;

	close(to_subject[1]);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

static inline void nothing(void)
{
}

/* Run the cases with huge pages for who asks; small machines have none. */
static inline int run_with_huge_pages(const struct tap_case *cases, int n)
{
	char was[60] = "", *mode;
	int fd = open("/sys/kernel/mm/transparent_hugepage/enabled", O_RDWR);
	int failed;

	CHECK(fd >= 0 && read(fd, was, sizeof(was) - 1) > 0);
	mode = strchr(was, '[') + 1;
	CHECK_EQ(pwrite(fd, "madvise", 7, 0), 7);
	failed = tap_run(cases, n);
	CHECK(pwrite(fd, mode, strcspn(mode, "]"), 0) > 0);
	return failed;
}

#define TAP_MAIN_HUGE(...)                                                  \
	int main(void)                                                      \
	{                                                                   \
		static const struct tap_case cases[] = { __VA_ARGS__ };     \
		return run_with_huge_pages(cases,                           \
					   sizeof(cases) / sizeof(*cases)); \
	}

#endif
