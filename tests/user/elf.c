// SPDX-License-Identifier: MIT
/*
 * Loading programs: interpreters that are not as they should be, where things
 * lie with and without randomization, and what a program may ask its CPU.
 *
 * Programs are made by hand, a few instructions each. All that is expected
 * here is what Linux does.
 */
#include <elf.h>
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <asm/hwcap.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "tap.h"

#define PROG   "/tmp/elf-prog"
#define INTERP "/tmp/elf-interp"
#define NPHDR  4
#define CODE   0x800 /* where the code is, in the file and in memory */

/* A file of one page: headers, the interpreter's name, code. */
struct image {
	Elf64_Ehdr eh;
	Elf64_Phdr ph[NPHDR];
	char name[64];
	char pad[CODE - sizeof(Elf64_Ehdr) - NPHDR * sizeof(Elf64_Phdr) - 64];
	uint32_t code[512];
};

/* exit(code) */
static void exit_code(uint32_t *p, unsigned code)
{
	*p++ = 0xd2800000 | code << 5; /* mov x0, #code */
	*p++ = 0xd2800ba8;	       /* mov x8, #93 */
	*p++ = 0xd4000001;	       /* svc #0 */
}

/* ppoll(NULL, 0, NULL, NULL): for ever */
static void wait_code(uint32_t *p)
{
	for (uint32_t r = 0; r < 5; r++)
		*p++ = 0xd2800000 | r; /* mov xr, #0 */
	*p++ = 0xd2800928;	       /* mov x8, #73 */
	*p++ = 0xd4000001;	       /* svc #0 */
}

static struct image make(unsigned type, uint64_t base, unsigned code)
{
	struct image im = { .eh = {
				    .e_ident = ELFMAG "\2\1\1",
				    .e_type = (Elf64_Half)type,
				    .e_machine = EM_AARCH64,
				    .e_version = 1,
				    .e_entry = base + CODE,
				    .e_phoff = sizeof(Elf64_Ehdr),
				    .e_ehsize = sizeof(Elf64_Ehdr),
				    .e_phentsize = sizeof(Elf64_Phdr),
				    .e_phnum = NPHDR,
			    } };

	im.ph[0] = (Elf64_Phdr){ .p_type = PT_LOAD,
				 .p_flags = PF_R | PF_X,
				 .p_vaddr = base,
				 .p_filesz = 4096,
				 .p_memsz = 4096,
				 .p_align = 4096 };
	exit_code(im.code, code);
	return im;
}

static void give_interp(struct image *im, const char *name)
{
	strcpy(im->name, name);
	im->ph[1].p_type = PT_INTERP;
	im->ph[1].p_offset = offsetof(struct image, name);
	im->ph[1].p_filesz = strlen(name) + 1;
}

static void put(const char *path, const void *data, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, data, n), n);
	close(fd);
}

/* Run PROG => its exit status, 1000 + signal, or -errno of exec */
static int run_prog(void)
{
	char *argv[] = { PROG, NULL };
	int err = 0, status, pipefd[2];
	pid_t pid;

	CHECK_EQ(pipe2(pipefd, O_CLOEXEC), 0);
	pid = fork();
	if (!pid) {
		execv(PROG, argv);
		err = errno;
		if (write(pipefd[1], &err, sizeof(err)) != sizeof(err))
			_exit(1);
		_exit(0);
	}
	close(pipefd[1]);
	if (read(pipefd[0], &err, sizeof(err)) < 0)
		err = -1;
	close(pipefd[0]);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	if (err)
		return -err;
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   1000 + WTERMSIG(status);
}

static int run_with(const struct image *prog, const struct image *interp)
{
	put(PROG, prog, sizeof(*prog));
	if (interp)
		put(INTERP, interp, sizeof(*interp));
	return run_prog();
}

TEST(made_programs_run)
{
	struct image prog = make(ET_EXEC, 0x10000000, 42);
	struct image interp = make(ET_DYN, 0, 43);

	CHECK_EQ(run_with(&prog, NULL), 42);
	prog = make(ET_DYN, 0x5000, 44);
	CHECK_EQ(run_with(&prog, NULL), 44);
	give_interp(&prog, INTERP);
	CHECK_EQ(run_with(&prog, &interp), 43);
	/* An interpreter may be linked to an address, and name one of its own,
	 * which is not looked at. */
	interp = make(ET_EXEC, 0x20000000, 45);
	give_interp(&interp, "/no/such/file");
	CHECK_EQ(run_with(&prog, &interp), 45);
}

