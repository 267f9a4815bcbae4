// SPDX-License-Identifier: MIT
/*
 * The vDSO: an ELF object with the symbols that libcs look for, clocks that
 * agree with the system calls on every CPU, and an unwind table that leads
 * out of a signal handler.
 */
#include <elf.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unwind.h>

#include "tap.h"

#define NSEC 1000000000LL

static const Elf64_Ehdr *vdso(void)
{
	return (const Elf64_Ehdr *)getauxval(AT_SYSINFO_EHDR);
}

static const Elf64_Dyn *dynamic(Elf64_Sxword tag)
{
	const char *base = (const char *)vdso();
	const Elf64_Phdr *ph = (const void *)(base + vdso()->e_phoff);
	const Elf64_Dyn *d;

	while (ph->p_type != PT_DYNAMIC)
		ph++;
	for (d = (const void *)(base + ph->p_vaddr); d->d_tag; d++)
		if (d->d_tag == tag)
			return d;
	return NULL;
}

/* => its address, or NULL */
static void *symbol(const char *name)
{
	const char *base = (const char *)vdso();
	const Elf64_Sym *sym =
		(const void *)(base + dynamic(DT_SYMTAB)->d_un.d_ptr);
	const uint32_t *hash =
		(const void *)(base + dynamic(DT_HASH)->d_un.d_ptr);
	const char *names = base + dynamic(DT_STRTAB)->d_un.d_ptr;

	for (uint32_t i = 1; i < hash[1]; i++)
		if (!strcmp(names + sym[i].st_name, name))
			return (void *)(base + sym[i].st_value);
	return NULL;
}

TEST(it_is_a_shared_object)
{
	const char *base = (const char *)vdso(), *names;
	const Elf64_Verdef *def;

	CHECK(base && !memcmp(base, ELFMAG, SELFMAG));
	CHECK_EQ(vdso()->e_type, ET_DYN);
	CHECK_EQ(vdso()->e_machine, EM_AARCH64);
	names = base + dynamic(DT_STRTAB)->d_un.d_ptr;
	CHECK(!strcmp(names + dynamic(DT_SONAME)->d_un.d_val,
		      "linux-vdso.so.1"));
	CHECK(symbol("__kernel_rt_sigreturn"));
	CHECK(symbol("__kernel_clock_gettime"));
	CHECK(symbol("__kernel_clock_getres"));
	CHECK(symbol("__kernel_gettimeofday"));
	CHECK_EQ(dynamic(DT_VERDEFNUM)->d_un.d_val, 2);
	def = (const void *)(base + dynamic(DT_VERDEF)->d_un.d_ptr);
	def = (const void *)((const char *)def + def->vd_next);
	CHECK(!strcmp(names + ((const Elf64_Verdaux *)((const char *)def +
						       def->vd_aux))
				      ->vda_name,
		      "LINUX_2.6.39"));
}

static long long ns(const struct timespec *ts)
{
	return ts->tv_sec * NSEC + ts->tv_nsec;
}

static long long by_call(int clock)
{
	struct timespec ts;

	CHECK_EQ(syscall(SYS_clock_gettime, clock, &ts), 0);
	return ns(&ts);
}

static long long by_vdso(int clock)
{
	int (*gettime)(int, struct timespec *) =
		symbol("__kernel_clock_gettime");
	struct timespec ts;

	CHECK_EQ(gettime(clock, &ts), 0);
	CHECK(ts.tv_nsec >= 0 && ts.tv_nsec < NSEC);
	return ns(&ts);
}

TEST(clocks_agree_with_the_system_call)
{
	static const int clocks[] = {
		CLOCK_REALTIME,
		CLOCK_MONOTONIC,
		CLOCK_PROCESS_CPUTIME_ID,
		CLOCK_THREAD_CPUTIME_ID,
		CLOCK_MONOTONIC_RAW,
		CLOCK_REALTIME_COARSE,
		CLOCK_MONOTONIC_COARSE,
		CLOCK_BOOTTIME,
		CLOCK_REALTIME_ALARM,
		CLOCK_BOOTTIME_ALARM,
		CLOCK_TAI,
	};

	for (unsigned i = 0; i < sizeof(clocks) / sizeof(*clocks); i++) {
		long long a = by_call(clocks[i]), b = by_vdso(clocks[i]),
			  c = by_call(clocks[i]);

		CHECK(a <= b && b <= c);
	}
}

TEST(resolutions_and_errors)
{
	int (*getres)(int, struct timespec *) = symbol("__kernel_clock_getres");
	int (*gettime)(int, struct timespec *) =
		symbol("__kernel_clock_gettime");
	struct timespec a, b;

	for (int clock = -8; clock < 14; clock++) {
		int err = syscall(SYS_clock_getres, clock, &a) ? -errno : 0;

		CHECK_EQ(getres(clock, &b), err);
		CHECK(err || ns(&a) == ns(&b));
		CHECK_EQ(getres(clock, NULL), err);
	}
	CHECK_EQ(gettime(77, &a), -EINVAL);
}

