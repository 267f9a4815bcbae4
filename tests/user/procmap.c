// SPDX-License-Identifier: MIT
/*
 * The pages of a process: that smaps adds up what pagemap, kpagecount and
 * kpageflags say of each; clear_refs. It passes on Linux, too.
 */
#include "procmem.h"

/* --- smaps derived --- */

/* Every kind of page that the derivation must get right. */
static void zoo(void)
{
	int fd = temp_file(16);
	char *forked = map_apart(16, RW, PRIVATE, -1), *p, *hole;
	int ready[2];

	touch(map_apart(8, RW, PRIVATE, -1), 8, 0);
	CHECK(!ftruncate(fd, 24 * PAGE)); /* a hole: clean pages */
	hole = map_apart(24, PROT_READ, MAP_SHARED, fd) + 16 * PAGE;
	touch(hole, 8, 0);
	touch(map_apart(8, RW, SHARED, -1), 5, 1);
	touch(map_apart(16, PROT_READ, MAP_PRIVATE, fd), 8, 0);
	p = map_apart(16, RW, MAP_PRIVATE, fd);
	touch(p, 6, 0);
	touch(p, 3, 1);
	p = map_apart(16, RW, MAP_SHARED, fd);
	touch(p, 6, 0);
	touch(p + 10 * PAGE, 2, 1);
	p = map_apart(4, RW, PRIVATE, -1);
	touch(p, 4, 1);
	CHECK(!mprotect(p, 4 * PAGE, PROT_NONE));
	p = map_apart(8, RW, SHARED, -1);
	touch(forked, 16, 1);
	touch(map_huge(), 512, 1);
	CHECK(!pipe(ready));
	for (int i = 0; i < 2; i++) {
		if (fork()) {
			hear(ready[0]);
			continue;
		}
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		touch(forked + 2 * i * PAGE, 4, 2);
		touch(p + i * PAGE, 4, 2);
		touch(hole, 8, 0);
		say(ready[1]);
		pause();
	}
	/* Seen by nobody else. */
	touch(map_apart(20, RW, PRIVATE, -1), 20, 1);
	touch(map_huge(), 512, 1);
	CHECK(!ftruncate(fd, 32 * PAGE));
	touch(map_apart(32, PROT_READ, MAP_SHARED, fd) + 24 * PAGE, 8, 0);
}

static void add_page(struct vma *v, uint64_t *pss, uint64_t *pss_dirty,
		     uint64_t flags, uint64_t maps)
{
	int dirty = flags & (1 << KPF_ANON | 1 << KPF_DIRTY) ? 1 : 0;
	uint64_t share = (PAGE << 12) / (maps ? maps : 1);

	v->kb[RSS] += 4;
	*pss += share;
	if (dirty)
		*pss_dirty += share;
	if (flags & 1 << KPF_ANON)
		v->kb[ANONYMOUS] += 4;
	v->kb[(maps > 1 ? SHARED_CLEAN : PRIVATE_CLEAN) + dirty] += 4;
}

/* From page numbers alone: what smaps should say of [v->start, v->end). */
static void derive(pid_t pid, struct vma *v)
{
	int pagemap = open_of(pid, "pagemap", O_RDONLY);
	int counts = open("/proc/kpagecount", O_RDONLY);
	int flags = open("/proc/kpageflags", O_RDONLY);
	uint64_t pss = 0, pss_dirty = 0;

	CHECK(pagemap >= 0 && counts >= 0 && flags >= 0);
	memset(v->kb, 0, sizeof(v->kb));
	for (unsigned long nr = v->start / PAGE; nr < v->end / PAGE; nr++) {
		uint64_t e = entry_at(pagemap, nr), what, maps;

		if (!(e & PM_PRESENT))
			continue;
		what = entry_at(flags, PM_PFN(e));
		maps = entry_at(counts, PM_PFN(e));
		if (what & (1 << KPF_ZERO_PAGE))
			continue;
		CHECK(!(what & (1 << KPF_NOPAGE | 1 << KPF_BUDDY)));
		CHECK_EQ(!!(what & (1 << KPF_MMAP)), 1);
		CHECK_EQ(!!(e & PM_FILE), !(what & (1 << KPF_ANON)));
		CHECK_EQ(!!(e & PM_EXCLUSIVE), maps == 1);
		add_page(v, &pss, &pss_dirty, what, maps);
	}
	v->kb[PSS] = pss >> 22;
	v->kb[PSS_DIRTY] = pss_dirty >> 22;
	close(pagemap);
	close(counts);
	close(flags);
}