TEST(missing_interpreters)
{
	struct image prog = make(ET_EXEC, 0x10000000, 42);

	give_interp(&prog, "/no/such/file");
	CHECK_EQ(run_with(&prog, NULL), -ENOENT);
	give_interp(&prog, "/tmp");
	CHECK_EQ(run_with(&prog, NULL), -EACCES);
	give_interp(&prog, "/proc/version");
	CHECK_EQ(run_with(&prog, NULL), -EACCES);
}

TEST(bad_interpreter_names)
{
	struct image prog = make(ET_EXEC, 0x10000000, 42);

	give_interp(&prog, INTERP);
	prog.ph[1].p_filesz--; /* not terminated */
	CHECK_EQ(run_with(&prog, NULL), -ENOEXEC);
	prog.ph[1].p_filesz = 1;
	CHECK_EQ(run_with(&prog, NULL), -ENOEXEC);
	prog.ph[1].p_filesz = 4097;
	CHECK_EQ(run_with(&prog, NULL), -ENOEXEC);
	prog.ph[1].p_filesz = 100;
	prog.ph[1].p_offset = 4090; /* beyond the end */
	CHECK_EQ(run_with(&prog, NULL), -EIO);
}

TEST(bad_interpreters)
{
	struct image prog = make(ET_EXEC, 0x10000000, 42);
	struct image good = make(ET_DYN, 0, 43), bad = good;

	give_interp(&prog, INTERP);
	put(INTERP, &good, 20);
	CHECK_EQ(run_with(&prog, NULL), -EIO);
	put(INTERP, &good, 100); /* no program headers */
	CHECK_EQ(run_with(&prog, NULL), -ELIBBAD);
	put(INTERP,
	    "#!/bin/sh\nexit 3 # and so on until it is 64 bytes long, no ELF",
	    64);
	CHECK_EQ(run_with(&prog, NULL), -ELIBBAD);
	bad.eh.e_machine = EM_X86_64;
	CHECK_EQ(run_with(&prog, &bad), -ELIBBAD);
	bad = good;
	bad.eh.e_phentsize = 40;
	CHECK_EQ(run_with(&prog, &bad), -ELIBBAD);
	bad = good;
	bad.eh.e_phnum = 100;
	CHECK_EQ(run_with(&prog, &bad), -ELIBBAD);
}

TEST(later_segments_lie_over_earlier_ones)
{
	struct image prog = make(ET_DYN, 0, 42), over = make(ET_DYN, 0, 46);
	char two[8192];

	prog.ph[2] = prog.ph[0];
	prog.ph[2].p_offset = 4096;
	memcpy(two, &prog, 4096);
	memcpy(two + 4096, &over, 4096);
	put(PROG, two, sizeof(two));
	CHECK_EQ(run_prog(), 46);
}

/* What is not in the file is mapped; touching it is SIGBUS. */
TEST(segments_beyond_the_file)
{
	struct image prog = make(ET_EXEC, 0x10000000, 42);

	prog.ph[2] = prog.ph[0];
	prog.ph[2].p_vaddr += 0x10000;
	prog.ph[2].p_offset = 0x10000;
	CHECK_EQ(run_with(&prog, NULL), 42);
	prog.eh.e_entry += 0x10000;
	CHECK_EQ(run_with(&prog, NULL), 1000 + SIGBUS);
}

/* ---- where things lie ---- */

struct layout {
	unsigned long prog, brk, mmap, vdso, stack_top;
};

/* The 47th number of /proc/PID/stat. */
static unsigned long start_brk(const char *pid)
{
	char line[1024], path[64], *p = line;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	f = fopen(path, "r");
	CHECK(f && fgets(line, sizeof(line), f));
	fclose(f);
	for (int i = 1; i < 47; i++)
		p = strchr(p, ' ') + 1;
	return strtoul(p, NULL, 10);
}

/* PROG waits for ever: read its maps, and end it. */
static struct layout layout_of_prog(void)
{
	char *argv[] = { PROG, NULL }, line[256], path[64], dummy;
	struct layout l = {};
	unsigned long from, to;
	int pipefd[2];
	pid_t pid;
	FILE *f;

