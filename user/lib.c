/* SPDX-License-Identifier: MIT */
/*
 * The helpers of lib.h. Nothing here allocates large static buffers: all
 * programs are one binary, and what one of them reserves all would carry.
 */
#include "lib.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

void *xmalloc(size_t size)
{
	return xrealloc(NULL, size);
}

void *xrealloc(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);

	if (!p)
		errx(1, "out of memory");
	return p;
}

char *xstrdup(const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(xmalloc(size), s, size);
}

void usage(const char *text)
{
	fprintf(stderr, "usage: %s\n", text);
	exit(1);
}

long parse_number(const char *s, long min)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(s, &end, 10);
	if (errno || end == s || *end || n < min)
		errx(1, "'%s' is not a number of at least %ld", s, min);
	return n;
}

unsigned long long parse_size(const char *s)
{
	static const char units[] = "KMGT";
	unsigned long long n;
	const char *unit;
	char *end;
	int shift;

	if (!isdigit((unsigned char)*s))
		return 0;
	errno = 0;
	n = strtoull(s, &end, 10);
	if (errno || !*end)
		return errno ? 0 : n;
	unit = strchr(units, toupper((unsigned char)*end));
	if (!unit || !*unit || end[1])
		return 0;
	shift = 10 * (int)(unit - units + 1);
	return n << shift >> shift == n ? n << shift : 0;
}

double parse_seconds(const char *s)
{
	char *end;
	double v = strtod(s, &end);

	return end == s || *end || !(v >= 0) || v > 1e9 ? -1 : v;
}

void sleep_seconds(double seconds)
{
	struct timespec t = { .tv_sec = (time_t)seconds };

	t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

double now_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

ssize_t read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 0;

	if (fd < 0)
		return -1;
	while (len + 1 < size && (n = read(fd, buf + len, size - 1 - len)))
		if (n > 0)
			len += (size_t)n;
		else if (errno != EINTR)
			break;
	buf[len] = '\0';
	close(fd);
	return n < 0 ? -1 : (ssize_t)len;
}

char *read_all(int fd, size_t *len)
{
	size_t size = 4096, used = 0;
	char *buf = xmalloc(size);
	ssize_t n;

	while ((n = read(fd, buf + used, size - used - 1))) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		used += (size_t)n;
		if (used + 1 == size)
			buf = xrealloc(buf, size *= 2);
	}
	buf[used] = '\0';
	if (len)
		*len = used;
	return buf;
}

int write_all(int fd, const void *buf, size_t len)
{
	const char *p = buf;
	ssize_t n;

	for (; len; p += n, len -= (size_t)n) {
		n = write(fd, p, len);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n < 0)
			n = 0;
	}
	return 0;
}

int copy_fd(int in, int out)
{
	char buf[16384];
	ssize_t n;

	while ((n = read(in, buf, sizeof(buf)))) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || write_all(out, buf, (size_t)n) < 0)
			return -1;
	}
	return 0;
}

int for_each_file(char **names, int (*fn)(FILE *f, const char *name))
{
	int status = 0;
	FILE *f;

	if (!*names)
		return fn(stdin, "-");
	for (; *names; names++) {
		if (strcmp(*names, "-") == 0) {
			status |= fn(stdin, "-");
			continue;
		}
		f = fopen(*names, "r");
		if (!f) {
			warn("%s", *names);
			status = 1;
			continue;
		}
		status |= fn(f, *names);
		fclose(f);
	}
	return status;
}

char *path_join(const char *dir, const char *name)
{
	size_t size = strlen(dir) + strlen(name) + 2;
	char *path = xmalloc(size);
	int slash = *dir && dir[strlen(dir) - 1] != '/';

	snprintf(path, size, "%s%s%s", dir, slash ? "/" : "", name);
	return path;
}

const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* passwd and group lines both begin with name:password:number */
static const char *id_name(const char *file, unsigned int id, char *out,
			   size_t size)
{
	char line[256], *password, *number;
	FILE *f = fopen(file, "r");

	snprintf(out, size, "%u", id);
	while (f && fgets(line, sizeof(line), f)) {
		password = strchr(line, ':');
		number = password ? strchr(password + 1, ':') : NULL;
		if (!number || strtoul(number + 1, NULL, 10) != id)
			continue;
		snprintf(out, size, "%.*s", (int)(password - line), line);
		break;
	}
	if (f)
		fclose(f);
	return out;
}

const char *user_name(uid_t uid)
{
	static char name[64];
	static uid_t known = (uid_t)-1;

	if (uid != known)
		id_name("/etc/passwd", uid, name, sizeof(name));
	known = uid;
	return name;
}

const char *group_name(gid_t gid)
{
	static char name[64];
	static gid_t known = (gid_t)-1;

	if (gid != known)
		id_name("/etc/group", gid, name, sizeof(name));
	known = gid;
	return name;
}

int signal_number(const char *name)
{
	const char *abbrev;
	char *end;
	long n = strtol(name, &end, 10);

	if (end != name && !*end)
		return n >= 0 && n < NSIG ? (int)n : -1;
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	for (int sig = 1; sig < NSIG; sig++) {
		abbrev = sigabbrev_np(sig);
		if (abbrev && strcasecmp(abbrev, name) == 0)
			return sig;
	}
	return strcasecmp(name, "EXIT") == 0 ? 0 : -1;
}

const char *signal_name(int sig)
{
	static char number[12];
	const char *abbrev = sigabbrev_np(sig);

	if (abbrev)
		return abbrev;
	snprintf(number, sizeof(number), "%d", sig);
	return number;
}

const char *human_size(unsigned long long bytes)
{
	static char text[32];
	const char *unit = "BKMGTPE";
	double v = (double)bytes;

	for (; v >= 1023.5 && unit[1]; unit++)
		v /= 1024;
	if (*unit == 'B')
		snprintf(text, sizeof(text), "%llu", bytes);
	else
		snprintf(text, sizeof(text), "%.*f%c", v < 9.95, v, *unit);
	return text;
}

void tty_size(int fd, int *rows, int *cols)
{
	struct winsize w;

	if (ioctl(fd, TIOCGWINSZ, &w) < 0)
		memset(&w, 0, sizeof(w));
	*rows = w.ws_row ? w.ws_row : 24;
	*cols = w.ws_col ? w.ws_col : 80;
}

int tty_raw(int fd, struct termios *saved)
{
	struct termios t;

	if (tcgetattr(fd, saved) < 0)
		return -1;
	t = *saved;
	t.c_iflag &= ~(tcflag_t)(ICRNL | IXON | ISTRIP | INLCR);
	t.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	return tcsetattr(fd, TCSADRAIN, &t);
}
