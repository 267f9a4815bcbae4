// SPDX-License-Identifier: MIT
/* System calls about the machine: its name, its memory, its log, its end. */
#include <asm/psci.h>
#include <asm/uaccess.h>
#include <base/clock.h>
#include <base/printk.h>
#include <base/random.h>
#include <base/smp.h>
#include <lib/string.h>
#include <mm/phys/vmalloc.h>
#include <mm/vm/meminfo.h>
#include <proc/process.h>
#include <proc/syscalls.h>
#include <proc/uts.h>
#include <sched/sched.h>

struct utsname {
	char sysname[65], nodename[65], release[65];
	char version[65], machine[65], domainname[65];
};

char uts_hostname[65] = "quire";
char uts_domainname[65] = "(none)";

SYSCALL(sys_uname, struct utsname __user *uname)
{
	struct utsname name = {
		.sysname = "Linux",
		.release = UTS_RELEASE,
		.version = UTS_VERSION,
		.machine = "aarch64",
	};

	memcpy(name.nodename, uts_hostname, sizeof(name.nodename));
	memcpy(name.domainname, uts_domainname, sizeof(name.domainname));
	return copy_to_user(uname, &name, sizeof(name)) ? -EFAULT : 0;
}

static long set_uts_string(char *where, const char __user *from, int len)
{
	char text[65] = {};

	if (current_cred()->euid)
		return -EPERM;
	if (len < 0 || len > 64)
		return -EINVAL;
	if (copy_from_user(text, from, (size_t)len))
		return -EFAULT;
	memcpy(where, text, sizeof(text));
	return 0;
}

SYSCALL(sys_sethostname, const char __user *name, int len)
{
	return set_uts_string(uts_hostname, name, len);
}

SYSCALL(sys_setdomainname, const char __user *name, int len)
{
	return set_uts_string(uts_domainname, name, len);
}

struct sysinfo {
	s64 uptime;
	u64 loads[3]; /* fixed point, 16 bits */
	u64 totalram, freeram, sharedram, bufferram;
	u64 totalswap, freeswap;
	u16 procs, pad;
	u64 totalhigh, freehigh;
	u32 mem_unit;
};

SYSCALL(sys_sysinfo, struct sysinfo __user *uinfo)
{
	unsigned long loads[3];
	struct mem_sysinfo si;
	struct sysinfo info = { .mem_unit = 1 };
	int i;

	get_avenrun(loads, 0, 16 - FSHIFT);
	for (i = 0; i < 3; i++)
		info.loads[i] = loads[i];
	si_meminfo(&si);
	info.uptime = (s64)(ktime_get_ns() / NSEC_PER_SEC);
	info.totalram = (u64)si.totalram << PAGE_SHIFT;
	info.freeram = (u64)si.freeram << PAGE_SHIFT;
	info.sharedram = (u64)si.sharedram << PAGE_SHIFT;
	info.bufferram = (u64)si.bufferram << PAGE_SHIFT;
	info.totalswap = (u64)si.totalswap << PAGE_SHIFT;
	info.freeswap = (u64)si.freeswap << PAGE_SHIFT;
	info.procs = (u16)nr_threads();
	return copy_to_user(uinfo, &info, sizeof(info)) ? -EFAULT : 0;
}

SYSCALL(sys_getrandom, char __user *ubuf, size_t n, unsigned int flags)
{
	size_t done = 0;
	u8 chunk[256];

	if (flags & ~7U || (flags & 6) == 6) /* both RANDOM and INSECURE */
		return -EINVAL;
	n = min(n, (size_t)INT_MAX);
	while (done < n) {
		size_t part = min(n - done, sizeof(chunk));

		get_random_bytes(chunk, part);
		if (copy_to_user(ubuf + done, chunk, part))
			return done ? (long)done : -EFAULT;
		done += part;
		if (signal_pending(current))
			break;
		cond_resched();
	}
	memset(chunk, 0, sizeof(chunk));
	return (long)done;
}

/* --- syslog(2) --- */

#define SYSLOG_ACTION_CLOSE	    0
#define SYSLOG_ACTION_OPEN	    1
#define SYSLOG_ACTION_READ	    2
#define SYSLOG_ACTION_READ_ALL	    3
#define SYSLOG_ACTION_READ_CLEAR    4
#define SYSLOG_ACTION_CLEAR	    5
#define SYSLOG_ACTION_CONSOLE_OFF   6
#define SYSLOG_ACTION_CONSOLE_ON    7
#define SYSLOG_ACTION_CONSOLE_LEVEL 8
#define SYSLOG_ACTION_SIZE_UNREAD   9
#define SYSLOG_ACTION_SIZE_BUFFER   10

static struct log_iter syslog_reader; /* of READ: everybody's together */
static int saved_console_loglevel;    /* 0: consoles are on */

/* Copy whole records from @it on to the user => bytes */
static long copy_log(struct log_iter *it, char __user *buf, size_t len)
{
	char *record = kvmalloc(LOG_OUT_MAX, GFP_KERNEL);
	size_t done = 0;
	int n;

	if (!record)
		return -ENOMEM;
	while (done < len) {
		n = log_copy(it, record, min(len - done, (size_t)LOG_OUT_MAX));
		if (n <= 0)
			break;
		if (copy_to_user(buf + done, record, (size_t)n)) {
			kvfree(record);
			return done ? (long)done : -EFAULT;
		}
		done += (size_t)n;
		cond_resched();
	}
	kvfree(record);
	return (long)done;
}