	CHECK_EQ(pipe2(pipefd, O_CLOEXEC), 0);
	pid = fork();
	if (!pid) {
		execv(PROG, argv);
		_exit(1);
	}
	close(pipefd[1]);
	CHECK_EQ(read(pipefd[0], &dummy, 1), 0); /* it has exec'd */
	close(pipefd[0]);
	snprintf(path, sizeof(path), "%d", pid);
	l.brk = start_brk(path);
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	f = fopen(path, "r");
	CHECK(f);
	while (fgets(line, sizeof(line), f)) {
		CHECK_EQ(sscanf(line, "%lx-%lx", &from, &to), 2);
		if (strstr(line, PROG) && !l.prog)
			l.prog = from;
		if (strstr(line, INTERP) && !l.mmap)
			l.mmap = from;
		if (strstr(line, "[vdso]"))
			l.vdso = from;
		if (strstr(line, "[stack]"))
			l.stack_top = to;
	}
	fclose(f);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return l;
}

static void make_waiting(uint64_t align)
{
	struct image prog = make(ET_DYN, 0, 1), interp = make(ET_DYN, 0, 1);

	give_interp(&prog, INTERP);
	prog.ph[0].p_align = align;
	wait_code(interp.code);
	put(PROG, &prog, sizeof(prog));
	put(INTERP, &interp, sizeof(interp));
}

#define GIB	    (1UL << 30)
#define TOP	    (1UL << 48)
#define ET_DYN_BASE (2 * TOP / 3)
#define MMAP_TOP    (TOP - (128UL << 20)) /* the smallest gap for the stack */

TEST(fixed_without_randomization)
{
	struct layout a, b;

	CHECK(personality(ADDR_NO_RANDOMIZE) >= 0);
	make_waiting(0x10000);
	a = layout_of_prog();
	b = layout_of_prog();
	CHECK(!memcmp(&a, &b, sizeof(a)));
	CHECK_EQ(a.prog, ET_DYN_BASE & ~0xffffUL);
	CHECK_EQ(a.stack_top, TOP);
	CHECK_EQ(a.mmap, MMAP_TOP - 4096);
	CHECK_EQ(a.vdso, a.mmap - 4096);
}

/* ld.so run as a program: aligned, and with its heap out of the way. */
TEST(programs_without_interpreter)
{
	struct image prog = make(ET_DYN, 0, 1);
	struct layout l;

	prog.ph[0].p_align = 0x10000;
	wait_code(prog.code);
	put(PROG, &prog, sizeof(prog));
	for (int i = 0; i < 4; i++) {
		l = layout_of_prog();
		CHECK_EQ(l.prog & 0xffff, 0);
		CHECK(l.prog > TOP - 3 * GIB);
		CHECK(l.brk >= ET_DYN_BASE && l.brk < ET_DYN_BASE + GIB + 4096);
	}
	CHECK(personality(ADDR_NO_RANDOMIZE) >= 0);
	l = layout_of_prog();
	CHECK_EQ(l.prog, MMAP_TOP - 0x10000);
	CHECK_EQ(l.brk, (ET_DYN_BASE | 4095) + 1);
}

TEST(random_within_bounds)
{
	struct layout l, first;
	unsigned long differ[3] = {};

	make_waiting(0x200000);
	for (int i = 0; i < 8; i++) {
		l = layout_of_prog();
		CHECK_EQ(l.prog & 0x1fffff, 0);
		CHECK(l.prog >= (ET_DYN_BASE & ~0x1fffffUL) &&
		      l.prog < ET_DYN_BASE + GIB);
		CHECK(l.stack_top > TOP - GIB && l.stack_top <= TOP);
		CHECK(l.mmap < TOP - GIB && l.mmap > TOP - 3 * GIB);
		CHECK_EQ(l.vdso, l.mmap - 4096);
		if (!i)
			first = l;
		differ[0] |= l.prog ^ first.prog;
		differ[1] |= l.stack_top ^ first.stack_top;
		differ[2] |= l.mmap ^ first.mmap;
	}
	CHECK(differ[0] && differ[1] && differ[2]);
}

static void set_mode(char mode)
{
	int fd = open("/proc/sys/kernel/randomize_va_space", O_WRONLY);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, &mode, 1), 1);
	close(fd);
}

