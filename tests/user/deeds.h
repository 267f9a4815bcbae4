/* SPDX-License-Identifier: MIT */
/*
 * The regions of a worker of pressure.c: what must be in each page, and what
 * may be done to them.
 */
#ifndef DEEDS_H
#define DEEDS_H

#include <sys/uio.h>

#include "faults.h"

#define PAGE  4096UL
#define WORDS (PAGE / 8)

#ifndef MADV_COLD
#define MADV_COLD    20
#define MADV_PAGEOUT 21
#endif
#define MADV_COLLAPSE 25

enum { ANON, SHM, PRIV, SHARED, REGIONS };

struct region {
	int kind, fd;
	char *base;
	unsigned int pages;
	uint32_t *gen; /* of each page; 0: never written */
	uint32_t *old; /* the file's, when it was last whole on the disk */
};

static const char *const names[] = { "anon", "shm", "priv", "file" };

static const char *dir = "/tmp";
static struct region regions[REGIONS];

/* --- what must be in a page --- */

static uint64_t key_of(int kind, unsigned int page, uint32_t gen)
{
	if (kind == PRIV && gen == 0)
		return key_of(REGIONS, page, 1); /* the file below it */
	if (gen == 0)
		return 0;
	return ((uint64_t)(me * 8 + (unsigned int)kind) << 48 |
		(uint64_t)page << 24 | gen) *
	       0x9e3779b97f4a7c15;
}

/* => whether nothing came between */
static int fill(volatile uint64_t *words, uint64_t key)
{
	if (!GUARD())
		return 0;
	for (unsigned int i = 0; i < WORDS; i++)
		words[i] = key + i * (key != 0);
	unguard();
	return 1;
}

static void complain(const struct region *r, unsigned int page,
		     const uint64_t *words, unsigned int i, const char *where)
{
	dprintf(1,
		"# worker %u, %s, %s page %u of %u, generation %u: word %u is "
		"%#llx, not %#llx\n",
		me, where, names[r->kind], page, r->pages, r->gen[page], i,
		(unsigned long long)words[i],
		(unsigned long long)(key_of(r->kind, page, r->gen[page]) + i));
	_exit(1);
}

static void rewrite(struct region *r);

/* Pages that went back in time, or in part: fsync must know of it. */
static void check_loss(struct region *r, unsigned int page,
		       const uint64_t *words, const char *where)
{
	for (unsigned int i = 0; i < WORDS; i++) {
		uint32_t g = r->old[page];

		while (g < r->gen[page] &&
		       words[i] != key_of(SHARED, page, g) + i)
			g++;
		if (words[i] != key_of(SHARED, page, g) + i)
			complain(r, page, words, i, where);
	}
	if (fsync(r->fd) == 0)
		complain(r, page, words, 0, "and fsync is content");
	count(&all->told[LOST_WRITE]);
	rewrite(r);
}

/* => the first word that is wrong, or WORDS */
static unsigned int first_wrong(const volatile uint64_t *words, uint64_t key)
{
	unsigned int i;

	EXPECT(GUARD());
	for (i = 0; i < WORDS && words[i] == key + i * (key != 0); i++)
		;
	unguard();
	return i;
}

static void copy_of(uint64_t *to, const volatile uint64_t *words)
{
	EXPECT(GUARD());
	for (unsigned int i = 0; i < WORDS; i++)
		to[i] = words[i];
	unguard();
}

static void compare(struct region *r, unsigned int page, const void *bytes,
		    const char *where)
{
	unsigned int i;
	uint64_t words[WORDS];

	i = first_wrong(bytes, key_of(r->kind, page, r->gen[page]));
	if (i == WORDS)
		return;
	copy_of(words, bytes);
	if (r->kind == SHARED && faults & EIO_ASKED)
		check_loss(r, page, words, where);
	else
		complain(r, page, words, i, where);
}

static void check(struct region *r, unsigned int from, unsigned int n,
		  const char *where)
{
	for (; n--; from++)
		compare(r, from, r->base + from * PAGE, where);
}

static void check_all(const char *where)
{
	for (int i = 0; i < REGIONS; i++)
		check(&regions[i], 0, regions[i].pages, where);
}

/* --- deeds: each with n pages from a of the region r --- */

static void do_write(struct region *r, unsigned int a, unsigned int n)
{
	for (; n--; a++) {
		r->gen[a]++;
		EXPECT(fill((uint64_t *)(r->base + a * PAGE),
			    key_of(r->kind, a, r->gen[a])));
	}
}

