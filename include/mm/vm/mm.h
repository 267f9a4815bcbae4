/* SPDX-License-Identifier: MIT */
/*
 * Address spaces: making and copying them, the mmap family, faults, and
 * access from outside. Functions take the mm as an argument; whose it is,
 * is the process layer's business.
 *
 * => unless said otherwise a function takes mmap_lock itself, may sleep,
 *    and returns a negative errno as Linux's system call would
 */
#ifndef _MM_VM_MM_H
#define _MM_VM_MM_H

#include <mm/vm/mm_types.h>
#include <mm/vm/mman.h>
#include <mm/vm/vma.h>

struct hstate;
struct seq_buf;

/* sysctls and boot parameters, plain variables */
extern int sysctl_overcommit_memory;	       /* OVERCOMMIT_* */
extern int sysctl_overcommit_ratio;	       /* percent */
extern unsigned long sysctl_overcommit_kbytes; /* 0: use the ratio */
extern unsigned long sysctl_user_reserve_kbytes;
extern unsigned long sysctl_admin_reserve_kbytes;
extern int sysctl_max_map_count;
extern int randomize_va_space;	    /* 0 off, 1 mmap, stack, PIE; 2 and brk */
extern unsigned long mmap_min_addr; /* bytes; fixed mappings by nobody */
/* Nothing is placed lower than that by itself (Linux: LSM_MMAP_MIN_ADDR). */
static inline unsigned long lowest_address(void)
{
	return max(PAGE_ALIGN(mmap_min_addr), 32768UL);
}

#define STACK_TOP	      TASK_SIZE
#define TASK_UNMAPPED_BASE    PAGE_ALIGN(TASK_SIZE / 4)
#define DEFAULT_MAX_MAP_COUNT 65530

/* --- life --- */

/* Caches of this layer; once, after the slab is up. */
void mm_vm_init(void);

/* => an empty mm with default limits, mm_users 1; NULL if no memory */
struct mm_struct *mm_alloc(void);
/*
 * Place the mmap area rnd bytes below the room of the stack: rlim_stack, and
 * stack_rnd by which its top may lie lower.
 */
void mm_set_layout(struct mm_struct *mm, unsigned long stack_rnd,
		   unsigned long rnd);

void mmget(struct mm_struct *mm);
bool mmget_not_zero(struct mm_struct *mm);
void mmput(struct mm_struct *mm); /* last one: exit_mmap() */
DEFINE_FREE(mmput, struct mm_struct, mmput)
void mmgrab(struct mm_struct *mm);
void mmdrop(struct mm_struct *mm); /* last one: frees the struct */

/*
 * Fill the empty mm with a copy-on-write copy of oldmm, statistics and
 * layout included. => 0 or -ENOMEM; then mm holds nothing
 */
int dup_mmap(struct mm_struct *mm, struct mm_struct *oldmm);
/* Unmap everything. => the last user is gone; mmput() calls it */
void exit_mmap(struct mm_struct *mm);

/* --- mmap family --- */

/* What stands behind a file mapping; filled by the file system. */
struct vm_backing {
	struct file *file;
	struct address_space *mapping;		/* the object's page cache */
	const struct vm_operations_struct *ops; /* generic_file_vm_ops */
	void (*get)(struct file *file);
	void (*put)(struct file *file);
	void *private_data;   /* becomes vm_private_data */
	struct hstate *h;     /* MAP_HUGETLB: the pool, and no file */
	bool may_read;	      /* file is open for reading */
	bool may_write;	      /* ... for writing */
	bool may_exec;	      /* not mounted noexec */
	bool sealed;	      /* no new shared mapping may write */
	bool private_is_anon; /* MAP_PRIVATE of /dev/zero */
};

/*
 * b NULL: anonymous, or shared anonymous. pgoff in pages.
 * => address or -errno; takes references on b->file as needed
 */
long do_mmap(struct mm_struct *mm, unsigned long addr, unsigned long len,
	     unsigned long prot, unsigned long flags, unsigned long pgoff,
	     const struct vm_backing *b);
/* The same with mmap_lock held for writing and without populating. */
long __do_mmap(struct mm_struct *mm, unsigned long addr, unsigned long len,
	       unsigned long prot, unsigned long flags, unsigned long pgoff,
	       const struct vm_backing *b);
