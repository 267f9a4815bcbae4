/* SPDX-License-Identifier: MIT */
/* What the system calls itself: uname(2), /proc/version, the boot banner. */
#ifndef PROC_UTS_H
#define PROC_UTS_H

#include <base/config.h>

#define UTS_RELEASE "6.1.0-quire"
#define UTS_VERSION "#1 SMP Quire"
/* The line of /proc/version, the first of the log. */
#define LINUX_BANNER                                                \
	"Linux version " UTS_RELEASE " (quire@quire) (" __VERSION__ \
	") " UTS_VERSION

extern char uts_hostname[65], uts_domainname[65];

#endif /* PROC_UTS_H */
