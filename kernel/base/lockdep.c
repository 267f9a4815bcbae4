// SPDX-License-Identifier: MIT
/*
 * The order of locks as a directed graph over lock classes: an edge A -> B
 * says that B was once taken while A was held. A new edge that closes a
 * circle means that some interleaving of what was already seen can deadlock:
 *
 *	CPU 0: A, then B          A --> B
 *	CPU 1: B, then A          B --> A   reported here, nobody hangs
 *
 * And interrupts: a lock that a handler takes (IN_IRQ) must never be held
 * with interrupts on (IRQ_ON), nor be held while waiting for one that is:
 * IN_IRQ class ->* IRQ_ON class is reported as well.
 *
 * Trylocks wait for nobody, so they add no edge to themselves, but edges
 * from them. Locks that interrupts take go on a stack of the CPU, since they
 * do not depend on what the interrupted task holds.
 *
 * Invariants: class 0 is none; edges hold no circle. Lock: graph_lock, bare,
 * interrupts off, only for what was never seen before. Called by the lock
 * functions of the debug build only; in the other build everything here folds
 * to nothing.
 */
#include <asm/irqflags.h>
#include <asm/spinlock.h>
#include <asm/thread_info.h>
#include <base/bug.h>
#include <base/lockdep.h>
#include <base/percpu.h>
#include <base/preempt.h>
#include <base/printk.h>
#include <lib/bitmap.h>
#include <lib/bitops.h>
#include <lib/seq_buf.h>
#include <lib/string.h>

#define MAX_CLASSES 512

#define USED_IN_IRQ 0x1
#define USED_IRQ_ON 0x2

struct lock_class {
	const void *key;
	unsigned int subclass;
	unsigned int usage;
	const char *name;
};

static struct lock_class classes[MAX_CLASSES];
static DECLARE_BITMAP(edges[MAX_CLASSES], MAX_CLASSES);
static unsigned int nr_classes = 1;
static arch_spinlock_t graph_lock = __ARCH_SPIN_LOCK_UNLOCKED;

/* Scratch of search(), guarded by graph_lock. */
static DECLARE_BITMAP(visited, MAX_CLASSES);
static u16 came_from[MAX_CLASSES], queue[MAX_CLASSES];

/* The report being made, guarded by graph_lock until `reporting` is set. */
static char report_text[1024];
static struct seq_buf report = { .buffer = report_text,
				 .size = sizeof(report_text) - 1 };
static bool lockdep_off;

void (*lockdep_report_hook)(const char *what);

/* For interrupts, and for tasks that have no stack of their own yet. */
static DEFINE_PER_CPU(struct lockdep_held, irq_held);
static DEFINE_PER_CPU(struct lockdep_held, early_held);

static struct lockdep_data *data_of(const struct lockdep_map *map)
{
	return (struct lockdep_data *)map;
}

static struct lockdep_held *held_stack(void)
{
	struct lockdep_held *held = current_arch()->lockdep;

	if (in_interrupt())
		return this_cpu_ptr(&irq_held);
	return held ? held : this_cpu_ptr(&early_held);
}

/* How many of the held locks have a place in the stack. */
static unsigned int nr_held(const struct lockdep_held *held)
{
	return min(held->depth, (unsigned int)LOCKDEP_MAX_HELD);
}

void __lockdep_init_map(struct lockdep_map *map, const char *name,
			const struct lock_class_key *key)
{
	*data_of(map) = (struct lockdep_data){
		.key = key,
		.name = name[0] == '&' ? name + 1 : name,
	};
}

static unsigned int class_of(struct lockdep_map *map, unsigned int subclass)
{
	struct lockdep_data *d = data_of(map);
	const void *key = d->key ? (const void *)d->key : map;
	unsigned int i;

	if (d->class_idx[subclass])
		return d->class_idx[subclass];
	for (i = 1; i < nr_classes; i++)
		if (classes[i].key == key && classes[i].subclass == subclass)
			break;
	if (i == MAX_CLASSES) {
		lockdep_off = true;
		return 0;
	}
	if (i == nr_classes) {
		classes[i] = (struct lock_class){
			.key = key,
			.subclass = subclass,
			.name = d->name ? d->name : "?",
		};
		nr_classes++;
	}
	d->class_idx[subclass] = (u16)i;
	return i;
}

/* ---- Reports ---- */

