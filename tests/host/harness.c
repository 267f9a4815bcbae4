/* SPDX-License-Identifier: MIT */
/*
 * The host's side of the unit tests: running them, memory, files.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness.h"

#define MAX_REPORTS 10

static struct host_test *tests, **tests_end = &tests;
static struct host_test *current_test;
static int failures;

void host_register(struct host_test *test)
{
	*tests_end = test;
	tests_end = &test->next;
}

void host_fail(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	if (++failures > MAX_REPORTS)
		return;
	printf("%s:%d: %s: ", file, line, current_test->name);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("%s\n", failures == MAX_REPORTS ? " (and so on)" : "");
	fflush(stdout);
}

static void die(const char *what)
{
	perror(what);
	exit(2);
}

void *host_alloc(unsigned long size)
{
	void *p = malloc(size);

	if (!p)
		die("malloc");
	return p;
}

void host_free(void *p)
{
	free(p);
}

int host_snprintf(char *buf, unsigned long size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(buf, size, fmt, args);
	va_end(args);
	return n;
}

void host_printf(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
}

static void *read_all(FILE *f, unsigned long *size)
{
	unsigned long room = 1 << 16, len = 0, n;
	char *buf = host_alloc(room), *exact;

	while ((n = fread(buf + len, 1, room - len, f)) > 0) {
		len += n;
		if (len < room)
			continue;
		room *= 2;
		buf = realloc(buf, room);
		if (!buf)
			die("realloc");
	}
	/* No byte more than there is, so that reading beyond is seen. */
	exact = host_alloc(len);
	memcpy(exact, buf, len);
	free(buf);
	*size = len;
	return exact;
}

void *host_read_file(const char *path, unsigned long *size)
{
	FILE *f = fopen(path, "rb");
	void *buf;

	if (!f)
		return NULL;
	buf = read_all(f, size);
	fclose(f);
	return buf;
}

void host_write_file(const char *path, const void *buf, unsigned long size)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(buf, 1, size, f) != size || fclose(f))
		die(path);
}

void *host_command(const char *command, unsigned long *size)
{
	FILE *f = popen(command, "r");
	void *buf;

	if (!f)
		die(command);
	buf = read_all(f, size);
	pclose(f);
	return buf;
}

const char *host_tmp(void)
{
	static char dir[64];

	if (!dir[0]) {
		strcpy(dir, "/tmp/quire-host-XXXXXX");
		if (!mkdtemp(dir))
			die(dir);
	}
	return dir;
}

int main(int argc, char **argv)
{
	int passed = 0, failed = 0;
	char command[128];

	for (struct host_test *t = tests; t; t = t->next) {
		if (argc > 1 && strcmp(argv[1], t->name))
			continue;
		current_test = t;
		failures = 0;
		t->run();
		if (failures) {
			printf("not ok %s (%d)\n", t->name, failures);
			failed++;
		} else {
			printf("ok %s\n", t->name);
			passed++;
		}
	}
	snprintf(command, sizeof(command), "rm -rf %s", host_tmp());
	if (system(command))
		perror(command);
	printf("%d passed, %d failed\n", passed, failed);
	return failed || !passed;
}
