/* SPDX-License-Identifier: MIT */
/*
 * Reading a flattened device tree (Devicetree Specification, chapter 5).
 *
 *	header | memory reservations | structure block | strings block
 *
 * The structure block is a sequence of big-endian 32-bit tokens:
 *
 *	BEGIN_NODE name\0 pad  { PROP len nameoff value pad }
 *	                       { BEGIN_NODE ... END_NODE }  END_NODE ... END
 *
 * token() is the one reader of that block. It never goes beyond it, whatever
 * stands there; fdt_check() adds that tokens nest, that names end, and that
 * offsets into the strings block are good.
 */
#include <lib/byteorder.h>
#include <lib/errno.h>
#include <lib/fdt.h>
#include <lib/string.h>

#define FDT_BEGIN_NODE 1U
#define FDT_END_NODE   2U
#define FDT_PROP       3U
#define FDT_NOP	       4U
#define FDT_END	       9U

#define FDT_VERSION 17

struct fdt_header {
	__be32 magic;
	__be32 totalsize;
	__be32 off_dt_struct;
	__be32 off_dt_strings;
	__be32 off_mem_rsvmap;
	__be32 version;
	__be32 last_comp_version;
	__be32 boot_cpuid_phys;
	__be32 size_dt_strings;
	__be32 size_dt_struct;
};

#define hdr(blob, field) be32_to_cpu(((const struct fdt_header *)(blob))->field)

static inline u32 cell(const void *p)
{
	return be32_to_cpu(*(const __be32 *)p);
}

/* A number of 0 to 2 cells. */
static u64 cells(const u8 *p, int n)
{
	u64 v = 0;

	for (; n > 0; n--, p += 4)
		v = v << 32 | cell(p);
	return v;
}

static inline const u8 *struct_at(const void *blob, int off)
{
	return (const u8 *)blob + hdr(blob, off_dt_struct) + off;
}

/*
 * The token at off. => the offset behind it and its payload, or -EINVAL if
 * off is not the place of a token that lies wholly in the block
 */
static int token(const void *blob, int off, u32 *tag)
{
	u32 room = hdr(blob, size_dt_struct), len;
	const u8 *p;

	if (off < 0 || (off & 3) || (u32)off > room || room - (u32)off < 4)
		return -EINVAL;
	p = struct_at(blob, off);
	room -= (u32)off + 4;
	*tag = cell(p);
	switch (*tag) {
	case FDT_BEGIN_NODE:
		len = (u32)strnlen((const char *)p + 4, room) + 1;
		break;
	case FDT_PROP:
		if (room < 8)
			return -EINVAL;
		len = cell(p + 4);
		if (len > room - 8)
			return -EINVAL;
		len += 8;
		break;
	case FDT_END_NODE:
	case FDT_NOP:
	case FDT_END:
		len = 0;
		break;
	default:
		return -EINVAL;
	}
	if (ALIGN(len, 4) > room)
		return -EINVAL;
	return off + 4 + (int)ALIGN(len, 4);
}

/* The nodes nest, with properties before children, and END is behind. */
static int check_struct(const void *blob)
{
	int off = 0, depth = 0, here;
	bool props_allowed = false;
	u32 tag;

	for (;;) {
		here = off;
		off = token(blob, off, &tag);
		if (off < 0)
			return -EINVAL;
		switch (tag) {
		case FDT_BEGIN_NODE:
			if (depth++ == FDT_MAX_DEPTH)
				return -EINVAL;
			props_allowed = true;
			break;
		case FDT_PROP:
			if (!props_allowed ||
			    cell(struct_at(blob, here) + 8) >=
				    hdr(blob, size_dt_strings))
				return -EINVAL;
			break;
		case FDT_END_NODE:
			if (--depth < 0)
				return -EINVAL;
			if (depth == 0)
				goto root_ended;
			props_allowed = false;
			break;
		case FDT_END:
			return -EINVAL;
		}
	}
root_ended:
	do {
		off = token(blob, off, &tag);
	} while (off >= 0 && tag == FDT_NOP);
	return off >= 0 && tag == FDT_END ? 0 : -EINVAL;
}

