/* SPDX-License-Identifier: MIT */
/* id [-u] [-g] [-n]: who I am; uname [-asnrvm]: what I run on; nproc. */
#include "lib.h"
#include "tools.h"

#include <err.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

int id_main(int argc, char **argv)
{
	int c, what = 0, name = 0;

	while ((c = getopt(argc, argv, "ugn")) != -1)
		if (c == '?')
			usage("id [-u | -g] [-n]");
		else if (c == 'n')
			name = 1;
		else
			what = c;
	if (!what)
		printf("uid=%u(%s) gid=%u(%s)\n", getuid(), user_name(getuid()),
		       getgid(), group_name(getgid()));
	else if (name)
		puts(what == 'u' ? user_name(getuid()) : group_name(getgid()));
	else
		printf("%u\n", what == 'u' ? getuid() : getgid());
	return 0;
}

int uname_main(int argc, char **argv)
{
	static const char order[] = "snrvmo";
	char want[256] = "";
	struct utsname u;
	const char *space = "";
	int c;

	while ((c = getopt(argc, argv, "asnrvmo")) != -1) {
		if (c == '?')
			usage("uname [-asnrvmo]");
		want[c] = 1;
	}
	if (optind == 1)
		want['s'] = 1;
	if (uname(&u) < 0)
		err(1, "uname");
	for (const char *p = order; *p; p++) {
		const char *field[] = { u.sysname, u.nodename, u.release,
					u.version, u.machine,  "GNU/Linux" };

		if (!want[(int)*p] && !want['a'])
			continue;
		printf("%s%s", space, field[p - order]);
		space = " ";
	}
	putchar('\n');
	return 0;
}

int nproc_main(int argc, char **argv)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	(void)argc;
	(void)argv;
	printf("%ld\n", n > 0 ? n : 1);
	return 0;
}
