#!/usr/bin/env python3
"""profile.py - which functions execute the instructions of one operation?

    tools/profile.py [-n ROWS] [-d DIVISOR] [--lines FUNCTION] OPERATION

OPERATION is one of tests/bench (getppid, anon_write, fork...). QEMU executes
it one instruction at a time and logs each address; the log is read through a
pipe. Counted is what lies between start() and stop() of the bench program,
whoever executes it. Every figure is per operation as bench counts them.
"""
import argparse
import bisect
import collections
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
IMAGE = f"{TOP}/build/Image"
ELF = f"{TOP}/build/quire.elf"
BENCH = f"{TOP}/build/bench/bench"
INITRD = f"{TOP}/build/bench/initramfs.cpio"
KERNEL = 1 << 63


def tool(name):
    return os.environ.get("CROSS_COMPILE", "aarch64-linux-gnu-") + name


def symbols(elf):
    """=> the functions of an ELF file: sorted addresses, their names"""
    text = subprocess.run([tool("nm"), "-n", elf], text=True, check=True,
                          stdout=subprocess.PIPE).stdout
    found = [(int(a, 16), n) for a, kind, n in map(str.split, filter(
        lambda line: len(line.split()) == 3, text.splitlines()))
        if kind in "tTwW" and not n.startswith("$")]
    return [a for a, _ in found], [n for _, n in found]


class Names:
    """From an address to the function it is in."""

    def __init__(self):
        self.kernel, self.user = symbols(ELF), symbols(BENCH)

    def of(self, pc):
        if not pc & KERNEL:
            return "(user space)"
        addresses, names = self.kernel
        at = bisect.bisect_right(addresses, pc) - 1
        return names[at] if at >= 0 else "?"

    def user_address(self, name):
        addresses, names = self.user
        return addresses[names.index(name)]


class Machine:
    """Quire with the bench program that waits, and QEMU's monitor."""

    def __init__(self, directory, arguments):
        self.log = f"{directory}/log"
        os.mkfifo(self.log)
        monitor = f"{directory}/monitor"
        self.qemu = subprocess.Popen(
            [os.environ.get("QEMU", "qemu-system-aarch64"), "-M", "virt",
             "-cpu", "cortex-a57", "-m", "512M", "-smp", "1", "-icount",
             "shift=0,sleep=off", "-seed", "1", "-nic", "none", "-display",
             "none", "-serial", "stdio", "-no-reboot", "-monitor",
             f"unix:{monitor},server,nowait", "-kernel", IMAGE, "-initrd",
             INITRD, "-append", f'quiet BENCH="-w {arguments}"'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.console = b""
        self.wait_for(b"bench waits")
        self.monitor = socket.socket(socket.AF_UNIX)
        self.monitor.connect(monitor)

    def wait_for(self, what):
        until = time.time() + 60
        while what not in self.console:
            chunk = os.read(self.qemu.stdout.fileno(), 4096)
            if not chunk or time.time() > until:
                sys.exit("profile: the bench program did not start:\n"
                         + self.console.decode(errors="replace"))
            self.console += chunk

    def command(self, text):
        self.monitor.sendall(text.encode() + b"\n")

    def trace(self):
        """=> the log as a file, from the first operation on"""
        self.command("singlestep on")
        self.command(f"logfile {self.log}")
        self.command("log exec,nochain")
        log = open(self.log, "rb", buffering=1 << 20)
        self.qemu.stdin.write(b"\n")
        self.qemu.stdin.flush()
        return log

    def rest(self):
        """=> what the console said, after the end of the log"""
        out, _ = self.qemu.communicate(timeout=60)
        return (self.console + out).decode(errors="replace")

    def end(self):
        self.qemu.kill()
        self.qemu.wait()


def count(log, first, last):
    """=> how often each address was executed between first and last"""
    counts, window, inside, pc = collections.Counter(), [], False, 0
    for line in log:
        if line[0] != 84:                   # not "Trace ...[base/pc/flags]"
            if line.startswith(b"Stopped") and window:
                window.pop()                # logged, but not executed
            continue
        at = line.index(b"/") + 1
        pc = int(line[at:at + 16], 16)
        if pc == first:
            inside = True
        elif pc == last:
            inside = False
        elif inside:
            window.append(pc)
            if len(window) >= 1 << 20:
                counts.update(window[:-1])
                del window[:-1]
    counts.update(window)
    return counts


class Counts:
    """Executions per operation of each address."""

    def __init__(self, names, by_address):
        self.names, self.by_address = names, by_address
        self.total = sum(by_address.values())

    def functions(self):
        """=> [(executed per operation, function)], the largest first"""
        by_function = collections.Counter()
        for pc, n in self.by_address.items():
            by_function[self.names.of(pc)] += n
        return [(n, name) for name, n in by_function.most_common()]

    def lines(self, function):
        """=> [(executed per operation, source line)] of one function"""
        mine = {pc: n for pc, n in self.by_address.items()
                if self.names.of(pc) == function}
        if not mine:
            return []
        text = subprocess.run(
            [tool("addr2line"), "-e", ELF, *map(hex, mine)], text=True,
            check=True, stdout=subprocess.PIPE).stdout
        by_line = collections.Counter()
        for n, where in zip(mine.values(), text.splitlines()):
            by_line[os.path.relpath(where.split(" ")[0], TOP)] += n
        return [(n, where) for where, n in by_line.most_common()]


def profile(operation, divisor=1):
    """=> Counts of one operation of the bench program"""
    names = Names()
    with tempfile.TemporaryDirectory() as directory:
        machine = Machine(directory, f"-d {divisor} {operation}")
        try:
            counts = count(machine.trace(), names.user_address("start"),
                           names.user_address("stop"))
            console = machine.rest()
        finally:
            machine.end()
    of = re.search(rf"bench {operation} [\d.]+ of (\d+)", console)
    if not of:
        raise ValueError(f"no result for {operation}: {console[-500:]}")
    n = int(of.group(1))
    return Counts(names, {pc: c / n for pc, c in counts.items()})


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("operation")
    ap.add_argument("-n", type=int, default=30, help="so many lines")
    ap.add_argument("-d", type=int, default=10, help="of the repetitions")
    ap.add_argument("--lines", metavar="FUNCTION",
                    help="source lines of this function instead")
    args = ap.parse_args()
    counts = profile(args.operation, args.d)
    rows = (counts.lines(args.lines) if args.lines else counts.functions())
    print(f"{counts.total:12.1f} 100.0 %  all of {args.operation}")
    for n, name in rows[:args.n]:
        print(f"{n:12.1f} {100 * n / counts.total:5.1f} %  {name}")


if __name__ == "__main__":
    main()
