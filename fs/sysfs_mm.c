// SPDX-License-Identifier: MIT
/*
 * /sys/kernel/mm: the settings of huge pages.
 *
 * A choice shows all its words, the one in force in brackets, and takes one
 * of them; a number is a number. Plain words in memory: no lock.
 */
#include <fs/proc_fs.h>
#include <lib/errno.h>
#include <lib/kstrtox.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/vm/huge_mm.h>
#include <mm/vm/hugetlb.h>

#define THP "kernel/mm/transparent_hugepage/"

/* ---- choices ------------------------------------------------------------- */

/* In the order they are shown; each stands for a value. */
struct choice {
	int *value;
	struct {
		const char *name;
		int value;
	} words[6];
};

static const struct choice thp_enabled = {
	&transparent_hugepage_mode,
	{ { "always", THP_ALWAYS },
	  { "madvise", THP_MADVISE },
	  { "never", THP_NEVER } },
};

static const struct choice thp_defrag = {
	&transparent_hugepage_defrag,
	{ { "always", THP_DEFRAG_ALWAYS },
	  { "defer", THP_DEFRAG_DEFER },
	  { "defer+madvise", THP_DEFRAG_DEFER_MADVISE },
	  { "madvise", THP_DEFRAG_MADVISE },
	  { "never", THP_DEFRAG_NEVER } },
};

static void choice_show(struct seq_buf *s, void *data)
{
	const struct choice *c = data;

	for (unsigned int i = 0; i < 6 && c->words[i].name; i++)
		seq_buf_printf(
			s, *c->value == c->words[i].value ? "%s[%s]" : "%s%s",
			i ? " " : "", c->words[i].name);
	seq_buf_putc(s, '\n');
}

static int choice_write(void *data, char *buf, size_t len)
{
	const struct choice *c = data;

	if (len && buf[len - 1] == '\n')
		buf[len - 1] = '\0';
	for (unsigned int i = 0; i < 6 && c->words[i].name; i++)
		if (!strcmp(buf, c->words[i].name)) {
			*c->value = c->words[i].value;
			return 0;
		}
	return -EINVAL;
}

/* Shared memory is never huge here. */
static void shmem_enabled_show(struct seq_buf *s)
{
	seq_buf_puts(s, "always within_size advise [never] deny force\n");
}

/* ---- numbers ------------------------------------------------------------- */

static void hpage_pmd_size_show(struct seq_buf *s)
{
	seq_buf_printf(s, "%lu\n", HPAGE_PMD_SIZE);
}

static void use_zero_page_show(struct seq_buf *s)
{
	seq_buf_printf(s, "%d\n", transparent_hugepage_use_zero_page);
}

static int use_zero_page_write(char *buf, size_t len)
{
	unsigned long v;
	int err = kstrtoul(buf, 10, &v);

	(void)len;
	if (err || v > 1)
		return err ?: -EINVAL;
	transparent_hugepage_use_zero_page = v;
	return 0;
}

/* ---- pools --------------------------------------------------------------- */

#define POOL_SHOW(field)                                                 \
	static void field##_show(struct seq_buf *s, void *h)             \
	{                                                                \
		seq_buf_printf(s, "%lu\n", ((struct hstate *)h)->field); \
	}

POOL_SHOW(free)
POOL_SHOW(resv)
POOL_SHOW(surplus)
POOL_SHOW(max_surplus)

static void persistent_show(struct seq_buf *s, void *data)
{
	const struct hstate *h = data;

	seq_buf_printf(s, "%lu\n", h->nr - h->surplus);
}

static int pool_write(void (*set)(struct hstate *h, unsigned long n), void *h,
		      char *buf)
{
	unsigned long n;
	int err = kstrtoul(strim(buf), 10, &n);

	if (!err)
		set(h, n);
	return err;
}

static int persistent_write(void *h, char *buf, size_t len)
{
	(void)len;
	return pool_write(hugetlb_set_nr, h, buf);
}

/* Pages of 1 GiB cannot be made when a mapping asks for them. */
static int max_surplus_write(void *h, char *buf, size_t len)
{
	(void)len;
	if (huge_page_size((struct hstate *)h) > HPAGE_PMD_SIZE)
		return -EINVAL;
	return pool_write(hugetlb_set_overcommit, h, buf);
}

static const struct {
	const char *name;
	void (*show)(struct seq_buf *s, void *h);
	int (*write)(void *h, char *buf, size_t len);
} pool_files[] = {
	{ "nr_hugepages", persistent_show, persistent_write },
	{ "nr_hugepages_mempolicy", persistent_show, persistent_write },
	{ "nr_overcommit_hugepages", max_surplus_show, max_surplus_write },
	{ "free_hugepages", free_show, NULL },
	{ "resv_hugepages", resv_show, NULL },
	{ "surplus_hugepages", surplus_show, NULL },
};

/* The first three are the default pool's in /proc/sys/vm, too. */
static void pools_init(void)
{
	char path[80];

	for (unsigned int i = 0; i < ARRAY_SIZE(pool_files); i++) {
		umode_t mode = pool_files[i].write ? 0644 : 0444;

		for (struct hstate *h = hstates; h < hstates + HUGE_MAX_HSTATE;
		     h++) {
			snprintf(path, sizeof(path),
				 "kernel/mm/hugepages/hugepages-%lukB/%s",
				 huge_page_size(h) >> 10, pool_files[i].name);
			sysfs_create_data(path, mode, pool_files[i].show,
					  pool_files[i].write, h);
		}
		if (mode == 0444)
			continue;
		snprintf(path, sizeof(path), "sys/vm/%s", pool_files[i].name);
		proc_create_data_rw(path, mode, pool_files[i].show,
				    pool_files[i].write, default_hstate);
	}
}

void sysfs_mm_init(void)
{
	pools_init();
	sysfs_create_data(THP "enabled", 0644, choice_show, choice_write,
			  (void *)(uintptr_t)&thp_enabled);
	sysfs_create_data(THP "defrag", 0644, choice_show, choice_write,
			  (void *)(uintptr_t)&thp_defrag);
	sysfs_create_text(THP "shmem_enabled", 0444, shmem_enabled_show, NULL);
	sysfs_create_text(THP "hpage_pmd_size", 0444, hpage_pmd_size_show,
			  NULL);
	sysfs_create_text(THP "use_zero_page", 0644, use_zero_page_show,
			  use_zero_page_write);
}
