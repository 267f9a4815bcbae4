/* SPDX-License-Identifier: MIT */
/*
 * The readers of untrusted trees and programs: device tree, ELF. Each gets
 * good input, then thousands of damaged copies (damage.h).
 */
#include <lib/byteorder.h>
#include <lib/elf.h>
#include <lib/errno.h>
#include <lib/fdt.h>

#include "damage.h"

/* ---- device tree ------------------------------------------------------ */

struct builder {
	u8 st[1024], strings[256];
	u32 len, slen;
};

static void put32(struct builder *b, u32 v)
{
	v = cpu_to_be32(v);
	memcpy(b->st + b->len, &v, 4);
	b->len += 4;
}

static void put_bytes(struct builder *b, const void *p, u32 n)
{
	memset(b->st + b->len, 0, ALIGN(n, 4));
	memcpy(b->st + b->len, p, n);
	b->len += ALIGN(n, 4);
}

static void begin_node(struct builder *b, const char *name)
{
	put32(b, 1);
	put_bytes(b, name, (u32)strlen(name) + 1);
}

static void put_prop(struct builder *b, const char *name, const void *val,
		     u32 n)
{
	put32(b, 3);
	put32(b, n);
	put32(b, b->slen);
	put_bytes(b, val, n);
	strcpy((char *)b->strings + b->slen, name);
	b->slen += (u32)strlen(name) + 1;
}

static void put_cell(struct builder *b, const char *name, u32 v)
{
	v = cpu_to_be32(v);
	put_prop(b, name, &v, 4);
}

/* header, one reservation, structure, strings */
static u8 *finish_fdt(struct builder *b, unsigned long *size)
{
	u32 hdr[10] = { FDT_MAGIC, 0,  72, 72 + b->len, 40,
			17,	   16, 0,  b->slen,	b->len };
	u8 *blob = host_alloc(72 + b->len + b->slen);

	hdr[1] = (u32)(*size = 72 + b->len + b->slen);
	for (int i = 0; i < 10; i++)
		hdr[i] = cpu_to_be32(hdr[i]);
	memcpy(blob, hdr, 40);
	memset(blob + 40, 0, 32);
	blob[40 + 4] = 0x48;
	blob[40 + 14] = 0x10;
	memcpy(blob + 72, b->st, b->len);
	memcpy(blob + 72 + b->len, b->strings, b->slen);
	return blob;
}

static u8 *small_fdt(unsigned long *size)
{
	static const u8 reg[] = { 0, 0, 0, 1, 0x40, 0, 0, 0, 0x10, 0, 0, 0,
				  0, 0, 0, 2, 0,    0, 0, 0, 0x20, 0, 0, 0 };
	struct builder b = { .len = 0 };

	put32(&b, 4);
	begin_node(&b, "");
	put_cell(&b, "#address-cells", 2);
	put32(&b, 4);
	put_cell(&b, "#size-cells", 1);
	put_prop(&b, "compatible", "acme,board\0linux,dummy-virt", 28);
	begin_node(&b, "memory@40000000");
	put_prop(&b, "device_type", "memory", 7);
	put_prop(&b, "reg", reg, sizeof(reg));
	put32(&b, 2);
	begin_node(&b, "soc");
	begin_node(&b, "uart@9000000");
	put_prop(&b, "compatible", "arm,pl011\0arm,primecell", 24);
	put_cell(&b, "phandle", 7);
	put32(&b, 4);
	put32(&b, 2);
	begin_node(&b, "off");
	put_prop(&b, "status", "disabled", 9);
	put_prop(&b, "bad", "no end", 6);
	put32(&b, 2);
	put32(&b, 2);
	put32(&b, 2);
	put32(&b, 9);
	return finish_fdt(&b, size);
}

