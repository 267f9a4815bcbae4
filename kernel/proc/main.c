// SPDX-License-Identifier: MIT
/*
 * The start of everything, as one list to be read from top to bottom.
 *
 *   head.S --> start_kernel()            boot CPU, init_task, IRQs masked
 *                |-- memory comes to life
 *                |-- interrupts, time, tasks
 *                |-- kernel_init() as process 1 --> /init
 *                '-- this flow of control is the idle task of CPU 0
 *   PSCI --> secondary_start_kernel()    the other CPUs
 */
#include <asm/cpufeature.h>
#include <asm/irqflags.h>
#include <asm/mmu_context.h>
#include <asm/random.h>
#include <asm/smp.h>
#include <asm/thread_info.h>
#include <asm/upcall.h>
#include <base/bug.h>
#include <base/clock.h>
#include <base/irq.h>
#include <base/kallsyms.h>
#include <base/ktest.h>
#include <base/percpu.h>
#include <base/printk.h>
#include <base/random.h>
#include <base/smp.h>
#include <drivers/arm_timer.h>
#include <drivers/gic.h>
#include <drivers/pl011.h>
#include <drivers/pl031.h>
#include <drivers/psci.h>
#include <drivers/virtio.h>
#include <fs/block_dev.h>
#include <fs/fdtable.h>
#include <fs/fs.h>
#include <fs/initramfs.h>
#include <fs/namei.h>
#include <fs/writeback.h>
#include <lib/fdt.h>
#include <mm/phys/fixmap.h>
#include <mm/phys/init.h>
#include <mm/phys/slab.h>
#include <mm/phys/vmalloc.h>
#include <mm/phys/vmstat.h>
#include <mm/vm/meminfo.h>
#include <mm/vm/mm.h>
#include <mm/vm/oom.h>
#include <mm/vm/pagemap.h>
#include <mm/vm/vmscan.h>
#include <proc/at_name.h>
#include <proc/binfmt.h>
#include <proc/params.h>
#include <proc/process.h>
#include <proc/uts.h>
#include <sched/blkdev.h>
#include <sched/kthread.h>
#include <sched/sched.h>

/* The device tree, checked: in the fixmap first, then in the linear map. */
static __init const void *map_fdt(phys_addr_t fdt_pa)
{
	const void *fdt = fixmap_remap_fdt(fdt_pa);

	if (!fdt || fdt_check(fdt, MAX_FDT_SIZE))
		panic("No valid device tree at physical address %pa; start with -kernel build/Image",
		      &fdt_pa);
	return fdt;
}

static __init void read_command_line(const void *fdt)
{
	int chosen = fdt_path_offset(fdt, "/chosen");
	const char *args =
		chosen < 0 ? NULL : fdt_prop_string(fdt, chosen, "bootargs");

	parse_command_line(args ? args : "");
}

static __init void describe_machine(const void *fdt)
{
	const char *model = fdt_prop_string(fdt, fdt_root(fdt), "model");

	pr_info("Booting Linux on physical CPU 0x%010llx [0x%08llx]\n",
		cpu_data[0].mpidr & 0xff00ffffffULL, cpu_data[0].midr);
	pr_notice("%s\n", LINUX_BANNER);
	pr_info("Machine model: %s\n", model ? model : "unknown");
}

static __init void describe_cpu(void)
{
	char buf[256];
	struct seq_buf s;

	seq_buf_init(&s, buf, sizeof(buf) - 1);
	cpu_features_seq(&s);
	buf[s.len] = '\0';
	pr_info("CPU: %s, %u-bit ASIDs, features: %s\n",
		cpu_model_name(cpu_data[0].midr), arch_asid_bits(), buf);
}

/* What the boot loader gives as seed, and what the CPU can make. */
static __init void seed_random(const void *fdt)
{
	static const char *const props[] = { "rng-seed", "kaslr-seed" };
	int chosen = fdt_path_offset(fdt, "/chosen");
	unsigned int i;
	u64 word;

	for (i = 0; chosen >= 0 && i < ARRAY_SIZE(props); i++) {
		int len;
		const void *seed = fdt_getprop(fdt, chosen, props[i], &len);

		if (seed && len > 0)
			add_boot_entropy(seed, (size_t)len);
	}
	for (i = 0; i < 4 && arch_get_random_seed(&word); i++)
		add_boot_entropy(&word, sizeof(word));
}

static __init void init_possible_cpus(const void *fdt)
{
	unsigned int cpu, n = min(smp_dt_init(fdt), boot_params.max_cpus);

	for (cpu = 0; cpu < n; cpu++)
		set_cpu_possible(cpu);
	set_cpu_online(0, true);
	pr_info("SMP: %u CPU%s possible\n", n, n == 1 ? "" : "s");
}

static __init void init_memory(const void *fdt, phys_addr_t fdt_pa)
{
	arm64_memblock_init(fdt, fdt_pa, boot_params.mem_limit);
	paging_init();
	zones_init();
	init_possible_cpus(mm_fdt_virt());
	setup_per_cpu_areas(mm_percpu_alloc);
	pr_notice("Kernel command line: %s\n", boot_params.command_line);
	mem_init();
	mem_print_layout();
	kmem_cache_init();
	vmalloc_init();
}

