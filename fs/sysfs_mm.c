// SPDX-License-Identifier: MIT
/*
 * /sys/kernel/mm: the settings of huge pages.
 *
 * A choice shows all its words, the one in force in brackets, and takes one
 * of them; a number is a number. Plain words in memory: no lock.
 */
#include <fs/proc_fs.h>
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

static struct choice thp_enabled = {
	&transparent_hugepage_mode,
	{ { "always", THP_ALWAYS },
	  { "madvise", THP_MADVISE },
	  { "never", THP_NEVER } },
};

static struct choice thp_defrag = {
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

static int choice_write(void *data, char *text)
{
	const struct choice *c = data;
	size_t len = strlen(text);

	if (len && text[len - 1] == '\n')
		text[len - 1] = '\0';
	for (unsigned int i = 0; i < 6 && c->words[i].name; i++)
		if (!strcmp(text, c->words[i].name)) {
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

static int use_zero_page_write(char *text)
{
	unsigned long v;
	int err = kstrtoul(text, 10, &v);

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
		      char *text)
{
	unsigned long n;
	int err = kstrtoul(strim(text), 10, &n);

	if (!err)
		set(h, n);
	return err;
}

static int persistent_write(void *h, char *text)
{
	return pool_write(hugetlb_set_nr, h, text);
}

/* Pages of 1 GiB cannot be made when a mapping asks for them. */
static int max_surplus_write(void *h, char *text)
{
	if (huge_page_size((struct hstate *)h) > HPAGE_PMD_SIZE)
		return -EINVAL;
	return pool_write(hugetlb_set_overcommit, h, text);
}

static const struct pseudo_file pool_files[] = {
	{ "nr_hugepages", 0644, .show_data = persistent_show,
	  .write_data = persistent_write },
	{ "nr_hugepages_mempolicy", 0644, .show_data = persistent_show,
	  .write_data = persistent_write },
	{ "nr_overcommit_hugepages", 0644, .show_data = max_surplus_show,
	  .write_data = max_surplus_write },
	{ "free_hugepages", 0444, .show_data = free_show },
	{ "resv_hugepages", 0444, .show_data = resv_show },
	{ "surplus_hugepages", 0444, .show_data = surplus_show },
};

/* Of each pool; the first three are the default pool's in /proc/sys/vm, too. */
static void pool_file_init(struct pseudo_file file)
{
	const char *name = file.path;
	char path[80];

	file.path = path;
	for (struct hstate *h = hstates; h < hstates + HUGE_MAX_HSTATE; h++) {
		snprintf(path, sizeof(path),
			 "kernel/mm/hugepages/hugepages-%lukB/%s",
			 huge_page_size(h) >> 10, name);
		file.data = h;
		sysfs_create(&file, 1);
	}
	if (!file.write_data)
		return;
	snprintf(path, sizeof(path), "sys/vm/%s", name);
	file.data = default_hstate;
	proc_create(&file, 1);
}

static const struct pseudo_file thp_files[] = {
	{ THP "enabled", 0644, .show_data = choice_show,
	  .write_data = choice_write, .data = &thp_enabled },
	{ THP "defrag", 0644, .show_data = choice_show,
	  .write_data = choice_write, .data = &thp_defrag },
	{ THP "shmem_enabled", 0444, .show = shmem_enabled_show },
	{ THP "hpage_pmd_size", 0444, .show = hpage_pmd_size_show },
	{ THP "use_zero_page", 0644, .show = use_zero_page_show,
	  .write = use_zero_page_write },
};

void sysfs_mm_init(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(pool_files); i++)
		pool_file_init(pool_files[i]);
	sysfs_create(thp_files, ARRAY_SIZE(thp_files));
}
