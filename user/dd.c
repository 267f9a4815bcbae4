/* SPDX-License-Identifier: MIT */
/*
 * dd if=FILE of=FILE bs=SIZE count=N skip=N seek=N conv=notrunc,fsync: copy by
 * blocks.
 */
#include "lib.h"
#include "tools.h"

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct dd {
	const char *from, *to;
	unsigned long long bs, count, skip, seek;
	int keep, sync; /* what is in the file; when all is written */
};

static unsigned long long number(const char *value)
{
	unsigned long long n = parse_size(value);

	if (!n && strcmp(value, "0") != 0)
		errx(1, "'%s' is not a number", value);
	return n;
}

static void convert(struct dd *d, char *words)
{
	for (char *w = strtok(words, ","); w; w = strtok(NULL, ","))
		if (strcmp(w, "notrunc") == 0)
			d->keep = 1;
		else if (strcmp(w, "fsync") == 0 || strcmp(w, "fdatasync") == 0)
			d->sync = 1;
		else
			errx(1, "unknown conversion %s", w);
}

static void parse(struct dd *d, char **argv)
{
	while (*++argv) {
		char *value = strchr(*argv, '=');

		if (!value)
			usage("dd [if=F] [of=F] [bs=N] [count=N] [skip=N] "
			      "[seek=N] [conv=notrunc,fsync]");
		*value++ = '\0';
		if (strcmp(*argv, "if") == 0)
			d->from = value;
		else if (strcmp(*argv, "of") == 0)
			d->to = value;
		else if (strcmp(*argv, "bs") == 0)
			d->bs = number(value);
		else if (strcmp(*argv, "count") == 0)
			d->count = number(value);
		else if (strcmp(*argv, "skip") == 0)
			d->skip = number(value);
		else if (strcmp(*argv, "seek") == 0)
			d->seek = number(value);
		else if (strcmp(*argv, "conv") == 0)
			convert(d, value);
		else
			errx(1, "unknown operand %s", *argv);
	}
	if (!d->bs || d->bs > 1UL << 30)
		errx(1, "bs is out of range");
}

static void skip_blocks(int fd, const struct dd *d, char *buf)
{
	if (lseek(fd, (off_t)(d->skip * d->bs), SEEK_SET) >= 0)
		return;
	for (unsigned long long i = 0; i < d->skip; i++)
		if (read(fd, buf, d->bs) <= 0)
			return;
}

int dd_main(int argc, char **argv)
{
	struct dd d = { .bs = 512, .count = ~0ULL };
	unsigned long long full = 0, partial = 0, bytes = 0;
	int in = STDIN_FILENO, out = STDOUT_FILENO;
	double start = now_seconds();
	ssize_t n = 0;
	char *buf;

	(void)argc;
	parse(&d, argv);
	if (d.from && (in = open(d.from, O_RDONLY)) < 0)
		err(1, "%s", d.from);
	if (d.to &&
	    (out = open(d.to,
			O_WRONLY | O_CREAT | (d.seek || d.keep ? 0 : O_TRUNC),
			0666)) < 0)
		err(1, "%s", d.to);
	buf = xmalloc(d.bs);
	if (d.skip)
		skip_blocks(in, &d, buf);
	if (d.seek && lseek(out, (off_t)(d.seek * d.bs), SEEK_SET) < 0)
		err(1, "seek");
	while (full + partial < d.count && (n = read(in, buf, d.bs)) > 0) {
		if (write_all(out, buf, (size_t)n) < 0)
			err(1, "write");
		full += (size_t)n == d.bs;
		partial += (size_t)n != d.bs;
		bytes += (unsigned long long)n;
	}
	if (n < 0)
		warn("read");
	if (d.sync && fsync(out) < 0)
		err(1, "fsync");
	fprintf(stderr,
		"%llu+%llu records in\n%llu+%llu records out\n"
		"%llu bytes copied, %.6f s\n",
		full, partial, full, partial, bytes, now_seconds() - start);
	return n < 0;
}
