"""Booting: the matrix of machines, the log, the command line, the initrd."""
import os
import re

import pytest

import conftest
from conftest import INITRD, KTEST, OUT, PROMPT, TOP

MACHINES = [
    dict(),                                     # -M virt alone
    dict(mem="64M", cpus=1),
    dict(mem="64M", cpus=8),
    dict(mem="128M", cpus=2),
    dict(mem="2G", cpus=4),
    dict(mem="16G", cpus=2),
    dict(mem="4G", cpus=1, gic=3),
    dict(gic=2, cpus=8),
    dict(gic=3, cpus=8),
    dict(gic=3, cpus=4, cpu="cortex-a72"),
    dict(gic=2, cpus=2, cpu="cortex-a72", el2=True),
    dict(gic=2, cpus=2, cpu="max"),
    dict(gic=3, cpus=4, cpu="max", el2=True),
    dict(gic=3, cpus=1, el2=True),
]


def name_of(machine):
    return ",".join(f"{k}={v}" for k, v in machine.items()) or "default"


def kib(mem):
    return int(mem[:-1]) << (10 if mem.endswith("M") else 20)


@pytest.mark.parametrize("machine", MACHINES, ids=name_of)
def test_matrix(boot, machine):
    q = boot(**machine)
    cpuinfo = q.run("cat /proc/cpuinfo")
    assert len(re.findall(r"^processor\s*: \d+$", cpuinfo, re.M)) == \
        machine.get("cpus", 2)
    total = q.meminfo()["MemTotal"]
    wanted = kib(machine.get("mem", "512M"))
    assert wanted * 0.85 < total <= wanted
    assert q.run("echo hello | cat") == "hello\n"
    q.sendline("poweroff")
    assert q.wait_exit() == 0


@pytest.mark.parametrize("machine", [
    dict(cpus=4), dict(cpus=2, gic=3, cpu="max", mem="64M")], ids=name_of)
def test_debug_kernel(boot, machine):
    """Poison, red zones and the lock order checker find nothing to say."""
    q = boot(image=conftest.DEBUG_IMAGE, **machine)
    q.run("for i in 1 2 3; do ls / | cat | wc; done")
    q.run("free; ps; cat /proc/slabinfo > /dev/null", timeout=120)
    assert not re.search(r"(?i)circular locking|BUG:|WARNING:", q.log)
    q.sendline("poweroff")
    assert q.wait_exit() == 0


def test_unit_tests_on_boot(boot, record_property):
    q = boot()
    summary = KTEST.search(q.log)
    assert summary, "no summary of the unit tests on the console"
    passed, failed = map(int, summary.groups())
    record_property("guest_passed", passed)
    record_property("guest_failed", failed)
    assert passed > 0
    assert failed == 0, q.log


def test_unit_tests_in_ktap(boot):
    q = boot(append="ktest=verbose")
    assert "KTAP version 1" in q.log
    assert re.search(r"^(\[[^]]*\] )?\s*ok \d+", q.log, re.M)
    assert not re.search(r"^(\[[^]]*\] )?\s*not ok", q.log, re.M)


def test_unit_tests_off(boot):
    assert not KTEST.search(boot(append="ktest=off").log)


def test_one_unit_test_suite(boot):
    everything = KTEST.search(boot().log)
    q = boot(append="ktest=verbose")
    names = re.findall(r"# Subtest: (\S+)", q.log)
    assert names, "no subtest is named"
    one = KTEST.search(boot(append=f"ktest={names[0]}").log)
    assert 0 < int(one.group(1)) <= int(everything.group(1))


LOG_LINES = [
    r"Booting Linux on physical CPU 0x0*0?|Booting Quire|Quire version",
    r"Machine model: linux,dummy-virt",
    r"Kernel command line: ",
    r"(?i)zone ranges:",
    r"DMA\s+\[mem 0x0*40000000-0x",
    r"Virtual kernel memory layout:",
    r"modules : 0xffff000008000000 - 0xffff000010000000\s+\(\s*128 MB\)",
    r"vmalloc : 0xffff000010000000 - 0xffff7dffbfff0000",
    r"fixed +: 0xffff7dfffe7f9000 - 0xffff7dfffec00000\s+\(\s*4124 KB\)",
    r"PCI I/O : 0xffff7dfffee00000 - 0xffff7dffffe00000\s+\(\s*16 MB\)",
    r"vmemmap : 0xffff7e0000000000 - 0xffff800000000000",
    r"Memory: \d+K/\d+K available \(\d+K kernel code, \d+K rwdata, "
    r"\d+K rodata, \d+K init, \d+K bss, \d+K reserved",
    r"SMP: Total of 2 processors activated|smp: Brought up 1 node, 2 CPUs",
    r"Freeing (unused kernel memory|unused kernel image|initrd memory|init)",
    r"ktest: \d+ passed, 0 failed",
]


@pytest.fixture(scope="module", name="boot_log")
def fixture_boot_log(shared):
    return shared().log


@pytest.mark.parametrize("line", LOG_LINES)
def test_log_line(boot_log, line):
    assert re.search(line, boot_log), boot_log


def test_log_has_timestamps(boot_log):
    assert re.search(r"^\[ {4}0\.\d{6}\] ", boot_log, re.M)


def test_memory_line_agrees_with_meminfo(quire, boot_log):
    available, total = map(int, re.search(
        r"Memory: (\d+)K/(\d+)K available", boot_log).groups())
    assert total == 512 << 10
    assert available <= quire.meminfo()["MemTotal"] <= total


def test_dmesg_is_the_boot_log(quire, boot_log):
    line = re.search(r"Memory: \d+K/\d+K available", boot_log).group(0)
    assert line in quire.run("dmesg")