static __init void init_devices(const void *fdt)
{
	if (gic_init(fdt))
		panic("No GICv2 or GICv3 interrupt controller in the device tree");
	if (arm_timer_init(fdt))
		panic("No generic timer in the device tree");
	pl031_init(fdt);
	if (pl011_init(fdt))
		pr_err("No PL011 serial port: nobody can type\n");
}

static __init void init_processes(void)
{
	mm_vm_init();
	pagecache_init();
	overcommit_init();
	oom_init_vm();
	pids_init();
	signals_init();
	fork_init();
	namei_init();
	sys_file_init();
	vdso_init();
}

static void start_other_cpus(void)
{
	unsigned int cpu;
	u64 begin = ktime_get_ns();

	for_each_possible_cpu(cpu) {
		struct task_struct *idle;
		int err;

		if (!cpu)
			continue;
		idle = sched_make_idle(cpu);
		err = idle ? arch_cpu_start(cpu, cpu_logical_map(cpu), idle) :
			     -ENOMEM;
		if (err) {
			pr_err("CPU%u: does not start, error %d\n", cpu, err);
			continue;
		}
		while (!cpu_online(cpu) &&
		       ktime_get_ns() - begin < 5 * NSEC_PER_SEC)
			cpu_relax();
		if (!cpu_online(cpu))
			pr_crit("CPU%u: did not come online\n", cpu);
	}
	pr_info("smp: Brought up 1 node, %u CPU%s\n", num_online_cpus(),
		num_online_cpus() == 1 ? "" : "s");
}

void __noreturn secondary_start_kernel(unsigned int cpu)
{
	cpu_detect();
	irq_cpu_init();
	arm_timer_cpu_init();
	pr_info("CPU%u: Booted secondary processor 0x%010llx [0x%08llx]\n", cpu,
		cpu_data[cpu].mpidr & 0xff00ffffffULL, cpu_data[cpu].midr);
	set_cpu_online(cpu, true);
	sched_start_cpu();
	cpu_startup_entry();
}

static void populate_rootfs(void)
{
	struct walk_ctx ctx;
	char why[128] = "";
	int err;

	if (!phys_initrd_size)
		panic("No initramfs was given: start QEMU with -initrd build/initramfs.cpio");
	walk_ctx_kernel(&ctx);
	err = unpack_initramfs(&ctx, __va(phys_initrd_start), phys_initrd_size,
			       why, sizeof(why));
	if (err)
		panic("The initramfs cannot be unpacked: %s", why);
	free_initrd_mem();
}

static void run_ktests(void)
{
	if (ktest_run_all(ktest_suites, boot_params.ktest))
		pr_err("ktest: some unit tests FAILED, see above\n");
	vmstat_begin(); /* faults and reclaim of tests are no history */
}

/*
 * Descriptors 0, 1 and 2 of the first program are the console: made by the
 * kernel, since only it knows that there is one.
 */
static int open_console_files(void)
{
	struct file *file = tty_open_console();
	unsigned int fd;

	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	for (fd = 0; fd < 3; fd++)
		replace_fd(current->files, fd, file, 3, 0);
	fput(file);
	return 0;
}

/* Disks have threads: after the processes, before whoever mounts them. */
static void init_disks(void)
{
	blkdev_init();
	virtio_init(mm_fdt_virt());
	block_dev_init();
}

/* Process 1: the rest of booting, in a context that may sleep. */
static int kernel_init(void *unused __unused)
{
	struct boot_params *bp = &boot_params;
	int err;

	start_other_cpus();
	kswapd_init();
	writeback_init();
	tty_init();
	proc_pid_init();
	proc_files_init();
	shm_init();
	oom_init();
	init_disks();
	run_ktests();
	populate_rootfs();
	err = open_console_files();
	if (err)
		pr_warn("Unable to open an initial console (error %d)\n", err);
	free_initmem();
	mark_rodata_ro();
	pr_info("Run %s as init process\n", bp->rdinit);
	err = kernel_execve(bp->rdinit, bp->init_argv, bp->init_envp,
			    current_pt_regs());
	if (err)
		panic("No init: %s cannot be run (error %d); is it in the initramfs?",
		      bp->rdinit, err);
	arch_return_to_user();
}

static __init void start_init(void)
{
	struct task_struct *init;

	init = kthread_create(kernel_init, NULL, "swapper/0");
	if (IS_ERR(init) || make_process(init))
		panic("No memory for process 1");
	wake_up_process(init);
}

void __init __noreturn start_kernel(phys_addr_t fdt_pa)
{
	const void *fdt;

	arm_clock_init();
	early_fixmap_init();
	cpu_detect();
	arch_asid_init();
	kallsyms_init();
	fdt = map_fdt(fdt_pa);
	read_command_line(fdt);
	pl011_early_init(fdt);
	describe_machine(fdt);
	describe_cpu();
	psci_dt_init(fdt);
	init_memory(fdt, fdt_pa);
	fdt = mm_fdt_virt();
	seed_random(fdt);
	task_init();
	sched_init();
	init_devices(fdt);
	sched_start_cpu();
	local_irq_enable();
	init_processes();
	vfs_init();
	start_init();
	cpu_startup_entry();
}
