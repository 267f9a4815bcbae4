// SPDX-License-Identifier: MIT
/* What lay behind a file's new end does not come back when it grows again. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tap.h"

static void drop_caches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	sync();
	CHECK(fd >= 0 && write(fd, "3\n", 2) == 2);
	close(fd);
}

static void zeros_behind_old_end(void)
{
	char buf[5000], zero[900] = { 0 };
	int fd = open("/tmp/grows", O_RDWR | O_CREAT | O_TRUNC, 0600);

	memset(buf, 'A', sizeof(buf));
	CHECK(write(fd, buf, sizeof(buf)) == sizeof(buf));
	drop_caches();
	CHECK(!ftruncate(fd, 4100));
	drop_caches();
	CHECK(!ftruncate(fd, 5000));
	CHECK(pread(fd, buf, sizeof(buf), 0) == sizeof(buf));
	CHECK(buf[4099] == 'A');
	CHECK(!memcmp(buf + 4100, zero, sizeof(zero)));
	close(fd);
	unlink("/tmp/grows");
}

TAP_MAIN({ "zeros behind an old end", zeros_behind_old_end })