static bool within(const void *blob, u32 off, u32 size)
{
	u32 total = fdt_totalsize(blob);

	return off <= total && size <= total - off;
}

static int check_mem_rsv(const void *blob)
{
	u32 off = hdr(blob, off_mem_rsvmap);
	u64 addr, size;
	int n = 0;

	do {
		if (off % 8 || !within(blob, off, 16))
			return -EINVAL;
		off += 16;
	} while (fdt_mem_rsv(blob, n++, &addr, &size));
	return 0;
}

int fdt_check(const void *blob, size_t size)
{
	u32 off_strings, size_strings;

	if (!IS_ALIGNED((uintptr_t)blob, 8) ||
	    size < sizeof(struct fdt_header) || hdr(blob, magic) != FDT_MAGIC)
		return -EINVAL;
	if (fdt_totalsize(blob) < sizeof(struct fdt_header) ||
	    fdt_totalsize(blob) > min(size, (size_t)INT_MAX))
		return -EINVAL;
	if (hdr(blob, version) < FDT_VERSION ||
	    hdr(blob, last_comp_version) > FDT_VERSION)
		return -EINVAL;
	off_strings = hdr(blob, off_dt_strings);
	size_strings = hdr(blob, size_dt_strings);
	if (hdr(blob, off_dt_struct) % 4 ||
	    !within(blob, hdr(blob, off_dt_struct),
		    hdr(blob, size_dt_struct)) ||
	    !within(blob, off_strings, size_strings))
		return -EINVAL;
	/* A final 0 ends every string that begins in the block. */
	if (size_strings &&
	    ((const char *)blob)[off_strings + size_strings - 1])
		return -EINVAL;
	if (check_mem_rsv(blob))
		return -EINVAL;
	return check_struct(blob);
}

u32 fdt_totalsize(const void *blob)
{
	return hdr(blob, totalsize);
}

bool fdt_mem_rsv(const void *blob, int n, u64 *addr, u64 *size)
{
	const u8 *p = (const u8 *)blob + hdr(blob, off_mem_rsvmap) + n * 16L;

	*addr = cells(p, 2);
	*size = cells(p + 8, 2);
	return *addr || *size;
}

/*
 * The next BEGIN_NODE behind node's own (behind nothing, for -1). *depth
 * goes up with each node entered and down with each one left.
 */
static int walk(const void *blob, int node, int *depth)
{
	int off = 0, next;
	u32 tag;

	if (node >= 0)
		off = token(blob, node, &tag);
	for (; (next = token(blob, off, &tag)) >= 0; off = next) {
		if (tag == FDT_BEGIN_NODE) {
			++*depth;
			return off;
		}
		if (tag == FDT_END_NODE)
			--*depth;
		else if (tag == FDT_END)
			break;
	}
	return -ENOENT;
}

int fdt_next_node(const void *blob, int node)
{
	int depth = 0;

	return walk(blob, node, &depth);
}

int fdt_root(const void *blob)
{
	return fdt_next_node(blob, -1);
}

int fdt_first_child(const void *blob, int node)
{
	int depth = 0;
	int child = walk(blob, node, &depth);

	return depth == 1 ? child : -ENOENT;
}

int fdt_next_sibling(const void *blob, int node)
{
	int depth = 0;

	do {
		node = walk(blob, node, &depth);
	} while (node >= 0 && depth > 0);
	return depth == 0 ? node : -ENOENT;
}

int fdt_parent(const void *blob, int node)
{
	int path[FDT_MAX_DEPTH + 1];
	int depth = 0, at = -1;

	while ((at = walk(blob, at, &depth)) >= 0 && at <= node) {
		path[depth] = at;
		if (at == node)
			return depth > 1 ? path[depth - 1] : -ENOENT;
	}
	return -ENOENT;
}

const char *fdt_node_name(const void *blob, int node)
{
	return (const char *)struct_at(blob, node) + 4;
}

static bool name_matches(const char *name, const char *want, size_t len)
{
	if (strncmp(name, want, len) != 0)
		return false;
	return !name[len] || (name[len] == '@' && !memchr(want, '@', len));
}

