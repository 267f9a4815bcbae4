"""Swap: areas on devices and files, on disks that fail, beside Linux."""
import re

import pytest

from drives import drive, fsck

SLOT = 8                        # sectors


def run_cases(q, command):
    out, status = q.sh(command, timeout=240)
    assert status == 0 and "not ok" not in out, out[-3000:]
    return out


@pytest.mark.parametrize("cpus", [1, 4])
def test_guest_cases(boot, images, cpus):
    q = boot(mem="128M", cpus=cpus, drives=[images.swap("swap", "64M")])
    run_cases(q, "/tests/swap /dev/vda")
    assert "0 BROKEN" in q.run("cat /proc/mm_check")


def test_neighbours_stay_neighbours(boot, images):
    """Four who are short of memory at once do not mix their slots: what one
    of them writes lies together."""
    q = boot(mem="64M", cpus=4, drives=[images.swap("swap")])
    q.run("swapon /dev/vda")
    with q.counted() as n:
        q.run("for i in 1 2 3 4; do memhog 24M -t loop -s 4 & done; wait")
    stat = [int(word) for word in q.run("cat /sys/block/vda/stat").split()]
    assert n["pswpout"] > 10000
    assert stat[6] / stat[4] > 14 * SLOT, "sectors of a write"


@pytest.mark.parametrize("block", [1024, 4096])
def test_area_in_a_file(boot, images, block):
    disk = images.ext2("disk", {"small": "x" * 9000}, size="64M", block=block)
    q = boot(mem="128M", drives=[disk])
    q.run("mount -t ext2 /dev/vda /mnt; dd if=/dev/zero of=/mnt/area bs=1M count=16")
    q.run("mkswap /mnt/area")
    run_cases(q, "/tests/swap /mnt/area")
    out, status = q.sh("mkswap /mnt/small; swapon /mnt/small")
    assert status, out
    q.run("umount /mnt")
    assert fsck(disk) == ""


def test_unreadable_sector_costs_one_process(boot, images):
    """Neighbours that were read in the same request are not lost."""
    bad = drive(images.swap("swap", "256M"), errors=[
        {"iotype": "read", "sector": 100 * SLOT}])
    q = boot(mem="128M", drives=[bad])
    run_cases(q, "/tests/swap /dev/vda a_lost_page 100")
    assert "Read-error on swap-device (254:0:800)" in q.run("dmesg")


def test_failed_writes_lose_nothing(boot, images):
    bad = drive(images.swap("swap", "64M"), errors=[
        {"iotype": "write", "sector": n * SLOT} for n in range(70, 100, 7)])
    q = boot(mem="128M", drives=[bad])
    q.run("swapon /dev/vda")
    out, status = q.sh("swapdemo", timeout=120)
    q.run("swapoff /dev/vda")
    assert "Write-error on swap-device" in q.run("dmesg"), out


@pytest.mark.parametrize("damage, complaint", [
    ((4086, b"SWAPSPACE9"), "Unable to find swap-space signature"),
    ((1024, b"\7\0\0\0"), "Unable to handle swap header version 7"),
    ((1028, b"\0\0\0\0"), "Empty swap-file"),
    ((1028, b"\xff\xff\xff\xff"), "Swap area shorter than signature"),
    ((1028, b"\0\0\0\1"), "Swap area shorter than signature"),
    ((1032, b"\xff\xff\xff\x7f"), ""),
    ((1032, b"\1\0\0\0"), ""),          # bad page 0
])
def test_bad_headers(boot, images, damage, complaint):
    path, (at, data) = images.swap("swap", "1M"), damage
    with open(path, "r+b") as f:
        f.seek(at)
        f.write(data)
    q = boot(mem="128M", drives=[path])
    out, status = q.sh("swapon /dev/vda")
    assert status and "Invalid argument" in out
    assert complaint in q.run("dmesg")
    assert re.search(r"SwapTotal: +0 kB", q.run("cat /proc/meminfo"))


def test_failing_allocations(boot, images):
    """The first allocation fails, then the second, ...: all comes back."""
    q = boot(mem="128M", drives=[images.swap("swap", "64M")])
    q.run("swapon /dev/vda")
    with q.counted() as n:
        run_cases(q, "/tests/failnth")
    assert n["pswpout"] > 20
    q.run("swapoff /dev/vda")
    assert "0 BROKEN" in q.run("cat /proc/mm_check")