static int is_special(const struct vma *v)
{
	/* [vvar], [vdso]: pages of the kernel, counted nowhere */
	return v->end - v->start <= 4 * PAGE && !v->kb[ANONYMOUS] &&
	       v->start > 0x800000000000;
}

TEST(smaps_adds_up_what_pagemap_and_kpageflags_say)
{
	static struct vma said[MAX_VMAS], derived[MAX_VMAS];
	pid_t pid = start_subject(zoo);
	unsigned long total[NR_SUMS] = {}, huge = 0;
	int n = read_smaps(pid, said);

	CHECK_EQ(read_smaps(pid, said), n);
	for (int i = 0; i < n; i++) {
		derived[i] = said[i];
		if (is_special(&said[i]))
			continue;
		derive(pid, &derived[i]);
		for (int k = 0; k < REFERENCED; k++) {
			if (said[i].kb[k] != derived[i].kb[k])
				printf("# %lx-%lx %s: smaps %lu, derived %lu\n",
				       said[i].start, said[i].end, sum_names[k],
				       said[i].kb[k], derived[i].kb[k]);
			CHECK_EQ(said[i].kb[k], derived[i].kb[k]);
			total[k] += said[i].kb[k];
		}
		huge += said[i].kb[ANON_HUGE];
	}
	/* The zoo has everything, or this test proves little. */
	CHECK(total[SHARED_DIRTY] >= 2112 && total[PRIVATE_DIRTY] >= 2112);
	CHECK(total[SHARED_CLEAN] >= 32 && total[PRIVATE_CLEAN] >= 32);
	CHECK(total[ANONYMOUS] >= 100 && total[PSS] < total[RSS]);
	CHECK(huge >= 4096);
	end_subject(pid);
}

TEST(rollup_is_the_sum_of_smaps)
{
	static struct vma vmas[MAX_VMAS];
	pid_t pid = start_subject(zoo);
	unsigned long rss = 0, dirty = 0, value, seen = 0;
	int fd = open_of(pid, "smaps_rollup", O_RDONLY);
	static char text[2000];
	int n = read_smaps(pid, vmas);

	/* Again: reading wrote to pages that were shared with the subject. */
	CHECK_EQ(read_smaps(pid, vmas), n);
	for (int i = 0; i < n; i++) {
		rss += vmas[i].kb[RSS];
		dirty += vmas[i].kb[PRIVATE_DIRTY];
	}
	CHECK(read(fd, text, sizeof(text) - 1) > 0);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (sscanf(line, "Rss: %lu kB", &value) == 1)
			seen += value == rss;
		if (sscanf(line, "Private_Dirty: %lu kB", &value) == 1)
			seen += value == dirty;
	}
	CHECK_EQ(seen, 2);
	end_subject(pid);
}

/* --- pagemap --- */

TEST(pagemap_tells_kinds_of_pages_apart)
{
	char *p = map_apart(4, RW, PRIVATE, -1), *s = map(1, RW, SHARED, -1);
	uint64_t zero, own, e;
	pid_t pid;

	CHECK_EQ(pagemap_of(getpid(), p), 0);
	touch(p, 1, 0);
	zero = pagemap_of(getpid(), p);
	CHECK_EQ(zero & (PM_PRESENT | PM_FILE | PM_EXCLUSIVE), PM_PRESENT);
	touch(p, 2, 1);
	own = pagemap_of(getpid(), p);
	CHECK_EQ(own & ~PM_PFN(~0ULL),
		 PM_PRESENT | PM_EXCLUSIVE | (own & 1ULL << 55));
	CHECK(PM_PFN(own) && PM_PFN(own) != PM_PFN(zero));
	touch(s, 1, 1);
	e = pagemap_of(getpid(), s);
	CHECK_EQ(e & (PM_PRESENT | PM_FILE | PM_EXCLUSIVE),
		 PM_PRESENT | PM_FILE | PM_EXCLUSIVE);
	pid = start_subject(nothing);
	CHECK_EQ(pagemap_of(pid, p) & (PM_EXCLUSIVE | PM_PFN(~0ULL)),
		 PM_PFN(own));
	CHECK(!(pagemap_of(getpid(), p) & PM_EXCLUSIVE));
	touch(p, 1, 2);
	CHECK(PM_PFN(pagemap_of(getpid(), p)) != PM_PFN(own));
	end_subject(pid);
}

