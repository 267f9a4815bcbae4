// SPDX-License-Identifier: MIT
/*
 * Tests of the slab, on private caches: geometry, colours that move objects,
 * constructors, poison and red zones, and the errors they catch (through
 * slab_error_hook instead of a panic).
 */
#include <lib/errno.h>
#include <lib/string.h>
#include <base/ktest.h>
#include <base/smp.h>
#include <mm/phys/init.h>
#include <mm/phys/internal.h>
#include <mm/phys/report.h>
#include <mm/phys/slab.h>
#include <mm/phys/vmalloc.h>

static const char *caught;

static void catch (struct kmem_cache *c __unused, const void *obj __unused,
		   const char *what)
{
	caught = what;
}

static struct kmem_cache *make(unsigned int size, unsigned int flags)
{
	return kmem_cache_create("ktest", size, 0, flags, NULL);
}

static void alloc_free(struct ktest *t)
{
	struct kmem_cache *c = make(100, SLAB_NO_DEBUG);
	void *obj[200];
	unsigned int i;

	KTEST_ASSERT_NOT_NULL(t, c);
	KTEST_EXPECT_EQ(t, c->object_size, 100U);
	KTEST_EXPECT_EQ(t, c->size, 104U);
	for (i = 0; i < 200; i++) {
		obj[i] = kmem_cache_zalloc(c, GFP_KERNEL);
		KTEST_ASSERT_NOT_NULL(t, obj[i]);
		KTEST_EXPECT_NULL(t, memchr_inv(obj[i], 0, 100));
		memset(obj[i], (int)i, 100);
	}
	for (i = 0; i < 200; i++)
		KTEST_EXPECT_NULL(t, memchr_inv(obj[i], (int)i, 100));
	KTEST_EXPECT_EQ(t, kmem_cache_inuse(c), 200UL);
	KTEST_EXPECT_TRUE(t, kmem_cache_check(c));
	for (i = 0; i < 200; i += 2)
		kmem_cache_free(c, obj[i]);
	KTEST_EXPECT_TRUE(t, kmem_cache_check(c));
	for (i = 1; i < 200; i += 2)
		kmem_cache_free(c, obj[i]);
	KTEST_EXPECT_EQ(t, kmem_cache_inuse(c), 0UL);
	KTEST_EXPECT_GT(t, kmem_cache_shrink(c), 0UL);
	KTEST_EXPECT_EQ(t, kmem_cache_destroy(c), 0);
}

/* The last one freed is the next one handed out: it is hot. */
static void lifo(struct ktest *t)
{
	struct kmem_cache *c = make(64, SLAB_NO_DEBUG);
	void *a = kmem_cache_alloc(c, GFP_KERNEL);
	void *b = kmem_cache_alloc(c, GFP_KERNEL);

	kmem_cache_free(c, a);
	KTEST_EXPECT_PTR_EQ(t, kmem_cache_alloc(c, GFP_KERNEL), a);
	kmem_cache_free(c, a);
	kmem_cache_free(c, b);
	KTEST_EXPECT_EQ(t, kmem_cache_destroy(c), 0);
}

/* Successive slabs start their objects one cache line further, in turn. */
static void colouring(struct ktest *t)
{
	struct kmem_cache *c = make(640, SLAB_NO_DEBUG | SLAB_HWCACHE_ALIGN);
	struct page *slab[8];
	void *obj[8];
	unsigned int i, colours;

	KTEST_ASSERT_NOT_NULL(t, c);
	colours = c->colour;
	KTEST_ASSERT_TRUE(t, colours >= 2);
	KTEST_EXPECT_EQ(t, c->colour_off, SLAB_LINE_SIZE);
	c->limit = c->batchcount = 1;
	for (i = 0; i < min(colours + 1, 8U);) {
		void *o = kmem_cache_alloc(c, GFP_KERNEL);
		struct page *s = virt_to_head_page(o);

		KTEST_ASSERT_NOT_NULL(t, o);
		if (i && slab[i - 1] == s) {
			*(void **)o = *(void **)obj[i - 1];
			*(void **)obj[i - 1] = o;
			continue;
		}
		*(void **)o = NULL;
		slab[i] = s;
		obj[i++] = o;
	}
	for (i = 0; i < min(colours + 1, 8U); i++)
		KTEST_EXPECT_EQ(t, offset_in_page(slab[i]->s_mem),
				(unsigned long)(i % colours) * SLAB_LINE_SIZE);
	for (i = 0; i < min(colours + 1, 8U); i++)
		while (obj[i]) {
			void *next = *(void **)obj[i];

			kmem_cache_free(c, obj[i]);
			obj[i] = next;
		}
	KTEST_EXPECT_EQ(t, kmem_cache_destroy(c), 0);
}

