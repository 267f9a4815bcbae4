// SPDX-License-Identifier: MIT
/*
 * block_stat.c - what /proc and /sys say about block devices
 *
 * /proc/partitions, /proc/diskstats, /sys/block/NAME as far as lsblk and
 * friends look, and the settings of failure injection in
 * /sys/kernel/debug/fail_make_request. Numbers are read as they are; no lock.
 */
#include <fs/block_dev.h>
#include <fs/proc_fs.h>
#include <lib/kstrtox.h>
#include <lib/printf.h>
#include <mm/phys/slab.h>

/* ---- counts -------------------------------------------------------------- */

static unsigned long ms(u64 ns)
{
	return (unsigned long)(ns / NSEC_PER_MSEC);
}

/* The 17 numbers of a device; what is never merged counts no merges. */
static void stat_show(struct seq_buf *s, struct block_device *bdev)
{
	static const enum req_op ops[] = { REQ_OP_READ, REQ_OP_WRITE,
					   REQ_OP_DISCARD };
	struct disk_stats st;
	u64 all = 0;

	blkdev_stats(bdev, &st);
	for (int op = 0; op < NR_REQ_OPS; op++)
		all += st.nsecs[op];
	for (unsigned int i = 0; i < ARRAY_SIZE(ops); i++) {
		seq_buf_printf(s, " %llu 0 %llu %lu", st.ios[ops[i]],
			       st.sectors[ops[i]], ms(st.nsecs[ops[i]]));
		if (ops[i] == REQ_OP_WRITE)
			seq_buf_printf(s, " %u %lu %lu", st.in_flight,
				       ms(st.busy_ns), ms(all));
	}
	seq_buf_printf(s, " %llu %lu\n", st.ios[REQ_OP_FLUSH],
		       ms(st.nsecs[REQ_OP_FLUSH]));
}

static void diskstats_show(struct seq_buf *s)
{
	struct block_device *bdev = NULL;

	while ((bdev = blkdev_next(bdev))) {
		seq_buf_printf(s, "%4u %7u %s", MAJOR(bdev->bd_dev),
			       MINOR(bdev->bd_dev), bdev->bd_name);
		stat_show(s, bdev);
	}
}

static void partitions_show(struct seq_buf *s)
{
	struct block_device *bdev = blkdev_next(NULL);

	if (bdev)
		seq_buf_puts(s, "major minor  #blocks  name\n\n");
	for (; bdev; bdev = blkdev_next(bdev))
		seq_buf_printf(s, "%4u  %7u %10llu %s\n", MAJOR(bdev->bd_dev),
			       MINOR(bdev->bd_dev), bdev->bd_nr_sectors >> 1,
			       bdev->bd_name);
}

/* ---- /sys/block ---------------------------------------------------------- */

static void sys_stat_show(struct seq_buf *s, void *bdev)
{
	stat_show(s, bdev);
}

static void size_show(struct seq_buf *s, void *data)
{
	const struct block_device *bdev = data;

	seq_buf_printf(s, "%llu\n", READ_ONCE(bdev->bd_nr_sectors));
}

static void ro_show(struct seq_buf *s, void *data)
{
	const struct block_device *bdev = data;

	seq_buf_printf(s, "%d\n", bdev->bd_read_only);
}

static void inflight_show(struct seq_buf *s, void *data)
{
	struct block_device *bdev = data;

	/* Reads and writes are counted together. */
	seq_buf_printf(s, "%8u %8u\n", 0, READ_ONCE(bdev->bd_stats.in_flight));
}

static void fail_show(struct seq_buf *s, void *data)
{
	const struct block_device *bdev = data;

	seq_buf_printf(s, "%d\n", bdev->bd_make_it_fail);
}

static int fail_write(void *data, char *text)
{
	struct block_device *bdev = data;
	unsigned long v;
	int err = kstrtoul(strim(text), 0, &v);

	if (!err)
		bdev->bd_make_it_fail = v != 0;
	return err;
}

static const struct pseudo_file live_files[] = {
	{ "stat", 0444, .show_data = sys_stat_show },
	{ "size", 0444, .show_data = size_show },
	{ "ro", 0444, .show_data = ro_show },
	{ "inflight", 0444, .show_data = inflight_show },
	{ "make-it-fail", 0644, .show_data = fail_show,
	  .write_data = fail_write },
};

/* Into the directory of the device. */
static void add_file(struct block_device *bdev, struct pseudo_file file)
{
	char path[64];

	snprintf(path, sizeof(path), "block/%s/%s", bdev->bd_name, file.path);
	file.path = path;
	sysfs_create(&file, 1);
}

static void text_show(struct seq_buf *s, void *text)
{
	seq_buf_puts(s, text);
}

/* A file that says the same for ever. */
static void __printf(3, 4) add_text(struct block_device *bdev, const char *name,
				    const char *fmt, ...)
{
	char text[96];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	add_file(bdev,
		 (struct pseudo_file){ name, 0444, .show_data = text_show,
				       .data = kstrdup(text, GFP_KERNEL) });
}