TEST(pagemap_hides_page_numbers_from_users)
{
	char *p = map(1, RW, PRIVATE, -1);
	uint64_t e;

	touch(p, 1, 1);
	CHECK(PM_PFN(pagemap_of(getpid(), p)));
	CHECK(!setresgid(1000, 1000, 1000) && !setresuid(1000, 1000, 1000));
	prctl(PR_SET_DUMPABLE, 1);
	e = pagemap_of(getpid(), p);
	CHECK(e & PM_PRESENT);
	CHECK_EQ(PM_PFN(e), 0);
	CHECK_ERR(open("/proc/kpageflags", O_RDONLY), EACCES);
	CHECK_ERR(open("/proc/kpagecount", O_RDONLY), EACCES);
	CHECK_ERR(open("/proc/1/pagemap", O_RDONLY), EACCES);
	CHECK_ERR(open("/proc/1/mem", O_RDONLY), EACCES);
	CHECK_ERR(open("/proc/1/clear_refs", O_WRONLY), EACCES);
	CHECK_ERR(open("/proc/1/map_files", O_RDONLY), EACCES);
}

static void odd_entries(const char *path, off_t end)
{
	int fd = open(path, O_RDONLY);
	char buf[64];

	CHECK(fd >= 0);
	CHECK_ERR(pread(fd, buf, 8, 4), EINVAL);
	CHECK_ERR(pread(fd, buf, 7, 0), EINVAL);
	CHECK_EQ(pread(fd, buf, 0, 0), 0);
	CHECK_ERR(pread(fd, buf, 8, -8), EINVAL);
	CHECK_EQ(pread(fd, buf, 8, 1L << 62), 0);
	CHECK_ERR(pread(fd, nowhere, 8, 0), EFAULT);
	CHECK_ERR(lseek(fd, 0, SEEK_END), EINVAL);
	CHECK_EQ(lseek(fd, 24, SEEK_SET), 24);
	CHECK_EQ(read(fd, buf, 16), 16);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 40);
	if (end) {
		CHECK_EQ(pread(fd, buf, 64, end - 16), 16);
		CHECK_EQ(pread(fd, buf, 64, end), 0);
	}
	close(fd);
}

TEST(page_files_refuse_odd_sizes_and_places)
{
	odd_entries("/proc/self/pagemap", (1L << 48) / PAGE * 8);
	odd_entries("/proc/kpagecount", 0);
	odd_entries("/proc/kpageflags", 0);
}

/* --- kpageflags --- */