int do_munmap(struct mm_struct *mm, unsigned long start, unsigned long len);
/* The same with mmap_lock held for writing. */
int __do_munmap(struct mm_struct *mm, unsigned long start, unsigned long len);
int do_mprotect(struct mm_struct *mm, unsigned long start, unsigned long len,
		unsigned long prot);
/* => the resulting break, the old one if brk cannot be had */
unsigned long do_brk(struct mm_struct *mm, unsigned long brk);
long do_mremap(struct mm_struct *mm, unsigned long addr, unsigned long old_len,
	       unsigned long new_len, unsigned long flags,
	       unsigned long new_addr);
int do_madvise(struct mm_struct *mm, unsigned long start, unsigned long len,
	       int advice);
/* Show page pgoff of the object at start; emulated by a new mapping. */
int do_remap_file_pages(struct mm_struct *mm, unsigned long start,
			unsigned long size, unsigned long prot,
			unsigned long pgoff, unsigned long flags);
int do_msync(struct mm_struct *mm, unsigned long start, unsigned long len,
	     int flags);
/* onfault: mlock2(MLOCK_ONFAULT) */
int do_mlock(struct mm_struct *mm, unsigned long start, unsigned long len,
	     bool onfault);
int do_munlock(struct mm_struct *mm, unsigned long start, unsigned long len);
int do_mlockall(struct mm_struct *mm, int flags);
int do_munlockall(struct mm_struct *mm);
/*
 * One byte per page in vec: bit 0 says resident. At most one page of vec.
 * Of a file that one may not see into (what others read of it could be told
 * from its cache) every page is called resident.
 * => 0 or -ENOMEM (a hole)
 */
int do_mincore(struct mm_struct *mm, unsigned long start, unsigned long pages,
	       unsigned char *vec, bool (*may_see)(struct file *file));
/* Zero-fill memory at addr, PROT_READ|WRITE plus flags (VM_EXEC or 0). */
int vm_brk_flags(struct mm_struct *mm, unsigned long addr, unsigned long len,
		 vm_flags_t flags);

/* => free address or -errno; mmap_lock held for writing */
unsigned long get_unmapped_area(struct mm_struct *mm, unsigned long addr,
				unsigned long len, unsigned long pgoff,
				unsigned long flags);

/* --- exec --- */

/* The stack VMA, one page below stack_top, growing down. => 0, -ENOMEM */
int mm_setup_stack(struct mm_struct *mm, unsigned long stack_top);
/* PT_GNU_STACK asked for an executable stack. */
int mm_stack_exec(struct mm_struct *mm);
/* Kernel pages lent to programs, for ever. */
struct special_mapping {
	const char *name; /* in /proc/PID/maps */
	struct page **pages;
	unsigned long nr;
};
/*
 * Map them at addr; flags VM_READ, VM_MAYREAD and so on; with VM_PFNMAP they
 * do not count as the program's memory.
 * => 0, -ENOMEM; mmap_lock held for writing, addr from get_unmapped_area()
 */
int install_special_mapping(struct mm_struct *mm, unsigned long addr,
			    vm_flags_t flags, struct special_mapping *sm);

/* --- faults --- */

/*
 * Resolve a fault inside vma. => mmap_lock held; VM_FAULT_* bits
 */
vm_fault_t handle_mm_fault(struct vm_area_struct *vma, unsigned long addr,
			   unsigned int flags);
/*
 * The whole of it: lock, find, grow the stack, check rights, resolve.
 * => 0, VM_FAULT_MAJOR, or an error with *si_code for SEGV or BUS
 */
vm_fault_t mm_user_fault(struct mm_struct *mm, unsigned long addr,
			 unsigned int flags, int *si_code);
#define SEGV_MAPERR 1
#define SEGV_ACCERR 2
#define BUS_ADRERR  2

/* Grow a VM_GROWSDOWN vma to hold addr. => mmap_lock for writing */
int expand_stack(struct vm_area_struct *vma, unsigned long addr);
/* Fault in [start, start+len), best effort; len page aligned. */
void mm_populate(struct mm_struct *mm, unsigned long start, unsigned long len);

/* --- access from outside the address space --- */

#define FOLL_WRITE 0x01U
/*
 * As a debugger: read what may not be read, and write to private mappings
 * that may not be written, by copying the page.
 */
