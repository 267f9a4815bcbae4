// SPDX-License-Identifier: MIT
/*
 * Time from a counter: ns = (count - first) * mult / 2^32, in 128 bits, so
 * that it never overflows and needs no regular update, and the same on every
 * CPU without a lock. mult is exact for frequencies that divide 10^9.
 *
 * Real time is that plus a base. The base is one aligned word, so a reader
 * sees the old or the new one. Programs read these numbers, too: they fill a
 * page that is mapped with the vDSO.
 */
#include <asm/barrier.h>
#include <asm/page.h>
#include <asm/vdso.h>
#include <base/bug.h>
#include <base/clock.h>

static u64 (*clock_read)(void);
static union {
	struct vdso_data data;
	u8 page[PAGE_SIZE];
} clock_page __aligned(PAGE_SIZE);

static DEFINE_PER_CPU(struct clock_event_device *, clock_event);
static void (*event_fn)(struct clock_event_device *dev);

void clocksource_register(u64 (*read)(void), u64 freq)
{
	struct vdso_data *d = &clock_page.data;

	BUG_ON(clock_read || !freq);
	d->first = read();
	d->mult = (u64)(((unsigned __int128)NSEC_PER_SEC << 32) / freq);
	d->tick = TICK_NSEC;
	smp_store_release(&clock_read, read);
}

const void *clock_vdso_page(void)
{
	return &clock_page;
}

u64 ktime_get_ns(void)
{
	u64 (*read)(void) = clock_read;

	if (unlikely(!read))
		return 0;
	return vdso_data_ns(&clock_page.data, read());
}

u64 ktime_get_real_ns(void)
{
	return READ_ONCE(clock_page.data.real_base) + ktime_get_ns();
}

void ktime_set_real_ns(u64 now)
{
	WRITE_ONCE(clock_page.data.real_base, now - ktime_get_ns());
}

static void ndelay(u64 ns)
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