/* => how far the heap of a static program (this one) is from its bss */
static unsigned long heap_distance(void)
{
	char path[] = "/proc/self/exe", *argv[] = { "heap", NULL };
	unsigned long distance = 0;
	int pipefd[2];

	CHECK_EQ(pipe(pipefd), 0);
	if (!fork()) {
		dup2(pipefd[1], 1);
		execv(path, argv);
		_exit(1);
	}
	CHECK_EQ(read(pipefd[0], &distance, sizeof(distance)),
		 sizeof(distance));
	close(pipefd[0]);
	close(pipefd[1]);
	wait(NULL);
	return distance;
}

TEST(modes_of_randomize_va_space)
{
	struct layout a, b;
	unsigned long near, d, differ = 0;

	make_waiting(4096);
	set_mode('0');
	near = heap_distance();
	a = layout_of_prog();
	b = layout_of_prog();
	set_mode('1');
	CHECK(!memcmp(&a, &b, sizeof(a)));
	CHECK(near < 4096);
	CHECK_EQ(heap_distance(), near);
	a = layout_of_prog();
	b = layout_of_prog();
	set_mode('2');
	CHECK(memcmp(&a, &b, sizeof(a)));
	for (int i = 0; i < 8; i++) {
		d = heap_distance();
		CHECK_EQ(d & 4095, near);
		CHECK(d < GIB + 4096);
		differ |= d ^ near;
	}
	CHECK(differ);
}

static void *exec_from_thread(void *unused)
{
	char *argv[] = { PROG, NULL };

	execv(PROG, argv);
	return unused;
}

TEST(exec_of_a_dynamic_program_from_a_thread)
{
	struct image prog = make(ET_DYN, 0, 42), interp = make(ET_DYN, 0, 47);
	pthread_t thread;
	int status;
	pid_t pid;

	give_interp(&prog, INTERP);
	put(PROG, &prog, sizeof(prog));
	put(INTERP, &interp, sizeof(interp));
	pid = fork();
	if (!pid) {
		pthread_create(&thread, NULL, exec_from_thread, NULL);
		pthread_join(thread, NULL);
		_exit(1);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 47 << 8);
}

/* ---- what the CPU is ---- */

#define READ_ID(name)                                         \
	({                                                    \
		uint64_t v_ = 0x1234;                         \
		__asm__ volatile("mrs %0, " name : "+r"(v_)); \
		v_;                                           \
	})

static void read_ccsidr(void)
{
	READ_ID("ccsidr_el1");
}

static void read_aarch32_pfr0(void)
{
	READ_ID("S3_0_C0_C1_0");
}

TEST(id_registers_are_emulated)
{
	unsigned long hwcap = getauxval(AT_HWCAP);
	uint64_t isar0 = READ_ID("id_aa64isar0_el1");

	CHECK(hwcap & HWCAP_CPUID);
	CHECK(READ_ID("midr_el1") != 0x1234);
	CHECK_EQ(READ_ID("mpidr_el1"), 1UL << 31);
	CHECK_EQ(READ_ID("revidr_el1"), 0);
	CHECK_EQ(!!(hwcap & HWCAP_AES), (isar0 >> 4 & 15) >= 1);
	CHECK_EQ(!!(hwcap & HWCAP_ATOMICS), (isar0 >> 20 & 15) >= 2);
	CHECK_EQ(READ_ID("id_aa64pfr0_el1") & 0xff, 0x11);
	CHECK_EQ(READ_ID("S3_0_C0_C7_7"), 0); /* of nothing yet */
	__asm__ volatile("mrs xzr, midr_el1");
	CHECK_DIES(read_ccsidr, SIGILL);
	CHECK_DIES(read_aarch32_pfr0, SIGILL);
}

extern char _end[];

static int tell_heap_distance(void)
{
	unsigned long distance = start_brk("self") - (unsigned long)_end;

	return write(1, &distance, sizeof(distance)) != sizeof(distance);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		CASE(made_programs_run),
		CASE(missing_interpreters),
		CASE(bad_interpreter_names),
		CASE(bad_interpreters),
		CASE(later_segments_lie_over_earlier_ones),
		CASE(segments_beyond_the_file),
		CASE(fixed_without_randomization),
		CASE(programs_without_interpreter),
		CASE(random_within_bounds),
		CASE(modes_of_randomize_va_space),
		CASE(exec_of_a_dynamic_program_from_a_thread),
		CASE(id_registers_are_emulated),
	};

	if (argc && !strcmp(argv[0], "heap"))
		return tell_heap_distance();
	return tap_run(cases, (int)(sizeof(cases) / sizeof(*cases)));
}
