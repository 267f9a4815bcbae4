// SPDX-License-Identifier: MIT
/*
 * The vDSO in a program's address space:
 *
 *	[vvar]	the clock's numbers (base/clock.c), read-only
 *	[vdso]	the object whose code reads them, and the signal trampoline
 *
 * All programs share these pages of the kernel image. Called by exec.
 */
#include <asm/vdso.h>
#include <base/bug.h>
#include <base/clock.h>
#include <lib/elf.h>
#include <lib/err.h>
#include <mm/phys/page.h>
#include <mm/vm/mm_types.h>
#include <proc/binfmt.h>

static struct page *data_pages[VDSO_DATA_PAGES], *code_pages[VDSO_MAX_PAGES];

static struct special_mapping vvar = {
	.name = "[vvar]",
	.pages = data_pages,
	.nr = VDSO_DATA_PAGES,
};
static struct special_mapping vdso = {
	.name = "[vdso]",
	.pages = code_pages,
};

void vdso_init(void)
{
	phys_addr_t pa = __pa_symbol(vdso_start);
	unsigned long i;

	vdso.nr = (unsigned long)(vdso_end - vdso_start) >> PAGE_SHIFT;
	BUG_ON(vdso.nr > VDSO_MAX_PAGES);
	for (i = 0; i < vdso.nr; i++)
		code_pages[i] = phys_to_page(pa + (i << PAGE_SHIFT));
	for (i = 0; i < VDSO_DATA_PAGES; i++)
		data_pages[i] = phys_to_page(__pa_symbol(clock_vdso_page()));
}

unsigned long vdso_sigreturn(const struct mm_struct *mm)
{
	const Elf64_Ehdr *ehdr = (const void *)vdso_start;

	return mm->vdso_base + ehdr->e_entry;
}

int map_vdso(struct mm_struct *mm)
{
	const unsigned long vvar_size = VDSO_DATA_PAGES << PAGE_SHIFT;
	unsigned long addr;
	int err;

	guard(rwsem_write)(&mm->mmap_lock);
	addr = get_unmapped_area(mm, 0, vvar_size + (vdso.nr << PAGE_SHIFT), 0,
				 0);
	err = IS_ERR_VALUE(addr) ?
		      (int)addr :
		      install_special_mapping(mm, addr,
					      VM_READ | VM_MAYREAD | VM_PFNMAP,
					      &vvar);
	mm->vdso_base = addr + vvar_size;
	if (!err)
		err = install_special_mapping(mm, mm->vdso_base,
					      VM_READ | VM_EXEC | VM_MAYREAD |
						      VM_MAYWRITE | VM_MAYEXEC,
					      &vdso);
	return err;
}
