/* SPDX-License-Identifier: MIT */
/*
 * bench: what does an operation cost, in instructions?
 *
 * Meant for QEMU's -icount shift=0, where a virtual nanosecond is one executed
 * instruction. The counter ticks every 16 ns, so each operation is repeated
 * and divided; what the loop itself costs is measured and subtracted.
 *
 *	set up (not measured) -> start() -> n operations -> stop(n) -> clean up
 *
 * Everything between start() and stop() counts, whoever executes it: the
 * kernel, the child, a timer interrupt. tools/profile.py looks for these two
 * functions in a trace, so they are never inlined.
 *
 *	bench [-d divisor] [-p] [-w] [name...]
 *		-d  fewer repetitions: for tests and for traces
 *		-p  the operations of pressure.c instead of the others
 *		-w  wait for a line on stdin before the first operation
 *
 * Output, a line for each: "bench NAME INSTRUCTIONS of REPETITIONS", or
 * "bench NAME none WHY" where the kernel has no such thing. As process 1 it mounts what it needs,
 * takes its arguments from BENCH="..." on the kernel's command line, and
 * powers the machine off at the end.
 */
#include "bench.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static double spent;	 /* instructions measured by the current operation */
static double performed; /* operations measured */
static double loop_cost; /* of one turn of an empty loop */
static uint64_t began, began_idle;
static double ns_per_tick;
static uint64_t idle_turns;		       /* of nobody, without -p */
static volatile uint64_t *turns = &idle_turns; /* of busy_loop() */
#define TURN_COST 4

static const char *missing; /* why there is no result */
static long divisor = 1;

static inline uint64_t counter(void)
{
	uint64_t ticks;

	asm volatile("isb; mrs %0, cntvct_el0" : "=r"(ticks)::"memory");
	return ticks;
}

__attribute__((noinline)) void start(void)
{
	began_idle = *turns;
	began = counter();
}

double lap(void)
{
	double all = (double)(counter() - began) * ns_per_tick;

	return all - (double)(*turns - began_idle) * TURN_COST;
}

void report(double instructions, double operations)
{
	spent += instructions;
	performed += operations;
}

__attribute__((noinline)) void stop(long operations)
{
	double all = lap();

	report(all - (double)operations * loop_cost, (double)operations);
}

void unavailable(const char *why)
{
	missing = why;
}

void fail(const char *what)
{
	perror(what);
	exit(1);
}

long times(long n)
{
	n /= divisor;
	return n > 0 ? n : 1;
}

static void calibrate(void)
{
	uint64_t frequency;
	const long turns = 100000;

	asm("mrs %0, cntfrq_el0" : "=r"(frequency));
	ns_per_tick = 1e9 / (double)frequency;
	start();
	for (long i = 0; i < turns; i++)
		asm volatile("");
	stop(turns);
	loop_cost = spent / performed;
}

/* Count turns of TURN_COST instructions while the CPU has nothing to do. */
static void busy_loop(void)
{
	const struct sched_param none = { 0 };

	uint64_t *mine = (uint64_t *)map(PAGE, PROT_READ | PROT_WRITE,
					 MAP_SHARED | MAP_ANONYMOUS, -1);
	if (!fork()) {
		sched_setscheduler(0, SCHED_IDLE, &none);
		mlockall(MCL_CURRENT);
		for (;;)
			asm volatile("ldr x9, [%0]; add x9, x9, #1; "
				     "str x9, [%0]"
				     :
				     : "r"(mine)
				     : "x9", "memory");
	}
	turns = mine;
	mlockall(MCL_CURRENT);
	sleep(1);
}

static void run_one(const struct operation *op)
{
	spent = performed = 0;
	missing = NULL;
	op->run(op->arg);
	if (missing)
		printf("bench %s none %s\n", op->name, missing);
	else
		printf("bench %s %.1f of %.0f\n", op->name, spent / performed,
		       performed);
	fflush(stdout);
}

static void run_some(const struct operation *op, char **names)
{
	for (; op->name; op++) {
		bool wanted = !*names;

		for (char **name = names; *name; name++)
			wanted |= !strcmp(*name, op->name);
		if (wanted)
			run_one(op);
	}
}

static void run(int argc, char **argv)
{
	bool wait = false, pressure = false;
	int c;

	while ((c = getopt(argc, argv, "d:pw")) != -1) {
		if (c == 'd')
			divisor = atol(optarg);
		else if (c == 'p')
			pressure = true;
		else if (c == 'w')
			wait = true;
		else
			exit(2);
	}
	if (divisor < 1)
		exit(2);
	calibrate();
	if (wait) {
		printf("bench waits\n");
		fflush(stdout);
		getchar();
	}
	if (pressure) {
		busy_loop();
		run_some(pressure_operations, argv + optind);
	} else {
		run_some(process_operations, argv + optind);
		run_some(memory_operations, argv + optind);
	}
	printf("bench done\n");
	fflush(stdout);
}

/* ---- as process 1 -------------------------------------------------------- */

static void mount_one(const char *type, const char *dir)
{
	mkdir(dir, 0755);
	mount(type, dir, type, 0, NULL);
}

static void open_console(void)
{
	int fd = open("/dev/console", O_RDWR);

	for (int i = 0; fd >= 0 && i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
}

static void run_from_environment(void)
{
	char *argv[32] = { (char *)"bench" };
	char *words = getenv("BENCH");
	int argc = 1;

	for (char *w = words ? strtok(words, " ") : NULL; w && argc < 31;
	     w = strtok(NULL, " "))
		argv[argc++] = w;
	run(argc, argv);
}

/* What Linux's disk driver is made of; who needs another one comes later. */
static void load_modules(void)
{
	static const char *const names[] = { "virtio", "virtio_ring",
					     "virtio_mmio", "virtio_blk" };
	const int n = sizeof(names) / sizeof(*names);
	char path[64];

	for (int i = 0; i < n * n; i++) {
		int fd;

		snprintf(path, sizeof(path), "/modules/%s.ko", names[i % n]);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			continue;
		syscall(SYS_finit_module, fd, "", 0);
		close(fd);
	}
}

static int as_init(void)
{
	load_modules();
	mount_one("proc", "/proc");
	mount_one("sysfs", "/sys");
	mount_one("devtmpfs", "/dev");
	mount_one("tmpfs", "/tmp");
	open_console();
	sleep(3); /* what the kernel still does behind our back ends now */
	if (!fork()) {
		setsid();
		run_from_environment();
		exit(0);
	}
	wait(NULL);
	reboot(RB_POWER_OFF);
	return 1;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "exit"))
		return 0; /* the program that "exec" runs */
	if (getpid() == 1)
		return as_init();
	run(argc, argv);
	return 0;
}
