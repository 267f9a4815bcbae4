// SPDX-License-Identifier: MIT
/*
 * Swap. "swap DEVICE" takes a device with a swap header and has all cases run
 * on it; without one only those that need none. Pages are sent out with
 * MADV_PAGEOUT; pagemap tells what became of them.
 */
#include "procmem.h"

#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/sysinfo.h>
#include <sys/uio.h>
#include <sys/utsname.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

#define N    512
#define SIZE (N * PAGE)

static const char *device;

/* Linux's counters lag behind, and it keeps some slots at hand, in kB. */
static long slack;

#define CHECK_NEAR(a, b) CHECK(labs((long)(a) - (long)(b)) <= slack)

/* ---- looking ------------------------------------------------------------- */

static uint64_t entry_of(const void *addr)
{
	uint64_t e = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY);

	CHECK(fd >= 0);
	CHECK_EQ(pread(fd, &e, 8, (off_t)((uintptr_t)addr / PAGE * 8)), 8);
	close(fd);
	return e;
}

static int count(const char *p, size_t len, uint64_t bit)
{
	int n = 0;

	for (size_t i = 0; i < len; i += PAGE)
		n += (entry_of(p + i) & bit) != 0;
	return n;
}

/* The number behind "key" of a file; of smaps, for the mapping at p. */
static long number_in(const char *file, const char *key, const void *p)
{
	static char line[600];
	unsigned long a, b;
	int here = !p;
	long n = -1;
	FILE *f = fopen(file, "r");

	CHECK(f);
	while (n < 0 && fgets(line, sizeof(line), f)) {
		if (p && sscanf(line, "%lx-%lx ", &a, &b) == 2)
			here = a <= (uintptr_t)p && (uintptr_t)p < b;
		if (here && !strncmp(line, key, strlen(key)))
			n = strtol(line + strlen(key), NULL, 10);
	}
	fclose(f);
	return n;
}

#define STATUS(key)   number_in("/proc/self/status", key, NULL)
#define SMAPS(key, p) number_in("/proc/self/smaps", key, p)
#define MEMINFO(key)  number_in("/proc/meminfo", key, NULL)
#define VMSTAT(key)   number_in("/proc/vmstat", key, NULL)

/* Columns of the line of the device in /proc/swaps. */
static int swaps_line(char *type, long *size, long *used, int *prio)
{
	char line[300], name[200];
	int found = 0;
	FILE *f = fopen("/proc/swaps", "r");

	CHECK(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%199s %19s %ld %ld %d", name, type, size,
			   used, prio) == 5 &&
		    !strcmp(name, device))
			found = 1;
	fclose(f);
	return found;
}

static long used_kb(void)
{
	char type[20];
	long size, used = -1;
	int prio;

	return swaps_line(type, &size, &used, &prio) ? used : -1;
}

/* ---- doing --------------------------------------------------------------- */

static char *filled(int flags, int fd)
{
	char *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, flags, fd, 0);

	CHECK(p != MAP_FAILED);
	CHECK_EQ(madvise(p, SIZE, MADV_NOHUGEPAGE), 0);
	for (size_t i = 0; i < SIZE; i += sizeof(long))
		*(long *)(p + i) = (long)(i * 7 + 1);
	return p;
}