static void put_class(unsigned int i)
{
	seq_buf_printf(&report, "%s", classes[i].name);
	if (classes[i].subclass)
		seq_buf_printf(&report, "/%u", classes[i].subclass);
}

static void begin_report(const char *title)
{
	seq_buf_init(&report, report_text, sizeof(report_text) - 1);
	seq_buf_printf(&report, "WARNING: %s detected\n", title);
}

/* The way by which search() came to `to`, last lock first. */
static void put_path(unsigned int from, unsigned int to)
{
	put_class(to);
	while (to != from) {
		to = came_from[to];
		seq_buf_puts(&report, " <- ");
		put_class(to);
	}
	seq_buf_putc(&report, '\n');
}

void lockdep_show_held(void)
{
	struct lockdep_held *held = held_stack();
	unsigned int i;

	if (!CONFIG_DEBUG)
		return;
	pr_warn("%u lock%s held:\n", held->depth, held->depth == 1 ? "" : "s");
	for (i = 0; i < nr_held(held); i++)
		pr_warn(" #%u: %px (%s) at %pS\n", i, held->lock[i].map,
			classes[held->lock[i].class_idx].name,
			(void *)held->lock[i].ip);
}

/* graph_lock is no longer held; the text is still ours, IRQs are off. */
static void deliver_report(void)
{
	report_text[report.len] = '\0';
	if (lockdep_report_hook) {
		lockdep_report_hook(report_text);
		return;
	}
	lockdep_off = true;
	pr_emerg("======================================================\n");
	pr_emerg("%s", report_text);
	lockdep_show_held();
	panic("lockdep");
}

/* ---- The graph ---- */

/*
 * Breadth first from `from`, along edges, to a class that has `usage` or,
 * if that is 0, to `to`. => that class, or 0
 */
static unsigned int search(unsigned int from, unsigned int to,
			   unsigned int usage)
{
	unsigned int head = 0, tail = 0, at, next;

	bitmap_zero(visited, MAX_CLASSES);
	__set_bit(from, visited);
	queue[tail++] = (u16)from;
	while (head < tail) {
		at = queue[head++];
		if (usage ? classes[at].usage & usage : at == to)
			return at;
		for_each_set_bit(next, edges[at], nr_classes) {
			if (__test_and_set_bit(next, visited))
				continue;
			came_from[next] = (u16)at;
			queue[tail++] = (u16)next;
		}
	}
	return 0;
}

/* => true: a report was begun, and the edge not added */
static bool add_edge(unsigned int from, unsigned int to)
{
	unsigned int irq_on;

	if (test_bit(to, edges[from]))
		return false;
	if (search(to, from, 0)) {
		begin_report("possible circular locking dependency");
		seq_buf_puts(&report, "now taking ");
		put_class(to);
		seq_buf_puts(&report, " while holding ");
		put_class(from);
		seq_buf_puts(&report, "\nbut before: ");
		put_path(to, from);
		return true;
	}
	irq_on = search(to, 0, USED_IRQ_ON);
	if ((classes[from].usage & USED_IN_IRQ) && irq_on) {
		begin_report("possible irq lock inversion dependency");
		put_class(from);
		seq_buf_puts(&report, " is taken by interrupts; it may wait for"
				      " one held with interrupts on: ");
		put_path(to, irq_on);
		return true;
	}
	__set_bit(to, edges[from]);
	return false;
}

/* => true: a report was begun, and the usage not noted */
static bool add_usage(unsigned int class, unsigned int usage)
{
	unsigned int i, found = 0, from = class;

	usage &= ~classes[class].usage;
	if (!usage)
		return false;
	classes[class].usage |= usage;
	if (usage & USED_IN_IRQ)
		found = search(class, 0, USED_IRQ_ON);
	for (i = 1; !found && (usage & USED_IRQ_ON) && i < nr_classes; i++)
		if (classes[i].usage & USED_IN_IRQ) {
			found = search(i, class, 0);
			from = i;
		}
	if (!found)
		return false;
	classes[class].usage &= ~usage;
	begin_report("taken by interrupts, and held with interrupts on");
	put_path(from, found);
	return true;
}

static bool check_order(const struct lockdep_held *held, unsigned int class)
{
	unsigned int i;

	for (i = 0; i < nr_held(held); i++) {
		if (held->lock[i].class_idx == class) {
			begin_report("possible recursive locking");
			put_class(class);
			seq_buf_putc(&report, '\n');
			return true;
		}
		if (held->lock[i].class_idx &&
		    add_edge(held->lock[i].class_idx, class))
			return true;
	}
	return false;
}

