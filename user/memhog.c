/* SPDX-License-Identifier: MIT */
/*
 * memhog SIZE[K|M|G] [-t once|none|read|loop] [-s SECONDS]: take memory.
 *
 *	none  only map it		VmSize grows, VmRSS does not
 *	read  read each page		the shared zero page, no RAM used
 *	once  write each page once	each page becomes real (the default)
 *	loop  write them again and again until it is stopped
 */
#include "lib.h"
#include "tools.h"

#include <err.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static unsigned long read_pages(const volatile char *p, size_t size,
				size_t page)
{
	unsigned long sum = 0;

	for (size_t i = 0; i < size; i += page)
		sum += (unsigned char)p[i];
	return sum;
}

static void write_pages(volatile char *p, size_t size, size_t page)
{
	for (size_t i = 0; i < size; i += page)
		p[i] = 1;
}

static const char help_text[] =
	"memhog SIZE[K|M|G] [-t once|none|read|loop] [-s SECONDS]";

int memhog_main(int argc, char **argv)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size;
	const char *touch = "once";
	double seconds = 0;
	char *p;
	int c;

	while ((c = getopt(argc, argv, "t:s:")) != -1)
		if (c == 't')
			touch = optarg;
		else if (c == '?' || (seconds = parse_seconds(optarg)) < 0)
			usage(help_text);
	size = optind + 1 == argc ? parse_size(argv[optind]) : 0;
	if (!size || (strcmp(touch, "once") && strcmp(touch, "none") &&
		      strcmp(touch, "read") && strcmp(touch, "loop")))
		usage(help_text);
	p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		err(1, "%s", argv[optind]);
	if (strcmp(touch, "read") == 0)
		read_pages(p, size, page);
	else if (strcmp(touch, "none") != 0)
		write_pages(p, size, page);
	printf("memhog: %s at %p, touched: %s\n", argv[optind], (void *)p,
	       touch);
	fflush(stdout);
	while (strcmp(touch, "loop") == 0)
		write_pages(p, size, page);
	sleep_seconds(seconds);
	return 0;
}
