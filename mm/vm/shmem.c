// SPDX-License-Identifier: MIT
/*
 * Shared anonymous memory: mmap(MAP_SHARED | MAP_ANONYMOUS). Behind it
 * stands an object like a file's, but nameless: parent and child find the
 * same pages through it.
 *
 *	VMA (parent) --+
 *	               +--> address_space (AS_SHMEM) --> pages
 *	VMA (child)  --+     lives as long as some VMA refers to it
 *
 * Its whole size is a promise from the start (MAP_NORESERVE: no promise).
 * In maps it is called "/dev/zero (deleted)", as in Linux.
 */
#include <base/bug.h>
#include <mm/phys/slab.h>
#include <mm/vm/internal.h>
#include <mm/vm/meminfo.h>

struct shmem_object {
	struct address_space mapping;
	atomic_t count;	       /* VMAs */
	unsigned long size;    /* bytes, constant */
	unsigned long charged; /* pages promised, constant */
	unsigned long ino;     /* constant */
};

static struct kmem_cache *shmem_cache;
static atomic_long_t last_ino = ATOMIC_LONG_INIT(1024);

#define obj_of(m) container_of(m, struct shmem_object, mapping)

static loff_t shmem_size(struct address_space *mapping)
{
	return (loff_t)obj_of(mapping)->size;
}

static const struct address_space_operations shmem_aops = {
	.size = shmem_size,
};

static const char *shmem_name(struct vm_area_struct *vma)
{
	(void)vma;
	return "/dev/zero (deleted)";
}

const struct vm_operations_struct shmem_anon_vm_ops = {
	.fault = filemap_fault,
	.map_pages = filemap_map_pages,
	.name = shmem_name,
};

void shmem_init(void)
{
	shmem_cache = kmem_cache_create("shmem_object",
					sizeof(struct shmem_object), 0,
					SLAB_PANIC | SLAB_ACCOUNT, NULL);
}

unsigned long shmem_next_ino(void)
{
	return (unsigned long)atomic_long_inc_return(&last_ino);
}

struct address_space *shmem_create(struct mm_struct *mm, unsigned long size,
				   bool noreserve)
{
	unsigned long pages = size >> PAGE_SHIFT;
	struct shmem_object *obj;

	VM_BUG_ON(!size || !PAGE_ALIGNED(size));
	if (noreserve)
		pages = 0;
	if (vm_enough_memory(mm, pages))
		return NULL;
	obj = kmem_cache_alloc(shmem_cache, GFP_KERNEL);
	if (!obj) {
		vm_unacct_memory(pages);
		return NULL;
	}
	address_space_init(&obj->mapping, obj, &shmem_aops,
			   GFP_HIGHUSER_MOVABLE, 1UL << AS_SHMEM);
	atomic_set(&obj->count, 1);
	obj->size = size;
	obj->charged = pages;
	obj->ino = shmem_next_ino();
	return &obj->mapping;
}

void shmem_get(struct address_space *mapping)
{
	VM_BUG_ON(mapping->a_ops != &shmem_aops);
	atomic_inc(&obj_of(mapping)->count);
}

void shmem_put(struct address_space *mapping)
{
	struct shmem_object *obj = obj_of(mapping);

	VM_BUG_ON(mapping->a_ops != &shmem_aops);
	if (!atomic_dec_and_test(&obj->count))
		return;
	address_space_destroy(mapping);
	vm_unacct_memory(obj->charged);
	kmem_cache_free(shmem_cache, obj);
}

unsigned long vma_shmem_ino(const struct vm_area_struct *vma)
{
	if (is_vm_hugetlb_page(vma))
		return vma_hugetlb_ino(vma);
	if (vma->vm_file || !vma->vm_mapping)
		return 0;
	return obj_of(vma->vm_mapping)->ino;
}