static void on_and_off_slab(struct ktest *t)
{
	struct kmem_cache *small = make(256, SLAB_NO_DEBUG);
	struct kmem_cache *large = make(1024, SLAB_NO_DEBUG);
	char *a = kmem_cache_alloc(small, GFP_KERNEL);
	char *b = kmem_cache_alloc(large, GFP_KERNEL);
	struct page *slab;

	KTEST_EXPECT_FALSE(t, small->flags & __SLAB_OFF);
	KTEST_EXPECT_TRUE(t, large->flags & __SLAB_OFF);
	KTEST_EXPECT_EQ(t, large->num, 4U);
	slab = virt_to_head_page(a);
	KTEST_EXPECT_PTR_EQ(t, virt_to_head_page(slab->freelist), slab);
	slab = virt_to_head_page(b);
	KTEST_EXPECT_PTR_NE(t, virt_to_head_page(slab->freelist), slab);
	kmem_cache_free(small, a);
	kmem_cache_free(large, b);
	KTEST_EXPECT_EQ(t, kmem_cache_destroy(small), 0);
	KTEST_EXPECT_EQ(t, kmem_cache_destroy(large), 0);
}

static unsigned int constructed;

static void ctor(void *obj)
{
	*(unsigned int *)obj = 0xc0de;
	constructed++;
}

/* Constructed once per slab, not per allocation; stays so after freeing. */
static void constructor(struct ktest *t)
{
	struct kmem_cache *c;
	unsigned int *a;

	constructed = 0;
	c = kmem_cache_create("ktest", 512, 0, 0, ctor);
	a = kmem_cache_alloc(c, GFP_KERNEL);
	KTEST_ASSERT_NOT_NULL(t, a);
	KTEST_EXPECT_EQ(t, *a, 0xc0deU);
	KTEST_EXPECT_EQ(t, constructed % c->num, 0U);
	KTEST_EXPECT_GT(t, constructed, 1U);
	kmem_cache_free(c, a);
	constructed = 0;
	a = kmem_cache_alloc(c, GFP_KERNEL);
	KTEST_EXPECT_EQ(t, *a, 0xc0deU);
	KTEST_EXPECT_EQ(t, constructed, 0U);
	kmem_cache_free(c, a);
	KTEST_EXPECT_EQ(t, kmem_cache_destroy(c), 0);
}

static void alignment(struct ktest *t)
{
	unsigned int align;

	for (align = 8; align <= PAGE_SIZE; align *= 4) {
		struct kmem_cache *c =
			kmem_cache_create("ktest", 40, align, 0, NULL);
		void *a, *b;

		KTEST_ASSERT_NOT_NULL(t, c);
		a = kmem_cache_alloc(c, GFP_KERNEL);
		b = kmem_cache_alloc(c, GFP_KERNEL);
		KTEST_EXPECT_TRUE(t, IS_ALIGNED((unsigned long)a, align));
		KTEST_EXPECT_TRUE(t, IS_ALIGNED((unsigned long)b, align));
		kmem_cache_free(c, a);
		kmem_cache_free(c, b);
		KTEST_EXPECT_EQ(t, kmem_cache_destroy(c), 0);
	}
	KTEST_EXPECT_NULL(t, kmem_cache_create("ktest", 40, 24, 0, NULL));
	KTEST_EXPECT_NULL(t, kmem_cache_create("ktest", 0, 0, 0, NULL));
}

/* Destroying a cache with an object out reports it and refuses. */
static void leak(struct ktest *t)
{
	struct kmem_cache *c = make(64, SLAB_DEBUG_FLAGS);
	void *a = kmem_cache_alloc(c, GFP_KERNEL);
	int level = console_loglevel;

	console_loglevel = 0;
	KTEST_EXPECT_EQ(t, kmem_cache_destroy(c), -EBUSY);
	console_loglevel = level;
	kmem_cache_free(c, a);
	KTEST_EXPECT_EQ(t, kmem_cache_destroy(c), 0);
}

