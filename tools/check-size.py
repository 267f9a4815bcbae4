#!/usr/bin/env python3
"""check-size.py - a file is one idea, a function fits on a page.

Files of at most 700 lines, functions of at most 80 lines (from `{` to `}` in
the first column). `--stats` prints lines per folder and the median function.
"""
import glob
import re
import statistics
import sys

MAX_FILE, MAX_FUNCTION = 700, 80
KERNEL = ("arch", "kernel", "mm", "lib", "fs", "drivers", "include")
OTHERS = ("user", "tests")


def functions(lines):
    """=> (name, first line number, number of lines) of each function"""
    start = None
    for number, line in enumerate(lines, 1):
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start:
            yield name_above(lines, start), start, number - start + 1
            start = None


def name_above(lines, start):
    """The name in the signature that ends just above line `start`."""
    text = ""
    for line in reversed(lines[max(0, start - 8):start - 1]):
        text = line + text
        if line[:1].isalpha() or line[:1] == "_":
            m = re.search(r"(\w+)\s*\(", text)
            return m.group(1) if m else "?"
    return "?"


def main():
    errors, per_folder, lengths = [], {}, []
    for top in KERNEL + OTHERS:
        for ext in "chS":
            for path in sorted(glob.glob(f"{top}/**/*.{ext}",
                                         recursive=True)):
                with open(path, encoding="utf-8") as f:
                    lines = f.readlines()
                per_folder[top] = per_folder.get(top, 0) + len(lines)
                if len(lines) > MAX_FILE:
                    errors.append(f"{path}: {len(lines)} lines, the limit "
                                  f"is {MAX_FILE}")
                if ext == "S":
                    continue
                for name, start, size in functions(lines):
                    if top in KERNEL:
                        lengths.append(size)
                    if size > MAX_FUNCTION:
                        errors.append(f"{path}:{start}: {name}() has {size} "
                                      f"lines, the limit is {MAX_FUNCTION}")
    if "--stats" in sys.argv:
        for top, n in per_folder.items():
            print(f"{n:7} {top}")
        total = sum(per_folder.get(t, 0) for t in KERNEL)
        print(f"{total:7} in the kernel")
        if lengths:
            print(f"{len(lengths):7} functions in the kernel, median "
                  f"{statistics.median(lengths):g} lines")
    for e in errors:
        print(e)
    sys.exit(bool(errors))


if __name__ == "__main__":
    main()
