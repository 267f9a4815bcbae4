/* SPDX-License-Identifier: MIT */
/*
 * The list of all programs in the multi-call binary: TOOL(x) is the program
 * x, whose main is x_main(); ALIAS("y", x) is a second name for it. box.c
 * makes its table of it; initramfs.list has a hard link for each.
 */
#ifndef USER_TOOLS_H
#define USER_TOOLS_H

/* clang-format off */
#define FOR_EACH_TOOL(TOOL, ALIAS)					\
	TOOL(cachedemo) TOOL(cat) TOOL(clear) TOOL(cp) TOOL(date)	\
	TOOL(dd) TOOL(df) TOOL(dirtier) TOOL(dmesg) TOOL(echo)		\
	TOOL(env) TOOL(false) TOOL(free) TOOL(grep) TOOL(head)		\
	TOOL(hexdump) TOOL(id) TOOL(init) TOOL(kill) TOOL(ln) TOOL(ls)	\
	TOOL(memhog) TOOL(mkdir) TOOL(mkswap) TOOL(mount) TOOL(mv)	\
	TOOL(nproc) TOOL(oomdemo) TOOL(pidof) TOOL(pmap)		\
	TOOL(poweroff) TOOL(printf) TOOL(ps) TOOL(pwd) TOOL(rm)		\
	TOOL(rmdir) TOOL(seq) TOOL(sh) TOOL(sleep) TOOL(sort)		\
	TOOL(stty) TOOL(swapdemo) TOOL(swapoff) TOOL(swapon)		\
	TOOL(sync) TOOL(tail) TOOL(tee) TOOL(test) TOOL(thrash)		\
	TOOL(time) TOOL(top) TOOL(touch) TOOL(true) TOOL(umount)	\
	TOOL(uname) TOOL(uniq) TOOL(uptime) TOOL(vmstat) TOOL(wc)	\
	TOOL(which) TOOL(yes)						\
	ALIAS("[", test) ALIAS("halt", poweroff) ALIAS("reboot", poweroff)	\
	ALIAS("page-types", page_types)
/* clang-format on */

#define DECLARE_TOOL(name)	  int name##_main(int argc, char **argv);
#define DECLARE_ALIAS(name, tool) int tool##_main(int argc, char **argv);
FOR_EACH_TOOL(DECLARE_TOOL, DECLARE_ALIAS)
#undef DECLARE_TOOL
#undef DECLARE_ALIAS

/* mount(2), read-only if the disk is, and a word about it. => 0, 1: no */
int mount_disk(const char *source, const char *dir, const char *type,
	       unsigned long flags, const char *data);

#endif
