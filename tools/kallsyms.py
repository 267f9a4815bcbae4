#!/usr/bin/env python3
"""kallsyms.py - turn the output of `nm -n` into the kernel's symbol table.

    nm -n quire.elf | kallsyms.py > kallsyms.S       (no input: an empty table)

The table holds code symbols only (types t, T, w, W), sorted by address; of
several names for one address the most public one stays. See
include/base/kallsyms.h for the arrays. The size of the table depends on the
names alone, not on addresses, so linking it in twice reaches a fixed point.
"""
import re
import sys

IGNORED = re.compile(r"^(\$|\.L|__efistub|__pi_)")
# Boundaries of ranges: they would hide the function that starts there.
MARKERS = {"_text", "_stext", "_etext", "__idmap_text_start",
           "__idmap_text_end", "__inittext_begin", "__inittext_end",
           "__init_begin", "__init_end"}


def read_symbols(lines):
    """=> (address of _text, {address: name})"""
    base, found = None, {}
    for line in lines:
        fields = line.split()
        if len(fields) != 3:
            continue
        address, kind, name = int(fields[0], 16), fields[1], fields[2]
        if name == "_text":
            base = address
        if kind not in "tTwW" or IGNORED.match(name) or name in MARKERS:
            continue
        rank = (kind not in "TW", name.startswith("_"), name)
        if address not in found or rank < found[address][0]:
            found[address] = (rank, name)
    return base, {a: n for a, (_, n) in found.items()}


def write_table(base, symbols, out):
    addresses = sorted(symbols)
    out.write("/* Made by tools/kallsyms.py. */\n"
              '\t.section .kallsyms, "a", @progbits\n')

    def label(name, align=4):
        out.write(f"\t.balign {align}\n\t.globl {name}\n"
                  f"\t.type {name}, @object\n{name}:\n")

    label("kallsyms_count")
    out.write(f"\t.word {len(addresses)}\n")
    label("kallsyms_offsets")
    for address in addresses:
        out.write(f"\t.word {address - base:#x}\n")
    label("kallsyms_name_offsets")
    position = 0
    for address in addresses:
        out.write(f"\t.word {position}\n")
        position += len(symbols[address]) + 1
    label("kallsyms_names", 1)
    for address in addresses:
        out.write(f'\t.asciz "{symbols[address]}"\n')
    out.write("\t.balign 8\n\t.section .note.GNU-stack, \"\", @progbits\n")


def main():
    base, symbols = read_symbols(sys.stdin)
    if symbols and base is None:
        sys.exit("kallsyms: the input has no _text")
    write_table(base or 0, symbols, sys.stdout)


if __name__ == "__main__":
    main()
