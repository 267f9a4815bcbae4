/* SPDX-License-Identifier: MIT */
/*
 * Reading a flattened device tree. The blob comes from the loader and is
 * not trusted: fdt_check() proves its whole structure once, and everything
 * else relies on that proof.
 *
 * A node is the offset of its FDT_BEGIN_NODE token in the structure block.
 * => functions returning a node: -ENOENT if there is none
 */
#ifndef _LIB_FDT_H
#define _LIB_FDT_H

#include <lib/types.h>

#define FDT_MAGIC     0xd00dfeedU
#define FDT_MAX_DEPTH 32 /* deeper trees are refused */

/* => 0, or -EINVAL; size: what may be read at blob, which is 8-aligned */
int fdt_check(const void *blob, size_t size);
u32 fdt_totalsize(const void *blob);

int fdt_root(const void *blob);
int fdt_first_child(const void *blob, int node);
int fdt_next_sibling(const void *blob, int node);
int fdt_parent(const void *blob, int node);
/* The next node in the order of the blob; from -1 it gives the root. */
int fdt_next_node(const void *blob, int node);
/* "/a/b@1"; a name without '@' matches any unit; ':' ends the path. */
int fdt_path_offset(const void *blob, const char *path);
/* The next compatible node after start; start -1 for the first. */
int fdt_node_by_compatible(const void *blob, int start, const char *compat);
bool fdt_is_compatible(const void *blob, int node, const char *compat);
/* No status property, or "okay". */
bool fdt_is_available(const void *blob, int node);
const char *fdt_node_name(const void *blob, int node);

#define fdt_for_each_child(blob, child, node)                 \
	for (child = fdt_first_child(blob, node); child >= 0; \
	     child = fdt_next_sibling(blob, child))

/* => the value and its length in bytes, or NULL; len may be NULL */
const void *fdt_getprop(const void *blob, int node, const char *name, int *len);
/* => 0; -ENOENT; -EINVAL if the length is wrong */
int fdt_prop_u32(const void *blob, int node, const char *name, u32 *val);
/* One or two cells. */
int fdt_prop_u64(const void *blob, int node, const char *name, u64 *val);
/* => NULL if it is absent or not terminated */
const char *fdt_prop_string(const void *blob, int node, const char *name);

/* The property behind a node's name or another property, or -ENOENT. */
int fdt_next_prop(const void *blob, int off);
const void *fdt_prop(const void *blob, int prop, const char **name, int *len);

/* The index-th pair of node's reg. => 0, -ENOENT, -EINVAL */
int fdt_read_reg(const void *blob, int node, int index, u64 *addr, u64 *size);

/* The n-th memory reservation. => false behind the last */
bool fdt_mem_rsv(const void *blob, int n, u64 *addr, u64 *size);

#endif