static void double_free(struct ktest *t)
{
	struct kmem_cache *c = make(64, SLAB_DEBUG_FLAGS);
	void *a = kmem_cache_alloc(c, GFP_KERNEL);
	const struct slab_track *track;

	KTEST_ASSERT_NOT_NULL(t, a);
	track = slab_track_of(c, a);
	KTEST_EXPECT_NE(t, track->alloc_site, 0U);
	KTEST_EXPECT_EQ(t, track->free_site, 0U);
	kmem_cache_free(c, a);
	KTEST_EXPECT_NE(t, track->free_site, 0U);
	caught = NULL;
	slab_error_hook = catch;
	kmem_cache_free(c, a);
	slab_error_hook = NULL;
	KTEST_EXPECT_STREQ(t, caught, "double free");
	KTEST_EXPECT_EQ(t, kmem_cache_inuse(c), 0UL);
	KTEST_EXPECT_EQ(t, kmem_cache_destroy(c), 0);
}

static void use_after_free(struct ktest *t)
{
	struct kmem_cache *c = make(64, SLAB_DEBUG_FLAGS);
	char *a = kmem_cache_alloc(c, GFP_KERNEL), *b;

	kmem_cache_free(c, a);
	a[20] = 'x';
	caught = NULL;
	slab_error_hook = catch;
	b = kmem_cache_alloc(c, GFP_KERNEL);
	slab_error_hook = NULL;
	KTEST_EXPECT_PTR_EQ(t, b, a);
	KTEST_EXPECT_STREQ(t, caught, "written to after it was freed");
	kmem_cache_free(c, b);
	KTEST_EXPECT_EQ(t, kmem_cache_destroy(c), 0);
}

static void overflow(struct ktest *t)
{
	struct kmem_cache *c = make(64, SLAB_DEBUG_FLAGS);
	char *a = kmem_cache_alloc(c, GFP_KERNEL);
	char saved = a[64];

	a[64] = 'x';
	caught = NULL;
	slab_error_hook = catch;
	kmem_cache_free(c, a);
	KTEST_EXPECT_STREQ(t, caught, "red zone behind overwritten");
	a[64] = saved;
	caught = NULL;
	kmem_cache_free(c, a + 8);
	KTEST_EXPECT_STREQ(t, caught,
			   "freed, but it is not the start of an object");
	slab_error_hook = NULL;
	kmem_cache_free(c, a);
	KTEST_EXPECT_EQ(t, kmem_cache_destroy(c), 0);
}

static void wrong_cache(struct ktest *t)
{
	struct kmem_cache *c = make(64, 0);
	void *a = kmalloc(64, GFP_KERNEL);

	caught = NULL;
	slab_error_hook = catch;
	kmem_cache_free(c, a);
	slab_error_hook = NULL;
	KTEST_EXPECT_STREQ(t, caught, "freed to a cache it is not from");
	kfree(a);
	KTEST_EXPECT_EQ(t, kmem_cache_destroy(c), 0);
}

static void kmalloc_sizes(struct ktest *t)
{
	static const size_t sizes[] = {
		1,   8,	  16,  17,  33,	  64,	65,   96,   97,	  129,	 192,
		193, 256, 500, 512, 1000, 2048, 4096, 8192, 8193, 20000, 100000,
	};
	void *p[ARRAY_SIZE(sizes)];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		p[i] = kmalloc(sizes[i], GFP_KERNEL);
		KTEST_ASSERT_NOT_NULL(t, p[i]);
		KTEST_EXPECT_TRUE(t, IS_ALIGNED((unsigned long)p[i], 16));
		memset(p[i], (int)i, sizes[i]);
	}
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		KTEST_EXPECT_NULL(t, memchr_inv(p[i], (int)i, sizes[i]));
		kfree(p[i]);
	}
	KTEST_EXPECT_PTR_EQ(t, kmalloc(0, GFP_KERNEL), ZERO_SIZE_PTR);
	kfree(ZERO_SIZE_PTR);
	kfree(NULL);
	KTEST_EXPECT_NULL(t, kmalloc_array(1UL << 40, 1UL << 40, GFP_KERNEL));
	KTEST_EXPECT_NULL(t, kmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL));
}

