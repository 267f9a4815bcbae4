// SPDX-License-Identifier: MIT
/*
 * /proc/sys: numbers and strings that can be read and, if they are real
 * knobs here, written. Writing a number is one aligned store, so readers
 * need no lock; strings change under sysctl_lock.
 */
#include <base/printk.h>
#include <base/random.h>
#include <fs/writeback.h>
#include <lib/kstrtox.h>
#include <mm/phys/gfp.h>
#include <mm/phys/mmzone.h>
#include <mm/phys/vmstat.h>
#include <mm/vm/mm.h>
#include <mm/vm/swap.h>
#include <mm/vm/vmscan.h>
#include "internal.h"

static DEFINE_MUTEX(sysctl_lock);

/* --- knobs --- */

static void ctl_show(struct seq_buf *s, void *data)
{
	const struct ctl_table *t = data;

	if (t->type == CTL_INT) {
		seq_buf_printf(s, "%d\n", READ_ONCE(*(int *)t->data));
	} else if (t->type == CTL_ULONG) {
		seq_buf_printf(s, "%lu\n",
			       READ_ONCE(*(unsigned long *)t->data));
	} else {
		mutex_lock(&sysctl_lock);
		seq_buf_printf(s, "%s\n", (const char *)t->data);
		mutex_unlock(&sysctl_lock);
	}
}

static int store_int(const struct ctl_table *t, const char *text)
{
	int v;

	if (kstrtoint(text, 0, &v) || v < t->min || v > t->max)
		return -EINVAL;
	WRITE_ONCE(*(int *)t->data, v);
	if (t->other)
		WRITE_ONCE(*(unsigned long *)t->other, 0UL);
	return 0;
}

static int store_ulong(const struct ctl_table *t, const char *text)
{
	unsigned long v;

	if (kstrtoul(text, 0, &v) || v < (unsigned long)t->min ||
	    v > (unsigned long)t->max)
		return -EINVAL;
	WRITE_ONCE(*(unsigned long *)t->data, v);
	if (t->other)
		WRITE_ONCE(*(int *)t->other, 0);
	return 0;
}

static int store_string(const struct ctl_table *t, char *text)
{
	text[strcspn(text, "\n")] = 0;
	guard(mutex)(&sysctl_lock);
	strscpy(t->data, text, (size_t)t->max);
	return 0;
}

static int ctl_store(void *data, char *text)
{
	const struct ctl_table *t = data;
	int err = t->type == CTL_STRING ? store_string(t, text) :
		  t->type == CTL_INT	? store_int(t, strim(text)) :
					  store_ulong(t, strim(text));

	if (!err && t->changed)
		t->changed();
	return err;
}

void register_sysctls(struct ctl_table *table, size_t n)
{
	for (; n--; table++) {
		struct pseudo_file file = {
			.path = table->path,
			.mode = table->mode,
			.show_data = ctl_show,
			.data = table,
		};

		if (table->mode & S_IWUSR)
			file.write_data = ctl_store;
		proc_create(&file, 1);
	}
}

static struct ctl_table knobs[] = {
	{ "sys/kernel/randomize_va_space", 0644, CTL_INT, &randomize_va_space,
	  .min = INT_MIN, .max = INT_MAX },
	{ "sys/vm/admin_reserve_kbytes", 0644, CTL_ULONG,
	  &sysctl_admin_reserve_kbytes, .max = LONG_MAX },
	{ "sys/vm/dirty_background_bytes", 0644, CTL_ULONG,
	  &dirty_background_bytes, .min = 1, .max = LONG_MAX,
	  .other = &dirty_background_ratio },
	{ "sys/vm/dirty_background_ratio", 0644, CTL_INT,
	  &dirty_background_ratio, .max = 100,
	  .other = &dirty_background_bytes },
	{ "sys/vm/dirty_bytes", 0644, CTL_ULONG, &vm_dirty_bytes,
	  .min = 2 * PAGE_SIZE, .max = LONG_MAX, .other = &vm_dirty_ratio },
	{ "sys/vm/dirty_expire_centisecs", 0644, CTL_INT,
	  &dirty_expire_interval, .max = INT_MAX },
	{ "sys/vm/dirty_ratio", 0644, CTL_INT, &vm_dirty_ratio, .max = 100,
	  .other = &vm_dirty_bytes },
	{ "sys/vm/dirty_writeback_centisecs", 0644, CTL_INT,
	  &dirty_writeback_interval, .max = INT_MAX,
	  .changed = wakeup_flusher },
	{ "sys/vm/max_map_count", 0644, CTL_INT, &sysctl_max_map_count,
	  .max = INT_MAX },
	{ "sys/vm/mmap_min_addr", 0644, CTL_ULONG, &mmap_min_addr,
	  .max = 1L << 32 },
	{ "sys/vm/overcommit_kbytes", 0644, CTL_ULONG,
	  &sysctl_overcommit_kbytes, .max = LONG_MAX,
	  .other = &sysctl_overcommit_ratio },
	{ "sys/vm/overcommit_memory", 0644, CTL_INT, &sysctl_overcommit_memory,
	  .max = 2 },
	{ "sys/vm/overcommit_ratio", 0644, CTL_INT, &sysctl_overcommit_ratio,
	  .max = INT_MAX, .other = &sysctl_overcommit_kbytes },
	{ "sys/vm/page-cluster", 0644, CTL_INT, &sysctl_page_cluster,
	  .max = 31 },
	{ "sys/vm/swappiness", 0644, CTL_INT, &vm_swappiness, .max = 200 },
	{ "sys/vm/user_reserve_kbytes", 0644, CTL_ULONG,
	  &sysctl_user_reserve_kbytes, .max = LONG_MAX },
	{ "sys/vm/vfs_cache_pressure", 0644, CTL_INT,
	  &sysctl_vfs_cache_pressure, .max = INT_MAX },
	/* Of 10,000: how far low and high stand above min, at least. */
	{ "sys/vm/watermark_scale_factor", 0644, CTL_INT,
	  &watermark_scale_factor, .min = 1, .max = 3000,
	  .changed = setup_per_zone_wmarks },
};

