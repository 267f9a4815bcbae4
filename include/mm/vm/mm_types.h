/* SPDX-License-Identifier: MIT */
/*
 * What an address space is made of.
 *
 *   mm_struct ---> mmap: [VMA] <-> [VMA] <-> [VMA]       sorted list
 *       |-----> mm_rb: the same VMAs in a red-black tree, with gap sizes
 *       '-----> pgd: page tables, a cache of what the VMAs promise
 *
 *   vm_area_struct --vm_mapping--> address_space   (file or shared memory)
 *                  --anon_vma----> anon_vma        (its private pages)
 *
 * Lock key: (m) mmap_lock (write to change, read to look), (a) atomic,
 * (c) constant after creation, (p) page_table_lock, (i) mapping->i_mmap_rwsem,
 * (v) anon_vma->rwsem, (o) only by its owner before others can see it
 *
 * Lock order: mmap_lock > page lock > i_mmap_rwsem > anon_vma->rwsem >
 * ptl (page table) > mapping->lock > buddy and slab locks
 */
#ifndef _MM_VM_MM_TYPES_H
#define _MM_VM_MM_TYPES_H

#include <asm/atomic.h>
#include <asm/mmu_context.h>
#include <asm/page.h>
#include <asm/pgtable.h>
#include <base/spinlock.h>
#include <lib/rbtree.h>
#include <lib/types.h>
#include <mm/vm/interval.h>
#include <sched/rwsem.h>

struct address_space;
struct anon_vma;
struct file;
struct mm_struct;
struct page;
struct vm_area_struct;

typedef unsigned int vm_fault_t;
typedef unsigned long vm_flags_t;

/* vm_flags, Linux's values. */
#define VM_NONE	       0x00000000UL
#define VM_READ	       0x00000001UL
#define VM_WRITE       0x00000002UL
#define VM_EXEC	       0x00000004UL
#define VM_SHARED      0x00000008UL /* writes go to the object */
#define VM_MAYREAD     0x00000010UL /* what mprotect() may grant */
#define VM_MAYWRITE    0x00000020UL
#define VM_MAYEXEC     0x00000040UL
#define VM_MAYSHARE    0x00000080UL /* mapped with MAP_SHARED */
#define VM_GROWSDOWN   0x00000100UL
#define VM_PFNMAP      0x00000400UL /* pages without struct page */
#define VM_LOCKED      0x00002000UL
#define VM_IO	       0x00004000UL
#define VM_SEQ_READ    0x00008000UL
#define VM_RAND_READ   0x00010000UL
#define VM_DONTCOPY    0x00020000UL /* MADV_DONTFORK */
#define VM_DONTEXPAND  0x00040000UL
#define VM_LOCKONFAULT 0x00080000UL
#define VM_ACCOUNT     0x00100000UL /* charged to Committed_AS */
#define VM_NORESERVE   0x00200000UL
#define VM_HUGETLB     0x00400000UL
#define VM_SYNC	       0x00800000UL
#define VM_WIPEONFORK  0x02000000UL
#define VM_DONTDUMP    0x04000000UL
#define VM_SOFTDIRTY   0x08000000UL
#define VM_MIXEDMAP    0x10000000UL /* mixed pages; no struct page games */
#define VM_HUGEPAGE    0x20000000UL
#define VM_NOHUGEPAGE  0x40000000UL
#define VM_MERGEABLE   0x80000000UL
#define VM_RESV_OWNER  0x100000000UL /* hugetlb: may use its promises */
#define VM_MTE_ALLOWED 0x200000000UL /* MAP_ANONYMOUS; keeps brk apart */

#define VM_ACCESS_FLAGS (VM_READ | VM_WRITE | VM_EXEC)
#define VM_STACK	VM_GROWSDOWN
#define VM_SPECIAL	(VM_IO | VM_DONTEXPAND | VM_PFNMAP | VM_MIXEDMAP)
#define VM_DATA_DEFAULT_FLAGS \
	(VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)
#define VM_STACK_FLAGS (VM_STACK | VM_DATA_DEFAULT_FLAGS | VM_ACCOUNT)

/* What a fault comes to (the low bits are errors), Linux's values. */
#define VM_FAULT_OOM	  0x000001U
#define VM_FAULT_SIGBUS	  0x000002U
#define VM_FAULT_MAJOR	  0x000004U /* had to wait for I/O */
#define VM_FAULT_SIGSEGV  0x000040U
#define VM_FAULT_NOPAGE	  0x000100U /* the handler set the PTE */
#define VM_FAULT_LOCKED	  0x000200U /* vmf->page is locked */
#define VM_FAULT_FALLBACK 0x000800U /* no huge page: use small ones */
#define VM_FAULT_ERROR	  (VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_SIGSEGV)

/* What kind of access faulted. */
#define FAULT_FLAG_WRITE       0x001U
#define FAULT_FLAG_USER	       0x040U /* taken in user mode */
#define FAULT_FLAG_REMOTE      0x080U /* on behalf of another mm */
#define FAULT_FLAG_INSTRUCTION 0x100U

/* One fault on its way: what every step needs, found once. */
struct vm_fault {
	struct vm_area_struct *vma;
	unsigned long address; /* page aligned */
	unsigned int flags;    /* FAULT_FLAG_* */
	pgoff_t pgoff;	       /* of address in the object */
	pmd_t *pmd;	       /* entry that points to the table */
	pte_t *pte;	       /* the slot */
	pte_t orig_pte;	       /* what was in it when we looked */
	spinlock_t *ptl;
	struct page *page; /* from ->fault, with a reference */
};