TEST(fdt_small_tree)
{
	unsigned long size;
	u8 *t = small_fdt(&size);
	int root, mem, soc, uart, off, len, n = 0, node;
	u64 addr, sz;
	u32 v;

	EXPECT_EQ(fdt_check(t, size), 0);
	EXPECT_EQ(fdt_check(t, size - 1), -EINVAL);
	root = fdt_root(t);
	mem = fdt_path_offset(t, "/memory");
	soc = fdt_path_offset(t, "/soc");
	uart = fdt_path_offset(t, "/soc/uart@9000000:115200");
	off = fdt_path_offset(t, "//soc//off/");
	EXPECT(mem > root && soc > mem && uart > soc && off > uart);
	EXPECT_EQ(fdt_path_offset(t, "/"), root);
	EXPECT_EQ(fdt_path_offset(t, "/soc/uart@1"), -ENOENT);
	EXPECT_EQ(fdt_path_offset(t, "/so"), -ENOENT);
	EXPECT_EQ(fdt_path_offset(t, "soc"), -ENOENT);
	EXPECT_STR(fdt_node_name(t, uart), "uart@9000000");
	EXPECT_EQ(fdt_first_child(t, root), mem);
	EXPECT_EQ(fdt_next_sibling(t, mem), soc);
	EXPECT_EQ(fdt_next_sibling(t, soc), -ENOENT);
	EXPECT_EQ(fdt_next_sibling(t, off), -ENOENT);
	EXPECT_EQ(fdt_first_child(t, mem), -ENOENT);
	EXPECT_EQ(fdt_next_sibling(t, uart), off);
	EXPECT_EQ(fdt_parent(t, uart), soc);
	EXPECT_EQ(fdt_parent(t, off), soc);
	EXPECT_EQ(fdt_parent(t, mem), root);
	EXPECT_EQ(fdt_parent(t, root), -ENOENT);
	EXPECT_EQ(fdt_node_by_compatible(t, -1, "arm,primecell"), uart);
	EXPECT_EQ(fdt_node_by_compatible(t, uart, "arm,primecell"), -ENOENT);
	EXPECT(fdt_is_compatible(t, root, "linux,dummy-virt"));
	EXPECT(!fdt_is_compatible(t, root, "dummy-virt"));
	EXPECT(fdt_is_available(t, uart) && !fdt_is_available(t, off));
	EXPECT_EQ(fdt_read_reg(t, mem, 1, &addr, &sz), 0);
	EXPECT_EQ(addr, 0x200000000ULL);
	EXPECT_EQ(sz, 0x20000000);
	EXPECT_EQ(fdt_read_reg(t, mem, 2, &addr, &sz), -ENOENT);
	EXPECT_EQ(fdt_prop_u32(t, uart, "phandle", &v), 0);
	EXPECT_EQ(v, 7);
	EXPECT_EQ(fdt_prop_u32(t, uart, "phandles", &v), -ENOENT);
	EXPECT_EQ(fdt_prop_u32(t, uart, "compatible", &v), -EINVAL);
	EXPECT_EQ(fdt_prop_u64(t, uart, "phandle", &addr), 0);
	EXPECT_STR(fdt_prop_string(t, mem, "device_type"), "memory");
	EXPECT(!fdt_prop_string(t, off, "bad"));
	EXPECT(fdt_getprop(t, off, "bad", &len) && len == 6);
	for (node = root; (node = fdt_next_prop(t, node)) >= 0;)
		n++;
	EXPECT_EQ(n, 3);
	EXPECT(fdt_mem_rsv(t, 0, &addr, &sz));
	EXPECT_EQ(addr, 0x48000000);
	EXPECT_EQ(sz, 0x1000);
	EXPECT(!fdt_mem_rsv(t, 1, &addr, &sz));
	host_free(t);
}

/* Every accessor on every node: nothing to expect but the end of it. */
static unsigned int read_everything(const u8 *t)
{
	unsigned int nodes = 0, sum = 0;
	int node, prop, child, len;
	const char *name;
	const u8 *val;
	u64 a, s;

	for (int n = 0; fdt_mem_rsv(t, n, &a, &s); n++)
		sum += (unsigned int)a;
	for (node = fdt_root(t); node >= 0; node = fdt_next_node(t, node)) {
		nodes++;
		sum += (unsigned int)strlen(fdt_node_name(t, node));
		for (prop = node; (prop = fdt_next_prop(t, prop)) >= 0;) {
			val = fdt_prop(t, prop, &name, &len);
			sum += (unsigned int)strlen(name);
			for (int i = 0; i < len; i++)
				sum += val[i];
		}
		fdt_for_each_child(t, child, node) sum++;
		fdt_is_compatible(t, node, "arm,pl011");
		fdt_is_available(t, node);
		if (fdt_read_reg(t, node, 0, &a, &s) == 0)
			sum += (unsigned int)a;
		EXPECT(nodes == 1 || fdt_parent(t, node) >= 0);
	}
	/* Used only so that nothing of it is optimized away. */
	return sum ? nodes : 0;
}

static void fuzz_fdt(const u8 *good, unsigned long size, int rounds)
{
	unsigned long n;
	struct prng r;
	int accepted = 0;
	u8 *bad;

	prng_seed(&r, 7);
	for (int i = 0; i < rounds; i++) {
		bad = damage(good, size, &n, &r);
		if (fdt_check(bad, n) == 0) {
			read_everything(bad);
			fdt_path_offset(bad, "/soc/uart");
			accepted++;
		}
		host_free(bad);
	}
	/* The fuzzer must reach what is behind the check. */
	EXPECT(accepted > rounds / 50 && accepted < rounds);
}