/* --- what is more than a number --- */

static void printk_show(struct seq_buf *s)
{
	seq_buf_printf(s, "%d\t%d\t%d\t%d\n", console_loglevel,
		       DEFAULT_MESSAGE_LOGLEVEL, CONSOLE_LOGLEVEL_MIN,
		       CONSOLE_LOGLEVEL_DEFAULT);
}

/* The first number is the console's level; the rest is fixed here. */
static int printk_store(char *text)
{
	char *end;
	long level = simple_strtol(text, &end, 10);

	if (end == text || level < 0 || level > CONSOLE_LOGLEVEL_MOTORMOUTH)
		return -EINVAL;
	console_loglevel = (int)level;
	return 0;
}

/* Version 4 of RFC 4122: random but for six bits. */
static void uuid_show(struct seq_buf *s, const u8 *u)
{
	unsigned int i;

	for (i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			seq_buf_putc(s, '-');
		seq_buf_printf(s, "%02x", u[i]);
	}
	seq_buf_putc(s, '\n');
}

static void uuid_make(u8 *u)
{
	get_random_bytes(u, 16);
	u[6] = (u8)((u[6] & 0x0f) | 0x40);
	u[8] = (u8)((u[8] & 0x3f) | 0x80);
}

static void uuid_new_show(struct seq_buf *s)
{
	u8 u[16];

	uuid_make(u);
	uuid_show(s, u);
}

static void boot_id_show(struct seq_buf *s)
{
	static u8 boot_id[16];

	mutex_lock(&sysctl_lock);
	if (!boot_id[8])
		uuid_make(boot_id);
	mutex_unlock(&sysctl_lock);
	uuid_show(s, boot_id);
}

static void entropy_show(struct seq_buf *s)
{
	seq_buf_printf(s, "%d\n", rng_ready() ? 256 : 0);
}

static void min_free_show(struct seq_buf *s)
{
	seq_buf_printf(s, "%lu\n", READ_ONCE(min_free_kbytes));
}

static int min_free_store(char *text)
{
	unsigned long kbytes;

	if (kstrtoul(strim(text), 0, &kbytes) ||
	    kbytes > totalram_pages() << (PAGE_SHIFT - 10))
		return -EINVAL;
	set_min_free_kbytes(kbytes);
	return 0;
}

/* 1: pages, 2: what shrinkers have, 3: both; 4: do it without a word */
static int drop_caches_store(char *text)
{
	static bool quiet;
	int what;

	if (kstrtoint(strim(text), 0, &what) || what < 1 || what > 4)
		return -EINVAL;
	if (what & 1) {
		drop_pagecache();
		count_vm_event(DROP_PAGECACHE);
	}
	if (what & 2) {
		drop_slab();
		count_vm_event(DROP_SLAB);
	}
	if (!quiet)
		pr_info("%s (%d): drop_caches: %d\n", current->comm,
			current->pid, what);
	quiet |= what & 4;
	return 0;
}

void proc_sysctl_init(void)
{
	static const struct pseudo_file files[] = {
		{ "sys/kernel/printk", 0644, .show = printk_show,
		  .write = printk_store },
		{ "sys/kernel/random/boot_id", 0444, .show = boot_id_show },
		{ "sys/kernel/random/uuid", 0444, .show = uuid_new_show },
		{ "sys/kernel/random/entropy_avail", 0444,
		  .show = entropy_show },
		{ "sys/vm/drop_caches", 0200, .show = nothing_show,
		  .write = drop_caches_store },
		{ "sys/vm/min_free_kbytes", 0644, .show = min_free_show,
		  .write = min_free_store },
	};

	register_sysctls(knobs, ARRAY_SIZE(knobs));
	proc_create(files, ARRAY_SIZE(files));
}
