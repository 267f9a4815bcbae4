// SPDX-License-Identifier: MIT
/*
 * From an ELF file to an address space with a stack on it.
 *
 *   STACK_TOP  +------------------------+
 *              | 8 zero bytes           |
 *              | file name (AT_EXECFN)  |
 *              | environment strings    |  env_start .. env_end
 *              | argument strings       |  arg_start .. arg_end
 *              | up to 4 KiB of nothing |  if randomized
 *              | "aarch64", 16 random   |
 *              | auxv, AT_NULL          |
 *              | envp[], NULL           |
 *              | argv[], NULL           |
 *   sp ------> | argc                   |  16-byte aligned
 *              +------------------------+
 *
 * The file is hostile: lib/elf.c has checked every header before anything
 * is mapped, and mapping goes through do_mmap with the same rights as mmap.
 */
#include <asm/cpufeature.h>
#include <asm/signal_frame.h>
#include <base/random.h>
#include <lib/elf.h>
#include <lib/string.h>
#include <mm/phys/slab.h>
#include <mm/phys/vmalloc.h>
#include <proc/binfmt.h>
#include <proc/process.h>

#define ELF_ET_DYN_BASE	 (2 * TASK_SIZE / 3)
#define ELF_PAGESTART(v) ((v)&PAGE_MASK)
#define ELF_PAGEOFF(v)	 ((v) & ~PAGE_MASK)
#define AUXV_PAIRS	 21

/*
 * Address space layout randomization: how many pages a thing may lie away
 * from where it lies without; the brk moves up, all others down.
 */
#define STACK_RND_PAGES BIT(18) /* 1 GiB */
#define MMAP_RND_PAGES	BIT(18)
#define BRK_RND_PAGES	BIT(18)
#define RND_PAGES(r, n) (((unsigned long)(r) & ((n)-1)) << PAGE_SHIFT)

/* One opened object: the program, or its interpreter. */
struct elf_object {
	struct file *file;
	Elf64_Ehdr ehdr;
	Elf64_Phdr *phdr;
	u64 bias;      /* added to every p_vaddr */
	u64 phdr_addr; /* where the program finds its headers, or 0 */
};

struct elf_load {
	struct linux_binprm *bprm;
	struct elf_object prog, interp; /* interp.file NULL: static */
	int randomize;			/* as randomize_va_space */
	/* drawn at once, as each draw costs a block of the generator */
	struct {
		u8 at_random[16];
		u32 stack, mmap, pie, brk;
	} rnd;
};

/* => 0, -ENOMEM, or @bad for whatever is wrong with them */
static int read_headers(struct elf_object *obj, const void *start, int bad)
{
	size_t size;
	int i, err;

	memcpy(&obj->ehdr, start, sizeof(obj->ehdr));
	if (elf_check_header(&obj->ehdr, BINPRM_BUF_SIZE))
		return bad;
	size = obj->ehdr.e_phnum * sizeof(*obj->phdr);
	obj->phdr = kmalloc(size, GFP_KERNEL);
	if (!obj->phdr)
		return -ENOMEM;
	err = exec_read(obj->file, (loff_t)obj->ehdr.e_phoff, obj->phdr, size);
	for (i = 0; !err && i < obj->ehdr.e_phnum; i++)
		err = elf_check_phdr(&obj->phdr[i], TASK_SIZE);
	return err ? bad : 0;
}

static const Elf64_Phdr *find_phdr(const struct elf_object *obj, u32 type)
{
	int i;

	for (i = 0; i < obj->ehdr.e_phnum; i++)
		if (obj->phdr[i].p_type == type)
			return &obj->phdr[i];
	return NULL;
}

static unsigned long prot_of(const Elf64_Phdr *ph)
{
	return (ph->p_flags & PF_R ? PROT_READ : 0) |
	       (ph->p_flags & PF_W ? PROT_WRITE : 0) |
	       (ph->p_flags & PF_X ? PROT_EXEC : 0);
}