TEST(fdt_damaged_small_tree)
{
	unsigned long size;
	u8 *t = small_fdt(&size);

	fuzz_fdt(t, size, 20000);
	host_free(t);
}

TEST(fdt_of_qemu)
{
	char cmd[256], path[128];
	unsigned long size;
	u64 addr, sz;
	u32 *hdr;
	int node;
	u8 *t;

	host_snprintf(path, sizeof(path), "%s/virt.dtb", host_tmp());
	host_snprintf(cmd, sizeof(cmd),
		      "qemu-system-aarch64 -smp 4 -m 512M "
		      "-nic none -display none "
		      "-M virt,gic-version=3,dumpdtb=%s 2>&1",
		      path);
	host_free(host_command(cmd, &size));
	t = host_read_file(path, &size);
	if (!t) {
		host_printf("# no QEMU, no device tree of it\n");
		return;
	}
	EXPECT_EQ(fdt_check(t, size), 0);
	node = fdt_path_offset(t, "/memory");
	EXPECT_EQ(fdt_read_reg(t, node, 0, &addr, &sz), 0);
	EXPECT_EQ(addr, 0x40000000);
	EXPECT_EQ(sz, 512 << 20);
	node = fdt_node_by_compatible(t, -1, "arm,pl011");
	EXPECT_EQ(fdt_read_reg(t, node, 0, &addr, &sz), 0);
	EXPECT_EQ(addr, 0x9000000);
	EXPECT_EQ(fdt_path_offset(
			  t, fdt_prop_string(t, fdt_path_offset(t, "/chosen"),
					     "stdout-path")),
		  node);
	node = fdt_node_by_compatible(t, -1, "arm,gic-v3");
	EXPECT_EQ(fdt_read_reg(t, node, 1, &addr, &sz), 0);
	EXPECT_EQ(addr, 0x80a0000);
	node = fdt_path_offset(t, "/cpus/cpu@3");
	EXPECT_EQ(fdt_read_reg(t, node, 0, &addr, &sz), 0);
	EXPECT(addr == 3 && sz == 0);
	EXPECT(read_everything(t) > 40);
	/* QEMU leaves most of its blob empty: cut that, for speed. */
	hdr = (void *)t;
	size = max(be32_to_cpu(hdr[2]) + be32_to_cpu(hdr[9]),
		   be32_to_cpu(hdr[3]) + be32_to_cpu(hdr[8]));
	hdr[1] = cpu_to_be32((u32)size);
	EXPECT_EQ(fdt_check(t, size), 0);
	fuzz_fdt(t, size, 3000);
	host_free(t);
}

/* ---- ELF -------------------------------------------------------------- */

#define TASK_SIZE (1ULL << 48)

static const Elf64_Ehdr good_ehdr = {
	.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 },
	.e_type = ET_EXEC,
	.e_machine = EM_AARCH64,
	.e_version = 1,
	.e_entry = 0x400000,
	.e_phoff = 64,
	.e_ehsize = 64,
	.e_phentsize = 56,
	.e_phnum = 2,
};

static const Elf64_Phdr good_phdr[2] = {
	{ .p_type = PT_LOAD,
	  .p_flags = PF_R | PF_X,
	  .p_offset = 0,
	  .p_vaddr = 0x400000,
	  .p_filesz = 0x1800,
	  .p_memsz = 0x1800,
	  .p_align = 0x10000 },
	{ .p_type = PT_LOAD,
	  .p_flags = PF_R | PF_W,
	  .p_offset = 0x1f00,
	  .p_vaddr = 0x411f00,
	  .p_filesz = 0x100,
	  .p_memsz = 0x3000,
	  .p_align = 0x10000 },
};

TEST(elf_good)
{
	Elf64_Phdr p = good_phdr[0];
	u64 first;

	EXPECT_EQ(elf_check_header(&good_ehdr, 64), 0);
	EXPECT_EQ(elf_check_header(&good_ehdr, 63), -ENOEXEC);
	for (int i = 0; i < 2; i++)
		EXPECT_EQ(elf_check_phdr(&good_phdr[i], TASK_SIZE), 0);
	EXPECT_EQ(elf_span(good_phdr, 2, &first), 0x14f00);
	EXPECT_EQ(first, 0x400000);
	EXPECT_EQ(elf_span(good_phdr, 0, &first), 0);
	EXPECT_EQ(elf_alignment(good_phdr, 2), 0x10000);
	EXPECT_EQ(elf_alignment(good_phdr, 0), 0x1000);
	p.p_align = 0x30000;
	EXPECT_EQ(elf_alignment(&p, 1), 0x1000);
}

