// SPDX-License-Identifier: MIT
/*
 * Time from a counter: ns = (count - first) * mult / 2^32, in 128 bits, so
 * that it never overflows and needs no regular update, and the same on every
 * CPU without a lock. mult is exact for frequencies that divide 10^9.
 *
 * Real time is that plus a base. The base is one aligned word, so a reader
 * sees the old or the new one.
 */
#include <asm/barrier.h>
#include <base/bug.h>
#include <base/clock.h>

static u64 (*clock_read)(void);
static u64 clock_first, clock_mult, clock_freq;
static u64 real_base;

DEFINE_PER_CPU(struct clock_event_device *, clock_event);
static void (*event_fn)(struct clock_event_device *dev);

void clocksource_register(u64 (*read)(void), u64 freq)
{
	BUG_ON(clock_read || !freq);
	clock_first = read();
	clock_mult = (u64)(((unsigned __int128)NSEC_PER_SEC << 32) / freq);
	clock_freq = freq;
	smp_store_release(&clock_read, read);
}

u64 ktime_get_ns(void)
{
	u64 (*read)(void) = clock_read;

	if (unlikely(!read))
		return 0;
	return (u64)(((unsigned __int128)(read() - clock_first) * clock_mult) >>
		     32);
}

u64 ktime_get_real_ns(void)
{
	return READ_ONCE(real_base) + ktime_get_ns();
}

void ktime_set_real_ns(u64 now)
{
	WRITE_ONCE(real_base, now - ktime_get_ns());
}

u64 ktime_get_real_base(void)
{
	return READ_ONCE(real_base);
}

void ktime_set_real_base(u64 base)
{
	WRITE_ONCE(real_base, base);
}

u64 clock_resolution_ns(void)
{
	return clock_freq ? (NSEC_PER_SEC + clock_freq - 1) / clock_freq : 1;
}

void ndelay(u64 ns)
{
	u64 begin = ktime_get_ns();

	if (!clock_read)
		return;
	while (ktime_get_ns() - begin < ns)
		cpu_relax();
}

void udelay(u64 us)
{
	ndelay(us * NSEC_PER_USEC);
}

void mdelay(u64 ms)
{
	ndelay(ms * NSEC_PER_MSEC);
}

/* ---- Events ---- */

static void deliver_event(struct clock_event_device *dev)
{
	void (*fn)(struct clock_event_device * dev) = READ_ONCE(event_fn);

	if (fn)
		fn(dev);
	else if (dev->shutdown)
		dev->shutdown();
}

void clockevents_register(struct clock_event_device *dev)
{
	dev->event_handler = deliver_event;
	this_cpu_write(clock_event, dev);
}

void clockevents_set_handler(void (*fn)(struct clock_event_device *dev))
{
	WRITE_ONCE(event_fn, fn);
}

void clockevents_program(u64 delta_ns)
{
	struct clock_event_device *dev = this_cpu_read(clock_event);

	if (unlikely(!dev))
		return;
	if (delta_ns != U64_MAX)
		dev->set_next_event(delta_ns);
	else if (dev->shutdown)
		dev->shutdown();
}
