/* SPDX-License-Identifier: MIT */
/*
 * System calls. Each is defined with SYSCALL() where it belongs, and listed
 * with its number in kernel/proc/syscall_list.h. Arguments are as the user
 * passed them: pointers are hostile, widths are Linux's.
 *
 * => result >= 0, or a negative errno (ERESTART* never reach the user)
 */
#ifndef PROC_SYSCALLS_H
#define PROC_SYSCALLS_H

#include <asm/uaccess.h>
#include <lib/types.h>
#include <proc/signal.h>
#include <proc/time.h>

#define SYSCALL(name, ...)      \
	long name(__VA_ARGS__); \
	long name(__VA_ARGS__)

typedef long syscall_fn_t(u64, u64, u64, u64, u64, u64);
#define NR_SYSCALLS 451
extern syscall_fn_t *const sys_call_table[NR_SYSCALLS];

#endif /* PROC_SYSCALLS_H */
