#!/usr/bin/env python3
"""bench.py - instructions per operation, beside Linux: `make bench`.

    tools/bench.py                  measure, write docs/bench.md and .svg
    tools/bench.py --only [NAME..]  measure Quire alone and print the ratios
    tools/bench.py --store          also keep Linux's figures as data

One static program (tests/bench/) runs on Quire and on Debian's Linux 6.1 and
6.12, where these can be fetched (tools/debian.py) or are named by LINUX_IMAGE
("6.1=path 6.12=path"); else the figures stored in tests/bench/linux.json
stand in. The ratio is against the lowest figure there is for Linux. What is
measured under memory pressure has a smaller machine of its own with two disks,
and its ratio is against Linux 6.1.
"""
import argparse
import json
import math
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import debian  # noqa: E402
import disks  # noqa: E402
import mkinitramfs  # noqa: E402
import profile as profiler  # noqa: E402  (tools/profile.py)

TOP = profiler.TOP
STORED = f"{TOP}/tests/bench/linux.json"
DOCUMENT, PLOT = f"{TOP}/docs/bench.md", f"{TOP}/docs/bench.svg"
VERSIONS = ("6.1", "6.12")
GOAL_MEAN, GOAL_WORST, GOAL_GROWTH = 0.35, 0.7, 1.3
GROWTH = ("fault", "mmap")      # of the 10,000-VMA operations
LEAN = ("mitigations=off nokaslr randomize_kstack_offset=off init_on_alloc=0 "
        "audit=0 apparmor=0 lsm= cgroup_disable=memory")
LIMIT = 900


# ---- Measuring -------------------------------------------------------------
def with_modules(image):
    """=> the archive to boot, with the disk's driver if there is one"""
    folder = f"{image}.modules"
    if not os.path.isdir(folder):
        return profiler.INITRD
    archive = mkinitramfs.Archive()
    archive.dir("dev", 0o755)
    archive.nod("dev/console", 0o600, 0, 0, "c", 5, 1)
    archive.file("init", profiler.BENCH, 0o755)
    archive.dir("modules", 0o755)
    for name in sorted(os.listdir(folder)):
        archive.file(f"modules/{name}", f"{folder}/{name}", 0o644)
    path = f"{TOP}/build/bench/modules.cpio"
    with open(path, "wb") as f:
        f.write(archive.finish())
    return path


def drives():
    """=> QEMU's arguments for an empty ext2 and a swap area"""
    args = []
    for name, *tool in (("swap", "mkswap"), ("disk", "mke2fs", "-q", "-F",
                                             "-t", "ext2", "-b", "4096")):
        path = f"{TOP}/build/bench/{name}.img"
        with open(path, "wb") as f:
            f.truncate(256 << 20)
        disks.run(*tool, path)
        args += ["-drive", f"if=none,format=raw,cache=unsafe,id={name},"
                 f"file={path}", "-device", f"virtio-blk-device,drive={name}"]
    return args     # the last one is the first that is found


def measure(image, names=(), divisor=1, pressure=False):
    """=> {operation: instructions, or None where there is no such thing}"""
    words = " ".join(["-d", str(divisor), *(["-p"] if pressure else []),
                      *names])
    machine = (["-m", "128M", "-initrd", with_modules(image), *drives()]
               if pressure else ["-m", "512M", "-initrd", profiler.INITRD])
    run = subprocess.run(
        [os.environ.get("QEMU", "qemu-system-aarch64"), "-M", "virt", "-cpu",
         "cortex-a57", "-smp", "1", "-icount",
         "shift=0,sleep=off", "-seed", "1", "-nic", "none", "-display",
         "none", "-serial", "stdio", "-monitor", "none", "-no-reboot",
         "-kernel", image, *machine, "-append",
         f'console=ttyAMA0 quiet loglevel=0 panic=-1 {LEAN} BENCH="{words}"'],
        text=True, errors="replace", stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT)
    if "bench done" not in run.stdout:
        raise RuntimeError(f"{image}: the bench program did not come to its "
                           f"end:\n{run.stdout[-3000:]}")
    return {name: None if value == "none" else float(value) for name, value
            in re.findall(r"^bench (\w+) (none|[\d.]+)", run.stdout, re.M)}


def measure_all(image, operations, names=()):
    """=> the figures of these operations, or of all, from both machines"""
    figures = {}
    for pressure in (False, True):
        mine = [o["name"] for o in operations if o.get("pressure", False)
                == pressure and (not names or o["name"] in names)]
        if mine:
            figures.update(measure(image, names and mine, pressure=pressure))
    return figures