/* The file part of a segment, whole pages. */
static int map_file_part(struct mm_struct *mm, const struct elf_object *obj,
			 const Elf64_Phdr *ph)
{
	u64 addr = obj->bias + ph->p_vaddr;
	struct vm_backing backing = {};
	long ret;
	int err;

	if (!ph->p_filesz)
		return 0;
	err = vfs_mmap_backing(obj->file, &backing);
	if (err)
		return err;
	ret = do_mmap(mm, ELF_PAGESTART(addr), ph->p_filesz + ELF_PAGEOFF(addr),
		      prot_of(ph), MAP_PRIVATE | MAP_FIXED,
		      (ph->p_offset - ELF_PAGEOFF(addr)) >> PAGE_SHIFT,
		      &backing);
	return ret < 0 ? (int)ret : 0;
}

/*
 * The part that is not in the file: the rest of the last page, to its end
 * (the dynamic linker takes its first memory from there), then new pages.
 */
static int map_zero_part(struct mm_struct *mm, u64 start, u64 end,
			 bool writable, bool exec)
{
	u64 page = PAGE_ALIGN(start);
	int err;

	if (start < page && writable) {
		err = mm_clear_user(mm, start, page - start);
		if (err)
			return -ENOMEM;
	}
	if (page >= PAGE_ALIGN(end))
		return 0;
	return vm_brk_flags(mm, page, PAGE_ALIGN(end) - page,
			    exec ? VM_EXEC : 0);
}

static int map_segment(struct mm_struct *mm, const struct elf_object *obj,
		       const Elf64_Phdr *ph)
{
	u64 start = obj->bias + ph->p_vaddr;
	int err = map_file_part(mm, obj, ph);

	if (err || ph->p_memsz == ph->p_filesz)
		return err;
	return map_zero_part(
		mm, ph->p_filesz ? start + ph->p_filesz : ELF_PAGESTART(start),
		start + ph->p_memsz, ph->p_flags & PF_W, ph->p_flags & PF_X);
}

/*
 * Claim a free range for all segments: where they were linked, at @base, or
 * (0) where mmap would put them.  Within it a later segment may lie over an
 * earlier one, if the file wants it so.
 */
static int choose_bias(struct mm_struct *mm, struct elf_object *obj, u64 base,
		       u64 align)
{
	u64 first, addr;
	u64 size = elf_span(obj->phdr, obj->ehdr.e_phnum, &first);

	if (!size)
		return -ENOEXEC;
	size = PAGE_ALIGN(size);
	down_write(&mm->mmap_lock);
	if (obj->ehdr.e_type == ET_EXEC)
		addr = first;
	else if (base)
		addr = ALIGN_DOWN(base, align);
	else
		addr = get_unmapped_area(mm, 0, size + align - PAGE_SIZE, 0, 0);
	up_write(&mm->mmap_lock);
	if (!IS_ERR_VALUE(addr) && obj->ehdr.e_type == ET_DYN)
		addr = ALIGN(addr, align);
	if (IS_ERR_VALUE(addr) || addr > TASK_SIZE - size)
		return -ENOMEM;
	if (find_vma_intersection(mm, addr, addr + size))
		return -ENOEXEC;
	obj->bias = addr - first;
	return 0;
}

/* Does the segment hold file offset @off?  Then it says where it lands. */
static void note_phdr_addr(struct elf_object *obj, const Elf64_Phdr *ph)
{
	u64 off = obj->ehdr.e_phoff;

	if (off >= ph->p_offset && off < ph->p_offset + ph->p_filesz)
		obj->phdr_addr = obj->bias + ph->p_vaddr + off - ph->p_offset;
}

