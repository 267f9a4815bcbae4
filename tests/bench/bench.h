/* SPDX-License-Identifier: MIT */
/*
 * What an operation of bench is, and what it measures itself with. Layout:
 * bench.c measures, memory.c, process.c and pressure.c hold the operations.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096UL
#define MIB  (1UL << 20)

struct operation {
	const char *name;
	void (*run)(long arg);
	long arg;
};

/* In the order in which they run; the last one has no name. */
extern const struct operation memory_operations[], process_operations[],
	pressure_operations[];

/* What happens in between is measured; stop() says how many operations. */
void start(void);
void stop(long operations);

/* The same in two steps: => instructions since start(); count them. */
double lap(void);
void report(double instructions, double operations);

/* There is no such operation on this kernel. */
void unavailable(const char *why);

/* => n, divided by -d's divisor, at least 1 */
long times(long n);

/* perror(), and the end */
void fail(const char *what) __attribute__((noreturn));

/* ---- shorthands ---------------------------------------------------------- */

static inline char *map(size_t size, int prot, int flags, int fd)
{
	char *p = mmap(NULL, size, prot, flags, fd, 0);

	if (p == MAP_FAILED)
		fail("mmap");
	return p;
}

static inline char *map_anon(size_t size)
{
	return map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		   -1);
}

/* Read-write memory at a multiple of 2 MiB; the rest is left as it is. */
static inline char *map_aligned(size_t size)
{
	char *p = map_anon(size + 2 * MIB);

	return (char *)(((uintptr_t)p + 2 * MIB - 1) & ~(2 * MIB - 1));
}

static inline void unmap(char *p, size_t size)
{
	if (munmap(p, size))
		fail("munmap");
}

static inline void write_pages(char *p, long pages)
{
	for (long i = 0; i < pages; i++)
		*(volatile char *)(p + i * PAGE) = 1;
}

static inline void read_pages(const char *p, long pages)
{
	for (long i = 0; i < pages; i++)
		(void)*(const volatile char *)(p + i * PAGE);
}

/* fork() and exit() */
static inline void fork_exit_wait(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	if (waitpid(pid, NULL, 0) != pid)
		fail("fork");
}

#endif
