/* SPDX-License-Identifier: MIT */
/*
 * The readers of untrusted bytes: device tree, ELF, cpio, gzip. Each gets
 * good input, then thousands of damaged copies in buffers of exact size, so
 * that the address sanitizer sees every byte read beyond.
 */
#include <lib/byteorder.h>
#include <lib/cpio.h>
#include <lib/crc32.h>
#include <lib/elf.h>
#include <lib/errno.h>
#include <lib/fdt.h>
#include <lib/inflate.h>
#include <lib/printf.h>
#include <lib/prng.h>
#include <lib/string.h>

#include "harness.h"

/* A damaged copy, of a size of its own. To be freed. */
static u8 *damage(const void *good, unsigned long size, unsigned long *newsize,
		  struct prng *r)
{
	static const u32 nasty[] = { 0,		 1,	     2,
				     3,		 4,	     9,
				     0x7fffffff, 0x80000000, 0xffffffff,
				     0xfffffffc, 0x01000000 };
	unsigned long n = size, at;
	u64 kind, edits;
	u8 *bad;

	if (prng_below(r, 4) == 0)
		n = prng_below(r, size + 1);
	bad = host_alloc(n);
	memcpy(bad, good, n);
	for (edits = 1 + prng_below(r, 4); n && edits--;) {
		at = prng_below(r, prng_below(r, 2) ? n : min(n, 256UL));
		kind = prng_below(r, 3);
		if (kind == 0)
			bad[at] ^= (u8)(1U << prng_below(r, 8));
		else if (kind == 1)
			bad[at] = (u8)prng_u64(r);
		else if (at + 4 <= n)
			memcpy(bad + (at & ~3UL),
			       &nasty[prng_below(r, ARRAY_SIZE(nasty))], 4);
	}
	*newsize = n;
	return bad;
}

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
	EXPECT_EQ(fdt_node_by_phandle(t, 7), uart);
	EXPECT_EQ(fdt_node_by_compatible(t, -1, "arm,primecell"), uart);
	EXPECT_EQ(fdt_node_by_compatible(t, uart, "arm,primecell"), -ENOENT);
	EXPECT(fdt_is_compatible(t, root, "linux,dummy-virt"));
	EXPECT(!fdt_is_compatible(t, root, "dummy-virt"));
	EXPECT(fdt_is_available(t, uart) && !fdt_is_available(t, off));
	EXPECT_EQ(fdt_read_reg(t, mem, 1, &addr, &sz), 0);
	EXPECT_EQ(addr, 0x200000000ULL);
	EXPECT_EQ(sz, 0x20000000);
	EXPECT_EQ(fdt_read_reg(t, mem, 2, &addr, &sz), -ENOENT);
	EXPECT_EQ(fdt_address_cells(t, soc), 2);
	EXPECT_EQ(fdt_prop_u32(t, uart, "phandle", &v), 0);
	EXPECT_EQ(v, 7);
	EXPECT_EQ(fdt_prop_u32(t, uart, "phandles", &v), -ENOENT);
	EXPECT_EQ(fdt_prop_u32(t, uart, "compatible", &v), -EINVAL);
	EXPECT_EQ(fdt_prop_u64(t, uart, "phandle", &addr), 0);
	EXPECT_STR(fdt_prop_string(t, mem, "device_type"), "memory");
	EXPECT(!fdt_prop_string(t, off, "bad"));
	EXPECT(fdt_getprop(t, off, "bad", &len) && len == 6);
	for (node = fdt_first_prop(t, root); node >= 0;
	     node = fdt_next_prop(t, node))
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
		for (prop = fdt_first_prop(t, node); prop >= 0;
		     prop = fdt_next_prop(t, prop)) {
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
			fdt_node_by_phandle(bad, 7);
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
	EXPECT_EQ(elf_check_header(&good_ehdr, 64), 0);
	EXPECT_EQ(elf_check_header(&good_ehdr, 63), -ENOEXEC);
	for (int i = 0; i < 2; i++)
		EXPECT_EQ(elf_check_phdr(&good_phdr[i], 0x2000, TASK_SIZE), 0);
	EXPECT_EQ(elf_check_phdr(&good_phdr[1], 0x1fff, TASK_SIZE), -ENOEXEC);
	EXPECT_EQ(elf_total_mapping_size(good_phdr, 2), 0x14f00);
	EXPECT_EQ(elf_total_mapping_size(good_phdr, 0), 0);
}