def linux_images():
    """=> {version: path of a kernel}, as far as they can be had"""
    named = os.environ.get("LINUX_IMAGE", "")
    if named:
        return dict(word.split("=", 1) for word in named.split())
    images = {}
    for version in VERSIONS:
        try:
            images[version] = debian.kernel(version)
        except debian.Unavailable as e:
            print(f"bench: no Linux {version}: {e}")
    return images


# ---- The table -------------------------------------------------------------
def load(path=STORED):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def store(operations, path=STORED):
    with open(path, "w", encoding="utf-8") as f:
        f.write("[\n" + ",\n".join("  " + json.dumps(o)
                                   for o in operations) + "\n]\n")


def lowest(operation):
    """=> Linux's lowest figure for it, or None

    Under pressure it is that of 6.1: 6.12 keeps other lists (MGLRU).
    """
    keys = VERSIONS[:1] if operation.get("pressure") else ("reference",
                                                           *VERSIONS)
    return min((operation[key] for key in keys
                if operation.get(key) is not None), default=None)


class Table:
    """Quire's figures beside Linux's."""

    def __init__(self, operations, quire):
        self.operations, self.quire = operations, quire
        self.ratios = {}
        for o in operations:
            mine, linux = quire.get(o["name"]), lowest(o)
            if mine is not None and linux:
                self.ratios[o["name"]] = mine / linux
        self.listed = {o["name"]: self.ratios[o["name"]] for o in operations
                       if "reference" in o and o["name"] in self.ratios}

    def title(self, name):
        return next(o["title"] for o in self.operations if o["name"] == name)

    def ratio(self, name):
        return f"{self.ratios[name]:.2f}" if name in self.ratios else "-"

    def mean(self):
        return math.exp(sum(map(math.log, self.listed.values()))
                        / len(self.listed))

    def worst(self):
        return max(self.listed, key=self.listed.get)

    def growth(self, step):
        few = self.quire.get(f"vma10_{step}")
        return self.quire[f"vma_{step}"] / few if few else None

    def rows(self, kind):
        for o in self.operations:
            if kind == ("listed" if "reference" in o else
                        "pressure" if "pressure" in o else "more"):
                yield ([o["title"], number(self.quire.get(o["name"]))]
                       + [number(o.get(k)) for k in (*VERSIONS, "reference")]
                       + [self.ratio(o["name"])])

    def markdown(self):
        head = ["operation", "Quire", *(f"Linux {v}" for v in VERSIONS),
                "reference", "ratio"]
        lines = [row(head), "|---|" + "---:|" * 5]
        lines += map(row, self.rows("listed"))
        lines += ["", f"Geometric mean of the ratios: **{self.mean():.3f}** "
                  f"(aim: {GOAL_MEAN}). Worst line: {self.title(self.worst())}"
                  f", **{self.listed[self.worst()]:.2f}** (aim: {GOAL_WORST})."]
        growth = [f"{step} {self.growth(step):.2f}" for step in GROWTH
                  if self.growth(step)]
        lines += ["Growth from 10 to 10,000 VMAs: " + ", ".join(growth)
                  + f" (aim: {GOAL_GROWTH})."]
        for title, kind in (("Beyond the list, not part of the mean:", "more"),
                            ("Under memory pressure (aim: 1):", "pressure")):
            lines += ["", title, "", row(head), "|---|" + "---:|" * 5,
                      *map(row, self.rows(kind))]
        return "\n".join(lines)


def number(value):
    return "-" if value is None else f"{value:,.0f}"


def row(cells):
    return "| " + " | ".join(cells) + " |"


