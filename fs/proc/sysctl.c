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
#include <mm/phys/slab.h>
#include <mm/phys/vmstat.h>
#include <mm/vm/mm.h>
#include <mm/vm/swap.h>
#include <mm/vm/vmscan.h>
#include "internal.h"

struct sysctl_number {
	void *value;
	bool wide;	    /* unsigned long, else int */
	long long min, max; /* as unsigned long if wide */
	void *other; /* not wide if this is: the same limit in another unit */
	void (*changed)(void); /* called after it was written, or NULL */
};

struct sysctl_string {
	char *value;
	size_t size;
};

static DEFINE_MUTEX(sysctl_lock);

/* --- numbers --- */

static void number_show(struct seq_buf *s, void *data)
{
	const struct sysctl_number *n = data;

	if (n->wide)
		seq_buf_printf(s, "%lu\n",
			       READ_ONCE(*(unsigned long *)n->value));
	else
		seq_buf_printf(s, "%d\n", READ_ONCE(*(int *)n->value));
}

static int number_store_wide(const struct sysctl_number *n, const char *text)
{
	unsigned long v;
	int err = kstrtoul(text, 0, &v);

	if (err)
		return -EINVAL;
	if (v < (unsigned long)n->min || v > (unsigned long)n->max)
		return -EINVAL;
	WRITE_ONCE(*(unsigned long *)n->value, v);
	return 0;
}

static int number_store_int(const struct sysctl_number *n, const char *text)
{
	int v;

	if (kstrtoint(text, 0, &v) || v < n->min || v > n->max)
		return -EINVAL;
	WRITE_ONCE(*(int *)n->value, v);
	return 0;
}

static int number_store(void *data, char *buf, size_t len)
{
	const struct sysctl_number *n = data;
	char *text = strim(buf);
	int err = n->wide ? number_store_wide(n, text) :
			    number_store_int(n, text);

	(void)len;
	if (!err && n->other && n->wide)
		WRITE_ONCE(*(int *)n->other, 0);
	else if (!err && n->other)
		WRITE_ONCE(*(unsigned long *)n->other, 0UL);
	if (!err && n->changed)
		n->changed();
	return err;
}

static int create_number(const char *path, umode_t mode,
			 const struct sysctl_number *what)
{
	struct sysctl_number *n = kmemdup(what, sizeof(*what), GFP_KERNEL);
	int err = -ENOMEM;

	if (n)
		err = proc_create_data_rw(path, mode, number_show,
					  mode & S_IWUSR ? number_store : NULL,
					  n);
	if (err)
		kfree(n);
	return err;
}

int proc_create_sysctl_ulong(const char *path, umode_t mode,
			     unsigned long *value, unsigned long min,
			     unsigned long max)
{
	return create_number(path, mode,
			     &(struct sysctl_number){ .value = value,
						      .wide = true,
						      .min = (long long)min,
						      .max = (long long)max });
}

int proc_create_sysctl_int(const char *path, umode_t mode, int *value, int min,
			   int max)
{
	return create_number(path, mode,
			     &(struct sysctl_number){
				     .value = value, .min = min, .max = max });
}

/* One limit, as a ratio or as an amount: each takes the other's place. */
static void create_pair(const char *ratio_path, int *ratio, int most,
			const char *amount_path, unsigned long *amount,
			unsigned long least)
{
	create_number(ratio_path, 0644,
		      &(struct sysctl_number){
			      .value = ratio, .max = most, .other = amount });
	create_number(amount_path, 0644,
		      &(struct sysctl_number){ .value = amount,
					       .wide = true,
					       .min = (long long)least,
					       .max = LONG_MAX,
					       .other = ratio });
}

/* --- strings --- */

static void string_show(struct seq_buf *s, void *data)
{
	const struct sysctl_string *str = data;

	mutex_lock(&sysctl_lock);
	seq_buf_printf(s, "%s\n", str->value);
	mutex_unlock(&sysctl_lock);
}

