#!/usr/bin/env python3
"""check-layers.py - prove that each layer uses only what stands below it.

    --includes        sources and headers include only their layer or below
    --symbols DIR     undefined symbols of DIR/layers/L<n>.o are defined in a
                      lower layer; within L6, fs and each driver stand alone

    L0 lib  L1 arch  L2 kernel/base  L3 mm/phys  L4 kernel/sched  L5 mm/vm
    L6 fs, drivers   L7 kernel/proc  L8 tests/kernel

The one way up: arch (L1) may call the prototypes in asm/upcall.h.
"""
import argparse
import glob
import os
import re
import subprocess
import sys

# folder of sources -> layer; the first match wins
SOURCES = [("lib/", 0), ("arch/", 1), ("kernel/base/", 2), ("mm/phys/", 3),
           ("kernel/sched/", 4), ("mm/vm/", 5), ("fs/", 6), ("drivers/", 6),
           ("kernel/proc/", 7), ("tests/kernel/", 8)]
# first words of an include path -> layer
INCLUDES = [("uapi/", 0), ("lib/", 0), ("asm/", 1), ("base/", 2),
            ("mm/phys/", 3), ("sched/", 4), ("mm/vm/", 5), ("fs/", 6),
            ("drivers/", 6), ("proc/", 7)]
COMPILER_HEADERS = {"stdarg.h", "stdbool.h", "stddef.h", "stdint.h",
                    "limits.h"}
# The compiler emits calls to these by itself, in any layer.
COMPILER_CALLS = {"memcpy", "memset", "memmove", "memcmp"}
# start_kernel runs the unit tests, which stand above everything.
TESTS_ENTRY = {"ktest_suites"}
UPCALLS = "arch/arm64/include/asm/upcall.h"


def layer_by(table, path):
    for prefix, layer in table:
        if path.startswith(prefix):
            return layer
    return None


def layer_of_file(path):
    if path.startswith("include/"):
        return layer_by(INCLUDES, path[len("include/"):])
    if path.startswith("arch/arm64/include/"):
        return 1
    return layer_by(SOURCES, path)


def all_files():
    for top in ("lib", "arch", "kernel", "mm", "fs", "drivers", "include",
                "tests/kernel"):
        for ext in "chS":
            yield from glob.glob(f"{top}/**/*.{ext}", recursive=True)


def check_includes():
    errors = []
    for path in sorted(all_files()):
        mine = layer_of_file(path)
        if mine is None:
            errors.append(f"{path}: belongs to no layer")
            continue
        with open(path, encoding="utf-8") as f:
            lines = f.readlines()
        for number, line in enumerate(lines, 1):
            m = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if not m or m.group(2) in COMPILER_HEADERS:
                continue
            where, name = f"{path}:{number}", m.group(2)
            if m.group(1) == '"':
                if not os.path.exists(os.path.join(os.path.dirname(path),
                                                   name)):
                    errors.append(f'{where}: "{name}" is not beside it; '
                                  "use <layer/...>")
                continue
            theirs = layer_by(INCLUDES, name)
            if theirs is None:
                errors.append(f"{where}: <{name}> names no layer")
            elif theirs > mine:
                errors.append(f"{where}: L{mine} includes <{name}> of "
                              f"L{theirs}")
            elif mine == 6 and (why := sideways(path, name)):
                errors.append(f"{where}: {why}")
    return errors


def sideways(path, name):
    """Within L6 neither side knows the other. => the complaint, or None"""
    side = path.replace("include/", "", 1).split("/")[0]
    other = name.split("/")[0]
    if {side, other} == {"fs", "drivers"}:
        return f"{side} includes <{name}>"
    return None


def nm(tool, *args):
    return subprocess.run([tool, *args], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def symbols(tool, objects):
    """=> (defined, undefined) global symbols of object files"""
    defined, undefined = set(), set()
    for line in nm(tool, "-g", *objects).splitlines():
        fields = line.split()
        if len(fields) < 2 or line.endswith(":"):
            continue
        kind, name = fields[-2], fields[-1]
        (undefined if kind in "Uw" else defined).add(name)
    return defined, undefined - defined


def linker_symbols():
    with open("linker.ld", encoding="utf-8") as f:
        names = set(re.findall(r"^\s*(\w+)\s*=", f.read(), re.M))
    return names | {"kallsyms_count", "kallsyms_offsets",
                    "kallsyms_name_offsets", "kallsyms_names"}


def upcalls():
    if not os.path.exists(UPCALLS):
        return set()
    with open(UPCALLS, encoding="utf-8") as f:
        text = re.sub(r"/\*.*?\*/|//[^\n]*", "", f.read(), flags=re.S)
    text = re.sub(r"^\s*#.*$", "", text, flags=re.M)
    names = set()
    for declaration in text.split(";"):
        m = re.search(r"(\w+)\s*\(", declaration) or \
            re.search(r"extern\b.*?(\w+)\s*(\[[^]]*\])?\s*$", declaration,
                      re.S)
        if m:
            names.add(m.group(1))
    return names


def group_of(obj, root):
    """The part of L6 that an object belongs to: fs, or one driver.

    A driver is a folder of drivers/, or its files with one name before the
    first underscore: gic.c, gic_v2.c and gic_v3.c are one.
    """
    parts = os.path.relpath(obj, root + "/obj").split("/")
    if parts[0] == "fs" or len(parts) > 2:
        return "/".join(parts[:1 if parts[0] == "fs" else 2])
    return "drivers/" + re.split(r"[_.]", parts[1])[0]


def check_siblings(tool, root):
    groups = {}
    for top in ("fs", "drivers"):
        for obj in glob.glob(f"{root}/obj/{top}/**/*.o", recursive=True):
            source = os.path.relpath(obj, root + "/obj")[:-2]
            if os.path.exists(source + ".c") or os.path.exists(source):
                groups.setdefault(group_of(obj, root), []).append(obj)
    table = {g: symbols(tool, objs) for g, objs in groups.items()}
    errors = []
    for group, (_, wanted) in sorted(table.items()):
        for other, (offered, _) in sorted(table.items()):
            for name in sorted(wanted & offered) if other != group else []:
                errors.append(f"L6: {group} needs {name} of {other}")
    return errors


def check_symbols(tool, root):
    objects = {int(re.search(r"L(\d+)\.o$", p).group(1)): p
               for p in glob.glob(f"{root}/layers/L*.o")}
    if not objects:
        return [f"{root}/layers: nothing there, run make layers"]
    table = {n: symbols(tool, [p]) for n, p in objects.items()}
    where = {name: n for n, (defined, _) in table.items() for name in defined}
    always = linker_symbols() | COMPILER_CALLS
    errors = []
    for n, (_, wanted) in sorted(table.items()):
        allowed = always | {1: upcalls(), 7: TESTS_ENTRY}.get(n, set())
        for name in sorted(wanted - allowed):
            if name not in where:
                errors.append(f"L{n}: {name} is defined nowhere")
            elif where[name] > n:
                errors.append(f"L{n}: {name} is defined above, "
                              f"in L{where[name]}")
    return errors + check_siblings(tool, root)


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--includes", action="store_true")
    ap.add_argument("--symbols", metavar="DIR")
    ap.add_argument("--nm", default="aarch64-linux-gnu-nm")
    args = ap.parse_args()
    errors = []
    if args.includes:
        errors += check_includes()
    if args.symbols:
        errors += check_symbols(args.nm, args.symbols)
    for e in errors:
        print(e)
    sys.exit(bool(errors))


if __name__ == "__main__":
    main()
