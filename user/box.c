/* SPDX-License-Identifier: MIT */
/*
 * One binary, many programs. A static libc costs several hundred KiB, so
 * all programs share one file that looks at the name it was started by:
 *
 *	/bin/ls, /bin/free, ...  hard links to /bin/quire
 *	argv[0] = "/bin/ls" -> ls_main,  "-sh" (a login shell) -> sh_main
 *
 * Run as "quire" it lists the names (--list) or runs one: quire ls -l.
 */
#include "lib.h"
#include "tools.h"

#include <err.h>
#include <stdio.h>
#include <string.h>

struct tool {
	const char *name;
	int (*main)(int argc, char **argv);
};

#define TOOL_ENTRY(name)	{ #name, name##_main },
#define ALIAS_ENTRY(name, tool) { name, tool##_main },
static const struct tool tools[] = { FOR_EACH_TOOL(TOOL_ENTRY, ALIAS_ENTRY) };

static const struct tool *find_tool(const char *path)
{
	const char *name = base_name(path);

	if (*name == '-')
		name++;
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
		if (strcmp(tools[i].name, name) == 0)
			return &tools[i];
	return NULL;
}

static int list_tools(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
		puts(tools[i].name);
	return 0;
}

/* What could not be written must not look like success (a full disk). */
static int close_output(int status)
{
	if (!ferror(stdout) && fflush(stdout) == 0)
		return status;
	warn("write error");
	return status ? status : 1;
}

int main(int argc, char **argv)
{
	const struct tool *tool = argc ? find_tool(argv[0]) : NULL;

	if (!tool && argc > 1) {
		if (strcmp(argv[1], "--list") == 0)
			return list_tools();
		argv++;
		argc--;
		tool = find_tool(argv[0]);
	}
	if (tool)
		return close_output(tool->main(argc, argv));
	usage("quire --list | quire PROGRAM [ARGUMENT...]");
}
