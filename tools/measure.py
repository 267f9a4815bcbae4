#!/usr/bin/env python3
"""measure.py - the figures of docs/: sizes, memory at the prompt, boot cost.

Instructions are counted by QEMU: under -icount shift=0 a virtual nanosecond
is one executed instruction, so the count repeats exactly.
"""
import os
import re
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))), "tests"))
from conftest import IMAGE, INITRD, Quire  # noqa: E402


def with_guest(name, work, **machine):
    guest = Quire(name, initrd=INITRD, **machine)
    try:
        guest.wait_prompt()
        return work(guest)
    finally:
        guest.kill()


def memory(mem):
    info = with_guest(f"measure-{mem}", Quire.meminfo, mem=mem)
    ram = int(mem[:-1]) << (20 if mem.endswith("G") else 10)
    gone = 100 * (ram - info["MemFree"]) / ram
    print(f"{mem:>5}: MemTotal {info['MemTotal']} kB, MemFree "
          f"{info['MemFree']} kB, {gone:.2f} % of RAM in use")


def instructions(guest):
    guest.run("echo measured-here > /dev/kmsg")
    stamp = re.search(r"\[ *([\d.]+)\][^\n]*measured-here",
                      guest.run("dmesg"))
    ticks = re.search(r"arch_sys_counter at (\d+) ticks", guest.log)
    before = int(ticks.group(1)) * 16 / 1e6     # of 16 ns, to millions
    run_init = re.search(r"\[ *([\d.]+)\] Run /\S+ as init", guest.log)
    if run_init:
        print(f"instructions to init: {before + float(run_init.group(1)) * 1000:.1f} M")
    print(f"instructions to the prompt: {before + float(stamp.group(1)) * 1000:.1f} M")


def main():
    print(f"build/Image: {os.path.getsize(IMAGE)} bytes, "
          f"initramfs: {os.path.getsize(INITRD)} bytes")
    for mem in ("64M", "512M", "16G"):
        memory(mem)
    with_guest("measure-icount", instructions, icount=True, cpus=1)
    started = time.time()
    with_guest("measure-wall", lambda g: print(
        f"QEMU's start to the prompt: {time.time() - started:.2f} s"))


if __name__ == "__main__":
    main()