/*
 * Is all of it known already? Read without graph_lock, because every CPU
 * comes by here with every lock: classes, edges and usage only ever grow, so
 * what is seen is there, and what is missed is looked up again under the lock.
 */
static bool nothing_new(const struct lockdep_held *held, unsigned int class,
			unsigned int usage, bool trylock)
{
	unsigned int i, from;

	if (!class || usage & ~READ_ONCE(classes[class].usage))
		return false;
	for (i = 0; !trylock && i < nr_held(held); i++) {
		from = held->lock[i].class_idx;
		if (from == class || (from && !test_bit(class, edges[from])))
			return false;
	}
	return true;
}

/* => true: a report was begun */
static bool learn(struct lockdep_map *map, const struct lockdep_held *held,
		  unsigned int subclass, unsigned int usage, bool trylock)
{
	unsigned int class;
	bool bad = false;

	arch_spin_lock(&graph_lock);
	class = class_of(map, subclass);
	if (class && !trylock)
		bad = check_order(held, class);
	if (class && !bad)
		bad = add_usage(class, usage);
	arch_spin_unlock(&graph_lock);
	return bad;
}

/* ---- What the locks call ---- */

void __lockdep_acquire(struct lockdep_map *map, unsigned int subclass,
		       bool trylock, unsigned long ip)
{
	unsigned short *class = &data_of(map)->class_idx[subclass];
	struct lockdep_held *held;
	unsigned int usage = 0;
	unsigned long flags;
	bool bad = false;

	if (!CONFIG_DEBUG || unlikely(lockdep_off || oops_in_progress))
		return;
	if (!irqs_disabled())
		usage = USED_IRQ_ON;
	else if (in_interrupt() && !trylock)
		usage = USED_IN_IRQ;
	local_irq_save(flags);
	held = held_stack();
	if (unlikely(!nothing_new(held, READ_ONCE(*class), usage, trylock)))
		bad = learn(map, held, subclass, usage, trylock);
	if (held->depth < LOCKDEP_MAX_HELD)
		held->lock[held->depth] = (struct held_lock){
			.map = map,
			.ip = ip,
			.class_idx = *class,
			.in_irq = in_interrupt(),
		};
	held->depth++;
	if (unlikely(bad))
		deliver_report();
	local_irq_restore(flags);
}

/* => where the map is in the stack, counted from 1; 0: nowhere */
static unsigned int find_held(const struct lockdep_held *held,
			      const struct lockdep_map *map)
{
	unsigned int i = nr_held(held);

	while (i && held->lock[i - 1].map != map)
		i--;
	return i;
}

void __lockdep_release(struct lockdep_map *map, unsigned long ip)
{
	struct lockdep_held *held;
	unsigned long flags;
	unsigned int i;

	if (!CONFIG_DEBUG || unlikely(lockdep_off || oops_in_progress))
		return;
	local_irq_save(flags);
	held = held_stack();
	i = find_held(held, map);
	if (unlikely(!i && held->depth <= LOCKDEP_MAX_HELD)) {
		lockdep_off = true;
		panic("lockdep: lock %px (%s) released at %pS is not held", map,
		      data_of(map)->name, (void *)ip);
	}
	held->depth--;
	if (i)
		memmove(&held->lock[i - 1], &held->lock[i],
			(LOCKDEP_MAX_HELD - i) * sizeof(held->lock[0]));
	local_irq_restore(flags);
}

bool __lockdep_is_held(const struct lockdep_map *map)
{
	unsigned long flags;
	bool is_held;

	if (!CONFIG_DEBUG || lockdep_off || oops_in_progress)
		return true;
	local_irq_save(flags);
	is_held = find_held(held_stack(), map) != 0;
	local_irq_restore(flags);
	return is_held;
}

void lockdep_not_held(const struct lockdep_map *map, const char *file, int line)
{
	panic("lockdep: %s must be held at %s:%d", data_of(map)->name, file,
	      line);
}

void lockdep_assert_none_held(const char *where)
{
	if (!CONFIG_DEBUG || lockdep_off || oops_in_progress)
		return;
	if (held_stack()->depth) {
		lockdep_show_held();
		panic("lockdep: locks held %s", where);
	}
}