static long syslog_read_all(char __user *buf, size_t len, bool clear)
{
	struct log_iter it;
	long ret;

	log_iter_clear(&it);
	log_iter_tail(&it, len);
	ret = copy_log(&it, buf, len);
	if (clear && ret >= 0)
		log_clear();
	return ret;
}

static long syslog_read(char __user *buf, size_t len)
{
	int err =
		wait_event_interruptible(log_wait, log_pending(&syslog_reader));

	return err ? err : copy_log(&syslog_reader, buf, len);
}

static long set_console_level(int level)
{
	if (level < 1 || level > 8)
		return -EINVAL;
	console_loglevel = level;
	saved_console_loglevel = 0;
	return 0;
}

static void switch_consoles(bool on)
{
	if (on && saved_console_loglevel) {
		console_loglevel = saved_console_loglevel;
		saved_console_loglevel = 0;
	} else if (!on && !saved_console_loglevel) {
		saved_console_loglevel = console_loglevel;
		console_loglevel = CONSOLE_LOGLEVEL_MIN;
	}
}

SYSCALL(sys_syslog, int type, char __user *buf, int len)
{
	bool reads = type >= SYSLOG_ACTION_READ &&
		     type <= SYSLOG_ACTION_READ_CLEAR;

	if (current_cred()->euid && type != SYSLOG_ACTION_READ_ALL &&
	    type != SYSLOG_ACTION_SIZE_BUFFER)
		return -EPERM;
	if (reads && (!buf || len < 0))
		return -EINVAL;
	if (reads && !len)
		return 0;
	if (reads && !access_ok(buf, (size_t)len))
		return -EFAULT;
	switch (type) {
	case SYSLOG_ACTION_CLOSE:
	case SYSLOG_ACTION_OPEN:
		return 0;
	case SYSLOG_ACTION_READ:
		return syslog_read(buf, (size_t)len);
	case SYSLOG_ACTION_READ_ALL:
	case SYSLOG_ACTION_READ_CLEAR:
		return syslog_read_all(buf, (size_t)len,
				       type == SYSLOG_ACTION_READ_CLEAR);
	case SYSLOG_ACTION_CLEAR:
		log_clear();
		return 0;
	case SYSLOG_ACTION_CONSOLE_OFF:
	case SYSLOG_ACTION_CONSOLE_ON:
		switch_consoles(type == SYSLOG_ACTION_CONSOLE_ON);
		return 0;
	case SYSLOG_ACTION_CONSOLE_LEVEL:
		return set_console_level(len);
	case SYSLOG_ACTION_SIZE_UNREAD:
		return (long)log_unread(&syslog_reader);
	case SYSLOG_ACTION_SIZE_BUFFER:
		return (long)log_size();
	default:
		return -EINVAL;
	}
}

/* --- reboot(2) --- */

#define LINUX_REBOOT_MAGIC1	   ((int)0xfee1dead)
#define LINUX_REBOOT_MAGIC2	   672274793
#define LINUX_REBOOT_MAGIC2A	   85072278
#define LINUX_REBOOT_MAGIC2B	   369367448
#define LINUX_REBOOT_MAGIC2C	   537993216
#define LINUX_REBOOT_CMD_RESTART   0x01234567
#define LINUX_REBOOT_CMD_HALT	   0xcdef0123
#define LINUX_REBOOT_CMD_CAD_ON	   0x89abcdef
#define LINUX_REBOOT_CMD_CAD_OFF   0x00000000
#define LINUX_REBOOT_CMD_POWER_OFF 0x4321fedc
#define LINUX_REBOOT_CMD_RESTART2  0xa1b2c3d4

static bool reboot_magic(int magic1, int magic2)
{
	return magic1 == LINUX_REBOOT_MAGIC1 &&
	       (magic2 == LINUX_REBOOT_MAGIC2 ||
		magic2 == LINUX_REBOOT_MAGIC2A ||
		magic2 == LINUX_REBOOT_MAGIC2B ||
		magic2 == LINUX_REBOOT_MAGIC2C);
}

void machine_down(const char *what, void (*firmware)(void))
{
	pr_emerg("%s\n", what);
	console_flush();
	if (firmware)
		firmware();
	smp_send_stop();
	cpu_park();
}

SYSCALL(sys_reboot, int magic1, int magic2, unsigned int cmd, void __user *arg)
{
	(void)arg;
	if (current_cred()->euid)
		return -EPERM;
	if (!reboot_magic(magic1, magic2))
		return -EINVAL;
	switch (cmd) {
	case LINUX_REBOOT_CMD_CAD_ON:
	case LINUX_REBOOT_CMD_CAD_OFF:
		return 0;
	case LINUX_REBOOT_CMD_RESTART:
	case LINUX_REBOOT_CMD_RESTART2:
		machine_down("reboot: Restarting system", psci_system_reset);
	case LINUX_REBOOT_CMD_POWER_OFF:
		machine_down("reboot: Power down", psci_system_off);
	case LINUX_REBOOT_CMD_HALT:
		machine_down("reboot: System halted", NULL);
	default:
		return -EINVAL;
	}
}