static void add_queue(struct block_device *bdev)
{
	unsigned int kb = bdev->bd_max_vecs * (PAGE_SIZE >> 10);
	sector_t discard = bdev->bd_max_discard << SECTOR_SHIFT;

	add_text(bdev, "queue/logical_block_size", "%u\n", bdev->bd_block_size);
	add_text(bdev, "queue/hw_sector_size", "%u\n", bdev->bd_block_size);
	add_text(bdev, "queue/physical_block_size", "%u\n",
		 bdev->bd_phys_block_size);
	add_text(bdev, "queue/minimum_io_size", "%u\n",
		 bdev->bd_phys_block_size);
	add_text(bdev, "queue/optimal_io_size", "0\n");
	add_text(bdev, "queue/max_segments", "%u\n", bdev->bd_max_vecs);
	add_text(bdev, "queue/max_sectors_kb", "%u\n", kb);
	add_text(bdev, "queue/max_hw_sectors_kb", "%u\n", kb);
	add_text(bdev, "queue/discard_granularity", "%u\n",
		 discard ? bdev->bd_block_size : 0);
	add_text(bdev, "queue/discard_max_bytes", "%llu\n", discard);
	add_text(bdev, "queue/discard_max_hw_bytes", "%llu\n", discard);
	add_text(bdev, "queue/discard_zeroes_data", "0\n");
	add_text(bdev, "queue/write_same_max_bytes", "0\n");
	add_text(bdev, "queue/nr_requests", "256\n");
	add_text(bdev, "queue/read_ahead_kb", "128\n");
	add_text(bdev, "queue/rotational", "1\n");
	add_text(bdev, "queue/scheduler", "[none]\n");
	add_text(bdev, "queue/add_random", "0\n");
	add_text(bdev, "queue/iostats", "1\n");
	add_text(bdev, "queue/nomerges", "2\n");
	add_text(bdev, "queue/zoned", "none\n");
	add_text(bdev, "queue/fua", "0\n");
	add_text(bdev, "queue/write_cache", "write %s\n",
		 bdev->bd_write_cache ? "back" : "through");
}

static void add_link(const char *path, const struct block_device *bdev)
{
	char target[32];

	snprintf(target, sizeof(target), "../../block/%s", bdev->bd_name);
	sysfs_symlink(path, kstrdup(target, GFP_KERNEL));
}

void block_sysfs_init(struct block_device *bdev)
{
	unsigned int major = MAJOR(bdev->bd_dev), minor = MINOR(bdev->bd_dev);
	char path[64];

	for (unsigned int i = 0; i < ARRAY_SIZE(live_files); i++) {
		struct pseudo_file file = live_files[i];

		file.data = bdev;
		add_file(bdev, file);
	}
	add_text(bdev, "dev", "%u:%u\n", major, minor);
	add_text(bdev, "uevent",
		 "MAJOR=%u\nMINOR=%u\nDEVNAME=%s\nDEVTYPE=disk\n", major, minor,
		 bdev->bd_name);
	add_text(bdev, "range", "%d\n", DISK_MINORS);
	add_text(bdev, "removable", "0\n");
	add_text(bdev, "hidden", "0\n");
	add_text(bdev, "alignment_offset", "0\n");
	add_text(bdev, "discard_alignment", "0\n");
	add_queue(bdev);
	snprintf(path, sizeof(path), "block/%s/holders", bdev->bd_name);
	sysfs_mkdir(path);
	snprintf(path, sizeof(path), "block/%s/slaves", bdev->bd_name);
	sysfs_mkdir(path);
	snprintf(path, sizeof(path), "dev/block/%u:%u", major, minor);
	add_link(path, bdev);
	snprintf(path, sizeof(path), "class/block/%s", bdev->bd_name);
	add_link(path, bdev);
}

/* ---- failure injection --------------------------------------------------- */

static void number_show(struct seq_buf *s, void *value)
{
	seq_buf_printf(s, "%lu\n", *(unsigned long *)value);
}

static int number_write(void *value, char *text)
{
	return kstrtoul(strim(text), 0, value);
}

static void times_show(struct seq_buf *s, void *value)
{
	seq_buf_printf(s, "%d\n", *(int *)value);
}

static int times_write(void *value, char *text)
{
	return kstrtoint(strim(text), 0, value);
}

#define FAIL "kernel/debug/fail_make_request/"

static const struct pseudo_file fail_files[] = {
	{ FAIL "probability", 0644, .show_data = number_show,
	  .write_data = number_write, .data = &fail_make_request.probability },
	{ FAIL "interval", 0644, .show_data = number_show,
	  .write_data = number_write, .data = &fail_make_request.interval },
	{ FAIL "delay-ms", 0644, .show_data = number_show,
	  .write_data = number_write, .data = &fail_make_request.delay_ms },
	{ FAIL "times", 0644, .show_data = times_show,
	  .write_data = times_write, .data = &fail_make_request.times },
};

static const struct pseudo_file proc_files[] = {
	{ "partitions", 0444, .show = partitions_show },
	{ "diskstats", 0444, .show = diskstats_show },
};

void block_proc_init(void)
{
	proc_create(proc_files, ARRAY_SIZE(proc_files));
	sysfs_create(fail_files, ARRAY_SIZE(fail_files));
}
