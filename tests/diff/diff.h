/* SPDX-License-Identifier: MIT */
/*
 * Scripts of memory calls whose output says everything that a program can
 * see, in words that do not depend on where things lie: the same binary runs
 * on Linux and on Quire, and the texts are compared.
 *
 *	CASE(name) { DO(mmap_(at(0), 4 * P, RW, ANON | FIXED, -1, 0)); maps(); }
 *
 * Each case runs in a child of its own.  Addresses are counted in pages from
 * B, an address far from everything where only the case maps something.
 */
#ifndef DIFF_H
#define DIFF_H

#include <errno.h>
#include <fcntl.h>
#include <linux/mman.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

struct diff_case {
	const char *name;
	void (*run)(void);
};

#define CASE(case_name)                                                       \
	static void case_name(void);                                          \
	static const struct diff_case case_##case_name                        \
		__attribute__((used, section("diff_cases"))) = { #case_name,  \
								 case_name }; \
	static void case_name(void)

/* ---- words short enough for a script -------------------------------------- */

#define P	    4096UL
#define B	    0x200000000000UL
#define at(page)    (B + (unsigned long)(page)*P)
#define KERNEL_ADDR 0xffff800000001000UL
#define USER_END    0x1000000000000UL

#define R	  PROT_READ
#define W	  PROT_WRITE
#define X	  PROT_EXEC
#define N	  PROT_NONE
#define RW	  (PROT_READ | PROT_WRITE)
#define ANON	  (MAP_PRIVATE | MAP_ANONYMOUS)
#define SHANON	  (MAP_SHARED | MAP_ANONYMOUS)
#define FIXED	  MAP_FIXED
#define SHARED	  MAP_SHARED
#define PRIVATE	  MAP_PRIVATE
#define NOREPLACE MAP_FIXED_NOREPLACE

/* The bare system calls: libc checks and changes some arguments. */
#define mmap_(a, l, p, f, fd, o) syscall(SYS_mmap, a, l, p, f, fd, o)
#define munmap_(a, l)		 syscall(SYS_munmap, a, l)
#define mprotect_(a, l, p)	 syscall(SYS_mprotect, a, l, p)
#define mremap_(a, o, n, f, to)	 syscall(SYS_mremap, a, o, n, f, to)
#define madvise_(a, l, what)	 syscall(SYS_madvise, a, l, what)
#define mincore_(a, l, v)	 syscall(SYS_mincore, a, l, v)
#define msync_(a, l, f)		 syscall(SYS_msync, a, l, f)
#define mlock_(a, l)		 syscall(SYS_mlock, a, l)
#define mlock2_(a, l, f)	 syscall(SYS_mlock2, a, l, f)
#define munlock_(a, l)		 syscall(SYS_munlock, a, l)
#define mlockall_(f)		 syscall(SYS_mlockall, f)
#define munlockall_()		 syscall(SYS_munlockall)
#define brk_(a)			 syscall(SYS_brk, a)
#define remap_file_pages_(a, l, p, o, f) \
	syscall(SYS_remap_file_pages, a, l, p, o, f)

/* Private anonymous memory at pages [page, page + n), silently. */
#define area(page, n, prot) \
	must(mmap_(at(page), (n)*P, prot, ANON | FIXED, -1, 0))
#define area_of(page, n, prot, flags, fd, off) \
	must(mmap_(at(page), (n)*P, prot, (flags) | FIXED, fd, (off)*P))

/* ---- doing and showing ----------------------------------------------------- */

extern int verbose; /* -v behind the name of the case */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void result(const char *what, long value);
void must(long value);

/* The call as it is written here and what came of it. */
#define DO(call) (errno = 0, result(#call, (long)(call)))

/* Minor page faults of a statement. */
long minor_faults(void);
#define FAULTS(stmt)                                                       \
	do {                                                               \
		long faults_ = minor_faults();                             \
		stmt;                                                      \
		say("faults of %s: %ld", #stmt, minor_faults() - faults_); \
	} while (0)

/* What the statement changes in /proc/self/status (KiB) or /proc/meminfo. */
enum source { STATUS, MEMINFO };
void keys_before(enum source source, const char *keys);
void keys_after(const char *what);
#define DELTA(source, keys, stmt)          \
	do {                               \
		keys_before(source, keys); \
		stmt;                      \
		keys_after(#stmt);         \
	} while (0)

/* One access => what it read, or the signal; *_n: every page of a range. */
void rd(unsigned long addr);
void wr(unsigned long addr);
void run_at(unsigned long addr);
void rd_n(unsigned long page, unsigned long n);
void wr_n(unsigned long page, unsigned long n);
int quiet_access(unsigned long addr, int write);

void maps(void);
/* => how many mappings have that name; the last one's borders */
int maps_named(const char *name, unsigned long *from, unsigned long *to);
void core(unsigned long page, unsigned long n);
void smaps(unsigned long addr);
void smaps_all(void);
uint32_t region_hash(void);
void bytes(unsigned long page, unsigned long n);

/* Run fn in a child and wait for it. */
void child(void (*fn)(void));
/* fork with nothing left to print. */
pid_t quiet_fork(void);
int wait_for(pid_t pid);
void exit_case(void);
void exit_with(int wait_status);

/* random.c: one script, made from the seed. */
extern unsigned int random_seed;
void random_script(void);

/* ---- things to map --------------------------------------------------------- */

/* A new file of that many pages: 'a' all over page 0, 'b' over page 1... */
int new_file(const char *path, unsigned long pages);
/* The number in a file of /proc or /sys; put: write a line into it. */
long get(const char *path);
int put(const char *path, const char *text);
void limit(int which, unsigned long soft);
void become_user(void);

#endif