static void note_bounds(struct mm_struct *mm, const struct elf_object *obj,
			const Elf64_Phdr *ph)
{
	u64 start = obj->bias + ph->p_vaddr;
	u64 end = start + ph->p_filesz;

	if (ph->p_flags & PF_X) {
		if (!mm->start_code || start < mm->start_code)
			mm->start_code = start;
		mm->end_code = max((u64)mm->end_code, end);
	}
	mm->start_data = max((u64)mm->start_data, start);
	mm->end_data = max((u64)mm->end_data, end);
	mm->brk = max((u64)mm->brk, start + ph->p_memsz);
}

static int map_object(struct mm_struct *mm, struct elf_object *obj, u64 base,
		      bool is_program)
{
	int i, err = choose_bias(mm, obj, base,
				 is_program ? elf_alignment(obj->phdr,
							    obj->ehdr.e_phnum) :
					      PAGE_SIZE);

	for (i = 0; !err && i < obj->ehdr.e_phnum; i++) {
		const Elf64_Phdr *ph = &obj->phdr[i];

		if (ph->p_type != PT_LOAD || !ph->p_memsz)
			continue;
		err = map_segment(mm, obj, ph);
		note_phdr_addr(obj, ph);
		if (is_program)
			note_bounds(mm, obj, ph);
	}
	return err;
}

/* --- the interpreter (ld.so) of a dynamic program --- */

/* => its path, to be freed; NULL: the program has none; or ERR_PTR */
static char *interpreter_path(const struct elf_object *prog)
{
	const Elf64_Phdr *ph = find_phdr(prog, PT_INTERP);
	char *path;
	int err;

	if (!ph)
		return NULL;
	path = kmalloc(ph->p_filesz, GFP_KERNEL);
	if (!path)
		return ERR_PTR(-ENOMEM);
	err = exec_read(prog->file, (loff_t)ph->p_offset, path, ph->p_filesz);
	if (!err && path[ph->p_filesz - 1])
		err = -ENOEXEC;
	if (!err)
		return path;
	kfree(path);
	return ERR_PTR(err);
}

static int open_interpreter(const struct elf_object *prog,
			    struct elf_object *interp)
{
	char *path = interpreter_path(prog);
	struct file *file;
	Elf64_Ehdr start;
	int err;

	if (IS_ERR_OR_NULL(path))
		return (int)PTR_ERR(path);
	file = open_exec(path);
	kfree(path);
	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	interp->file = file;
	err = exec_read(file, 0, &start, sizeof(start));
	return err ? err : read_headers(interp, &start, -ELIBBAD);
}

/* --- the stack --- */

/* The stack as it will be, in kernel memory; user address = top - (end - p). */
struct stack_image {
	char *base, *p;
	size_t size;
	unsigned long top;
};

static unsigned long image_addr(const struct stack_image *img, const char *p)
{
	return img->top - (unsigned long)(img->base + img->size - p);
}

static unsigned long push_bytes(struct stack_image *img, const void *src,
				size_t n)
{
	img->p -= n;
	memcpy(img->p, src, n);
	return image_addr(img, img->p);
}

static unsigned long push_string(struct stack_image *img, const char *s)
{
	return push_bytes(img, s, strlen(s) + 1);
}

/* Last string first, so that they lie in order; @addr gets each one's. */
static void push_strings(struct stack_image *img, const char **v, int n,
			 u64 *addr)
{
	addr[n] = 0;
	while (n-- > 0)
		addr[n] = push_string(img, v[n]);
}

static size_t image_size(const struct linux_binprm *bprm, size_t jitter)
{
	size_t size = 8 + strlen(bprm->filename) + 1;
	int i;

	for (i = 0; i < bprm->argc; i++)
		size += strlen(bprm->argv[i]) + 1;
	for (i = 0; i < bprm->envc; i++)
		size += strlen(bprm->envp[i]) + 1;
	size += jitter + 16 + sizeof("aarch64") + 32; /* random, padding */
	size += sizeof(u64) *
		(size_t)(1 + bprm->argc + 1 + bprm->envc + 1 + 2 * AUXV_PAIRS);
	return ALIGN(size, 16);
}