struct vm_operations_struct {
	void (*open)(struct vm_area_struct *vma);  /* a copy was made */
	void (*close)(struct vm_area_struct *vma); /* no merging if set */
	/* => VM_FAULT_LOCKED and vmf->page, or an error; may sleep */
	vm_fault_t (*fault)(struct vm_fault *vmf);
	/* Fault-around: may map cached neighbours and address itself. */
	vm_fault_t (*map_pages)(struct vm_fault *vmf, pgoff_t first,
				pgoff_t last);
	/* => label for /proc/pid/maps, or NULL */
	const char *(*name)(struct vm_area_struct *vma);
};

/* One run of pages with the same rights and the same backing. */
struct vm_area_struct {
	/* First cache line: what a lookup touches. */
	unsigned long vm_start;			  /* (m) first byte */
	unsigned long vm_end;			  /* (m) first byte after */
	struct vm_area_struct *vm_next, *vm_prev; /* (m) by address */
	struct rb_node vm_rb;			  /* (m) in mm->mm_rb */
	unsigned long rb_subtree_gap; /* (m) largest gap before a VMA here */

	/* Second: what a fault touches. */
	struct mm_struct *vm_mm;   /* (c) */
	pgprot_t vm_page_prot;	   /* (m) for a read-only or COW PTE */
	vm_flags_t vm_flags;	   /* (m) */
	struct anon_vma *anon_vma; /* (m)(v) NULL until the first page;
					 *  set under page_table_lock too */
	const struct vm_operations_struct *vm_ops; /* (c) NULL = anonymous */
	pgoff_t vm_pgoff;		  /* (m) of vm_start, in pages */
	struct address_space *vm_mapping; /* (c) NULL = anonymous */
	struct file *vm_file;		  /* (c) opaque; holds a reference */

	void (*vm_file_get)(struct file *file); /* (c) with vm_file only */
	void (*vm_file_put)(struct file *file); /* (c) */
	void *vm_private_data;			/* (c) owner of vm_ops */
	struct vma_interval shared;		/* (i) in vm_mapping->i_mmap */
	struct vma_interval anon;		/* (v) in anon_vma->rb_root */
	unsigned int anon_fork; /* (m) 0, or which of the VMAs copied by fork */
};

enum {
	MM_FILEPAGES,  /* resident file mapping pages */
	MM_ANONPAGES,  /* resident anonymous pages */
	MM_SWAPENTS,   /* anonymous swap entries */
	MM_SHMEMPAGES, /* resident shared memory pages */
	NR_MM_COUNTERS
};

#define AT_VECTOR_SIZE (2 * 32)

/* What privileges of the owning process mean to its memory. */
#define MM_CAP_RAWIO	0x1U /* may map below mmap_min_addr */
#define MM_CAP_IPC_LOCK 0x2U /* not bound by RLIMIT_MEMLOCK */
#define MM_CAP_ADMIN	0x4U /* may use the reserve of overcommit 0/2 */

struct mm_struct {
	struct arch_mm arch;		   /* pgd address, ASID */
	pgd_t *pgd;			   /* (c) */
	struct vm_area_struct *mmap;	   /* (m) lowest VMA */
	struct rb_root mm_rb;		   /* (m) */
	struct vm_area_struct *mmap_cache; /* last hit; READ_ONCE */
	unsigned long highest_vm_end;	   /* (m) vm_end of the last VMA */
	struct {
		struct vm_area_struct *vma;
		unsigned long length, limit;
	} gap_hint;		 /* (m) see vma.c:search_hint() */
	unsigned long mmap_base; /* (m) top of the mmap area */
	unsigned long task_size; /* (c) */
	int map_count;		 /* (m) number of VMAs */
	bool oom_reaped;	 /* what is empty may have been full */

	struct list_head mm_list; /* mm_list_lock: all there are */
	struct rw_semaphore mmap_lock;
	spinlock_t page_table_lock; /* first anon_vma of a VMA */

	atomic_t mm_users; /* (a) users of the address space */
	atomic_t mm_count; /* (a) users of this struct; all
					 *  mm_users together count one */
	/* (a) entries that reclaim took away, and those no TLB knows any more:
	 * flush_tlb_batched_pending() */
	atomic_t tlb_unmapped;
	int tlb_flushed;

	atomic_long_t rss_stat[NR_MM_COUNTERS]; /* (a) pages */
	atomic_long_t pgtables_bytes;		/* (a) */
	atomic_long_t hugetlb_usage;		/* (a) pages; not in rss */

	/* (m) pages, by kind of VMA */
	unsigned long total_vm, locked_vm, data_vm, exec_vm, stack_vm;
	unsigned long hiwater_rss; /* high mark as of the last drop */
	unsigned long hiwater_vm;
	vm_flags_t def_flags; /* (m) mlockall(MCL_FUTURE) */
	bool thp_disabled;    /* (m) prctl(PR_SET_THP_DISABLE) */

	/* (m) byte addresses */
	unsigned long start_code, end_code, start_data, end_data;
	unsigned long start_brk, brk, start_stack;
	unsigned long arg_start, arg_end, env_start, env_end;
	unsigned long saved_auxv[AT_VECTOR_SIZE];
	struct file *exe_file;	 /* (m) owned by the process layer */
	unsigned long vdso_base; /* (m) */

	/* Limits in bytes, copied in by the process layer; ULONG_MAX = none */
	unsigned long rlim_stack, rlim_as, rlim_data, rlim_memlock;
	unsigned int caps; /* MM_CAP_* */

	/* Since its users are killed for their memory (oom_reaper.c). */
	struct {
		struct list_head queue;	    /* reaper_lock */
		struct task_struct *victim; /* set once; the queue's hold */
		u64 since;		    /* ns */
		bool skip;		    /* nothing more is to be had here */
	} oom;
};

#endif