#define EXPECT_BAD_EHDR(field, value)                           \
	do {                                                    \
		Elf64_Ehdr e_ = good_ehdr;                      \
		e_.field = value;                               \
		EXPECT_EQ(elf_check_header(&e_, 64), -ENOEXEC); \
	} while (0)
#define EXPECT_PHDR(field, value, want)                          \
	do {                                                     \
		Elf64_Phdr p_ = good_phdr[1];                    \
		p_.field = value;                                \
		EXPECT_EQ(elf_check_phdr(&p_, TASK_SIZE), want); \
	} while (0)

TEST(elf_bad)
{
	EXPECT_BAD_EHDR(e_ident[0], 0);
	EXPECT_BAD_EHDR(e_ident[EI_CLASS], ELFCLASS32);
	EXPECT_BAD_EHDR(e_ident[EI_DATA], ELFDATA2MSB);
	EXPECT_BAD_EHDR(e_machine, 62);
	EXPECT_BAD_EHDR(e_type, ET_REL);
	EXPECT_BAD_EHDR(e_phentsize, 32);
	EXPECT_BAD_EHDR(e_phnum, 0);
	EXPECT_BAD_EHDR(e_phnum, 74);
	EXPECT_BAD_EHDR(e_phoff, ~0ULL);
	EXPECT_BAD_EHDR(e_phoff, (u64)S64_MAX - 111);
	EXPECT_PHDR(p_offset, ~0ULL - 0xff, -ENOEXEC);
	EXPECT_PHDR(p_filesz, 0x101, 0); /* beyond the end: SIGBUS */
	EXPECT_PHDR(p_filesz, ~0ULL, -ENOEXEC);
	EXPECT_PHDR(p_memsz, 0xff, -ENOEXEC);
	EXPECT_PHDR(p_memsz, ~0ULL, -ENOEXEC);
	EXPECT_PHDR(p_memsz, TASK_SIZE - 0x411f00, 0);
	EXPECT_PHDR(p_memsz, TASK_SIZE - 0x411f00 + 1, -ENOEXEC);
	EXPECT_PHDR(p_vaddr, 0xffff000000000f00ULL, -ENOEXEC);
	EXPECT_PHDR(p_vaddr, 0x411e00, -ENOEXEC);
	EXPECT_PHDR(p_type, PT_INTERP, 0);
	EXPECT_PHDR(p_type, PT_GNU_STACK, 0);
	EXPECT_PHDR(p_filesz, 0, 0);
}

/* What the checks let through cannot surprise the arithmetic of a loader. */
TEST(elf_damaged)
{
	struct {
		Elf64_Ehdr e;
		Elf64_Phdr p[2];
	} good, *f;
	unsigned long n;
	struct prng r;
	int good_headers = 0;

	good.e = good_ehdr;
	memcpy(good.p, good_phdr, sizeof(good_phdr));
	prng_seed(&r, 8);
	for (int i = 0; i < 50000; i++) {
		f = (void *)damage(&good, sizeof(good), &n, &r);
		if (elf_check_header(&f->e, n) == 0) {
			EXPECT(f->e.e_phoff + f->e.e_phnum * 56ULL >
			       f->e.e_phoff);
			good_headers++;
		}
		for (int k = 0; k < 2 && n == sizeof(good); k++) {
			Elf64_Phdr *p = &f->p[k];

			if (elf_check_phdr(p, TASK_SIZE) ||
			    p->p_type != PT_LOAD)
				continue;
			EXPECT(p->p_offset + p->p_filesz <= S64_MAX);
			EXPECT(p->p_filesz <= p->p_memsz);
			EXPECT(p->p_memsz <= TASK_SIZE &&
			       p->p_vaddr <= TASK_SIZE - p->p_memsz);
		}
		host_free(f);
	}
	EXPECT(good_headers > 1000);
}

TEST(elf_of_a_real_library)
{
	unsigned long size;
	u8 *f = host_read_file("/usr/aarch64-linux-gnu/lib/libc.so.6", &size);
	const Elf64_Ehdr *e = (void *)f;
	const Elf64_Phdr *p;
	u64 first;

	if (!f)
		return;
	EXPECT_EQ(elf_check_header(e, size), 0);
	p = (void *)(f + e->e_phoff);
	for (int i = 0; i < e->e_phnum; i++)
		EXPECT_EQ(elf_check_phdr(&p[i], TASK_SIZE), 0);
	EXPECT(elf_span(p, e->e_phnum, &first) > size / 2);
	EXPECT_EQ(first, 0);
	host_free(f);
}