#define EXPECT_BAD_EHDR(field, value)                           \
	do {                                                    \
		Elf64_Ehdr e_ = good_ehdr;                      \
		e_.field = value;                               \
		EXPECT_EQ(elf_check_header(&e_, 64), -ENOEXEC); \
	} while (0)
#define EXPECT_PHDR(field, value, want)                                  \
	do {                                                             \
		Elf64_Phdr p_ = good_phdr[1];                            \
		p_.field = value;                                        \
		EXPECT_EQ(elf_check_phdr(&p_, 0x2000, TASK_SIZE), want); \
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
	EXPECT_BAD_EHDR(e_phnum, 65);
	EXPECT_BAD_EHDR(e_phoff, ~0ULL);
	EXPECT_BAD_EHDR(e_phoff, (u64)S64_MAX - 111);
	EXPECT_PHDR(p_offset, ~0ULL - 0xff, -ENOEXEC);
	EXPECT_PHDR(p_filesz, 0x101, -ENOEXEC);
	EXPECT_PHDR(p_filesz, ~0ULL, -ENOEXEC);
	EXPECT_PHDR(p_memsz, 0xff, -ENOEXEC);
	EXPECT_PHDR(p_memsz, ~0ULL, -ENOEXEC);
	EXPECT_PHDR(p_memsz, TASK_SIZE - 0x411f00, 0);
	EXPECT_PHDR(p_memsz, TASK_SIZE - 0x411f00 + 1, -ENOEXEC);
	EXPECT_PHDR(p_vaddr, 0xffff000000000f00ULL, -ENOEXEC);
	EXPECT_PHDR(p_vaddr, 0x411e00, -ENOEXEC);
	EXPECT_PHDR(p_align, 3, -ENOEXEC);
	EXPECT_PHDR(p_align, 0, 0);
	EXPECT_PHDR(p_type, PT_INTERP, 0);
	EXPECT_PHDR(p_type, PT_GNU_STACK, 0);
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

			if (elf_check_phdr(p, 0x2000, TASK_SIZE) ||
			    p->p_type != PT_LOAD)
				continue;
			EXPECT(p->p_offset <= 0x2000 &&
			       p->p_filesz <= 0x2000 - p->p_offset);
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

	if (!f)
		return;
	EXPECT_EQ(elf_check_header(e, size), 0);
	p = (void *)(f + e->e_phoff);
	for (int i = 0; i < e->e_phnum; i++)
		EXPECT_EQ(elf_check_phdr(&p[i], size, TASK_SIZE), 0);
	EXPECT(elf_total_mapping_size(p, e->e_phnum) > size / 2);
	host_free(f);
}

/* ---- cpio ------------------------------------------------------------- */

struct archive {
	char buf[16384];
	unsigned long len;
};

static void add_entry(struct archive *a, const char *name, u32 mode,
		      const char *data)
{
	char *p = a->buf + a->len;
	u32 namesize = (u32)strlen(name) + 1, size = (u32)strlen(data);

	p += snprintf(p, 200,
		      "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x"
		      "%08X%08x%08x%08x",
		      11, mode, 22, 33, 1, 44, size, 55, 66, 0x7f, 88, namesize,
		      0);
	memset(p, 0, namesize + size + 8);
	strcpy(p, name);
	p += ALIGN(110 + namesize, 4) - 110;
	memcpy(p, data, size);
	p += ALIGN(size, 4);
	a->len = (unsigned long)(p - a->buf);
}

/* What the callbacks see, as text; may be told to fail. */
struct seen {
	char text[8192];
	unsigned long len, left;
	bool open;
	int fail_after;
};

