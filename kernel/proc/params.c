// SPDX-License-Identifier: MIT
/*
 * The kernel command line, read as Linux reads it: a word the kernel knows
 * sets something; of the others, `name=value` goes to init's environment,
 * a plain word to init's arguments, a word with a dot (a module's parameter)
 * nowhere; all behind `--` is init's.
 */
#include <asm/memory.h>
#include <base/bug.h>
#include <base/printk.h>
#include <lib/cmdline.h>
#include <lib/kstrtox.h>
#include <lib/string.h>
#include <mm/vm/mm.h>
#include <mm/vm/hugetlb.h>
#include <proc/params.h>

struct boot_params boot_params = {
	.max_cpus = NR_CPUS,
	.rdinit = "/init",
	.init_argv = { "/init" },
	.init_argc = 1,
	.init_envp = { "HOME=/", "TERM=linux" },
	.init_envc = 2,
};

static char command_line[COMMAND_LINE_SIZE]; /* as given */
static char scratch[COMMAND_LINE_SIZE];	     /* cut into words */

static void set_quiet(const char *val __unused)
{
	console_loglevel = CONSOLE_LOGLEVEL_QUIET;
}

static void set_debug(const char *val __unused)
{
	console_loglevel = 10;
}

static void set_loglevel(const char *val)
{
	int level;

	if (val && !kstrtoint(val, 0, &level) && level >= 0 && level <= 15)
		console_loglevel = level;
	else
		pr_warn("loglevel= wants a number from 0 to 15\n");
}

static void set_mem(const char *val)
{
	boot_params.mem_limit = val ? memparse(val, NULL) : 0;
}

static void set_maxcpus(const char *val)
{
	unsigned long n;

	if (!val || kstrtoul(val, 0, &n))
		pr_warn("maxcpus= wants a number\n");
	else
		boot_params.max_cpus =
			(unsigned int)clamp(n, 1UL, (unsigned long)NR_CPUS);
}

static void set_nosmp(const char *val __unused)
{
	boot_params.max_cpus = 1;
}

static void set_panic(const char *val)
{
	int seconds;

	if (val && !kstrtoint(val, 0, &seconds))
		panic_timeout = seconds;
}

static void set_norandmaps(const char *val __unused)
{
	randomize_va_space = 0;
}

static void set_ktest(const char *val)
{
	boot_params.ktest = val;
}

static void set_rdinit(const char *val)
{
	if (val && *val)
		boot_params.rdinit = val;
}

static void set_hugepages(const char *val)
{
	hugetlb_boot_param("hugepages", val);
}

static void set_hugepagesz(const char *val)
{
	hugetlb_boot_param("hugepagesz", val);
}

static void set_default_hugepagesz(const char *val)
{
	hugetlb_boot_param("default_hugepagesz", val);
}

/* Known to Linux and without meaning here: swallowed, not given to init. */
static const char *const accepted[] = {
	"console",
	"earlycon",
	"earlyprintk",
	"root",
	"rootfstype",
	"rootwait",
	"rootflags",
	"ro",
	"rw",
	"init",
	"nokaslr",
	"mitigations",
	"audit",
	"swapaccount",
	"noinitrd",
	"reboot",
	"init_on_alloc",
	"randomize_kstack_offset",
	"apparmor",
	"lsm",
	"cgroup_disable",
};

static const struct {
	const char *name;
	void (*set)(const char *val);
} known[] = {
	{ "hugepages", set_hugepages },
	{ "hugepagesz", set_hugepagesz },
	{ "default_hugepagesz", set_default_hugepagesz },
	{ "quiet", set_quiet },
	{ "debug", set_debug },
	{ "loglevel", set_loglevel },
	{ "mem", set_mem },
	{ "maxcpus", set_maxcpus },
	{ "nosmp", set_nosmp },
	{ "panic", set_panic },
	{ "ktest", set_ktest },
	{ "rdinit", set_rdinit },
	{ "norandmaps", set_norandmaps },
};

static bool kernel_param(const char *name, const char *val)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (strcmp(known[i].name, name))
			continue;
		known[i].set(val);
		return true;
	}
	for (i = 0; i < ARRAY_SIZE(accepted); i++)
		if (!strcmp(accepted[i], name))
			return true;
	return false;
}

static void give_to_init(const char **v, int *n, const char *word)
{
	int i;
	const char *eq = strchr(word, '=');
	size_t name = eq ? (size_t)(eq - word) + 1 : 0;

	/* a variable given twice: the last one counts */
	for (i = 0; name && i < *n; i++) {
		if (strncmp(v[i], word, name))
			continue;
		v[i] = word;
		return;
	}
	if (*n == MAX_INIT_ARGS)
		panic("Too many words for init on the command line, from: %s",
		      word);
	v[(*n)++] = word;
}

static void unknown_word(char *name, char *val)
{
	struct boot_params *bp = &boot_params;

	if (strchr(name, '.'))
		return;
	if (!val) {
		give_to_init(bp->init_argv, &bp->init_argc, name);
		return;
	}
	/* next_arg() cut at '=', and took quotes away: join them again */
	if (val > name + strlen(name) + 1)
		memmove(name + strlen(name) + 1, val, strlen(val) + 1);
	name[strlen(name)] = '=';
	give_to_init(bp->init_envp, &bp->init_envc, name);
}

void parse_command_line(const char *given)
{
	char *rest = scratch, *name, *val;
	bool for_init = false;

	strscpy(command_line, given, sizeof(command_line));
	strscpy(scratch, given, sizeof(scratch));
	boot_params.command_line = command_line;
	for (;;) {
		rest = next_arg(rest, &name, &val);
		if (!*name)
			break;
		if (for_init || !strcmp(name, "--")) {
			if (for_init) {
				if (val)
					val[-1] = '=';
				give_to_init(boot_params.init_argv,
					     &boot_params.init_argc, name);
			}
			for_init = true;
		} else if (!kernel_param(name, val)) {
			unknown_word(name, val);
		}
	}
	boot_params.init_argv[0] = boot_params.rdinit;
}
