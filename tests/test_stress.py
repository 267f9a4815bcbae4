"""Everything at once on 4 CPUs, with one modelled address space among it;
and more memory than there is, with swap, write-back and a file system.

    make test-stress SECONDS=600     # the long one; make test does some seconds
"""
import os
import re

import pytest

from conftest import DEBUG_IMAGE, IMAGE
from drives import fsck
from test_user import books, leaked

SECONDS = int(os.environ.get("STRESS_SECONDS", "5"))
PRESSURE_SECONDS = int(os.environ.get("STRESS_SECONDS", "30"))
FAULT_SECONDS = int(os.environ.get("STRESS_SECONDS", "5"))
LONG = "STRESS_SECONDS" in os.environ


@pytest.mark.parametrize("cpu", ["cortex-a57", "max"])
def test_stress(boot, cpu):
    q = boot(cpus=4, cpu=cpu, mem="1G")     # enough for huge pages
    before = books(q)
    q.sh("echo 6 > /proc/sys/vm/nr_hugepages")
    out, status = q.sh(f"/tests/mmstress {SECONDS} 2 {SECONDS} & "
                       f"/tests/stress {SECONDS} 6 {SECONDS}; wait",
                       timeout=SECONDS + 300)
    assert status == 0 and "not ok" not in out, out[-4000:]
    assert len(re.findall(r"^ok \d+", out, re.M)) == 10, out[-4000:]
    pool, _ = q.sh("cat /proc/sys/vm/nr_hugepages; "
                   "grep -E 'HugePages_(Free|Rsvd)' /proc/meminfo; "
                   "echo 0 > /proc/sys/vm/nr_hugepages")
    assert re.findall(r"\d+", pool) == ["6", "6", "0"], pool
    assert not leaked(before, books(q))


@pytest.mark.parametrize("cpus,mib,image,share", [
    (1, 300, IMAGE, 1), (4, 300, IMAGE, 1), (4, 200, DEBUG_IMAGE, 0.5)],
    ids=["1cpu", "4cpus", "debug"])
def test_stress_pressure(boot, images, cpus, mib, image, share):
    """300 MiB of patterns on 128 MiB: tests/user/pressure.c has the story."""
    disk = images.ext2("disk", size="512M")
    q = boot(mem="128M", cpus=cpus, image=image, append="QUIRE_DISKS=1",
             drives=[disk, images.swap("a", "256M"), images.swap("b", "256M")])
    seconds = int(PRESSURE_SECONDS * share)
    on_linux = q.sh("test -e /proc/mm_check")[1]
    q.run("/tests/pressure -s 1 -d /mnt")       # caches are warm now
    before = q.meminfo() if on_linux else books(q)
    with q.counted() as n:
        out, status = q.sh(f"/tests/pressure -s {seconds} -m {mib} -n 4 -d "
                           "/mnt /dev/vdb /dev/vdc", timeout=seconds + 300)
        assert status == 0 and "not ok" not in out, out[-4000:]
    assert len(re.findall(r"^ok \d+", out, re.M)) == 4, out[-4000:]
    for counter in ("pswpout", "pswpin", "pgsteal_anon", "pgsteal_file",
                    "pgmajfault", "pgpgout"):
        assert n[counter] > 1000, (counter, n)
    after = q.meminfo() if on_linux else books(q)
    assert not leaked(before, after)
    assert after["SwapTotal"] == before["SwapTotal"]
    # What is still in swap is the shell's and the programs' in the tmpfs.
    assert after["SwapTotal"] - after["SwapFree"] < 16384, "slots leaked"
    q.run("swapoff -a", timeout=120)
    if not on_linux:
        assert not leaked(before, {**books(q), "filp": before["filp"]})
    q.run("umount /mnt")
    assert fsck(disk) == ""


@pytest.mark.parametrize("delay", [0, 20])
def test_pressure_with_a_failing_swap_disk(boot, images, delay):
    """One request in 100 fails: SIGBUS for who needs it, nothing wrong."""
    q = boot(mem="128M", cpus=2, append="QUIRE_DISKS=1",
             drives=[images.ext2("disk", size="512M"),
                     images.swap("a", "256M"), images.swap("b", "256M")])
    if q.sh("cd /sys/kernel/debug/fail_make_request")[1]:
        pytest.skip("no fail_make_request")
    knobs = "/sys/kernel/debug/fail_make_request"
    q.run(f"cd {knobs}; echo 1 > probability; echo 1 > interval; "
          f"echo -1 > times; echo {delay} > delay-ms; "
          "echo 1 > /sys/block/vdb/make-it-fail; cd /")
    out, _ = q.sh("/tests/pressure -s 6 -m 250 -n 4 -d /mnt", timeout=200)
    q.run(f"echo 0 > {knobs}/probability")
    ends = re.findall(r"worker ended with (\S+)", out)
    assert len(ends) == 4, out[-4000:]
    # Itself, or a child, that is; a wrong page would say what it is instead.
    assert set(ends) <= {"0", "0x7", "0x100"}, out[-4000:]
    assert not re.search(r"word \d+ is", out), out[-4000:]
    assert delay or re.search(r"(Read|Write)-error on swap-device", q.log)
    q.run("swapoff -a", timeout=120)
    assert not re.search(r"BUG:|WARNING:|Bad page", q.log)
    books(q)
    q.run("umount /mnt")


@pytest.mark.parametrize("image", [IMAGE] + [DEBUG_IMAGE] * LONG,
                         ids=["release"] + ["debug"] * LONG)
def test_pressure_with_faults(boot, images, image):
    """Allocations and requests fail, requests are late, disk and swap full:
    tests/user/faults.h. Told to who asked, and nothing is wrong or left."""
    disk = images.ext2("disk", size="72M", block=1024)
    q = boot(mem="128M", cpus=4, image=image, append="QUIRE_DISKS=1",
             drives=[disk, images.swap("a", "64M"), images.swap("b", "64M")])
    if q.sh("cd /sys/kernel/debug/fail_make_request")[1]:
        pytest.skip("no fail_make_request")
    q.run("/tests/pressure -s 1 -d /mnt")       # caches are warm now
    before = books(q)
    out, status = q.sh(f"/tests/pressure -s {FAULT_SECONDS} -m 90 -n 4 -d /mnt "
                       "-f alloc,eio,full /dev/vdb /dev/vdc",
                       timeout=FAULT_SECONDS + 200)
    assert status == 0 and "not ok" not in out, out[-4000:]
    told = {what: int(n) for n, what in re.findall(r"(\d+) (E\w+)", out)}
    assert told["EIO"] and told["ENOMEM"], out[-4000:]
    assert not re.search(r"BUG:|WARNING:|Bad page", q.log)
    q.run("swapoff -a", timeout=120)
    assert not leaked(before, {**books(q), "filp": before["filp"]})
    q.run("umount /mnt")
    # What could not be read to be freed is still allocated; nothing more.
    assert set(re.findall(r"differences: +(.)", fsck(disk))) <= {"-"}
