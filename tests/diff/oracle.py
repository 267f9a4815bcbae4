#!/usr/bin/env python3
"""oracle.py - run the scripts of tests/diff/ on Linux and on Quire, compare.

    oracle.py [--linux vmlinuz] [--update] [case]...

Linux is what tools/debian.py fetches unless a kernel is given. Both run the
same program in the same machine. What differs is shown side by side; the
exit status is 1 if that is not exactly what caveats.txt says.

    linux-6.1.txt   what Linux printed: --update renews it
    caveats.txt     the differences that are meant:
                        == case
                        why: a sentence
                        -a line of Linux's
                        +the line of Quire's in its place
                    or cases that are not compared so far:
                        == case
                        not yet: what is missing
"""
import argparse
import difflib
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
STORED = os.path.join(HERE, "linux-6.1.txt")
CAVEATS = os.path.join(HERE, "caveats.txt")
IMAGE = os.path.join(TOP, "build", "Image")
INITRD = os.path.join(TOP, "build", "tests", "initramfs.cpio")
QEMU = os.environ.get("QEMU", "qemu-system-aarch64")
MACHINE = {"cpu": "cortex-a57", "cpus": 2, "mem": "512M"}
LIMIT = 300         # seconds for all of them


def parse(text):
    """=> {case: [line]} in their order"""
    cases, lines = {}, None
    for line in text.splitlines():
        if line.startswith("== "):
            lines = cases.setdefault(line[3:].strip(), [])
        elif lines is not None and line.strip():
            lines.append(line.rstrip())
    return cases


def load(path):
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as f:
        return parse(f.read())


def differences(linux, quire):
    """=> the lines that differ, in order: -Linux's, +Quire's"""
    return [line[0] + line[2:] for line in difflib.ndiff(linux, quire)
            if line[0] in "-+"]


def not_yet(name, caveats):
    return any(line.startswith("not yet:") for line in caveats.get(name, []))


def judge(name, linux, quire, caveats):
    """=> None, or what is wrong with the case in words"""
    expected = [line for line in caveats.get(name, [])
                if line[0] in "-+"]
    got = differences(linux, quire)
    if got == expected:
        return None
    if not expected:
        return f"{name}: differs from Linux"
    if not got:
        return f"{name}: a caveat that is true no more"
    return f"{name}: differs from Linux in another way than its caveat says"


def run(kernel, which="", verbose=False):
    """Boot the kernel, run the scripts. => their output"""
    command = [
        QEMU, "-M", "virt", "-cpu", MACHINE["cpu"], "-m", MACHINE["mem"],
        "-smp", str(MACHINE["cpus"]), "-nic", "none", "-display", "none",
        "-serial", "stdio", "-monitor", "none", "-no-reboot",
        "-kernel", kernel, "-initrd", INITRD, "-append",
        "console=ttyAMA0 quiet loglevel=1 ktest=off panic=-1 "
        f'QUIRE_RUN="/tests/diff {which}{" -v" * verbose}"']
    output = subprocess.run(command, stdin=subprocess.DEVNULL, text=True,
                            stdout=subprocess.PIPE, errors="replace",
                            stderr=subprocess.STDOUT, timeout=LIMIT).stdout
    start = output.find("== ")
    output = re.sub(r"\x1b\[[0-9;]*m|\r", "", output[max(start, 0):])
    if "== end" not in output:
        sys.exit(f"{kernel}: did not come to its end:\n{output[-2000:]}")
    return output[:output.index("== end")]


def linux_kernel():
    got = subprocess.run([sys.executable, f"{TOP}/tools/debian.py", "kernel"],
                         stdout=subprocess.PIPE, text=True)
    if got.returncode:
        sys.exit(got.returncode)
    return got.stdout.strip()


def side_by_side(linux, quire, width, everything):
    """=> Linux's lines on the left, Quire's right of them or below"""
    half, rows = (width - 3) // 2, []
    same = difflib.SequenceMatcher(None, linux, quire, False)
    for what, a, b, c, d in same.get_opcodes():
        left, right = linux[a:b], quire[c:d]
        for i in range(max(len(left), len(right))):
            one = left[i] if i < len(left) else ""
            two = right[i] if i < len(right) else ""
            mark = "   " if what == "equal" else " | "
            if what == "equal" and not everything:
                continue
            if len(one) <= half and len(two) <= half:
                rows.append(f"{one:<{half}}{mark}{two}")
            else:
                rows += [one] if one == two else [f"Linux: {one}",
                                                  f"Quire: {two}"]
    return "\n".join(rows)


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--linux", help="an arm64 Linux kernel")
    ap.add_argument("--update", action="store_true", help="renew the data")
    ap.add_argument("--stored", action="store_true",
                    help="compare with the data, run no Linux")
    ap.add_argument("--all", action="store_true", help="show equal lines, too")
    ap.add_argument("-v", action="store_true",
                    help="random scripts: maps and smaps behind every call")
    ap.add_argument("case", nargs="?", default="", help="only names with this")
    args = ap.parse_args()
    if args.stored:
        linux = {k: v for k, v in load(STORED).items() if args.case in k}
    else:
        text = run(args.linux or linux_kernel(), args.case, args.v)
        linux = parse(text)
        if args.update and not args.case:
            with open(STORED, "w", encoding="utf-8") as f:
                f.write(text)
    quire = parse(run(IMAGE, args.case, args.v))
    caveats, bad = load(CAVEATS), 0
    width = max(120, shutil.get_terminal_size().columns)
    for name, lines in linux.items():
        mine = quire.get(name, [])
        wrong = judge(name, lines, mine, caveats)
        if wrong and not_yet(name, caveats):
            print(f"---- {name}: {caveats[name][0]}")
            continue
        if name in caveats and not wrong:
            print(f"---- {name}: as its caveat says")
        if wrong:
            print(f"---- {wrong}")
            print(side_by_side(lines, mine, width, args.all))
        bad += bool(wrong)
    print(f"{len(linux)} cases, {bad} differ from what is expected")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
