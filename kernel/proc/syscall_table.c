// SPDX-License-Identifier: MIT
/*
 * From numbers to functions. Every call takes what it declares out of x0..x5
 * and never looks at the rest, so here all are of one type.
 */
#include <proc/syscalls.h>

#define ENTRY(nr, name) syscall_fn_t sys_##name;
#include "syscall_list.h"
#undef ENTRY

#define ENTRY(nr, name) [nr] = sys_##name,
syscall_fn_t *const sys_call_table[NR_SYSCALLS] = {
#include "syscall_list.h"
};