static int string_store(void *data, char *buf, size_t len)
{
	const struct sysctl_string *str = data;

	(void)len;
	buf[strcspn(buf, "\n")] = 0;
	mutex_lock(&sysctl_lock);
	strscpy(str->value, buf, str->size);
	mutex_unlock(&sysctl_lock);
	return 0;
}

int proc_create_sysctl_string(const char *path, umode_t mode, char *value,
			      size_t size)
{
	struct sysctl_string *s = kmalloc(sizeof(*s), GFP_KERNEL);
	int err = -ENOMEM;

	if (s) {
		s->value = value;
		s->size = size;
		err = proc_create_data_rw(path, mode, string_show,
					  mode & S_IWUSR ? string_store : NULL,
					  s);
	}
	if (err)
		kfree(s);
	return err;
}

/* --- sys/kernel --- */

static void osrelease_show(struct seq_buf *s)
{
	seq_buf_printf(s, "%s\n",
		       proc_system.osrelease ? proc_system.osrelease : "");
}

static void utsversion_show(struct seq_buf *s)
{
	seq_buf_printf(s, "%s\n",
		       proc_system.utsversion ? proc_system.utsversion : "");
}

static void ostype_show(struct seq_buf *s)
{
	seq_buf_puts(s, "Linux\n");
}

static void name_show(struct seq_buf *s, const char *name)
{
	mutex_lock(&sysctl_lock);
	seq_buf_printf(s, "%s\n", name ? name : "(none)");
	mutex_unlock(&sysctl_lock);
}

static void hostname_show(struct seq_buf *s)
{
	name_show(s, proc_system.hostname);
}

static void domainname_show(struct seq_buf *s)
{
	name_show(s, proc_system.domainname);
}

static int hostname_store(char *buf, size_t len)
{
	return proc_system.hostname ?
		       string_store(
			       &(struct sysctl_string){
				       proc_system.hostname,
				       proc_system.hostname_size },
			       buf, len) :
		       -EIO;
}

static int domainname_store(char *buf, size_t len)
{
	return proc_system.domainname ?
		       string_store(
			       &(struct sysctl_string){
				       proc_system.domainname,
				       proc_system.domainname_size },
			       buf, len) :
		       -EIO;
}

static void printk_show(struct seq_buf *s)
{
	seq_buf_printf(s, "%d\t%d\t%d\t%d\n", console_loglevel,
		       DEFAULT_MESSAGE_LOGLEVEL, CONSOLE_LOGLEVEL_MIN,
		       CONSOLE_LOGLEVEL_DEFAULT);
}

