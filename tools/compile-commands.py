#!/usr/bin/env python3
"""compile-commands.py - how each source is compiled, for editors (clangd)."""
import argparse
import json
import os
import sys


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--cc", required=True)
    ap.add_argument("--cflags", required=True)
    ap.add_argument("--asflags", required=True)
    ap.add_argument("--obj", required=True, help="folder of the objects")
    ap.add_argument("sources", nargs="*")
    args = ap.parse_args()
    entries = []
    for source in args.sources:
        is_c = source.endswith(".c")
        flags = args.cflags if is_c else args.asflags
        out = f"{args.obj}/{source[:-2] if is_c else source}.o"
        entries.append({
            "directory": os.getcwd(), "file": source, "output": out,
            "command": f"{args.cc} {flags} -c -o {out} {source}"})
    json.dump(entries, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