static int seen_step(struct seen *s)
{
	return s->fail_after && --s->fail_after == 0 ? -ENOSPC : 0;
}

static int on_begin(void *ctx, const struct cpio_entry *e)
{
	struct seen *s = ctx;

	EXPECT(!s->open);
	EXPECT_EQ(e->namelen, strlen(e->name));
	s->open = true;
	s->left = e->size;
	s->len += (unsigned long)scnprintf(s->text + s->len,
					   sizeof(s->text) - s->len,
					   "%.60s %o %u,%u %u [", e->name,
					   e->mode, e->rdevmajor, e->rdevminor,
					   e->size);
	return seen_step(s);
}

static int on_data(void *ctx, const struct cpio_entry *e, const void *buf,
		   size_t len)
{
	struct seen *s = ctx;

	EXPECT(s->open && len > 0 && len <= s->left && e->size);
	s->left -= len;
	s->len += (unsigned long)scnprintf(s->text + s->len,
					   sizeof(s->text) - s->len, "%.*s",
					   (int)len, (const char *)buf);
	return seen_step(s);
}

static int on_end(void *ctx, const struct cpio_entry *e)
{
	struct seen *s = ctx;

	EXPECT(s->open && !s->left && e->name);
	s->open = false;
	s->len += (unsigned long)scnprintf(s->text + s->len,
					   sizeof(s->text) - s->len, "]\n");
	return seen_step(s);
}

static const struct cpio_ops seen_ops = { on_begin, on_data, on_end };
static struct cpio_parser parser;
static struct seen seen;
static u64 work[GUNZIP_WORK_SIZE / 8];

static void restart(void)
{
	memset(&seen, 0, sizeof(seen));
	cpio_init(&parser, &seen_ops, &seen);
}

static void two_archives(struct archive *a)
{
	a->len = 0;
	add_entry(a, ".", 040755, "");
	add_entry(a, "init", 0100755, "#!/bin/sh\n");
	add_entry(a, "dev/console", 020600, "");
	add_entry(a, "TRAILER!!!", 0, "");
	memset(a->buf + a->len, 0, 512);
	a->len = ALIGN(a->len, 512);
	add_entry(a, "etc/motd", 0100644, "hello");
	add_entry(a, "TRAILER!!!", 0, "");
}

static const char two_seen[] = ". 40755 127,88 0 []\n"
			       "init 100755 127,88 10 [#!/bin/sh\n]\n"
			       "dev/console 20600 127,88 0 []\n"
			       "etc/motd 100644 127,88 5 [hello]\n";

TEST(cpio_in_pieces)
{
	struct archive a;
	struct prng r;

	two_archives(&a);
	prng_seed(&r, 9);
	for (u64 most = 1; most < 300; most++) {
		unsigned long at = 0, n;

		restart();
		for (; at < a.len; at += n) {
			n = min(1 + prng_below(&r, most), a.len - at);
			EXPECT_EQ(cpio_feed(&parser, a.buf + at, n), 0);
		}
		EXPECT_EQ(cpio_finish(&parser), 0);
		EXPECT_STR(seen.text, two_seen);
		EXPECT_EQ(parser.offset, a.len);
	}
}

TEST(cpio_errors)
{
	struct archive a;

	two_archives(&a);
	for (unsigned long n = 0; n < a.len; n++) {
		bool whole;

		restart();
		EXPECT_EQ(cpio_feed(&parser, a.buf, n), 0);
		whole = cpio_finish(&parser) == 0;
		EXPECT(whole || parser.error);
		EXPECT(!whole || !seen.open);
	}
	restart();
	EXPECT_EQ(cpio_feed(&parser, "070707", 6), 0);
	EXPECT_EQ(cpio_finish(&parser), -EINVAL);
	EXPECT_STR(parser.error, "the archive is cut short");
	restart();
	a.buf[5] = '7';
	EXPECT_EQ(cpio_feed(&parser, a.buf, a.len), -EINVAL);
	EXPECT_STR(parser.error, "there is no newc header (070701) here");
	EXPECT_EQ(cpio_feed(&parser, a.buf, a.len), -EINVAL);
	for (int n = 1; n <= 10; n++) {
		two_archives(&a);
		restart();
		seen.fail_after = n;
		EXPECT_EQ(cpio_feed(&parser, a.buf, a.len), -ENOSPC);
		EXPECT_EQ(cpio_feed(&parser, a.buf, a.len), -EINVAL);
	}
}

