/* SPDX-License-Identifier: MIT */
/*
 * poweroff, reboot, halt [-f]: ask init to end the machine; with -f, or if
 * init does not do it, reboot(2) at once. sync [-d | -f] [FILE...]: write back
 * all, or these files (-d: their data, -f: all of their file system).
 */
#include "lib.h"
#include "tools.h"

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

int poweroff_main(int argc, char **argv)
{
	const char *name = base_name(argv[0]);
	int how = RB_POWER_OFF, sig = SIGUSR2, force = 0, c;

	while ((c = getopt(argc, argv, "f")) != -1)
		if (c == 'f')
			force = 1;
		else
			usage("poweroff | reboot | halt [-f]");
	if (strcmp(name, "reboot") == 0) {
		how = RB_AUTOBOOT;
		sig = SIGTERM;
	} else if (strcmp(name, "halt") == 0) {
		how = RB_HALT_SYSTEM;
		sig = SIGUSR1;
	}
	sync();
	signal(SIGTERM, SIG_IGN); /* with which init asks all to end */
	if (!force && kill(1, sig) == 0)
		sleep(5);
	reboot(how);
	err(1, "reboot");
}

int sync_main(int argc, char **argv)
{
	int (*fn)(int fd) = fsync;
	int c, fd, status = 0;

	while ((c = getopt(argc, argv, "df")) != -1)
		if (c == '?')
			usage("sync [-d | -f] [FILE...]");
		else
			fn = c == 'd' ? fdatasync : syncfs;
	if (optind == argc)
		sync();
	for (argv += optind; *argv; argv++) {
		fd = open(*argv, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0 || fn(fd) < 0) {
			warn("%s", *argv);
			status = 1;
		}
		if (fd >= 0)
			close(fd);
	}
	return status;
}