#define FOLL_FORCE 0x10U

/* => bytes copied before the first page that could not be had */
size_t access_remote_vm(struct mm_struct *mm, unsigned long addr, void *buf,
			size_t len, unsigned int foll);
/* => 0 or -EFAULT; any context that may sleep */
int mm_write_user(struct mm_struct *mm, unsigned long addr, const void *buf,
		  size_t len);
int mm_read_user(struct mm_struct *mm, unsigned long addr, void *buf,
		 size_t len);
/* Zero [addr, addr + len). => 0 or -EFAULT */
int mm_clear_user(struct mm_struct *mm, unsigned long addr, size_t len);

/* --- statistics and reports --- */

static inline unsigned long get_mm_counter(const struct mm_struct *mm, int c)
{
	long v = atomic_long_read(&mm->rss_stat[c]);

	return v > 0 ? (unsigned long)v : 0;
}

static inline unsigned long get_mm_rss(const struct mm_struct *mm)
{
	return get_mm_counter(mm, MM_FILEPAGES) +
	       get_mm_counter(mm, MM_ANONPAGES) +
	       get_mm_counter(mm, MM_SHMEMPAGES);
}

/* For /proc/pid/status, stat and statm; pages unless named otherwise. */
struct mm_sizes {
	unsigned long peak_vm, total_vm, locked_vm, peak_rss, rss;
	unsigned long anon, file, shmem, swap, hugetlb;
	unsigned long data, stack;
	unsigned long text_bytes, lib_bytes, pte_bytes;
};
void mm_get_sizes(struct mm_struct *mm, struct mm_sizes *s);

/* "rwxp" of a maps line. */
void vma_flags_str(const struct vm_area_struct *vma, char s[5]);
/*
 * "[heap]", "[stack]", "[vdso]", "/dev/zero (deleted)"; NULL: ask vm_file,
 * or no name. => mmap_lock held
 */
const char *vma_name(struct vm_area_struct *vma);
/* " rd wr mr mw me ac" of the VmFlags line. */
void vma_vmflags_show(struct seq_buf *s, const struct vm_area_struct *vma);
/* => inode number of the object behind shared anonymous memory, or 0 */
unsigned long vma_shmem_ino(const struct vm_area_struct *vma);

/* Sums for one smaps entry, in bytes; pss shifted left by 12. */
struct mm_vma_stats {
	unsigned long rss, anonymous, lazyfree, anonymous_thp, referenced,
		locked;
	unsigned long shared_clean, shared_dirty;
	unsigned long private_clean, private_dirty;
	unsigned long shared_hugetlb, private_hugetlb;
	unsigned long swap;
	u64 swap_pss, pss, pss_dirty, pss_anon, pss_file, pss_shmem, pss_locked;
};
/* Add vma's pages to *st. => mmap_lock held; may sleep */
void mm_vma_stats(struct vm_area_struct *vma, struct mm_vma_stats *st);

/*
 * The entries of /proc/pid/pagemap for n pages from start: bit 63 present,
 * 62 in swap, 61 of a file or shared, 56 mapped nowhere else; if pfns, 54..0
 * the page, or 54..5 its slot in swap and 4..0 the area.
 * => 0 or -EINTR (killed)
 */
int mm_pagemap(struct mm_struct *mm, unsigned long start, u64 *out, size_t n,
	       bool pfns);

/* What is written to /proc/pid/clear_refs. */
enum clear_refs {
	CLEAR_REFS_ALL = 1,    /* no page has been accessed */
	CLEAR_REFS_ANON,       /* ... of those VMAs without a file */
	CLEAR_REFS_MAPPED,     /* ... with one */
	CLEAR_REFS_SOFT_DIRTY, /* as on all arm64: no effect */
	CLEAR_REFS_MM_HIWATER_RSS,
};
/* => 0 or -EINTR (killed) */
int mm_clear_refs(struct mm_struct *mm, enum clear_refs what);

/* Invariant walker: => true if tree, list, counters, page tables agree;
 * else the differences are printed. Takes mmap_lock for writing. */
bool mm_check(struct mm_struct *mm);
/* => number of live VMAs, mms, anon_vmas in the system (leak tests) */
void mm_object_counts(unsigned long *mms, unsigned long *vmas,
		      unsigned long *anon_vmas);

#endif
