/* SPDX-License-Identifier: MIT */
/*
 * mallocdemo: what malloc costs before and after the memory is touched.
 *
 *	mallocdemo [100 | 100M | SIZE] [touch]	one case
 *	mallocdemo				all four, each in its own child
 *
 * 100 bytes come from the heap that libc already has. 100 MiB are mapped by
 * mmap: VmSize grows at once, VmRSS only page by page as each is first
 * written, one minor fault each.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib.h"

struct usage_now {
	unsigned long size, rss; /* KiB */
	long minor, major;
};

static struct usage_now measure(void)
{
	struct usage_now u = { 0 };
	struct rusage r;
	char text[4096], *p;

	if (read_file("/proc/self/status", text, sizeof(text)) > 0) {
		p = strstr(text, "VmSize:");
		u.size = p ? strtoul(p + 7, NULL, 10) : 0;
		p = strstr(text, "VmRSS:");
		u.rss = p ? strtoul(p + 6, NULL, 10) : 0;
	}
	getrusage(RUSAGE_SELF, &r);
	u.minor = r.ru_minflt;
	u.major = r.ru_majflt;
	return u;
}

/*
 * The function of the course text: ask for memory, and use it or not. One
 * byte makes a whole page real. volatile: or the compiler, which sees that
 * nobody reads the memory, leaves out the writes and malloc itself.
 */
static void *alloc_bytes(size_t size, int touch)
{
	volatile char *volatile p = malloc(size);

	for (size_t i = 0; p && touch && i < size; i += 4096)
		p[i] = 0x5a;
	return (void *)p;
}

static const char *explain(size_t size, int touch)
{
	if (size < 128 * 1024)
		return touch ? "a heap page that is there already" :
			       "from the heap, no system call";
	return touch ? "one minor fault for each page" :
		       "mmap: addresses only, no pages";
}

static void print_header(void)
{
	printf("%9s %-6s %21s %21s %13s %5s  %s\n", "malloc", "touch",
	       "VmSize kB", "VmRSS kB", "minor faults", "major", "why");
}

static int run_case(size_t size, int touch)
{
	struct usage_now before, after;
	void *p;

	/*
	 * What both ways of malloc need is there from now on: pages of libc and
	 * of the heap. A free() of a mapped block would raise the threshold
	 * between them, unless it has been set.
	 */
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	free(alloc_bytes(256 * 1024, 1));
	free(alloc_bytes(size < 4096 ? size : 1, 1));
	measure();
	before = measure();
	p = alloc_bytes(size, touch);
	after = measure();
	if (!p) {
		printf("%9zu %-6s malloc failed\n", size, touch ? "yes" : "no");
		return 1;
	}
	printf("%9zu %-6s %9lu ->%9lu %9lu ->%9lu %13ld %5ld  %s\n", size,
	       touch ? "yes" : "no", before.size, after.size, before.rss,
	       after.rss, after.minor - before.minor,
	       after.major - before.major, explain(size, touch));
	free(p);
	return 0;
}

static int run_in_child(size_t size, int touch)
{
	int status = 1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		exit(run_case(size, touch));
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		perror("fork");
	if (WIFSIGNALED(status))
		printf("%9zu %-6s killed by signal %d: out of memory?\n", size,
		       touch ? "yes" : "no", WTERMSIG(status));
	return status != 0;
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = { 100, 100 << 20 };
	int status = 0;
	size_t size;

	if (argc > 1) {
		size = parse_size(argv[1]);
		if (!size)
			usage("mallocdemo [100 | 100M | SIZE] [touch]");
		print_header();
		return run_case(size,
				argc > 2 && strcmp(argv[2], "touch") == 0);
	}
	print_header();
	for (int i = 0; i < 4; i++)
		status |= run_in_child(sizes[i / 2], i % 2);
	return status;
}