/* The first number is the console's level; the rest is fixed here. */
static int printk_store(char *buf, size_t len)
{
	char *end;
	long level = simple_strtol(buf, &end, 10);

	(void)len;
	if (end == buf || level < 0 || level > CONSOLE_LOGLEVEL_MOTORMOUTH)
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

static void kernel_init_sysctls(void)
{
	static int pid_max = 32768, cap_last_cap = 40, threads_max = 32768;
	static int ngroups_max = 65536;

	proc_create_text("sys/kernel/ostype", 0444, ostype_show);
	proc_create_text("sys/kernel/osrelease", 0444, osrelease_show);
	proc_create_text("sys/kernel/version", 0444, utsversion_show);
	proc_create_text_rw("sys/kernel/hostname", 0644, hostname_show,
			    hostname_store);
	proc_create_text_rw("sys/kernel/domainname", 0644, domainname_show,
			    domainname_store);
	proc_create_text_rw("sys/kernel/printk", 0644, printk_show,
			    printk_store);
	proc_create_text("sys/kernel/random/boot_id", 0444, boot_id_show);
	proc_create_text("sys/kernel/random/uuid", 0444, uuid_new_show);
	proc_create_text("sys/kernel/random/entropy_avail", 0444, entropy_show);
	proc_create_sysctl_int("sys/kernel/pid_max", 0444, &pid_max, 0,
			       INT_MAX);
	proc_create_sysctl_int("sys/kernel/threads-max", 0444, &threads_max, 0,
			       INT_MAX);
	proc_create_sysctl_int("sys/kernel/cap_last_cap", 0444, &cap_last_cap,
			       0, INT_MAX);
	proc_create_sysctl_int("sys/kernel/ngroups_max", 0444, &ngroups_max, 0,
			       INT_MAX);
	proc_create_sysctl_int("sys/kernel/randomize_va_space", 0644,
			       &randomize_va_space, INT_MIN, INT_MAX);
}

/* --- sys/vm --- */

static void min_free_show(struct seq_buf *s)
{
	seq_buf_printf(s, "%lu\n", READ_ONCE(min_free_kbytes));
}

static int min_free_store(char *buf, size_t len)
{
	unsigned long kbytes;

	(void)len;
	if (kstrtoul(strim(buf), 0, &kbytes) ||
	    kbytes > totalram_pages() << (PAGE_SHIFT - 10))
		return -EINVAL;
	set_min_free_kbytes(kbytes);
	return 0;
}

/* 1: pages, 2: what shrinkers have, 3: both; 4: do it without a word */
static int drop_caches_store(char *buf, size_t len)
{
	static bool quiet;
	int what;

	(void)len;
	if (kstrtoint(strim(buf), 0, &what) || what < 1 || what > 4)
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

static void writeback_init_sysctls(void)
{
	create_pair("sys/vm/dirty_ratio", &vm_dirty_ratio, 100,
		    "sys/vm/dirty_bytes", &vm_dirty_bytes, 2 * PAGE_SIZE);
	create_pair("sys/vm/dirty_background_ratio", &dirty_background_ratio,
		    100, "sys/vm/dirty_background_bytes",
		    &dirty_background_bytes, 1);
	proc_create_sysctl_int("sys/vm/dirty_expire_centisecs", 0644,
			       &dirty_expire_interval, 0, INT_MAX);
	create_number(
		"sys/vm/dirty_writeback_centisecs", 0644,
		&(struct sysctl_number){ .value = &dirty_writeback_interval,
					 .max = INT_MAX,
					 .changed = wakeup_flusher });
	proc_create_text_rw("sys/vm/drop_caches", 0200, nothing_show,
			    drop_caches_store);
}

static void vm_init_sysctls(void)
{
	proc_create_text_rw("sys/vm/min_free_kbytes", 0644, min_free_show,
			    min_free_store);
	/* Of 10,000: how far low and high stand above min, at least. */
	create_number("sys/vm/watermark_scale_factor", 0644,
		      &(struct sysctl_number){ .value = &watermark_scale_factor,
					       .min = 1,
					       .max = 3000,
					       .changed =
						       setup_per_zone_wmarks });
	proc_create_sysctl_int("sys/vm/swappiness", 0644, &vm_swappiness, 0,
			       200);
	proc_create_sysctl_int("sys/vm/vfs_cache_pressure", 0644,
			       &sysctl_vfs_cache_pressure, 0, INT_MAX);
	proc_create_sysctl_int("sys/vm/overcommit_memory", 0644,
			       &sysctl_overcommit_memory, 0, 2);
	create_pair("sys/vm/overcommit_ratio", &sysctl_overcommit_ratio,
		    INT_MAX, "sys/vm/overcommit_kbytes",
		    &sysctl_overcommit_kbytes, 0);
	proc_create_sysctl_ulong("sys/vm/user_reserve_kbytes", 0644,
				 &sysctl_user_reserve_kbytes, 0, LONG_MAX);
	proc_create_sysctl_ulong("sys/vm/admin_reserve_kbytes", 0644,
				 &sysctl_admin_reserve_kbytes, 0, LONG_MAX);
	proc_create_sysctl_int("sys/vm/max_map_count", 0644,
			       &sysctl_max_map_count, 0, INT_MAX);
	proc_create_sysctl_ulong("sys/vm/mmap_min_addr", 0644, &mmap_min_addr,
				 0, 1UL << 32);
	proc_create_sysctl_int("sys/vm/page-cluster", 0644,
			       &sysctl_page_cluster, 0, 31);
}

void proc_sysctl_init(void)
{
	kernel_init_sysctls();
	vm_init_sysctls();
	writeback_init_sysctls();
}
