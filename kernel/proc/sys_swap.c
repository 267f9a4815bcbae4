// SPDX-License-Identifier: MIT
/* swapon(2) and swapoff(2): a name, and the right to do it. */
#include <asm/uaccess.h>
#include <fs/namei.h>
#include <fs/swapon.h>
#include <lib/err.h>
#include <mm/vm/swap.h>
#include <proc/at_name.h>
#include <proc/process.h>
#include <proc/syscalls.h>

static struct file *open_area(const char __user *uname)
{
	char *name __free(putname) = getname(uname);
	struct walk_ctx ctx __cleanup(walk_ctx_put) = current_walk_ctx();

	if (IS_ERR(name))
		return ERR_CAST(name);
	return vfs_open(&ctx, NULL, name, O_RDWR | O_LARGEFILE, 0);
}

SYSCALL(sys_swapon, const char __user *name, int flags)
{
	struct file *file;
	long err;

	if (flags & ~SWAP_FLAGS_VALID)
		return -EINVAL;
	if (current_cred()->euid)
		return -EPERM;
	file = open_area(name);
	if (IS_ERR(file))
		return PTR_ERR(file);
	err = vfs_swapon(file, flags);
	fput(file);
	return err;
}

SYSCALL(sys_swapoff, const char __user *name)
{
	struct file *file;
	long err;

	if (current_cred()->euid)
		return -EPERM;
	file = open_area(name);
	if (IS_ERR(file))
		return PTR_ERR(file);
	/* Who asks for all that memory at once is killed first. */
	current->signal->oom_flag_origin = true;
	err = vfs_swapoff(file);
	current->signal->oom_flag_origin = false;
	fput(file);
	return err;
}
