"""Debian's own arm64 busybox, unmodified, as the whole userland."""
import os
import re
import time

import pytest

import conftest
import debian
from conftest import OUT, Quire

ASH = r"/ # |~ # |# $"
INIT = """#!/bin/sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs devtmpfs /dev
/bin/busybox --install -s /bin
export PATH=/bin HOME=/ TERM=vt100
cd /
setsid -c ash
poweroff -f
"""


def fetch_busybox():
    """=> path of the program"""
    given = os.environ.get("QUIRE_BUSYBOX")
    if given:
        return given
    root = debian.packages(["busybox-static"], name="busybox")
    return f"{root}/bin/busybox"


@pytest.fixture(scope="module", name="bb_image")
def fixture_bb_image():
    try:
        program = fetch_busybox()
    except debian.Unavailable as e:
        pytest.skip(str(e))
    script = f"{OUT}/busybox-init"
    with open(script, "w", encoding="utf-8") as f:
        f.write(INIT)
    return conftest.make_initrd(f"{OUT}/busybox.cpio", [
        *(f"dir /{d} 755 0 0" for d in ("bin", "dev", "proc", "sys", "etc")),
        "dir /tmp 1777 0 0", "nod /dev/console 600 0 0 c 5 1",
        f"file /init {script} 755 0 0",
        f"file /bin/busybox {program} 755 0 0",
        "slink /bin/sh busybox 777 0 0"])


class Ash(Quire):
    """A guest whose prompt is ash's."""

    def sh(self, command, timeout=60):
        n = next(conftest.serial_numbers)
        self.sendline(f'echo "@""B{n}"; {command}; echo "@""E{n}:$?"')
        self.expect(rf"@B{n}\r*\n", timeout)
        match = self.expect(rf"@E{n}:(\d+)\r*\n", timeout)
        output = conftest.plain(self.child.before)
        self.expect(ASH, timeout)
        return output, int(match.group(1))


@pytest.fixture(scope="module", name="bb")
def fixture_bb(bb_image):
    if not os.path.exists(conftest.IMAGE):
        pytest.fail("there is no kernel: run make first", pytrace=False)
    guest = Ash("busybox", initrd=bb_image, append="quiet")
    try:
        guest.expect(ASH, conftest.BOOT_LIMIT)
        yield guest
    finally:
        guest.kill()


@pytest.mark.parametrize("command,pattern", [
    ("echo hi", r"^hi$"),
    ("ls -la /", r"^drwx.* bin$"),
    ("cat /proc/version", r"6\.1"),
    ("free", r"^Mem: +\d+ +\d+ +\d+"),
    ("ps", r"PID +USER(.|\n)* ash"),
    ("mount", r"proc on /proc type proc"),
    ("dmesg | head -n 5", r"\["),
    ("top -b -n 1 | head -n 20", r"Mem: \d+K used(.|\n)*PID +PPID +USER"),
    ("uname -m", r"^aarch64$"),
    ("uname -r", r"^6\.1"),
    ("df", r"^Filesystem"),
    ("uptime", r"load average"),
    ("id", r"uid=0"),
    ("date +%Y", r"^\d{4}$"),
    ("seq 1 100 | grep -c 1", r"^20$"),
    ("seq 1 10 | awk '{ s += $1 } END { print s }'", r"^55$"),
    ("echo aXb | sed s/X/-/", r"^a-b$"),
    ("find /proc/self/ -maxdepth 1 -name status", r"^/proc/self/status$"),
    ("printf '3\\n1\\n2\\n' | sort | tr '\\n' ' '", r"1 2 3"),
    ("dd if=/dev/zero of=/tmp/z bs=4k count=64 2>&1", r"64\+0 records out"),
    ("md5sum /bin/busybox", r"^[0-9a-f]{32}  /bin/busybox$"),
    ("vi --help 2>&1 | head -n 1", r"BusyBox v1\.35"),
])
def test_applet(bb, command, pattern):
    out = bb.run(command, status=None)
    assert re.search(pattern, out, re.M), out


def test_file_work(bb):
    out = bb.run("cd /tmp && mkdir -p a/b && echo text > a/b/f && cp -r a c "
                 "&& ln -s c/b/f link && cat link && mv c d && chmod 600 "
                 "d/b/f && ls -l d/b/f && rm -r a d link && touch t && rm t "
                 "&& cd / && echo all-well")
    assert "text" in out and "-rw-------" in out and "all-well" in out


def test_script_with_children(bb):
    out = bb.run("for i in 1 2 3 4 5; do (sleep 0.$i; echo $i) & done; wait",
                 timeout=60)
    assert [c for c in out if c.isdigit()][-5:] == list("12345")


def test_function_and_trap(bb):
    assert "caught" in bb.run(
        "sh -c 'trap \"echo caught\" TERM; kill -TERM $$; true'")


def test_job_control(bb):
    bb.sendline("sleep 500")
    time.sleep(0.3)
    bb.control("z")
    bb.expect(r"Stopped")
    bb.expect(ASH)
    bb.sendline("bg")
    bb.expect(ASH)
    assert re.search(r"Running +sleep 500|sleep 500", bb.run("jobs"))
    bb.run("kill %1", status=None)
    bb.run("wait", status=None)


def test_ctrl_c(bb):
    bb.sendline("sleep 500")
    time.sleep(0.3)
    bb.control("c")
    bb.expect(ASH)
    assert bb.run("echo alive") == "alive\n"


def test_line_editing(bb):
    bb.send("echo ac\x1b[Db\r")
    bb.expect(r"\nabc\r*\n")
    bb.expect(ASH)


def test_top_interactive(bb):
    bb.sendline("top")
    bb.expect(r"Load average")
    bb.send("q")
    bb.expect(ASH)


def test_poweroff(bb_image):
    guest = Ash("busybox-off", initrd=bb_image, append="quiet")
    try:
        guest.expect(ASH, conftest.BOOT_LIMIT)
        guest.sendline("exit")
        assert guest.wait_exit() == 0
    finally:
        guest.kill()