static void do_check(struct region *r, unsigned int a, unsigned int n)
{
	check(r, a, n, "memory");
}

static void do_advise(struct region *r, unsigned int a, unsigned int n)
{
	madvise(r->base + a * PAGE, n * PAGE,
		rnd(3) ? MADV_PAGEOUT : MADV_COLD);
}

/* Private pages fall back to what is below them. */
static void forget(struct region *r, unsigned int a, unsigned int n)
{
	memset(r->gen + a, 0, n * sizeof(*r->gen));
}

static void do_discard(struct region *r, unsigned int a, unsigned int n)
{
	if (r->kind != ANON && r->kind != PRIV)
		return;
	INSIST(madvise(r->base + a * PAGE, n * PAGE, MADV_DONTNEED) == 0);
	forget(r, a, n);
	check(r, a, n, "discarded");
}

/* What is behind a shared mapping goes, too. */
static void do_remove(struct region *r, unsigned int a, unsigned int n)
{
	if (r->kind != SHM)
		return;
	INSIST(madvise(r->base + a * PAGE, n * PAGE, MADV_REMOVE) == 0);
	forget(r, a, n);
	check(r, a, n, "removed");
}

/* Kept or zero, as a whole; and kept, once it has been written to. */
static uint64_t keep(uint64_t *word)
{
	volatile uint64_t value;

	EXPECT(GUARD());
	value = __atomic_fetch_or(word, 0, __ATOMIC_SEQ_CST);
	unguard();
	return value;
}

static void do_free(struct region *r, unsigned int a, unsigned int n)
{
	if (r->kind != ANON)
		return;
	INSIST(madvise(r->base + a * PAGE, n * PAGE, MADV_FREE) == 0);
	if (rnd(2))
		madvise(r->base + a * PAGE, n * PAGE, MADV_PAGEOUT);
	for (; n--; a++) {
		if (!keep((uint64_t *)(r->base + a * PAGE)))
			r->gen[a] = 0;
		check(r, a, 1, "freed");
	}
}

