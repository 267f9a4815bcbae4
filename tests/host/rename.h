/* SPDX-License-Identifier: MIT */
/*
 * Included before all else in kernel code and tests built for the host: our
 * functions get names of their own, so that libc and the sanitizers keep
 * theirs. Only harness.c is compiled without it.
 */
#ifndef _HOST_RENAME_H
#define _HOST_RENAME_H

#define memcpy	  q_memcpy
#define memmove	  q_memmove
#define memset	  q_memset
#define memcmp	  q_memcmp
#define memchr	  q_memchr
#define strlen	  q_strlen
#define strnlen	  q_strnlen
#define strcmp	  q_strcmp
#define strncmp	  q_strncmp
#define strcpy	  q_strcpy
#define strchr	  q_strchr
#define strrchr	  q_strrchr
#define strchrnul q_strchrnul
#define strstr	  q_strstr
#define strspn	  q_strspn
#define strcspn	  q_strcspn
#define strsep	  q_strsep
#define snprintf  q_snprintf
#define vsnprintf q_vsnprintf

/* There is no init memory here. */
#define __init
#define __initdata
#define __initconst

#endif