TEST(gettimeofday_and_its_zone)
{
	int (*gtod)(struct timeval *, void *) = symbol("__kernel_gettimeofday");
	struct timezone tz = { 99, 99 };
	struct timeval tv;
	long long real;

	real = by_call(CLOCK_REALTIME);
	CHECK_EQ(gtod(&tv, NULL), 0);
	CHECK(tv.tv_sec * NSEC + tv.tv_usec * 1000 >= real - 1000);
	CHECK_EQ(gtod(NULL, &tz), 0);
	CHECK_EQ(tz.tz_minuteswest, 0);
	CHECK_EQ(gtod(NULL, NULL), 0);
}

TEST(setting_the_time_is_seen)
{
	struct timespec ts;
	long long before = by_vdso(CLOCK_REALTIME);

	ts.tv_sec = before / NSEC + 5000;
	ts.tv_nsec = 0;
	CHECK_EQ(clock_settime(CLOCK_REALTIME, &ts), 0);
	CHECK(by_vdso(CLOCK_REALTIME) >= before + 4999 * NSEC);
	CHECK(by_vdso(CLOCK_REALTIME) <= by_call(CLOCK_REALTIME));
	ts.tv_sec -= 5000;
	CHECK_EQ(clock_settime(CLOCK_REALTIME, &ts), 0);
	CHECK(by_vdso(CLOCK_REALTIME) < before + 100 * NSEC);
}

static _Atomic long long latest;
static atomic_int backwards;

/* Each time that any thread has published is before the next one read. */
static void *interleave(void *unused)
{
	for (int i = 0; i < 20000; i++) {
		long long seen = atomic_load(&latest);
		long long now = i & 1 ? by_call(CLOCK_MONOTONIC) :
					by_vdso(CLOCK_MONOTONIC);

		if (now < seen)
			atomic_fetch_add(&backwards, 1);
		while (now > seen &&
		       !atomic_compare_exchange_weak(&latest, &seen, now))
			;
	}
	return unused;
}

TEST(monotonic_on_all_cpus)
{
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, interleave, NULL),
			 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	CHECK_EQ(backwards, 0);
}

/* Without the page of data libc's clock cannot be read: no system call. */
static void without_data(void)
{
	struct timespec ts;

	CHECK_EQ(munmap((char *)vdso() - 8192, 8192), 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	clock_gettime(CLOCK_MONOTONIC, &ts);
}

TEST(libc_makes_no_system_call)
{
	CHECK_DIES(without_data, SIGSEGV);
}

static void write_data(void)
{
	*(volatile char *)((char *)vdso() - 8192) = 1;
}

TEST(nobody_can_change_it)
{
	char *page = (char *)vdso();

	CHECK_DIES(write_data, SIGSEGV);
	CHECK_ERR(mprotect(page - 8192, 4096, PROT_READ | PROT_WRITE), EACCES);
	/* A debugger's breakpoint: a copy of one's own. */
	CHECK_EQ(mprotect(page, 4096, PROT_READ | PROT_WRITE), 0);
	page[4095] = 77;
	CHECK_EQ(mprotect(page, 4096, PROT_READ | PROT_EXEC), 0);
	CHECK_EQ(page[4095], 77);
	CHECK(by_vdso(CLOCK_MONOTONIC) > 0);
	CHECK_EQ(in_child(it_is_a_shared_object), 0);
}

/* ---- out of a signal handler ---- */

static uintptr_t frames[64];
static int nr_frames;

static _Unwind_Reason_Code note(struct _Unwind_Context *context, void *unused)
{
	(void)unused;
	if (nr_frames < 64)
		frames[nr_frames++] = _Unwind_GetIP(context);
	return _URC_NO_REASON;
}

static bool frame_in(int i, const void *start, unsigned size)
{
	return i < nr_frames && frames[i] - (uintptr_t)start <= size;
}

__attribute__((noinline, noclone)) static void leaf(volatile int *p)
{
	*p = 1;
}

__attribute__((noinline, noclone)) static int middle(volatile int *p)
{
	leaf(p);
	return *p;
}

static void unwind(int sig)
{
	int i = 0;

	(void)sig;
	_Unwind_Backtrace(note, NULL);
	while (i < nr_frames &&
	       !frame_in(i, symbol("__kernel_rt_sigreturn"), 0))
		i++;
	CHECK(frame_in(i + 1, leaf, 16));
	CHECK(frame_in(i + 2, middle, 64));
	fflush(stdout);
	_exit(5);
}

static void fault_in_leaf(void)
{
	signal(SIGSEGV, unwind);
	middle((volatile int *)64);
}

TEST(unwinding_through_a_signal)
{
	CHECK_EXITS(fault_in_leaf, 5);
}

TAP_MAIN(CASE(it_is_a_shared_object), CASE(clocks_agree_with_the_system_call),
	 CASE(resolutions_and_errors), CASE(gettimeofday_and_its_zone),
	 CASE(setting_the_time_is_seen), CASE(monotonic_on_all_cpus),
	 CASE(libc_makes_no_system_call), CASE(nobody_can_change_it),
	 CASE(unwinding_through_a_signal))