static void fail_nth(struct ktest *t)
{
	void *p[3];
	unsigned int i;

	/* This CPU has three in stock: else a page would be counted, too. */
	for (i = 0; i < 3; i++)
		p[i] = kmalloc(32, GFP_KERNEL);
	for (i = 0; i < 3; i++)
		kfree(p[i]);
	fail_alloc_arm(3);
	for (i = 0; i < 3; i++)
		p[i] = kmalloc(32, GFP_KERNEL);
	KTEST_EXPECT_TRUE(t, fail_alloc_hit());
	fail_alloc_arm(0);
	KTEST_EXPECT_NOT_NULL(t, p[0]);
	KTEST_EXPECT_NOT_NULL(t, p[1]);
	KTEST_EXPECT_NULL(t, p[2]);
	kfree(p[0]);
	kfree(p[1]);
}

/* On every CPU at once, from an interrupt: what is freed was given there. */
static struct kmem_cache *shared;
static void *given[NR_CPUS][16];
static struct page *pages[NR_CPUS][8];
static atomic_t missing;

static void take_on_cpu(void *arg __unused)
{
	unsigned int cpu = smp_processor_id(), i;

	for (i = 0; i < 16; i++) {
		given[cpu][i] = kmem_cache_alloc(shared, GFP_ATOMIC);
		if (given[cpu][i])
			memset(given[cpu][i], (int)cpu, 200);
		else
			atomic_inc(&missing);
	}
	for (i = 0; i < 8; i++) {
		pages[cpu][i] = alloc_page(GFP_ATOMIC);
		if (!pages[cpu][i])
			atomic_inc(&missing);
	}
}

/* Free what the next CPU took. */
static void free_on_cpu(void *arg __unused)
{
	unsigned int cpu = cpumask_next(smp_processor_id() + 1,
					cpu_online_mask),
		     i;

	if (cpu == NR_CPUS)
		cpu = cpumask_next(0, cpu_online_mask);
	for (i = 0; i < 16; i++) {
		if (memchr_inv(given[cpu][i], (int)cpu, 200))
			atomic_inc(&missing);
		kmem_cache_free(shared, given[cpu][i]);
	}
	for (i = 0; i < 8; i++)
		__free_page(pages[cpu][i]);
}

static void every_cpu(struct ktest *t)
{
	unsigned int round;

	shared = make(200, 0);
	KTEST_ASSERT_NOT_NULL(t, shared);
	atomic_set(&missing, 0);
	for (round = 0; round < 8; round++) {
		on_each_cpu(take_on_cpu, NULL, true);
		KTEST_ASSERT_EQ(t, atomic_read(&missing), 0);
		KTEST_EXPECT_EQ(t, kmem_cache_inuse(shared),
				16UL * num_online_cpus());
		on_each_cpu(free_on_cpu, NULL, true);
	}
	KTEST_EXPECT_EQ(t, atomic_read(&missing), 0);
	KTEST_EXPECT_EQ(t, kmem_cache_inuse(shared), 0UL);
	drain_all_pages(NULL);
	KTEST_EXPECT_EQ(t, kmem_cache_destroy(shared), 0);
	KTEST_EXPECT_TRUE(t, mm_phys_check());
}

static void everything_adds_up(struct ktest *t)
{
	char *buf = kvmalloc(16384, GFP_KERNEL);
	struct seq_buf s;

	KTEST_EXPECT_TRUE(t, mm_phys_check());
	KTEST_ASSERT_NOT_NULL(t, buf);
	seq_buf_init(&s, buf, 16383);
	slabinfo_show(&s);
	KTEST_EXPECT_FALSE(t, s.overflow);
	buf[s.len] = 0;
	KTEST_EXPECT_TRUE(t, str_has_prefix(buf, "slabinfo - version: 2.1\n"));
	KTEST_EXPECT_NOT_NULL(t, strstr(buf, "\nkmalloc-1k "));
	kvfree(buf);
}

static const struct ktest_case cases[] = {
	{ "alloc_free", alloc_free },
	{ "lifo", lifo },
	{ "colouring", colouring },
	{ "on_and_off_slab", on_and_off_slab },
	{ "constructor", constructor },
	{ "alignment", alignment },
	{ "leak", leak },
	{ "double_free", double_free },
	{ "use_after_free", use_after_free },
	{ "overflow", overflow },
	{ "wrong_cache", wrong_cache },
	{ "kmalloc_sizes", kmalloc_sizes },
	{ "fail_nth", fail_nth },
	{ "every_cpu", every_cpu },
	{ "everything_adds_up", everything_adds_up },
	{}
};

const struct ktest_suite phys_slab_suite = { "slab", cases };
