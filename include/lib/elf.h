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

#define ELF_MAX_PHNUM 73 /* a page of them */

/*
 * An executable or shared arm64 ELF64 with 1..73 program headers?
 * => 0 or -ENOEXEC; avail: readable bytes at ehdr
 */
int elf_check_header(const Elf64_Ehdr *ehdr, size_t avail);

/*
 * Can this header's segment be mapped below task_size? It may lie beyond the
 * end of the file: then touching it is SIGBUS, as with any mapping.
 * => 0 or -ENOEXEC; for ET_DYN the addresses are relative to the load bias
 */
int elf_check_phdr(const Elf64_Phdr *phdr, u64 task_size);

/*
 * The lowest page of all PT_LOADs to *first, and from there to their end.
 * => bytes, 0 if there is no PT_LOAD; the headers have been checked
 */
u64 elf_span(const Elf64_Phdr *phdr, int phnum, u64 *first);

/* The largest alignment a PT_LOAD asks for, at least a page; nonsense is
 * overlooked. */
u64 elf_alignment(const Elf64_Phdr *phdr, int phnum);

#endif