# ---- The plot --------------------------------------------------------------
def svg(table):
    """One bar for each ratio, the worst on top; lines where the aims are."""
    bars = sorted(table.listed.items(), key=lambda item: -item[1])
    left, width, step, top = 300, 480, 20, 40
    scale = width / max(1.0, *(r for _, r in bars))
    height = top + step * len(bars) + 30
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 60}"'
           f' height="{height}" font-family="sans-serif" font-size="12">',
           '<rect width="100%" height="100%" fill="white"/>',
           f'<text x="10" y="20" font-size="14">Instructions per operation, '
           f'Quire / Linux; geometric mean {table.mean():.3f}</text>']
    for i, (name, ratio) in enumerate(bars):
        y = top + step * i
        out += [f'<text x="{left - 8}" y="{y + 13}" text-anchor="end">'
                f'{table.title(name)}</text>',
                f'<rect x="{left}" y="{y + 2}" width="{ratio * scale:.1f}" '
                f'height="{step - 5}" fill="#3b6ea5"/>',
                f'<text x="{left + ratio * scale + 5:.1f}" y="{y + 13}">'
                f'{ratio:.2f}</text>']
    for value, colour in ((GOAL_MEAN, "#2a8a3e"), (GOAL_WORST, "#c07000"),
                          (1.0, "#b02020")):
        x, bottom = left + value * scale, top + step * len(bars)
        out += [f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}" '
                f'stroke="{colour}" stroke-dasharray="4 3"/>',
                f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle" '
                f'fill="{colour}">{value:g}</text>']
    return "\n".join([*out, "</svg>\n"])


# ---- Where the instructions go ---------------------------------------------
def anatomy(table, names):
    """A table of functions for each of these operations."""
    parts = []
    for name in names:
        print(f"bench: tracing {name}", flush=True)
        counts = profiler.profile(name, divisor=20)
        rows = counts.functions()
        shown = [r for r in rows[:12] if r[0] >= counts.total / 100]
        parts += [f"### {table.title(name)}", "",
                  f"{number(counts.total)} instructions, ratio "
                  f"{table.ratio(name)}.", "",
                  row(["function", "instructions", "share"]), "|---|---:|---:|"]
        parts += [row([f"`{f}`" if f[0] != "(" else f, number(n),
                       f"{100 * n / counts.total:.1f} %"]) for n, f in shown]
        left = counts.total - sum(n for n, _ in shown)
        if len(rows) > len(shown):
            parts += [row([f"{len(rows) - len(shown)} others", number(left),
                           f"{100 * left / counts.total:.1f} %"])]
        parts += [""]
    return "\n".join(parts).rstrip()


def costliest(table):
    """=> the five with the worst ratio, the five with most instructions"""
    by_ratio = sorted(table.listed, key=lambda n: -table.listed[n])
    by_count = sorted(table.listed, key=lambda n: -table.quire[n])
    return by_ratio[:5], [n for n in by_count[:5] if n not in by_ratio[:5]]


def fill(document, blocks):
    """Replace what stands between <!-- NAME --> and <!-- end -->."""
    for name, text in blocks.items():
        document, found = re.subn(
            rf"(<!-- {name} -->\n).*?(<!-- end -->)",
            lambda m, t=text: f"{m.group(1)}\n{t}\n\n{m.group(2)}",
            document, flags=re.S)
        if not found:
            raise ValueError(f"no place for {name} in the document")
    return document


def write_document(table):
    by_ratio, by_count = costliest(table)
    with open(DOCUMENT, encoding="utf-8") as f:
        text = fill(f.read(), {
            "table": table.markdown(),
            "worst ratio": anatomy(table, by_ratio),
            "most instructions": anatomy(table, by_count)})
    for path, content in ((DOCUMENT, text), (PLOT, svg(table))):
        with open(path, "w", encoding="utf-8") as f:
            f.write(content)


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--only", nargs="*", metavar="NAME",
                    help="Quire alone, these operations (default: all)")
    ap.add_argument("--store", action="store_true",
                    help="keep Linux's figures in tests/bench/linux.json")
    args = ap.parse_args()
    operations = load()
    quire = measure_all(profiler.IMAGE, operations, args.only or ())
    if args.only is None:
        for version, image in linux_images().items():
            print(f"bench: Linux {version}: {image}", flush=True)
            figures = measure_all(image, operations)
            for o in operations:
                if figures.get(o["name"]) is not None:
                    o[version] = figures[o["name"]]
        if args.store:
            store(operations)
    table = Table(operations, quire)
    for o in operations:
        if o["name"] in quire:
            print(f"{o['name']:<15}{number(quire[o['name']]):>12}"
                  f"{number(lowest(o)):>12}"
                  f"{table.ratio(o['name']):>7}")
    if args.only is None:
        write_document(table)
    if not args.only:
        print(f"geometric mean {table.mean():.3f}, worst {table.worst()} "
              f"{table.listed[table.worst()]:.2f}, growth "
              + ", ".join(f"{s} {table.growth(s):.2f}" for s in GROWTH))


if __name__ == "__main__":
    main()
