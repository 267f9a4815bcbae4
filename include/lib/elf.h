/* SPDX-License-Identifier: MIT */
/*
 * Is this a program we can map? Pure checks on headers that a caller has
 * read from an untrusted file; after them the arithmetic of loading cannot
 * overflow and no segment leaves the user address space.
 */
#ifndef _LIB_ELF_H
#define _LIB_ELF_H

#include <lib/types.h>
#include <uapi/elf.h>

#define ELF_MAX_PHNUM 64

/*
 * An executable or shared arm64 ELF64 with 1..64 program headers?
 * => 0 or -ENOEXEC; avail: readable bytes at ehdr
 */
int elf_check_header(const Elf64_Ehdr *ehdr, size_t avail);

/*
 * Can this header's segment be mapped below task_size, and (PT_LOAD and
 * PT_INTERP) does it lie within the file?
 * => 0 or -ENOEXEC; for ET_DYN the addresses are relative to the load bias
 */
int elf_check_phdr(const Elf64_Phdr *phdr, u64 file_size, u64 task_size);

/*
 * From the first page of the first PT_LOAD to the end of the last one.
 * => bytes, 0 if there is no PT_LOAD; the headers have been checked
 */
u64 elf_total_mapping_size(const Elf64_Phdr *phdr, int phnum);

#endif
