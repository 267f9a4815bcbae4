/* SPDX-License-Identifier: MIT */
/*
 * mount: what is mounted; mount [-t TYPE] [-o OPTIONS] [SOURCE] DIRECTORY;
 * umount [-l] DIRECTORY...
 */
#include "lib.h"
#include "tools.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static const struct {
	const char *name;
	unsigned long set, clear;
} options[] = {
	{ "ro", MS_RDONLY, 0 },	       { "rw", 0, MS_RDONLY },
	{ "remount", MS_REMOUNT, 0 },  { "bind", MS_BIND, 0 },
	{ "nosuid", MS_NOSUID, 0 },    { "nodev", MS_NODEV, 0 },
	{ "noexec", MS_NOEXEC, 0 },    { "noatime", MS_NOATIME, 0 },
	{ "sync", MS_SYNCHRONOUS, 0 }, { "defaults", 0, 0 },
};

/* Known words become flags, the others stay for the file system. */
static unsigned long parse_options(char *text, char *rest, size_t size)
{
	unsigned long flags = 0;
	char *word, *save;
	size_t i, used = 0;

	rest[0] = '\0';
	for (word = strtok_r(text, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		for (i = 0; i < ARRAY_SIZE(options); i++)
			if (strcmp(options[i].name, word) == 0)
				break;
		if (i < ARRAY_SIZE(options))
			flags = (flags | options[i].set) & ~options[i].clear;
		else if (used < size)
			used += (size_t)snprintf(rest + used, size - used,
						 "%s%s", used ? "," : "", word);
	}
	return flags;
}

static int print_mounts(const char *type)
{
	char line[512], what[64], where[256], fs[32], opts[128];
	FILE *f = fopen("/proc/mounts", "r");

	if (!f)
		err(1, "/proc/mounts");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%63s %255s %31s %127s", what, where, fs,
			   opts) == 4 &&
		    (!type || strcmp(type, fs) == 0))
			printf("%s on %s type %s (%s)\n", what, where, fs,
			       opts);
	fclose(f);
	return 0;
}

int mount_disk(const char *source, const char *dir, const char *type,
	       unsigned long flags, const char *data)
{
	int err = mount(source, dir, type, flags, data);

	if (err < 0 && errno == EACCES && !(flags & (MS_RDONLY | MS_REMOUNT))) {
		warnx("%s: WARNING: source write-protected, mounted read-only",
		      dir);
		err = mount(source, dir, type, flags | MS_RDONLY, data);
	}
	if (err < 0)
		warn("%s on %s", source, dir);
	return err < 0;
}

int mount_main(int argc, char **argv)
{
	const char *type = NULL,
		   *help = "mount [-t TYPE] [-o OPTIONS] [SOURCE] DIRECTORY";
	unsigned long flags = 0;
	char rest[256] = "";
	int c;

	while ((c = getopt(argc, argv, "t:o:r")) != -1)
		if (c == 't')
			type = optarg;
		else if (c == 'o')
			flags |= parse_options(optarg, rest, sizeof(rest));
		else if (c == 'r')
			flags |= MS_RDONLY;
		else
			usage(help);
	if (optind == argc)
		return print_mounts(type);
	if (argc - optind > 2)
		usage(help);
	return mount_disk(argv[optind], argv[argc - 1], type ? type : "", flags,
			  rest);
}

int umount_main(int argc, char **argv)
{
	int c, flags = 0, status = 0;

	while ((c = getopt(argc, argv, "lf")) != -1)
		if (c == '?')
			usage("umount [-l] DIRECTORY...");
		else
			flags |= c == 'l' ? MNT_DETACH : MNT_FORCE;
	if (optind == argc)
		usage("umount [-l] DIRECTORY...");
	for (argv += optind; *argv; argv++)
		if (umount2(*argv, flags) < 0) {
			warn("%s", *argv);
			status = 1;
		}
	return status;
}
