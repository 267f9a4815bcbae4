#!/usr/bin/env python3
"""bench.py - instructions per operation, beside Linux: `make bench`.

    tools/bench.py                  measure, write docs/bench.md and .svg
    tools/bench.py --only [NAME..]  measure Quire alone and print the ratios
    tools/bench.py --store          also keep Linux's figures as data

One static program (tests/bench/) runs on Quire and on Debian's Linux 6.1 and
6.12, where these can be fetched (tools/debian.py) or are named by LINUX_IMAGE
("6.1=path 6.12=path"); else the figures stored in tests/bench/linux.json
stand in. The ratio is against the lowest figure there is for Linux.
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
def measure(image, names=(), divisor=1):
    """=> {operation: instructions, or None where there is no such thing}"""
    words = " ".join(["-d", str(divisor), *names])
    run = subprocess.run(
        [os.environ.get("QEMU", "qemu-system-aarch64"), "-M", "virt", "-cpu",
         "cortex-a57", "-m", "512M", "-smp", "1", "-icount",
         "shift=0,sleep=off", "-seed", "1", "-nic", "none", "-display",
         "none", "-serial", "stdio", "-monitor", "none", "-no-reboot",
         "-kernel", image, "-initrd", profiler.INITRD, "-append",
         f'console=ttyAMA0 quiet panic=-1 {LEAN} BENCH="{words}"'],
        text=True, errors="replace", stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT)
    if "bench done" not in run.stdout:
        raise RuntimeError(f"{image}: the bench program did not come to its "
                           f"end:\n{run.stdout[-3000:]}")
    return {name: None if value == "none" else float(value) for name, value
            in re.findall(r"^bench (\w+) (none|[\d.]+)", run.stdout, re.M)}


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
    """=> Linux's lowest figure for it, or None"""
    figures = [operation[key] for key in ("reference", *VERSIONS)
               if operation.get(key)]
    return min(figures) if figures else None


class Table:
    """Quire's figures beside Linux's."""

    def __init__(self, operations, quire):
        self.operations, self.quire = operations, quire
        self.ratios = {}
        for o in operations:
            mine, linux = quire.get(o["name"]), lowest(o)
            if mine and linux:
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

    def rows(self, listed):
        for o in self.operations:
            if ("reference" in o) == listed:
                yield ([o["title"], number(self.quire.get(o["name"]))]
                       + [number(o.get(k)) for k in (*VERSIONS, "reference")]
                       + [self.ratio(o["name"])])

    def markdown(self):
        head = ["operation", "Quire", *(f"Linux {v}" for v in VERSIONS),
                "reference", "ratio"]
        lines = [row(head), "|---|" + "---:|" * 5]
        lines += map(row, self.rows(True))
        lines += ["", f"Geometric mean of the ratios: **{self.mean():.3f}** "
                  f"(aim: {GOAL_MEAN}). Worst line: {self.title(self.worst())}"
                  f", **{self.listed[self.worst()]:.2f}** (aim: {GOAL_WORST})."]
        growth = [f"{step} {self.growth(step):.2f}" for step in GROWTH
                  if self.growth(step)]
        lines += ["Growth from 10 to 10,000 VMAs: " + ", ".join(growth)
                  + f" (aim: {GOAL_GROWTH})."]
        lines += ["", "Beyond the list, not part of the mean:", "",
                  row(head), "|---|" + "---:|" * 5]
        return "\n".join([*lines, *map(row, self.rows(False))])


def number(value):
    return f"{value:,.0f}" if value else "-"


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
        parts += [row([f"{len(rows) - len(shown)} others", number(left),
                       f"{100 * left / counts.total:.1f} %"]), ""]
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
    quire = measure(profiler.IMAGE, args.only or ())
    if args.only is None:
        for version, image in linux_images().items():
            print(f"bench: Linux {version}: {image}", flush=True)
            figures = measure(image)
            for o in operations:
                if figures.get(o["name"]):
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