static void fill_auxv(u64 *auxv, const struct elf_load *ld, u64 random,
		      u64 platform, u64 execfn)
{
	const struct elf_object *prog = &ld->prog, *interp = &ld->interp;
	const struct cred *cred = current_cred();
	struct mm_struct *mm = ld->bprm->mm;
	const u64 pairs[AUXV_PAIRS][2] = {
		{ AT_SYSINFO_EHDR, mm->vdso_base },
		{ AT_MINSIGSTKSZ, ARCH_MINSIGSTKSZ },
		{ AT_HWCAP, elf_hwcap },
		{ AT_PAGESZ, PAGE_SIZE },
		{ AT_CLKTCK, 100 },
		{ AT_PHDR, prog->phdr_addr },
		{ AT_PHENT, sizeof(Elf64_Phdr) },
		{ AT_PHNUM, prog->ehdr.e_phnum },
		{ AT_BASE, interp->file ? interp->bias : 0 },
		{ AT_FLAGS, 0 },
		{ AT_ENTRY, prog->bias + prog->ehdr.e_entry },
		{ AT_UID, cred->uid },
		{ AT_EUID, cred->euid },
		{ AT_GID, cred->gid },
		{ AT_EGID, cred->egid },
		{ AT_SECURE, 0 },
		{ AT_RANDOM, random },
		{ AT_HWCAP2, elf_hwcap2 },
		{ AT_EXECFN, execfn },
		{ AT_PLATFORM, platform },
		{ AT_NULL, 0 },
	};

	memcpy(auxv, pairs, sizeof(pairs));
	memcpy(mm->saved_auxv, pairs, sizeof(pairs));
}

static void build_image(struct stack_image *img, const struct elf_load *ld,
			u64 *argv, u64 *envp, size_t jitter)
{
	struct linux_binprm *bprm = ld->bprm;
	struct mm_struct *mm = bprm->mm;
	u64 table[1] = { (u64)bprm->argc };
	u64 auxv[2 * AUXV_PAIRS];
	u64 execfn, platform, random;
	size_t tables;

	push_bytes(img, &(u64){ 0 }, 8);
	execfn = push_string(img, bprm->filename);
	mm->env_end = execfn;
	push_strings(img, bprm->envp, bprm->envc, envp);
	mm->env_start = mm->arg_end = image_addr(img, img->p);
	push_strings(img, bprm->argv, bprm->argc, argv);
	mm->arg_start = image_addr(img, img->p);
	img->p -= jitter;
	memset(img->p, 0, jitter);
	platform = push_string(img, "aarch64");
	random = push_bytes(img, ld->rnd.at_random, sizeof(ld->rnd.at_random));
	fill_auxv(auxv, ld, random, platform, execfn);

	tables = sizeof(u64) * (size_t)(1 + bprm->argc + 1 + bprm->envc + 1) +
		 sizeof(auxv);
	img->p = img->base + ((size_t)(img->p - img->base - tables) & ~15UL) +
		 tables;
	push_bytes(img, auxv, sizeof(auxv));
	push_bytes(img, envp, sizeof(u64) * (size_t)(bprm->envc + 1));
	push_bytes(img, argv, sizeof(u64) * (size_t)(bprm->argc + 1));
	push_bytes(img, table, sizeof(table));
	mm->start_stack = image_addr(img, img->p);
}