TEST(cpio_damaged)
{
	unsigned long n;
	struct archive a;
	struct prng r;
	int accepted = 0;
	u8 *bad;

	two_archives(&a);
	prng_seed(&r, 10);
	for (int i = 0; i < 20000; i++) {
		bad = damage(a.buf, a.len, &n, &r);
		restart();
		if (cpio_unpack(&parser, bad, n, work) == 0)
			accepted++;
		else
			EXPECT(parser.error);
		host_free(bad);
	}
	EXPECT(accepted > 500 && accepted < 20000);
}

/* ---- gzip ------------------------------------------------------------- */

struct sink {
	const u8 *want;
	unsigned long len, at;
	bool differs;
	int fail_after;
};

static int to_sink(void *ctx, const void *buf, size_t len)
{
	struct sink *s = ctx;

	EXPECT(len > 0 && len <= 32768);
	if (s->fail_after && --s->fail_after == 0)
		return -ENOSPC;
	if (len > s->len - s->at || memcmp(s->want + s->at, buf, len))
		s->differs = true;
	else
		s->at += len;
	return 0;
}

/* gzip -LEVEL of the bytes. To be freed. */
static u8 *gzipped(const void *buf, unsigned long n, int level,
		   unsigned long *size)
{
	char path[128], cmd[256];

	host_snprintf(path, sizeof(path), "%s/plain", host_tmp());
	host_write_file(path, buf, n);
	host_snprintf(cmd, sizeof(cmd), "gzip -N -%d -c %s", level, path);
	return host_command(cmd, size);
}

/* Data of several kinds: noise, zeros, text, far and near repeats. */
static u8 *make_data(int kind, unsigned long n, struct prng *r)
{
	u8 *p = host_alloc(n + 1);

	for (unsigned long i = 0; i < n; i++) {
		u64 v = prng_u64(r) >> 20;

		if (kind == 0)
			p[i] = (u8)v;
		else if (kind == 1)
			p[i] = 0;
		else if (kind == 2)
			p[i] = (u8) "etaoin shrdlu\n"[(v & 15) % (1 + i % 14)];
		else if (kind == 3)
			p[i] = i >= 32506 ? p[i - 32506] : (u8)v;
		else
			p[i] = i > 300 && v % 64 ? p[i - 1 - i / 997 % 300] :
						   (u8)(v >> 8);
	}
	return p;
}

TEST(gunzip)
{
	static const unsigned long sizes[] = { 0,     1,     5,
					       1000,  32767, 32768,
					       32769, 65536, 300000 };
	static const int levels[] = { 1, 6, 9 };
	unsigned long zlen;
	size_t used;
	struct prng r;
	u8 *plain, *z;

	prng_seed(&r, 11);
	for (unsigned int i = 0; i < ARRAY_SIZE(sizes) * 5; i++) {
		unsigned long n = sizes[i / 5];

		plain = make_data(i % 5, n, &r);
		z = gzipped(plain, n, levels[i % 3], &zlen);
		struct sink s = { plain, n, 0, false, 0 };

		used = 0;
		EXPECT_EQ(gunzip(z, zlen, to_sink, &s, work, &used), 0);
		EXPECT(!s.differs);
		EXPECT_EQ(s.at, n);
		EXPECT_EQ(used, zlen);
		if (n > 32768) {
			s.at = 0;
			s.fail_after = 2;
			EXPECT_EQ(gunzip(z, zlen, to_sink, &s, work, NULL),
				  -ENOSPC);
		}
		host_free(plain);
		host_free(z);
	}
}

