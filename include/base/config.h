/* SPDX-License-Identifier: MIT */
/*
 * Constants of the whole kernel. CONFIG_DEBUG comes from the Makefile
 * (DEBUG=1) and is always 0 or 1, so C code can test it.
 */
#ifndef _BASE_CONFIG_H
#define _BASE_CONFIG_H

#ifndef CONFIG_DEBUG
#define CONFIG_DEBUG 0
#endif

#define HZ	250
#define USER_HZ 100 /* what /proc and times(2) count in */

#define NSEC_PER_USEC 1000ULL
#define NSEC_PER_MSEC 1000000ULL
#define NSEC_PER_SEC  1000000000ULL
#define USEC_PER_SEC  1000000ULL
#define MSEC_PER_SEC  1000ULL
#define TICK_NSEC     (NSEC_PER_SEC / HZ)

#endif
