/* SPDX-License-Identifier: MIT */
/*
 * The kernel command line, word by word.
 */
#include <lib/cmdline.h>
#include <lib/ctype.h>
#include <lib/string.h>

char *next_arg(char *args, char **param, char **val)
{
	char *word = skip_spaces(args), *p, *equals = NULL, *rest;
	bool whole = *word == '"', quoted = whole;

	word += whole;
	for (p = word; *p && (quoted || !isspace((u8)*p)); p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (*p == '=' && !equals && p > word)
			equals = p;
	}
	rest = *p ? p + 1 : p;
	*p = '\0';
	if (whole && p > word && p[-1] == '"')
		*--p = '\0';
	*param = word;
	*val = NULL;
	if (equals) {
		*equals = '\0';
		*val = equals + 1;
		if (**val == '"') {
			++*val;
			if (p > *val && p[-1] == '"')
				p[-1] = '\0';
		}
	}
	return skip_spaces(rest);
}
