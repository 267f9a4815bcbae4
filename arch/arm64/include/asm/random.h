/* SPDX-License-Identifier: MIT */
/* Random numbers from the CPU, where it has them (FEAT_RNG). */
#ifndef _ASM_RANDOM_H
#define _ASM_RANDOM_H

#include <lib/types.h>

/* => false: none available */
bool arch_get_random_seed(u64 *value);
#endif