int fdt_path_offset(const void *blob, const char *path)
{
	int node = fdt_root(blob);
	size_t len;

	if (*path != '/')
		return -ENOENT;
	while (node >= 0) {
		path += strspn(path, "/");
		len = strcspn(path, "/:");
		if (!len)
			return node;
		node = fdt_first_child(blob, node);
		while (node >= 0 &&
		       !name_matches(fdt_node_name(blob, node), path, len))
			node = fdt_next_sibling(blob, node);
		path += len;
	}
	return node;
}

bool fdt_is_compatible(const void *blob, int node, const char *compat)
{
	int len;
	const char *s = fdt_getprop(blob, node, "compatible", &len);
	const char *end = s ? s + len : NULL;

	if (!s || !len || end[-1])
		return false;
	for (; s < end; s += strlen(s) + 1) {
		if (!strcmp(s, compat))
			return true;
	}
	return false;
}

int fdt_node_by_compatible(const void *blob, int start, const char *compat)
{
	int node = start;

	while ((node = fdt_next_node(blob, node)) >= 0) {
		if (fdt_is_compatible(blob, node, compat))
			return node;
	}
	return -ENOENT;
}

bool fdt_is_available(const void *blob, int node)
{
	const char *status;

	if (!fdt_getprop(blob, node, "status", NULL))
		return true;
	status = fdt_prop_string(blob, node, "status");
	return status && (!strcmp(status, "okay") || !strcmp(status, "ok"));
}

int fdt_next_prop(const void *blob, int off)
{
	u32 tag;

	off = token(blob, off, &tag);
	while (token(blob, off, &tag) >= 0 && tag == FDT_NOP)
		off += 4;
	return off >= 0 && tag == FDT_PROP ? off : -ENOENT;
}

const void *fdt_prop(const void *blob, int prop, const char **name, int *len)
{
	const u8 *p = struct_at(blob, prop);

	*len = (int)cell(p + 4);
	*name = (const char *)blob + hdr(blob, off_dt_strings) + cell(p + 8);
	return p + 12;
}

const void *fdt_getprop(const void *blob, int node, const char *name, int *len)
{
	const char *this_name;
	const void *val;
	int prop = node, n;

	while ((prop = fdt_next_prop(blob, prop)) >= 0) {
		val = fdt_prop(blob, prop, &this_name, &n);
		if (strcmp(this_name, name))
			continue;
		if (len)
			*len = n;
		return val;
	}
	return NULL;
}

int fdt_prop_u32(const void *blob, int node, const char *name, u32 *val)
{
	int len;
	const void *p = fdt_getprop(blob, node, name, &len);

	if (!p)
		return -ENOENT;
	if (len != 4)
		return -EINVAL;
	*val = cell(p);
	return 0;
}

int fdt_prop_u64(const void *blob, int node, const char *name, u64 *val)
{
	int len;
	const u8 *p = fdt_getprop(blob, node, name, &len);

	if (!p)
		return -ENOENT;
	if (len != 4 && len != 8)
		return -EINVAL;
	*val = cells(p, len / 4);
	return 0;
}

const char *fdt_prop_string(const void *blob, int node, const char *name)
{
	int len;
	const char *s = fdt_getprop(blob, node, name, &len);

	return s && len > 0 && !s[len - 1] ? s : NULL;
}

/* The number of cells node says, or the default n. */
static int cells_or(const void *blob, int node, const char *name, u32 n)
{
	fdt_prop_u32(blob, node, name, &n);
	return n <= 2 ? (int)n : -EINVAL;
}

int fdt_read_reg(const void *blob, int node, int index, u64 *addr, u64 *size)
{
	int parent = fdt_parent(blob, node), ac, sc, len;
	const u8 *p = fdt_getprop(blob, node, "reg", &len);

	if (!p || parent < 0 || index < 0)
		return -ENOENT;
	ac = cells_or(blob, parent, "#address-cells", 2);
	sc = cells_or(blob, parent, "#size-cells", 1);
	if (ac < 1 || sc < 0)
		return -EINVAL;
	if (index >= len / (4 * (ac + sc)))
		return -ENOENT;
	p += 4L * (ac + sc) * index;
	*addr = cells(p, ac);
	*size = cells(p + 4 * ac, sc);
	return 0;
}
