// SPDX-License-Identifier: MIT
/* The system calls of memory: argument checks that need the process. */
#include <asm/page.h>
#include <asm/uaccess.h>
#include <fs/fdtable.h>
#include <fs/tmpfs.h>
#include <lib/err.h>
#include <mm/phys/gfp.h>
#include <mm/vm/mm.h>
#include <proc/at_name.h>
#include <proc/process.h>
#include <proc/syscalls.h>

SYSCALL(sys_brk, unsigned long brk)
{
	return (long)do_brk(current->mm, brk);
}

SYSCALL(sys_mmap, unsigned long addr, unsigned long len, unsigned long prot,
	unsigned long flags, unsigned long fd, unsigned long off)
{
	struct file *file __free(fput) = NULL;
	struct vm_backing backing = {};
	int err;

	if (off & ~PAGE_MASK)
		return -EINVAL;
	if (flags & MAP_ANONYMOUS)
		return do_mmap(current->mm, addr, len, prot, flags,
			       off >> PAGE_SHIFT, NULL);
	file = fget(current->files, (unsigned int)fd);
	if (!file)
		return -EBADF;
	err = vfs_mmap_backing(file, &backing);
	return err ? err :
		     do_mmap(current->mm, addr, len, prot, flags,
			     off >> PAGE_SHIFT, &backing);
}

SYSCALL(sys_munmap, unsigned long addr, size_t len)
{
	return do_munmap(current->mm, addr, len);
}

SYSCALL(sys_mprotect, unsigned long addr, size_t len, unsigned long prot)
{
	return do_mprotect(current->mm, addr, len, prot);
}

SYSCALL(sys_mremap, unsigned long addr, unsigned long old_len,
	unsigned long new_len, unsigned long flags, unsigned long new_addr)
{
	return do_mremap(current->mm, addr, old_len, new_len, flags, new_addr);
}

SYSCALL(sys_madvise, unsigned long addr, size_t len, int advice)
{
	return do_madvise(current->mm, addr, len, advice);
}

SYSCALL(sys_msync, unsigned long addr, size_t len, int flags)
{
	return do_msync(current->mm, addr, len, flags);
}

SYSCALL(sys_mlock, unsigned long addr, size_t len)
{
	return do_mlock(current->mm, addr, len, false);
}

SYSCALL(sys_mlock2, unsigned long addr, size_t len, int flags)
{
	if ((unsigned int)flags & ~MLOCK_ONFAULT)
		return -EINVAL;
	return do_mlock(current->mm, addr, len, flags != 0);
}

SYSCALL(sys_munlock, unsigned long addr, size_t len)
{
	return do_munlock(current->mm, addr, len);
}

SYSCALL(sys_mlockall, int flags)
{
	return do_mlockall(current->mm, flags);
}

SYSCALL(sys_munlockall, void)
{
	return do_munlockall(current->mm);
}

#define MFD_CLOEXEC	  1U
#define MFD_ALLOW_SEALING 2U
#define MFD_NAME_MAX	  249 /* with "memfd:" no more than NAME_MAX */

/* => the file, or ERR_PTR() */
static struct file *memfd_file(const char __user *uname)
{
	char name[sizeof("memfd:") + MFD_NAME_MAX] = "memfd:";
	long len = strncpy_from_user(name + 6, uname, MFD_NAME_MAX + 1);
	struct walk_ctx ctx __cleanup(walk_ctx_put) = current_walk_ctx();

	if (len < 0)
		return ERR_PTR(len);
	if (len > MFD_NAME_MAX)
		return ERR_PTR(-EINVAL);
	return shmem_file_setup(name, 0, false, &ctx);
}

SYSCALL(sys_memfd_create, const char __user *uname, unsigned int flags)
{
	struct file *file;

	if (flags & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING))
		return -EINVAL;
	file = memfd_file(uname);
	if (!IS_ERR(file) && (flags & MFD_ALLOW_SEALING))
		shmem_allow_seals(file);
	return install_file(file, flags & MFD_CLOEXEC ? O_CLOEXEC : 0);
}

SYSCALL(sys_remap_file_pages, unsigned long start, size_t size,
	unsigned long prot, unsigned long pgoff, unsigned long flags)
{
	return do_remap_file_pages(current->mm, start, size, prot, pgoff,
				   flags);
}

/* The owner, and whoever could write the file. */
static bool may_see_cache(struct file *file)
{
	struct inode *inode = file_inode(file);
	struct walk_ctx ctx __cleanup(walk_ctx_put) = current_walk_ctx();

	return ctx_owner_or_root(&ctx, inode) ||
	       !inode_permission(&ctx, inode, MAY_WRITE);
}

/* The answer is made a page at a time, so that the lock is not held over
 * the copy to the user. */
SYSCALL(sys_mincore, unsigned long start, size_t len, unsigned char __user *vec)
{
	unsigned long pages = (len >> PAGE_SHIFT) + !!(len & ~PAGE_MASK);
	unsigned char *tmp;
	long err = 0;

	if (start & ~PAGE_MASK)
		return -EINVAL;
	if (!access_ok((void __user *)start, len))
		return -ENOMEM;
	if (!access_ok(vec, pages))
		return -EFAULT;
	tmp = (unsigned char *)__get_free_pages(GFP_KERNEL, 0);
	if (!tmp)
		return -EAGAIN;
	while (pages && !err) {
		unsigned long n = min(pages, PAGE_SIZE);

		err = do_mincore(current->mm, start, n, tmp, may_see_cache);
		if (!err && copy_to_user(vec, tmp, n))
			err = -EFAULT;
		pages -= n;
		vec += n;
		start += n << PAGE_SHIFT;
	}
	free_pages((unsigned long)tmp, 0);
	return err;
}