static unsigned long meminfo(const char *key)
{
	static char text[4096];
	int fd = open("/proc/meminfo", O_RDONLY);
	char *at;

	CHECK(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	at = strstr(text, key);
	CHECK(at);
	return strtoul(at + strlen(key) + 1, NULL, 10);
}

TEST(kpageflags_says_what_each_page_is)
{
	static uint64_t buf[512];
	int fd = open("/proc/kpageflags", O_RDONLY);
	char *p = map(2, RW, PRIVATE, -1);
	unsigned long buddy = 0, slab = 0, table = 0, nopage = 0, n;
	uint64_t f;

	CHECK(fd >= 0);
	touch(p, 1, 1);
	f = entry_at(fd, PM_PFN(pagemap_of(getpid(), p)));
	n = 1 << KPF_ANON | 1 << KPF_MMAP | 1 << KPF_SWAPBACKED |
	    1 << KPF_UPTODATE;
	CHECK_EQ(f & n, n);
	CHECK(!(f & (1 << KPF_BUDDY | 1 << KPF_SLAB | 1 << KPF_NOPAGE)));
	touch(p + PAGE, 1, 0);
	f = entry_at(fd, PM_PFN(pagemap_of(getpid(), p + PAGE)));
	CHECK(f & 1 << KPF_ZERO_PAGE);
	lseek(fd, 0, SEEK_SET);
	while ((n = (unsigned long)read(fd, buf, sizeof(buf)))) {
		CHECK(n <= sizeof(buf) && n % 8 == 0);
		for (unsigned long i = 0; i < n / 8; i++) {
			buddy += buf[i] >> KPF_BUDDY & 1;
			slab += buf[i] >> KPF_SLAB & 1;
			table += buf[i] >> KPF_PGTABLE & 1;
			nopage += buf[i] >> KPF_NOPAGE & 1;
		}
	}
	CHECK(nopage >= 0x40000); /* RAM begins at 1 GiB */
	/* Large blocks of kmalloc() are in Slab:, but no slabs. */
	CHECK(slab * 4 <= meminfo("Slab:") * 11 / 10 && slab > 50);
	CHECK(table * 4 <= meminfo("PageTables:") + 4096 && table >= 4);
	CHECK(buddy * 4 <= meminfo("MemFree:") * 11 / 10);
	CHECK(buddy * 4 >= meminfo("MemFree:") * 8 / 10);
}

static void nr_hugepages(int change)
{
	char text[20] = "";
	int fd = open("/proc/sys/vm/nr_hugepages", O_RDWR);

	CHECK(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	snprintf(text, sizeof(text), "%ld", atol(text) + change);
	CHECK(pwrite(fd, text, strlen(text), 0) > 0);
	close(fd);
}

TEST(pages_of_a_pool_are_huge)
{
	const uint64_t heads = 1 << KPF_HUGE | 1 << KPF_COMPOUND_HEAD;
	const uint64_t tails = 1 << KPF_HUGE | 1 << KPF_COMPOUND_TAIL;
	int flags = open("/proc/kpageflags", O_RDONLY);
	int counts = open("/proc/kpagecount", O_RDONLY);
	uint64_t e, what = heads | tails | 1 << KPF_THP | 1 << KPF_MMAP;
	char *p;

	nr_hugepages(1);
	p = mmap(NULL, 2 << 20, RW, PRIVATE | MAP_HUGETLB, -1, 0);
	CHECK(p != MAP_FAILED);
	p[0] = 1;
	e = pagemap_of(getpid(), p);
	CHECK_EQ(e >> 55, (PM_PRESENT | PM_EXCLUSIVE) >> 55);
	CHECK_EQ(e % 512, 0);
	CHECK_EQ(pagemap_of(getpid(), p + 77 * PAGE), e + 77);
	CHECK_EQ(entry_at(flags, PM_PFN(e)) & what, heads | 1 << KPF_MMAP);
	CHECK_EQ(entry_at(flags, PM_PFN(e) + 77) & what, tails | 1 << KPF_MMAP);
	CHECK_EQ(entry_at(counts, PM_PFN(e)), 1);
	CHECK_EQ(entry_at(counts, PM_PFN(e) + 511), 1);
	CHECK_EQ(smaps_of(getpid(), p, 2 << 20, RSS), 0);
	CHECK(!munmap(p, 2 << 20));
	CHECK_EQ(entry_at(flags, PM_PFN(e)) & what, heads);
	nr_hugepages(-1);
}

/* --- clear_refs --- */

static ssize_t clear_refs(pid_t pid, const char *what)
{
	int fd = open_of(pid, "clear_refs", O_WRONLY);
	ssize_t n;

	CHECK(fd >= 0);
	n = write(fd, what, strlen(what));
	close(fd);
	return n;
}

TEST(clear_refs_ages_and_a_touch_makes_young)
{
	char *p = map_apart(8, RW, PRIVATE, -1);
	char *f = map_apart(8, RW, MAP_PRIVATE, temp_file(8));
	pid_t me = getpid();

	touch(p, 8, 1);
	touch(f, 8, 0);
	CHECK_EQ(smaps_of(me, p, 8 * PAGE, REFERENCED), 32);
	CHECK_EQ(clear_refs(me, "1\n"), 2);
	CHECK_EQ(smaps_of(me, p, 8 * PAGE, REFERENCED), 0);
	CHECK_EQ(smaps_of(me, f, 8 * PAGE, REFERENCED), 0);
	touch(p, 3, 0);
	touch(p + 5 * PAGE, 1, 2);
	CHECK_EQ(smaps_of(me, p, 8 * PAGE, REFERENCED), 16);
	CHECK_EQ(smaps_of(me, p, 8 * PAGE, RSS), 32);
	touch(f, 8, 0);
	CHECK_EQ(clear_refs(me, "3"), 1); /* of files only */
	CHECK_EQ(smaps_of(me, f, 8 * PAGE, REFERENCED), 0);
	CHECK_EQ(smaps_of(me, p, 8 * PAGE, REFERENCED), 16);
	touch(f, 8, 0);
	CHECK_EQ(clear_refs(me, "2"), 1); /* of anonymous memory only */
	CHECK_EQ(smaps_of(me, p, 8 * PAGE, REFERENCED), 0);
	CHECK_EQ(smaps_of(me, f, 8 * PAGE, REFERENCED), 32);
	CHECK_EQ(clear_refs(me, "4"), 1); /* soft-dirty: not on arm64 */
	CHECK_EQ(pagemap_of(me, p) >> 55 & 1, 0);
}

static unsigned long status_of(pid_t pid, const char *key)
{
	static char text[4096];
	int fd = open_of(pid, "status", O_RDONLY);
	char *at;

	CHECK(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	at = strstr(text, key);
	CHECK(at);
	return strtoul(at + strlen(key) + 1, NULL, 10);
}

TEST(clear_refs_ages_huge_pages)
{
	char *p = map_huge();
	pid_t me = getpid();

	touch(p, 512, 1);
	CHECK_EQ(smaps_of(me, p, 2 << 20, REFERENCED), 2048);
	CHECK_EQ(clear_refs(me, "1"), 1);
	CHECK_EQ(smaps_of(me, p, 2 << 20, REFERENCED), 0);
	touch(p + 77 * PAGE, 1, 0);
	touch(p + 78 * PAGE, 1, 2);
	CHECK(smaps_of(me, p, 2 << 20, REFERENCED) >= 8);
	CHECK_EQ(smaps_of(me, p, 2 << 20, RSS), 2048);
	CHECK_EQ(p[0], 1);
}

TEST(clear_refs_5_resets_the_high_water_mark)
{
	char *p = map(4096, RW, PRIVATE, -1);

	touch(p, 4096, 1);
	CHECK(!munmap(p, 4096 * PAGE));
	CHECK(status_of(getpid(), "VmHWM:") >= 16384);
	CHECK_EQ(clear_refs(getpid(), "5"), 1);
	CHECK(status_of(getpid(), "VmHWM:") < 8192);
}

TEST(clear_refs_refuses_other_words)
{
	CHECK_ERR(clear_refs(getpid(), "0"), EINVAL);
	CHECK_ERR(clear_refs(getpid(), "6"), EINVAL);
	CHECK_ERR(clear_refs(getpid(), "-1"), EINVAL);
	CHECK_ERR(clear_refs(getpid(), "x"), EINVAL);
	CHECK_ERR(open("/proc/self/clear_refs", O_RDWR | O_DIRECTORY), ENOTDIR);
}

TAP_MAIN_HUGE(CASE(smaps_adds_up_what_pagemap_and_kpageflags_say),
	      CASE(rollup_is_the_sum_of_smaps),
	      CASE(pagemap_tells_kinds_of_pages_apart),
	      CASE(pagemap_hides_page_numbers_from_users),
	      CASE(page_files_refuse_odd_sizes_and_places),
	      CASE(kpageflags_says_what_each_page_is),
	      CASE(pages_of_a_pool_are_huge),
	      CASE(clear_refs_ages_and_a_touch_makes_young),
	      CASE(clear_refs_ages_huge_pages),
	      CASE(clear_refs_5_resets_the_high_water_mark),
	      CASE(clear_refs_refuses_other_words))
