#!/bin/sh
# link.sh OUT.elf WORKDIR OBJECT... - link the kernel with its symbol table
#
# The table of symbols (kallsyms) is part of the image it describes. So:
# link with the table of the last build (or an empty one), make the table
# anew from the result, and repeat until it no longer changes. Normally that
# is one link after a small edit, two or three after a larger one.
#
# Environment: LD NM AS (assembler command) LDFLAGS
set -eu

out=$1
work=$2
shift 2
table=$work/kallsyms.S
tmp=$work/link.$$
here=$(dirname "$0")

[ -s "$table" ] || python3 "$here/kallsyms.py" </dev/null >"$table"
rm -f "$out"
trap 'rm -f "$tmp".*' EXIT
for pass in 1 2 3 4 5; do
	$AS -c -o "$tmp.o" "$table"
	# shellcheck disable=SC2086
	$LD $LDFLAGS -o "$tmp.elf" "$@" "$tmp.o"
	$NM -n "$tmp.elf" | python3 "$here/kallsyms.py" >"$tmp.S"
	if cmp -s "$table" "$tmp.S"; then
		mv "$tmp.elf" "$out"
		exit 0
	fi
	mv "$tmp.S" "$table"
done
echo "link.sh: the symbol table does not settle after $pass links" >&2
exit 1
