/* SPDX-License-Identifier: MIT */
/*
 * time COMMAND [ARGUMENT...]: run it, then say on stderr how long it took, by
 * how many page faults it came to its memory, and how much it had at most.
 */
#include "lib.h"
#include "tools.h"

#include <err.h>
#include <errno.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int time_main(int argc, char **argv)
{
	double start = now_seconds();
	struct rusage r;
	int status;
	pid_t pid;

	if (argc < 2)
		usage("time COMMAND [ARGUMENT...]");
	pid = fork();
	if (pid == 0) {
		execvp(argv[1], argv + 1);
		warn("%s", argv[1]);
		_exit(errno == ENOENT ? 127 : 126);
	}
	if (pid < 0 || wait4(pid, &status, 0, &r) < 0)
		err(1, "%s", argv[1]);
	fprintf(stderr,
		"%.2f s, user %.2f, system %.2f; %ld major and %ld minor "
		"faults; at most %ld kB\n",
		now_seconds() - start, seconds(r.ru_utime), seconds(r.ru_stime),
		r.ru_majflt, r.ru_minflt, r.ru_maxrss);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
				     WEXITSTATUS(status);
}
