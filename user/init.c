/* SPDX-License-Identifier: MIT */
/*
 * init, process 1: the first program, and the parent of all orphans.
 *
 *	mount /proc /sys /dev ... -> open the console -> start the shell
 *	-> wait for children for ever; start the shell again when it ends
 *
 * Every process whose parent has died becomes a child of init, and stays a
 * zombie until init has waited for it. With QUIRE_RUN="commands" in the
 * environment (the kernel puts there what it does not know on its command
 * line) init runs only these and powers off. With QUIRE_DISKS=1, which
 * `make run` gives, the ext2 among the disks is on /mnt, and the swap areas
 * are in use: each is known by what is in it.
 *
 * Signals: SIGUSR2 powers off, SIGTERM reboots, SIGUSR1 halts. They stay
 * blocked but for the moment in sigsuspend(), so no wake-up is ever lost
 * between looking at the flag and going to sleep.
 */
#include "lib.h"
#include "tools.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t shutdown_signal;

static void on_signal(int sig)
{
	if (sig != SIGCHLD)
		shutdown_signal = sig;
}

static void mount_one(const char *type, const char *dir)
{
	mkdir(dir, 0755);
	if (mount(type, dir, type, 0, NULL) < 0 && errno != EBUSY)
		warn("mount %s on %s", type, dir);
}

static void mount_all(void)
{
	mount_one("proc", "/proc");
	mount_one("sysfs", "/sys");
	mount_one("devtmpfs", "/dev");
	mount_one("tmpfs", "/dev/shm");
	mount_one("tmpfs", "/tmp");
	chmod("/tmp", 01777);
}

static void use_disk(const char *disk)
{
	unsigned char page[4096] = { 0 };
	int fd = open(disk, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (read(fd, page, sizeof(page)) < 0)
		warn("%s", disk);
	close(fd);
	if (page[1080] == 0x53 && page[1081] == 0xef)
		mount_disk(disk, "/mnt", "ext2", 0, NULL);
	else if (memcmp(page + sizeof(page) - 10, "SWAPSPACE2", 10) == 0 &&
		 swapon(disk, 0) < 0)
		warn("swapon %s", disk);
}

static void use_disks(void)
{
	char disk[] = "/dev/vda";

	for (; disk[7] <= 'z'; disk[7]++)
		use_disk(disk);
}

static void open_console(void)
{
	int fd = open("/dev/console", O_RDWR);

	if (fd < 0)
		return;
	for (int i = 0; i < 3; i++)
		if (fd != i)
			dup2(fd, i);
	if (fd > 2)
		close(fd);
}

static void set_environment(void)
{
	setenv("PATH", "/bin:/sbin", 1);
	setenv("HOME", "/root", 1);
	setenv("USER", "root", 1);
	setenv("TERM", "vt100", 0);
	if (chdir("/root") < 0 && chdir("/") < 0)
		warn("/");
}

static void catch_signals(sigset_t *old)
{
	static const int caught[] = { SIGCHLD, SIGTERM, SIGUSR1, SIGUSR2 };
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(caught); i++) {
		sigaction(caught[i], &action, NULL);
		sigaddset(&set, caught[i]);
	}
	sigprocmask(SIG_BLOCK, &set, old);
}

static pid_t start(const char *command, const sigset_t *mask)
{
	pid_t pid = fork();

	if (pid < 0)
		warn("fork");
	if (pid)
		return pid;
	sigprocmask(SIG_SETMASK, mask, NULL);
	setsid();
	open_console();
	ioctl(STDIN_FILENO, TIOCSCTTY, 1);
	if (command)
		execl("/bin/sh", "sh", "-c", command, NULL);
	else
		execl("/bin/sh", "-sh", NULL);
	warn("/bin/sh");
	_exit(127);
}

/* Sleep and reap until `pid` has ended or someone asks for shutdown. */
static int wait_for(pid_t pid, const sigset_t *mask)
{
	int status;
	pid_t dead;

	while (!shutdown_signal) {
		while ((dead = waitpid(-1, &status, WNOHANG)) > 0)
			if (dead == pid)
				return status;
		sigsuspend(mask);
	}
	return 0;
}

static void run_shells(const sigset_t *mask)
{
	while (!shutdown_signal) {
		double started = now_seconds();
		pid_t pid = start(NULL, mask);

		if (pid > 0)
			wait_for(pid, mask);
		if (now_seconds() - started < 0.1)
			sleep(1); /* a shell that cannot live */
	}
}

static void run_command(const char *command, const sigset_t *mask)
{
	pid_t pid = start(command, mask);
	int status = pid > 0 ? wait_for(pid, mask) : 1 << 8;

	if (WIFSIGNALED(status))
		printf("exit status %d\n", 128 + WTERMSIG(status));
	else
		printf("exit status %d\n", WEXITSTATUS(status));
	fflush(stdout);
	if (!shutdown_signal)
		shutdown_signal = SIGUSR2;
}

/* Ask all others to end, insist, write back, and let the machine go. */
static void stop_machine(int sig)
{
	const int how = sig == SIGTERM ? RB_AUTOBOOT :
			sig == SIGUSR1 ? RB_HALT_SYSTEM :
					 RB_POWER_OFF;

	kill(-1, SIGTERM);
	kill(-1, SIGCONT);
	for (int i = 0; i < 10 && waitpid(-1, NULL, WNOHANG) >= 0; i++)
		sleep_seconds(0.02);
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	sync();
	umount2("/mnt", 0);
	reboot(how);
	err(1, "reboot");
}

int init_main(int argc, char **argv)
{
	const char *command = getenv("QUIRE_RUN");
	sigset_t mask;
	char motd[256];

	(void)argc;
	(void)argv;
	if (getpid() != 1)
		errx(1, "must be process 1");
	catch_signals(&mask);
	mount_all();
	if (fcntl(STDIN_FILENO, F_GETFD) < 0)
		open_console();
	if (getenv("QUIRE_DISKS"))
		use_disks();
	set_environment();
	if (!command && read_file("/etc/motd", motd, sizeof(motd)) > 0)
		write_all(STDOUT_FILENO, motd, strlen(motd));
	if (command)
		run_command(command, &mask);
	else
		run_shells(&mask);
	stop_machine(shutdown_signal);
	return 1;
}
