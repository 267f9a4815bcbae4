/* SPDX-License-Identifier: MIT */
/* What cp, mv, rm and ln share: walking trees and naming targets. */
#ifndef USER_FILES_H
#define USER_FILES_H

#include <string.h>

/* "." and "..", which no tree walk may follow. */
static inline int is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Delete a file or, with all that is in it, a directory; => 0 or 1. */
int remove_tree(const char *path, int force);

/*
 * names = FROM... TO: call fn(FROM, TO) for each, or fn(FROM, TO/FROM's
 * last part) if TO is a directory. => 0, or 1 if one failed.
 */
int to_each_target(char **names, int n, int option,
		   int (*fn)(const char *from, const char *to, int option));

#endif
