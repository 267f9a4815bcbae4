/* SPDX-License-Identifier: MIT */
/*
 * Checking ELF headers before anything is mapped. Every sum is formed only
 * after it is known not to overflow.
 */
#include <lib/bitops.h>
#include <lib/elf.h>
#include <lib/errno.h>
#include <lib/string.h>

#define ELF_PAGE       SZ_4K
#define ELF_INTERP_MAX 4096

int elf_check_header(const Elf64_Ehdr *ehdr, size_t avail)
{
	if (avail < sizeof(*ehdr) || memcmp(ehdr->e_ident, ELFMAG, SELFMAG))
		return -ENOEXEC;
	if (ehdr->e_ident[EI_CLASS] != ELFCLASS64 ||
	    ehdr->e_ident[EI_DATA] != ELFDATA2LSB ||
	    ehdr->e_machine != EM_AARCH64)
		return -ENOEXEC;
	if (ehdr->e_type != ET_EXEC && ehdr->e_type != ET_DYN)
		return -ENOEXEC;
	if (ehdr->e_phentsize != sizeof(Elf64_Phdr) || !ehdr->e_phnum ||
	    ehdr->e_phnum > ELF_MAX_PHNUM)
		return -ENOEXEC;
	if (ehdr->e_phoff > (u64)S64_MAX - ehdr->e_phnum * sizeof(Elf64_Phdr))
		return -ENOEXEC;
	return 0;
}

static bool fits(u64 start, u64 len, u64 limit)
{
	return len <= limit && start <= limit - len;
}

int elf_check_phdr(const Elf64_Phdr *phdr, u64 task_size)
{
	if (phdr->p_type == PT_INTERP)
		return phdr->p_filesz >= 2 && phdr->p_filesz <= ELF_INTERP_MAX ?
			       0 :
			       -ENOEXEC;
	if (phdr->p_type != PT_LOAD)
		return 0;
	if (phdr->p_filesz > phdr->p_memsz ||
	    !fits(phdr->p_vaddr, phdr->p_memsz, task_size) ||
	    !fits(phdr->p_offset, phdr->p_filesz, S64_MAX))
		return -ENOEXEC;
	if (phdr->p_filesz &&
	    phdr->p_vaddr % ELF_PAGE != phdr->p_offset % ELF_PAGE)
		return -ENOEXEC;
	return 0;
}

u64 elf_span(const Elf64_Phdr *phdr, int phnum, u64 *first)
{
	u64 start = U64_MAX, end = 0;

	for (int i = 0; i < phnum; i++) {
		if (phdr[i].p_type != PT_LOAD)
			continue;
		start = min(start, ALIGN_DOWN(phdr[i].p_vaddr, ELF_PAGE));
		end = max(end, phdr[i].p_vaddr + phdr[i].p_memsz);
	}
	*first = start;
	return end > start ? end - start : 0;
}

u64 elf_alignment(const Elf64_Phdr *phdr, int phnum)
{
	u64 align = ELF_PAGE;

	for (int i = 0; i < phnum; i++)
		if (phdr[i].p_type == PT_LOAD && is_power_of_2(phdr[i].p_align))
			align = max(align, (u64)phdr[i].p_align);
	return align;
}