static int make_stack(const struct elf_load *ld)
{
	const Elf64_Phdr *gnu_stack = find_phdr(&ld->prog, PT_GNU_STACK);
	struct linux_binprm *bprm = ld->bprm;
	struct mm_struct *mm = bprm->mm;
	size_t jitter = ld->rnd.stack >> 20; /* 12 bits */
	struct stack_image img = {
		.size = image_size(bprm, jitter),
		.top = STACK_TOP - RND_PAGES(ld->rnd.stack, STACK_RND_PAGES),
	};
	u64 *argv =
		kvzalloc((size_t)(bprm->argc + bprm->envc + 2) * sizeof(u64),
			 GFP_KERNEL);
	int err;

	img.base = kvmalloc(img.size, GFP_KERNEL);
	err = argv && img.base ? mm_setup_stack(mm, img.top) : -ENOMEM;
	if (!err && gnu_stack && gnu_stack->p_flags & PF_X)
		err = mm_stack_exec(mm);
	if (!err) {
		img.p = img.base + img.size;
		build_image(&img, ld, argv, argv + bprm->argc + 1, jitter);
		bprm->sp = mm->start_stack;
		err = mm_write_user(mm, mm->start_stack, img.p,
				    (size_t)(img.base + img.size - img.p));
		if (err)
			err = -ENOMEM;
	}
	kvfree(img.base);
	kvfree(argv);
	return err;
}

static void draw_random(struct elf_load *ld)
{
	get_random_bytes(&ld->rnd, sizeof(ld->rnd));
	ld->randomize = READ_ONCE(randomize_va_space);
	if (current->proc->personality & ADDR_NO_RANDOMIZE)
		ld->randomize = 0;
	current->flags &= ~(unsigned int)PF_RANDOMIZE;
	if (ld->randomize)
		current->flags |= PF_RANDOMIZE;
	else
		ld->rnd.stack = ld->rnd.mmap = ld->rnd.pie = 0;
}

/*
 * The heap begins behind bss, or up to 1 GiB further.  A program without an
 * interpreter that lies in the mmap area (ld.so itself) would leave no room
 * to grow: its heap goes where programs lie.
 */
static void place_brk(const struct elf_load *ld)
{
	struct mm_struct *mm = ld->bprm->mm;
	bool alone = ld->prog.ehdr.e_type == ET_DYN && !ld->interp.file;

	mm->brk = PAGE_ALIGN(alone ? ELF_ET_DYN_BASE : mm->brk);
	if (ld->randomize > 1)
		mm->brk += RND_PAGES(ld->rnd.brk, BRK_RND_PAGES);
	mm->start_brk = mm->brk;
}

static int load_objects(struct elf_load *ld)
{
	struct linux_binprm *bprm = ld->bprm;
	struct elf_object *prog = &ld->prog, *interp = &ld->interp;
	u64 base = ELF_ET_DYN_BASE + RND_PAGES(ld->rnd.pie, MMAP_RND_PAGES);
	struct mm_struct *mm;
	int err;

	mm = bprm->mm = mm_alloc();
	if (!mm)
		return -ENOMEM;
	mm_copy_limits(mm, current);
	mm_set_layout(mm,
		      ld->randomize ? (STACK_RND_PAGES - 1) << PAGE_SHIFT : 0,
		      RND_PAGES(ld->rnd.mmap, MMAP_RND_PAGES));
	err = map_object(mm, prog, interp->file ? base : 0, true);
	if (!err && interp->file)
		err = map_object(mm, interp, 0, false);
	place_brk(ld);
	if (!err)
		err = map_vdso(mm);
	if (!err)
		err = make_stack(ld);
	if (err)
		return err;
	bprm->entry = interp->file ? interp->bias + interp->ehdr.e_entry :
				     prog->bias + prog->ehdr.e_entry;
	return bprm->entry < TASK_SIZE ? 0 : -ENOEXEC;
}

int load_elf_binary(struct linux_binprm *bprm)
{
	struct elf_load ld = { .bprm = bprm, .prog.file = bprm->file };
	int err = read_headers(&ld.prog, bprm->buf, -ENOEXEC);

	draw_random(&ld);
	if (!err)
		err = open_interpreter(&ld.prog, &ld.interp);
	if (!err)
		err = load_objects(&ld);
	kfree(ld.prog.phdr);
	kfree(ld.interp.phdr);
	if (ld.interp.file)
		close_exec(ld.interp.file);
	return err;
}
