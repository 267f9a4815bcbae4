/* SPDX-License-Identifier: MIT */
/*
 * A program on its way to being run: what exec knows about it, between the
 * system call (exec.c), scripts (exec.c) and ELF (binfmt_elf.c).
 *
 * The new address space is built whole, beside the old one; only when it
 * stands does the task change over.  So any failure leaves the caller as it
 * was, with an errno.
 */
#ifndef PROC_BINFMT_H
#define PROC_BINFMT_H

#include <fs/fs.h>
#include <lib/types.h>
#include <mm/vm/mm.h>

#define BINPRM_BUF_SIZE	 256
#define BINPRM_MAX_DEPTH 5 /* #! of a #! of a ... */

struct linux_binprm {
	struct file *file;	   /* what is run (the interpreter) */
	const char *filename;	   /* as the caller named it */
	const char **argv, **envp; /* kernel copies, NULL-terminated */
	int argc, envc;
	unsigned char buf[BINPRM_BUF_SIZE]; /* first bytes, zero-filled */
	struct mm_struct *mm;		    /* NULL until the loader made it */
	u64 entry, sp;			    /* where the program starts */
};

/* Once, before the first program. */
void vdso_init(void);
/* Map it, and the page with the clocks before it. => 0, -ENOMEM */
int map_vdso(struct mm_struct *mm);
/* => the address of the signal trampoline in a program */
unsigned long vdso_sigreturn(const struct mm_struct *mm);
/*
 * Map the ELF file and build its stack in a new bprm->mm.
 * => 0; -ENOEXEC (not a program we run), -ENOMEM, -EIO, -ENOENT ...
 *    then bprm->mm is to be dropped by the caller if it is set
 */
int load_elf_binary(struct linux_binprm *bprm);
/* Read exactly @n bytes at @pos => 0; -EIO, also when the file ends. */
int exec_read(struct file *file, loff_t pos, void *buf, size_t n);
/*
 * Open @name for execution; as long as it is open so, nobody may write to it.
 * => file or ERR_PTR
 */
struct file *open_exec(const char *name);
void close_exec(struct file *file);
/* One more reference of that kind. */
struct file *get_exe_file(struct file *file);

#endif /* PROC_BINFMT_H */