/* The whole region, to another place. */
static void do_move(struct region *r, unsigned int a, unsigned int n)
{
	size_t size = r->pages * PAGE;
	char *to, *now;

	if (rnd(2)) { /* not now: into huge pages, if it can be */
		madvise(r->base, size, MADV_COLLAPSE);
		check(r, a, n, "collapsed");
		return;
	}
	to = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (to == MAP_FAILED) {
		EXPECT(excused());
		return;
	}
	now = mremap(r->base, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	if (now == MAP_FAILED) { /* mlock may have left it in parts */
		EXPECT(errno == EFAULT || excused());
		INSIST(munmap(to, size) == 0);
	} else {
		r->base = now;
	}
	check(r, a, n, "moved");
}

static void do_peek(struct region *r, unsigned int a, unsigned int n)
{
	uint64_t words[WORDS];
	struct iovec here = { words, PAGE };

	for (; n--; a++) {
		struct iovec there = { r->base + a * PAGE, PAGE };

		errno = EFAULT; /* if it is a part */
		if (process_vm_readv(getpid(), &here, 1, &there, 1, 0) ==
		    (ssize_t)PAGE)
			compare(r, a, words, "process_vm_readv");
		else
			EXPECT(excused());
	}
}

static void do_lock(struct region *r, unsigned int a, unsigned int n)
{
	/* There may not be enough memory that may be locked. */
	if (mlock(r->base + a * PAGE, n * PAGE) == 0) {
		do_write(r, a, n);
		check(r, a, n, "locked");
	}
	INSIST(munlock(r->base + a * PAGE, n * PAGE) == 0);
}

static void page_io(int fd, unsigned int page, uint64_t *words, int writing)
{
	ssize_t n;

	do {
		errno = EIO; /* if it is a part */
		n = writing ? pwrite(fd, words, PAGE, page * (off_t)PAGE) :
			      pread(fd, words, PAGE, page * (off_t)PAGE);
		EXPECT(n == (ssize_t)PAGE || excused());
	} while (n != (ssize_t)PAGE);
}

/* To the disk. => false: told that some of it may not be there */
static int settle(struct region *r)
{
	if ((rnd(2) ? fsync(r->fd) : fdatasync(r->fd)) < 0) {
		EXPECT(excused());
		return 0;
	}
	memcpy(r->old, r->gen, r->pages * sizeof(*r->gen));
	return 1;
}

static void rewrite(struct region *r)
{
	do {
		for (unsigned int i = 0; i < r->pages; i++)
			if (r->gen[i] != r->old[i])
				do_write(r, i, 1);
	} while (!settle(r));
}

static void do_file(struct region *r, unsigned int a, unsigned int n)
{
	uint64_t words[WORDS];

	if (r->kind != SHARED)
		return;
	for (unsigned int i = a; i < a + n; i++) {
		page_io(r->fd, i, words, 0);
		compare(r, i, words, "pread");
		r->gen[i]++;
		fill(words, key_of(SHARED, i, r->gen[i]));
		page_io(r->fd, i, words, 1);
		compare(r, i, r->base + i * PAGE, "after pwrite");
	}
	if (rnd(8) == 0) {
		if (!settle(r))
			rewrite(r);
	} else if (rnd(4) == 0 && msync(r->base + a * PAGE, n * PAGE,
					rnd(2) ? MS_SYNC : MS_ASYNC) < 0) {
		EXPECT(excused());
		rewrite(r);
	}
}

/* The child has the tables as they were; what is shared goes on changing. */
static void child(void)
{
	if (faults & ALLOC)
		arm(1 + rnd(100));
	for (int i = 0; i < 24; i++) {
		struct region *r = &regions[rnd(2) ? ANON : PRIV];
		unsigned int n = 1 + rnd(16), a = rnd(r->pages - n);

		check(r, a, n, "child");
		if (rnd(2))
			do_write(r, a, n);
		check(r, a, n, "child's own");
	}
	_exit(0);
}

static void reap(pid_t pid)
{
	int status;

	EXPECT(waitpid(pid, &status, 0) == pid);
	/* Its stack may be what could not be read; it is not locked. */
	if (faults & EIO_ASKED && (status == SIGBUS || status == SIGSEGV))
		count(&all->told[CHILD_DIED]);
	else
		EXPECT(status == 0);
}

static void do_fork(struct region *r, unsigned int a, unsigned int n)
{
	pid_t pid = fork();

	if (pid == 0) {
		seed += a;
		child();
	}
	if (pid < 0)
		return;
	do_write(r, a, n);
	check(r, a, n, "beside a child");
	reap(pid);
	check(r, a, n, "after a child");
}

/* Somebody who looks at it while it is cut, until a look is too far. */
static void look(const volatile char *p, unsigned int n)
{
	guarded = 0;
	for (;;)
		p[rnd(n) * PAGE];
}

/* A file for a moment: with holes, mapped, cut short under the mapping. */
static int open_passing(unsigned int n)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/passing.%u.%d", dir, me, getpid());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd >= 0)
		INSIST(unlink(path) == 0);
	if (fd >= 0 && ftruncate(fd, n * (off_t)PAGE) == 0)
		return fd;
	EXPECT(excused());
	close(fd);
	return -1;
}

/* What has been on the disk stays; where there was no room there is nothing. */
static void use_passing(int fd, char *base, unsigned int n)
{
	uint32_t gen[128] = {};
	struct region r = { REGIONS, fd, base, n, gen, NULL };
	off_t cut = (off_t)rnd(n * PAGE);
	pid_t pid;

	patience = 4;
	for (unsigned int i = rnd(2); i < n; i += 1 + rnd(3))
		gen[i] = (uint32_t)fill((uint64_t *)(base + i * PAGE),
					key_of(REGIONS, i, 1));
	patience = PATIENCE;
	if (fsync(fd) < 0) {
		EXPECT(excused());
		return;
	}
	if (rnd(2))
		madvise(base, n * PAGE, MADV_PAGEOUT);
	check(&r, 0, n, "passing");
	pid = fork();
	if (pid == 0)
		look(base, n);
	nap(rnd(3));
	if (ftruncate(fd, cut) < 0)
		EXPECT(excused());
	else
		check(&r, 0, (unsigned int)(cut / (off_t)PAGE), "cut");
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

static void do_passing(struct region *r, unsigned int a, unsigned int n)
{
	int fd = open_passing(n);
	char *base;

	(void)r, (void)a;
	if (fd < 0)
		return;
	base = mmap(NULL, n * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (base != MAP_FAILED) {
		use_passing(fd, base, n);
		INSIST(munmap(base, n * PAGE) == 0);
	} else {
		EXPECT(excused());
	}
	close(fd);
}

static void (*const deeds[])(struct region *, unsigned int, unsigned int) = {
	do_write,  do_write,   do_check, do_check, do_check,   do_check,
	do_advise, do_file,    do_file,	 do_lock,  do_remove,  do_free,
	do_move,   do_discard, do_fork,	 do_peek,  do_passing,
};

#endif