/* Every cut fails; damage fails or does not show in the result. */
TEST(gunzip_damaged)
{
	unsigned long zlen, n, size = 3000;
	struct prng r;
	u8 *plain, *z, *bad;

	prng_seed(&r, 12);
	for (int kind = 0; kind < 5; kind++) {
		plain = make_data(kind, size, &r);
		z = gzipped(plain, size, 9, &zlen);
		for (n = 0; n < zlen; n++) {
			struct sink s = { plain, size, 0, false, 0 };

			bad = host_alloc(n);
			memcpy(bad, z, n);
			EXPECT_EQ(gunzip(bad, n, to_sink, &s, work, NULL),
				  -EINVAL);
			host_free(bad);
		}
		for (int i = 0; i < 3000; i++) {
			struct sink s = { plain, size, 0, false, 0 };

			bad = damage(z, zlen, &n, &r);
			if (gunzip(bad, n, to_sink, &s, work, NULL) == 0)
				EXPECT(!s.differs && s.at == size);
			host_free(bad);
		}
		host_free(plain);
		host_free(z);
	}
}

/* A hand-made stream: one match at the largest distance there is. */
TEST(gunzip_whole_window)
{
	unsigned long n = 32768 + 3, at = 0;
	u8 *z = host_alloc(n + 100), *plain = host_alloc(n);
	u32 crc;
	struct prng r;
	struct sink s = { plain, n, 0, false, 0 };

	prng_seed(&r, 13);
	for (unsigned long i = 0; i < n; i++)
		plain[i] = i < 32768 ? (u8)prng_u64(&r) : plain[i - 32768];
	memcpy(z, "\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
	/* stored, 32768 bytes */
	memcpy(z + 10, "\x00\x00\x80\xff\x7f", 5);
	memcpy(z + 15, plain, 32768);
	at = 15 + 32768;
	/*
	 * last, fixed: 1 10 | 257: 0000001 | 29: 11101 | 13 extra ones | 0s,
	 * from the lowest bit: 110 0000001 11101 1111111111111 0000000
	 */
	memcpy(z + at, "\x03\xde\xff\x0f\x00", 5);
	at += 5;
	crc = ~crc32_le(~0U, plain, n);
	memcpy(z + at, &crc, 4);
	memcpy(z + at + 4, &(u32){ (u32)n }, 4);
	EXPECT_EQ(gunzip(z, at + 8, to_sink, &s, work, NULL), 0);
	EXPECT(!s.differs && s.at == n);
	host_free(z);
	host_free(plain);
}

TEST(crc32)
{
	EXPECT_EQ(~crc32_le(~0U, "123456789", 9), 0xcbf43926);
}

/* Plain, zeros, gzipped, plain: as boot loaders concatenate them. */
TEST(cpio_unpack_mixed)
{
	unsigned long zlen, n;
	struct archive a;
	u8 *z, *image;

	two_archives(&a);
	z = gzipped(a.buf, a.len, 6, &zlen);
	n = a.len + 16 + zlen;
	image = host_alloc(n);
	memcpy(image, a.buf, a.len);
	memset(image + a.len, 0, 16);
	memcpy(image + a.len + 16, z, zlen);
	restart();
	EXPECT_EQ(cpio_unpack(&parser, image, n, work), 0);
	EXPECT_EQ(seen.len, 2 * strlen(two_seen));
	EXPECT_EQ(memcmp(seen.text, two_seen, strlen(two_seen)), 0);
	EXPECT_STR(seen.text + strlen(two_seen), two_seen);
	restart();
	image[n - 1] ^= 1;
	EXPECT_EQ(cpio_unpack(&parser, image, n, work), -EINVAL);
	EXPECT_STR(parser.error, "the gzip data is damaged");
	restart();
	EXPECT_EQ(cpio_unpack(&parser, "BZh9", 4, work), -EINVAL);
	EXPECT(parser.error);
	host_free(image);
	host_free(z);
}
