/* SPDX-License-Identifier: MIT */
/* hexdump [-C] [-n N] [-s SKIP] [FILE...]: offset, 16 bytes, characters;
 * a run of equal lines is shown as one "*". */
#include "lib.h"
#include "tools.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

static unsigned long long left = ~0ULL, skip;

static void print_line(unsigned long long offset, const unsigned char *p,
		       size_t n)
{
	printf("%08llx ", offset);
	for (size_t i = 0; i < 16; i++) {
		if (i == 8)
			putchar(' ');
		if (i < n)
			printf(" %02x", p[i]);
		else
			printf("   ");
	}
	printf("  |");
	for (size_t i = 0; i < n; i++)
		putchar(isprint(p[i]) ? p[i] : '.');
	puts("|");
}

static int dump(FILE *f, const char *name)
{
	unsigned char line[16], last[16];
	unsigned long long offset = 0;
	int have_last = 0, starred = 0;
	size_t n, want;

	(void)name;
	for (; offset < skip && getc(f) != EOF; offset++)
		;
	for (;; offset += n) {
		want = left < sizeof(line) ? (size_t)left : sizeof(line);
		n = fread(line, 1, want, f);
		if (!n)
			break;
		left -= n;
		if (have_last && n == 16 && memcmp(line, last, 16) == 0) {
			if (!starred)
				puts("*");
			starred = 1;
			continue;
		}
		print_line(offset, line, n);
		memcpy(last, line, n);
		have_last = n == 16;
		starred = 0;
	}
	printf("%08llx\n", offset);
	return 0;
}

int hexdump_main(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "Cn:s:")) != -1)
		if (c == 'n')
			left = parse_size(optarg);
		else if (c == 's')
			skip = parse_size(optarg);
		else if (c == '?')
			usage("hexdump [-C] [-n N] [-s SKIP] [FILE...]");
	return for_each_file(argv + optind, dump);
}