static char *anonymous(void)
{
	return filled(MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static int intact(const char *p)
{
	for (size_t i = 0; i < SIZE; i += sizeof(long))
		if (*(long *)(p + i) != (long)(i * 7 + 1))
			return 0;
	return 1;
}

/*
 * Until all of it is out, and written: a page that is on its way to a slow
 * disk keeps its slot for a while after the last who needs it is gone.
 */
static void page_out(char *p, uint64_t bit)
{
	for (int tries = 0; tries < 300; tries++) {
		CHECK_EQ(madvise(p, SIZE, MADV_PAGEOUT), 0);
		if (!count(p, SIZE, PM_PRESENT) && !MEMINFO("Writeback:") &&
		    (!bit || count(p, SIZE, bit) == N))
			return;
		usleep(10000);
	}
	CHECK(!"paged out");
}

static void on(int flags)
{
	if (used_kb() >= 0) /* a case before this one has failed */
		swapoff(device);
	CHECK_EQ(swapon(device, flags), 0);
}

static void off(void)
{
	CHECK_EQ(swapoff(device), 0);
}

/* ---- cases without a disk ------------------------------------------------ */

static void not_root(void)
{
	CHECK_EQ(setuid(1000), 0);
	CHECK_ERR(swapon("/nothing", 0), EPERM);
	CHECK_ERR(swapoff("/nothing"), EPERM);
	CHECK_ERR(swapon("/nothing", 0x100000), EINVAL);
}

TEST(wrong_arguments)
{
	int fd;

	CHECK_EXITS(not_root, 0);
	CHECK_ERR(swapon("/nothing", 0), ENOENT);
	CHECK_ERR(swapoff("/nothing"), ENOENT);
	CHECK_ERR(swapon((char *)8, 0), EFAULT);
	CHECK_ERR(swapon("/", 0), EISDIR);
	CHECK_ERR(swapoff("/"), EISDIR);
	CHECK_ERR(swapon("/dev/null", 0), EINVAL);
	fd = open("/tmp/swapfile", O_RDWR | O_CREAT, 0600);
	CHECK(fd >= 0);
	CHECK_EQ(ftruncate(fd, 1 << 20), 0);
	CHECK_ERR(swapon("/tmp/swapfile", 0), EINVAL);
	CHECK_ERR(swapoff("/tmp/swapfile"), EINVAL);
	unlink("/tmp/swapfile");
}

TEST(no_swap_no_swapping)
{
	char *p;

	if (MEMINFO("SwapTotal:"))
		return;
	CHECK_EQ(MEMINFO("SwapFree:"), 0);
	p = anonymous();
	CHECK_EQ(madvise(p, SIZE, MADV_PAGEOUT), 0);
	CHECK_EQ(count(p, SIZE, PM_PRESENT), N);
	CHECK(intact(p));
}

/* ---- areas --------------------------------------------------------------- */

TEST(an_area_comes_and_goes)
{
	long size, used, total = MEMINFO("SwapTotal:");
	long limit = MEMINFO("CommitLimit:");
	struct sysinfo si;
	struct stat st;
	char type[20];
	int prio;

	on(0);
	CHECK_ERR(swapon(device, 0), EBUSY);
	CHECK(swaps_line(type, &size, &used, &prio));
	CHECK_EQ(stat(device, &st), 0);
	CHECK(!strcmp(type, S_ISBLK(st.st_mode) ? "partition" : "file"));
	CHECK(size > 0 && !(size % 4));
	CHECK_EQ(used, 0);
	CHECK_EQ(prio, -2);
	CHECK_EQ(MEMINFO("SwapTotal:"), total + size);
	CHECK_EQ(MEMINFO("CommitLimit:"), limit + size);
	CHECK_EQ(sysinfo(&si), 0);
	CHECK_EQ(si.totalswap * si.mem_unit / 1024, total + size);
	CHECK(si.freeswap <= si.totalswap);
	off();
	CHECK_ERR(swapoff(device), EINVAL);
	CHECK(!swaps_line(type, &size, &used, &prio));
	CHECK_EQ(MEMINFO("SwapTotal:"), total);
	on(SWAP_FLAG_PREFER | 77);
	CHECK(swaps_line(type, &size, &used, &prio));
	CHECK_EQ(prio, 77);
	off();
	on(SWAP_FLAG_DISCARD);
	off();
}

TEST(a_file_lies_still)
{
	struct stat st;
	int fd;

	CHECK_EQ(stat(device, &st), 0);
	if (!S_ISREG(st.st_mode))
		return;
	fd = open(device, O_RDWR);
	CHECK(fd >= 0);
	on(0);
	CHECK_ERR(swapon(device, 0), EBUSY);
	CHECK_ERR(pwrite(fd, "x", 1, 5000), ETXTBSY);
	CHECK_ERR(ftruncate(fd, 0), ETXTBSY);
	CHECK_ERR(unlink(device), EPERM);
	off();
	CHECK_EQ(pwrite(fd, "x", 1, 5000), 1);
	close(fd);
}

/* ---- anonymous memory ---------------------------------------------------- */

TEST(out_and_in_again)
{
	uint64_t e;
	long out;
	char *p;

	on(0);
	p = anonymous();
	out = VMSTAT("pswpout ");
	page_out(p, PM_SWAP);
	CHECK(VMSTAT("pswpout ") - out >= N);
	e = entry_of(p);
	CHECK_EQ(e & 31, 0);	  /* the first area */
	CHECK(e << 9 >> 14 >= 1); /* slot 0 is the header */
	CHECK(!(e & (PM_PRESENT | PM_FILE | PM_EXCLUSIVE)));
	CHECK_NEAR(STATUS("VmSwap:"), SIZE / 1024);
	CHECK_EQ(SMAPS("Swap:", p), SIZE / 1024);
	CHECK_EQ(SMAPS("SwapPss:", p), SIZE / 1024);
	CHECK_EQ(SMAPS("Rss:", p), 0);
	CHECK(used_kb() >= (long)SIZE / 1024);
	CHECK(intact(p));
	CHECK_NEAR(STATUS("VmSwap:"), 0);
	CHECK_EQ(count(p, SIZE, PM_PRESENT), N);
	/* Clean copies are still there: dropped again without a write. */
	CHECK_EQ(SMAPS("Rss:", p), SIZE / 1024);
	page_out(p, PM_SWAP);
	for (size_t i = 0; i < SIZE; i += PAGE)
		p[i]++;
	for (size_t i = 0; i < SIZE; i += PAGE)
		p[i]--;
	page_out(p, PM_SWAP);
	CHECK(intact(p));
	off();
}

TEST(written_pages_give_up_their_slots)
{
	char *p;

	on(0);
	p = anonymous();
	page_out(p, PM_SWAP);
	for (size_t i = 0; i < SIZE; i += PAGE)
		*(volatile char *)(p + i) = p[i];
	CHECK(slack || used_kb() <= 8);
	CHECK(intact(p));
	off();
}

TEST(going_frees_slots)
{
	char *p, *q, *r;

	on(0);
	p = anonymous();
	q = anonymous();
	r = anonymous();
	page_out(p, PM_SWAP);
	page_out(q, PM_SWAP);
	page_out(r, PM_SWAP);
	CHECK(used_kb() >= 3 * (long)SIZE / 1024);
	CHECK_EQ(munmap(p, SIZE), 0);
	CHECK_EQ(madvise(q, SIZE, MADV_DONTNEED), 0);
	CHECK_EQ(madvise(r, SIZE, MADV_FREE), 0);
	CHECK_NEAR(used_kb(), 0);
	CHECK_NEAR(STATUS("VmSwap:"), 0);
	CHECK_EQ(q[5], 0);
	CHECK_EQ(r[5], 0);
	off();
}

static char *shared_with_child;

static void child_reads_and_writes(void)
{
	char *p = shared_with_child;

	CHECK_NEAR(STATUS("VmSwap:"), SIZE / 1024);
	CHECK_EQ(SMAPS("SwapPss:", p), SIZE / 2048);
	CHECK(intact(p));
	for (size_t i = 0; i < SIZE; i += PAGE)
		p[i] = 'c';
	CHECK_EQ(p[PAGE], 'c');
}

static void child_only_writes(void)
{
	for (size_t i = 0; i < SIZE; i += PAGE)
		shared_with_child[i] = 'w';
}

static void child_leaves(void)
{
	CHECK_NEAR(STATUS("VmSwap:"), SIZE / 1024);
}

TEST(fork_shares_slots)
{
	char *p;

	on(0);
	p = shared_with_child = anonymous();
	page_out(p, PM_SWAP);
	CHECK_EXITS(child_leaves, 0);
	CHECK_EQ(SMAPS("SwapPss:", p), SIZE / 1024);
	CHECK_EXITS(child_reads_and_writes, 0);
	CHECK_EXITS(child_only_writes, 0);
	CHECK(intact(p));
	/* Out while two map it. */
	page_out(p, PM_SWAP);
	CHECK_EXITS(child_only_writes, 0);
	CHECK(intact(p));
	off();
	CHECK(intact(p));
}

TEST(a_move_takes_them_along)
{
	char *p, *to;

	on(0);
	p = anonymous();
	page_out(p, PM_SWAP);
	to = mmap(NULL, 2 * SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		  0);
	CHECK(to != MAP_FAILED);
	p = mremap(p, SIZE, 2 * SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	CHECK(p == to);
	CHECK_EQ(count(p, SIZE, PM_SWAP), N);
	CHECK_NEAR(STATUS("VmSwap:"), SIZE / 1024);
	CHECK_EQ(mprotect(p, SIZE, PROT_READ), 0);
	CHECK_EQ(count(p, SIZE, PM_SWAP), N);
	CHECK(intact(p));
	off();
}

TEST(read_only_and_back)
{
	char *p;

	on(0);
	p = anonymous();
	page_out(p, PM_SWAP);
	CHECK_EQ(mprotect(p, SIZE, PROT_NONE), 0);
	CHECK_EQ(mprotect(p, SIZE, PROT_READ | PROT_WRITE), 0);
	CHECK(intact(p));
	p[3 * PAGE] = 'x';
	CHECK_EQ(p[3 * PAGE], 'x');
	off();
	CHECK_EQ(p[3 * PAGE], 'x');
}

TEST(the_kernel_reads_and_writes_them)
{
	char buf[100], *p;
	struct iovec l = { buf, sizeof(buf) }, r;
	int fds[2];

	on(0);
	p = anonymous();
	page_out(p, PM_SWAP);
	CHECK_EQ(pipe(fds), 0);
	CHECK_EQ(write(fds[1], p + 100, 50), 50);
	CHECK_EQ(read(fds[0], p + PAGE + 100, 50), 50);
	CHECK(!memcmp(p + 100, p + PAGE + 100, 50));
	r = (struct iovec){ p + 2 * PAGE, sizeof(buf) };
	CHECK_EQ(process_vm_readv(getpid(), &l, 1, &r, 1, 0), 100);
	CHECK(!memcmp(buf, p + 2 * PAGE, 100));
	r.iov_base = p + 3 * PAGE;
	CHECK_EQ(process_vm_writev(getpid(), &l, 1, &r, 1, 0), 100);
	CHECK(!memcmp(buf, p + 3 * PAGE, 100));
	off();
}

TEST(locking_brings_them_back)
{
	char *p;

	on(0);
	p = anonymous();
	page_out(p, PM_SWAP);
	CHECK_EQ(mlock(p, SIZE), 0);
	CHECK_EQ(count(p, SIZE, PM_PRESENT), N);
	CHECK_NEAR(STATUS("VmSwap:"), 0);
	CHECK_ERR(madvise(p, SIZE, MADV_PAGEOUT), EINVAL);
	CHECK(intact(p));
	off();
}

TEST(wanted_soon_is_read_ahead)
{
	unsigned char vec[N];
	int there = 0;
	char *p;

	on(0);
	p = anonymous();
	page_out(p, PM_SWAP);
	CHECK_EQ(madvise(p, SIZE, MADV_WILLNEED), 0);
	for (int tries = 0; tries < 100 && there < N; tries++) {
		usleep(10000);
		CHECK_EQ(mincore(p, SIZE, vec), 0);
		there = 0;
		for (int i = 0; i < N; i++)
			there += vec[i] & 1;
	}
	CHECK_EQ(there, N);
	CHECK_EQ(count(p, SIZE, PM_SWAP), N); /* in the cache, not mapped */
	CHECK(intact(p));
	off();
}

TEST(swapoff_brings_all_back)
{
	char *p, *q;
	int fd = memfd_create("box", 0);

	on(0);
	CHECK_EQ(ftruncate(fd, SIZE), 0);
	p = anonymous();
	q = filled(MAP_SHARED, fd);
	page_out(p, PM_SWAP);
	page_out(q, 0);
	CHECK(used_kb() >= 2 * (long)SIZE / 1024);
	off();
	CHECK_NEAR(STATUS("VmSwap:"), 0);
	CHECK_EQ(count(p, SIZE, PM_PRESENT), N);
	CHECK(intact(p));
	CHECK(intact(q));
}

/* ---- shared memory ------------------------------------------------------- */

TEST(shared_memory_goes_too)
{
	int fd = memfd_create("box", 0);
	static char buf[SIZE];
	struct stat st;
	long shmem;
	char *p;

	on(0);
	CHECK_EQ(ftruncate(fd, SIZE), 0);
	p = filled(MAP_SHARED, fd);
	shmem = MEMINFO("Shmem:");
	page_out(p, 0);
	CHECK(shmem - MEMINFO("Shmem:") >= (long)SIZE / 1024 - 16 - slack);
	CHECK(used_kb() >= (long)SIZE / 1024);
	CHECK_EQ(SMAPS("Swap:", p), SIZE / 1024);
	CHECK_EQ(SMAPS("SwapPss:", p), 0);
	CHECK_NEAR(STATUS("VmSwap:"), 0);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_blocks, SIZE / 512);
	CHECK_EQ(lseek(fd, 0, SEEK_HOLE), SIZE);
	CHECK_EQ(pread(fd, buf, SIZE, 0), SIZE);
	CHECK(intact(buf));
	page_out(p, 0);
	CHECK(intact(p));
	CHECK_NEAR(used_kb(), 0);
	page_out(p, 0);
	CHECK_EQ(pwrite(fd, "hello", 5, PAGE + 8), 5);
	CHECK(!memcmp(p + PAGE + 8, "hello", 5));
	*(long *)(p + PAGE + 8) = (long)((PAGE + 8) * 7 + 1);
	CHECK(intact(p));
	off();
	CHECK(intact(p));
}

TEST(cut_short_in_swap)
{
	int fd = memfd_create("box", 0);
	char *p, c;

	on(0);
	CHECK_EQ(ftruncate(fd, SIZE), 0);
	p = filled(MAP_SHARED, fd);
	page_out(p, 0);
	CHECK_EQ(ftruncate(fd, 10 * PAGE + 100), 0);
	CHECK(used_kb() <= 11 * 4 + slack);
	CHECK_EQ(ftruncate(fd, SIZE), 0);
	CHECK_EQ(pread(fd, &c, 1, 10 * PAGE + 200), 1);
	CHECK_EQ(c, 0);
	CHECK_EQ(*(long *)(p + 10 * PAGE + 8), (long)((10 * PAGE + 8) * 7 + 1));
	CHECK_EQ(p[20 * PAGE], 0);
	page_out(p, 0);
	CHECK_EQ(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, PAGE,
			   8 * PAGE),
		 0);
	CHECK_EQ(p[2 * PAGE], 0);
	CHECK_EQ(*(long *)p, 1);
	page_out(p, 0);
	close(fd);
	munmap(p, SIZE);
	CHECK_NEAR(used_kb(), 0);
	off();
}

TEST(segments_and_anonymous_shared)
{
	int id = shmget(IPC_PRIVATE, SIZE, 0600);
	struct shm_info info;
	char *p, *q;

	on(0);
	CHECK(id >= 0);
	p = shmat(id, NULL, 0);
	CHECK(p != (void *)-1);
	for (size_t i = 0; i < SIZE; i += sizeof(long))
		*(long *)(p + i) = (long)(i * 7 + 1);
	q = filled(MAP_SHARED | MAP_ANONYMOUS, -1);
	page_out(p, 0);
	page_out(q, 0);
	CHECK(shmctl(0, SHM_INFO, (struct shmid_ds *)&info) >= 0);
	CHECK(info.shm_swp >= N);
	CHECK(intact(p));
	shared_with_child = q;
	CHECK_EXITS(child_only_writes, 0);
	CHECK_EQ(q[7 * PAGE], 'w');
	page_out(q, 0);
	CHECK_EQ(munmap(q, SIZE), 0);
	CHECK_EQ(shmdt(p), 0);
	CHECK_EQ(shmctl(id, IPC_RMID, NULL), 0);
	CHECK_NEAR(used_kb(), 0);
	off();
}

TEST(private_copy_of_a_swapped_page)
{
	int fd = memfd_create("box", 0);
	char *p, *q;

	on(0);
	CHECK_EQ(ftruncate(fd, SIZE), 0);
	p = filled(MAP_SHARED, fd);
	page_out(p, 0);
	q = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	CHECK(q != MAP_FAILED);
	for (size_t i = 0; i < SIZE; i += PAGE)
		q[i] = 'q';
	CHECK(intact(p));
	page_out(q, PM_SWAP);
	CHECK_EQ(q[9 * PAGE], 'q');
	usleep(100000);		       /* what is read ahead is there */
	CHECK_EQ(ftruncate(fd, 0), 0); /* private copies go, too */
	CHECK_EQ(munmap(q, SIZE), 0);
	CHECK_NEAR(used_kb(), 0);
	off();
}

/* ---- by name only: a sector that cannot be read -------------------------- */

static long bad_slot;

static void take_all_memory(void)
{
	size_t len = (size_t)(MEMINFO("MemFree:") + MEMINFO("Cached:") +
			      MEMINFO("SwapCached:") + 8192)
		     << 10;
	char *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	CHECK(p != MAP_FAILED);
	for (size_t i = 0; i < len; i += PAGE)
		p[i] = 1;
}

static void child_reads_all(void)
{
	CHECK(intact(shared_with_child));
}

static void child_reads_others(void)
{
	char *p = shared_with_child;

	for (size_t i = 0; i < SIZE; i += PAGE) {
		uint64_t e = entry_of(p + i);

		if (!(e & PM_SWAP) || (long)(e << 9 >> 14) != bad_slot)
			CHECK_EQ(*(long *)(p + i), (long)(i * 7 + 1));
	}
}

TEST(a_lost_page)
{
	char *p;

	on(0);
	p = shared_with_child = anonymous();
	page_out(p, PM_SWAP);
	CHECK_EXITS(take_all_memory, 0);
	CHECK_EXITS(child_reads_others, 0);
	CHECK_DIES(child_reads_all, SIGBUS);
	CHECK_DIES(child_reads_all, SIGBUS);
	CHECK_EXITS(child_reads_others, 0);
	off(); /* what cannot be read is lost */
	CHECK_DIES(child_reads_all, SIGBUS);
	CHECK_EQ(count(p, SIZE, PM_PRESENT), N - 1);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		CASE(wrong_arguments),
		CASE(no_swap_no_swapping),
		CASE(an_area_comes_and_goes),
		CASE(a_file_lies_still),
		CASE(out_and_in_again),
		CASE(written_pages_give_up_their_slots),
		CASE(going_frees_slots),
		CASE(fork_shares_slots),
		CASE(a_move_takes_them_along),
		CASE(read_only_and_back),
		CASE(the_kernel_reads_and_writes_them),
		CASE(locking_brings_them_back),
		CASE(wanted_soon_is_read_ahead),
		CASE(swapoff_brings_all_back),
		CASE(shared_memory_goes_too),
		CASE(cut_short_in_swap),
		CASE(segments_and_anonymous_shared),
		CASE(private_copy_of_a_swapped_page),
		CASE(a_lost_page),
	};
	const int nr = sizeof(cases) / sizeof(*cases);

	struct utsname name;

	uname(&name);
	slack = strcmp(name.sysname, "Linux") ||
				!strstr(name.version, "Quire") ?
			600 :
			0;
	device = argc > 1 ? argv[1] : NULL;
	if (argc > 2) { /* one case, by name */
		bad_slot = argc > 3 ? atol(argv[3]) : 0;
		for (int i = 0; i < nr; i++)
			if (!strcmp(cases[i].name, argv[2]))
				return tap_run(&cases[i], 1);
		return 2;
	}
	return tap_run(cases, device ? nr - 1 : 2);
}
