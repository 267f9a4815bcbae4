/* SPDX-License-Identifier: MIT */
/*
 * Random numbers: ChaCha20 over a pool that boot entropy (the device tree's
 * rng-seed, the CPU's generator, interrupt timing) is mixed into.
 */
#ifndef _BASE_RANDOM_H
#define _BASE_RANDOM_H

#include <lib/types.h>

/* => any context; never waits: before rng_ready() the quality is less */
void get_random_bytes(void *buf, size_t n);
u64 get_random_u64(void);
/* Mix in n bytes; each is taken to be worth its eight bits. */
void add_boot_entropy(const void *buf, size_t n);
/* Mix in data that is worth nothing for sure: times, user's writes. */
void add_device_randomness(const void *buf, size_t n);
/* Called for each device interrupt; cheap. */
void add_interrupt_randomness(u32 irq);
/* => at least 256 bits of entropy have come in */
bool rng_ready(void);

#endif