def test_quiet(boot):
    q = boot(append="quiet")
    assert "Memory:" not in q.log
    assert "Memory:" in q.run("dmesg")


def test_loglevel(boot):
    assert "Memory:" in boot(append="loglevel=7").log
    assert "Memory:" not in boot(append="loglevel=4").log


def test_cmdline_reaches_init(boot):
    q = boot(append="quiet nosuchflag=17 just_a_word")
    assert "nosuchflag=17" in q.run("cat /proc/cmdline")
    assert "nosuchflag=17" in q.run("cat /proc/1/environ")
    assert "just_a_word" in q.run("cat /proc/1/cmdline")


def test_commands_from_the_cmdline(start):
    q = start(append='quiet QUIRE_RUN="echo it-$((6*7))-runs"')
    q.expect(r"it-42-runs")
    q.expect(r"exit status 0")
    assert q.wait_exit() == 0


def test_rdinit(start):
    q = start(append="rdinit=/bin/sh")
    q.expect(r"[#$] ")


def test_gzip_initrd(boot):
    path = conftest.gzip_of(INITRD, f"{OUT}/initramfs.cpio.gz")
    assert boot(initrd=path).run("echo $((1+1))") == "2\n"


def test_two_archives_in_one_initrd(boot):
    """Linux takes several archives, padded, one after the other."""
    script = f"{OUT}/script"
    with open(script, "w", encoding="utf-8") as f:
        f.write("#!/bin/sh -e\necho $0 has $#: $1\n")
    extra = conftest.make_initrd(f"{OUT}/extra.cpio", [
        "dir /extra 755 0 0", "slink /extra/link target 777 0 0",
        f"file /extra/script {script} 755 0 0",
        f"file /extra/first {TOP}/LICENSE 644 0 0 /extra/second"])
    path = f"{OUT}/two.cpio"
    with open(path, "wb") as out:
        for part in (INITRD, extra):
            with open(part, "rb") as f:
                out.write(f.read())
    q = boot(initrd=path)
    assert "MIT License" in q.run("cat /extra/first")
    assert "MIT License" in q.run("cat /extra/second")
    assert "target" in q.run("ls -l /extra/link")
    assert q.run("/extra/script arg") == "/extra/script has 1: arg\n"


def test_initrd_memory_is_freed(boot):
    """The archive's own pages are given back after unpacking."""
    q = boot()
    size = os.path.getsize(conftest.TEST_INITRD) >> 10
    info = q.meminfo()
    assert info["MemTotal"] - info["MemFree"] < 2 * size + (12 << 10)


def halts_with(q, sentence):
    """A sentence, and an end: power-off, or a panic, or a halt."""
    q.expect(sentence, panic_ok=True)
    q.expect(r"(?i)Kernel panic|halted|power down|reboot: ", panic_ok=True)


def test_truncated_initrd(start):
    with open(INITRD, "rb") as f:
        data = f.read()
    path = f"{OUT}/truncated.cpio"
    with open(path, "wb") as f:
        f.write(data[:len(data) // 2])
    halts_with(start(initrd=path), r"(?i)initramfs[^\r\n]*")


def test_garbage_initrd(start):
    path = f"{OUT}/garbage.cpio"
    with open(path, "wb") as f:
        f.write(bytes(range(256)) * 512)
    halts_with(start(initrd=path), r"(?i)initramfs[^\r\n]*|no init[^\r\n]*")


def test_corrupt_gzip_initrd(start):
    path = conftest.gzip_of(INITRD, f"{OUT}/corrupt.cpio.gz")
    with open(path, "r+b") as f:
        f.seek(os.path.getsize(path) // 2)
        f.write(b"\xff" * 64)
    halts_with(start(initrd=path), r"(?i)initramfs[^\r\n]*|inflate[^\r\n]*")


def test_missing_init(start):
    path = conftest.make_initrd(f"{OUT}/noinit.cpio", [
        "dir /dev 755 0 0", "nod /dev/console 600 0 0 c 5 1"])
    halts_with(start(initrd=path), r"(?i)no (working )?init[^\r\n]*|"
               r"/init[^\r\n]*|unable to mount root[^\r\n]*")


def test_no_initrd_at_all(start):
    halts_with(start(initrd=""),
               r"(?i)no (working )?init[^\r\n]*|unable to mount root[^\r\n]*")


def test_init_that_is_not_a_program(start):
    path = conftest.make_initrd(f"{OUT}/badinit.cpio", [
        f"file /init {TOP}/LICENSE 755 0 0"])
    halts_with(start(initrd=path), r"(?i)init[^\r\n]*(fail|error|no)[^\r\n]*")


def test_init_that_ends(start):
    q = start(append="rdinit=/bin/true")
    q.expect(r"Attempted to kill init", panic_ok=True)


def test_panic_tells_the_story(start):
    q = start(append="rdinit=/bin/true")
    q.expect(r"Kernel panic - not syncing: [^\r\n]*", panic_ok=True)
    q.expect(r"(?i)call trace|backtrace", panic_ok=True)
    q.expect(r"end Kernel panic", panic_ok=True)


def test_memory_at_the_prompt(boot):
    """Everything counted, under 4 % of 512 MiB are gone."""
    q = boot(mem="512M", initrd=conftest.INITRD)
    info = q.meminfo()
    assert (512 << 10) - info["MemFree"] < 0.04 * (512 << 10) + 2048


def test_icount_is_frugal(start):
    """Instructions from power-on to the prompt: a tenth of Linux's 866 M."""
    q = start(icount=True, cpus=1, initrd=INITRD)
    q.wait_prompt()
    up = q.run("cat /proc/uptime").split()[0]
    assert float(up) < 0.2


def test_prompt_is_quick_to_come_back(quire):
    quire.sendline("")
    quire.expect(PROMPT, timeout=20)
