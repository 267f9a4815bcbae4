// SPDX-License-Identifier: MIT
/*
 * Random bytes from one 256-bit key by ChaCha20 (RFC 8439).
 *
 *   key --ChaCha block--> [ next key | key of this request ]
 *                              |              '--> stream --> caller
 *                              '--> replaces key at once
 *
 * So whoever sees the key later cannot compute what was given out before.
 * Input is mixed in by the same function: key = block(key ^ input), 32 bytes
 * at a time. Lock: key_lock, interrupts off, for one block.
 */
#include <asm/arch_timer.h>
#include <asm/random.h>
#include <base/random.h>
#include <base/spinlock.h>
#include <lib/string.h>

#define KEY_WORDS   8
#define BLOCK_WORDS 16
#define KEY_BYTES   (KEY_WORDS * 4)
#define ENOUGH_BITS 256

static u32 key[KEY_WORDS];	  /* key_lock */
static u64 blocks_made;		  /* key_lock */
static unsigned int entropy_bits; /* key_lock; never falls */
static DEFINE_SPINLOCK(key_lock);

static u32 rotl(u32 v, int n)
{
	return v << n | v >> (32 - n);
}

static inline void quarter(u32 *a, u32 *b, u32 *c, u32 *d)
{
	*a += *b;
	*d = rotl(*d ^ *a, 16);
	*c += *d;
	*b = rotl(*b ^ *c, 12);
	*a += *b;
	*d = rotl(*d ^ *a, 8);
	*c += *d;
	*b = rotl(*b ^ *c, 7);
}

static void chacha_block(const u32 k[KEY_WORDS], u64 counter, u64 nonce,
			 u32 out[BLOCK_WORDS])
{
	u32 in[BLOCK_WORDS] = { 0x61707865, 0x3320646e, 0x79622d32,
				0x6b206574 };
	u32 *x = out;
	int i;

	memcpy(&in[4], k, KEY_BYTES);
	in[12] = (u32)counter;
	in[13] = (u32)(counter >> 32);
	in[14] = (u32)nonce;
	in[15] = (u32)(nonce >> 32);
	memcpy(x, in, sizeof(in));
	for (i = 0; i < 10; i++) {
		quarter(&x[0], &x[4], &x[8], &x[12]);
		quarter(&x[1], &x[5], &x[9], &x[13]);
		quarter(&x[2], &x[6], &x[10], &x[14]);
		quarter(&x[3], &x[7], &x[11], &x[15]);
		quarter(&x[0], &x[5], &x[10], &x[15]);
		quarter(&x[1], &x[6], &x[11], &x[12]);
		quarter(&x[2], &x[7], &x[8], &x[13]);
		quarter(&x[3], &x[4], &x[9], &x[14]);
	}
	for (i = 0; i < BLOCK_WORDS; i++)
		x[i] += in[i];
}

/* Replace the key; out gets the other half of the block. => key_lock */
static void step(u32 out[KEY_WORDS])
{
	u32 block[BLOCK_WORDS];

	chacha_block(key, ++blocks_made, arch_timer_read_cntvct(), block);
	memcpy(key, block, KEY_BYTES);
	memcpy(out, block + KEY_WORDS, KEY_BYTES);
	memset(block, 0, sizeof(block));
	barrier();
}

void get_random_bytes(void *buf, size_t n)
{
	u32 own[KEY_WORDS], block[BLOCK_WORDS];
	unsigned long flags;
	u64 counter = 0;
	size_t part;
	char *p = buf;

	spin_lock_irqsave(&key_lock, flags);
	step(own);
	spin_unlock_irqrestore(&key_lock, flags);
	/* What fits into the request's key needs no block of its own. */
	if (n <= KEY_BYTES) {
		memcpy(p, own, n);
		n = 0;
	}
	for (; n; n -= part, p += part) {
		chacha_block(own, counter++, 0, block);
		part = min(n, sizeof(block));
		memcpy(p, block, part);
	}
	memset(own, 0, sizeof(own));
	memset(block, 0, sizeof(block));
	barrier();
}

u64 get_random_u64(void)
{
	u64 v;

	get_random_bytes(&v, sizeof(v));
	return v;
}

static void mix(const void *buf, size_t n, unsigned int bits)
{
	const u8 *p = buf;
	u8 *k = (u8 *)key;
	u32 unused[KEY_WORDS];
	unsigned long flags;
	size_t i, part;

	spin_lock_irqsave(&key_lock, flags);
	for (; n; n -= part, p += part) {
		part = min(n, (size_t)KEY_BYTES);
		for (i = 0; i < part; i++)
			k[i] ^= p[i];
		step(unused);
	}
	entropy_bits = min(entropy_bits + bits, (unsigned int)ENOUGH_BITS);
	spin_unlock_irqrestore(&key_lock, flags);
}

void add_boot_entropy(const void *buf, size_t n)
{
	bool was_ready = rng_ready();
	u64 seed;
	int i;

	mix(buf, n, (unsigned int)min(n, (size_t)KEY_BYTES) * 8);
	for (i = 0; i < 4 && arch_get_random_seed(&seed); i++)
		mix(&seed, sizeof(seed), 64);
	if (!was_ready && rng_ready())
		pr_info("random: crng init done\n");
}

void add_device_randomness(const void *buf, size_t n)
{
	mix(buf, n, 0);
}

/*
 * The low bits of the counter, folded into the key as they are; the next
 * step() stirs. Worth one bit in 64, as Linux has it.
 */
void add_interrupt_randomness(u32 irq)
{
	static unsigned int seen;
	u64 now = arch_timer_read_cntvct();

	if (!spin_trylock(&key_lock))
		return;
	seen++;
	key[seen % KEY_WORDS] ^= rotl((u32)now ^ irq, (int)(seen % 31) + 1);
	if (seen % 64 == 0 && entropy_bits < ENOUGH_BITS)
		entropy_bits++;
	spin_unlock(&key_lock);
}

bool rng_ready(void)
{
	return READ_ONCE(entropy_bits) >= ENOUGH_BITS;
}
