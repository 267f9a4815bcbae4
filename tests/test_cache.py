"""Page cache and write-back: what is read once, ahead, and written when.

All is seen from outside: /proc/meminfo, /proc/vmstat, the disk's own counts,
and the bytes in the image on the host.
"""
import random
import re
import time

import pytest

from drives import debugfs, drive, fsck

MIB = 1 << 20
MOUNT = "mount -t ext2 /dev/vda /mnt"
VM = "/proc/sys/vm"


def noise(size, seed=1):
    return random.Random(seed).randbytes(size)


@pytest.fixture(name="disk")
def fixture_disk(images):
    return images.ext2("disk", {"data": noise(4 * MIB)})


@pytest.fixture(name="q")
def fixture_q(boot, disk):
    q = boot(mem="128M", cpus=4, drives=[disk])
    q.run(MOUNT)
    return q


def requests(q):
    """=> read requests, sectors read so far"""
    n = q.run("cat /sys/block/vda/stat").split()
    return int(n[0]), int(n[2])


def eventually(what, seconds=10):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_dirty_until_sync(q, disk, tmp_path):
    with q.counted() as n:
        q.run("cp /mnt/data /mnt/copy")
    assert n["nr_dirtied"] >= 1024
    assert q.meminfo()["Dirty"] >= 4096
    q.run("sync")
    after = q.meminfo()
    assert after["Dirty"] == 0 and after["Writeback"] == 0
    q.kill()
    debugfs(disk, f"dump /copy {tmp_path / 'copy'}")
    assert (tmp_path / "copy").read_bytes() == noise(4 * MIB)


def test_waiting_for_work_is_no_load(q):
    """The flusher and the disk's thread, with and without dirty pages."""
    def states():
        return {line.split()[1]: line.split(")")[1].split()[0]
                for line in q.run("cat /proc/[0-9]*/stat").splitlines()}

    eventually(lambda: "D" not in states().values())
    assert states()["(flusher)"] == "I"
    q.run("echo 60000 > /proc/sys/vm/dirty_writeback_centisecs")
    q.run("echo x > /mnt/dirty")
    eventually(lambda: states()["(flusher)"] == "I")


def test_old_pages_go_by_themselves(q):
    """The flusher looks each second at what is older than half a second."""
    q.run(f"echo 50 > {VM}/dirty_expire_centisecs; "
          f"echo 100 > {VM}/dirty_writeback_centisecs")
    q.run("cp /mnt/data /mnt/copy")
    eventually(lambda: q.meminfo()["Dirty"] == 0)
    # Zero: never, and a dirty page stays as it is; then again.
    q.run(f"echo 0 > {VM}/dirty_writeback_centisecs; sleep 1; "
          "echo new > /mnt/new; sleep 3")
    assert q.meminfo()["Dirty"] > 0
    q.run(f"echo 100 > {VM}/dirty_writeback_centisecs")
    eventually(lambda: q.meminfo()["Dirty"] == 0)


def test_writers_wait(q):
    """With 1 MiB for dirty pages 16 MiB are written as the disk takes them."""
    q.run(f"echo {MIB} > {VM}/dirty_bytes; "
          f"echo {MIB // 2} > {VM}/dirty_background_bytes")
    limits = q.vmstat()
    assert limits["nr_dirty_threshold"] == 256
    assert limits["nr_dirty_background_threshold"] == 128
    with q.counted() as n:
        q.run("dd if=/dev/zero of=/mnt/big bs=64k count=256")
    assert n["nr_written"] >= 4096 - 256 - 64
    assert q.meminfo()["Dirty"] <= 2048


def test_each_limit_in_two_units(q):
    def show():
        return q.run(f"cd {VM}; cat dirty_ratio dirty_bytes "
                     "dirty_background_ratio dirty_background_bytes").split()

    assert show() == ["20", "0", "10", "0"]
    q.run(f"echo 8192 > {VM}/dirty_bytes; "
          f"echo 4096 > {VM}/dirty_background_bytes")
    assert show() == ["0", "8192", "0", "4096"]
    q.run(f"echo 30 > {VM}/dirty_ratio; echo 5 > {VM}/dirty_background_ratio")
    assert show() == ["30", "0", "5", "0"]
    for bad in ("8191 > dirty_bytes", "101 > dirty_ratio", "-1 > dirty_ratio",
                "0 > drop_caches", "5 > drop_caches", "x > drop_caches"):
        assert q.sh(f"cd {VM}; echo {bad}")[1], bad
    assert show() == ["30", "0", "5", "0"]
    for op in (f"cat {VM}/drop_caches", f"echo 1 <> {VM}/drop_caches",
               "echo 1 > /proc/sys/kernel/random/uuid"):
        out, status = q.sh(op)
        assert status and "Permission denied" in out, op


def test_drop_caches(q):
    """Clean pages go and are read again; dirty ones stay."""
    q.run("cat /mnt/data > /dev/null; sync")
    before = q.meminfo()["Cached"]
    q.run(f"dd if=/dev/zero of=/mnt/dirty bs=64k count=16; "
          f"echo 1 > {VM}/drop_caches")
    after = q.meminfo()
    assert after["Dirty"] >= 1024
    assert before - after["Cached"] >= 4096 - 1024 - 256
    for expected in (8192, 0):
        sectors = requests(q)[1]
        q.run("cat /mnt/data > /dev/null")
        assert expected <= requests(q)[1] - sectors <= expected + 64
    q.run(f"sync; echo 3 > {VM}/drop_caches")
    assert re.search(r"sh \(\d+\): drop_caches: 3", q.run("dmesg"))


def test_readahead(q):
    """In order: windows of up to 128 KiB. Here and there: what is asked."""
    q.run(f"sync; echo 3 > {VM}/drop_caches")
    n, _ = requests(q)
    q.run("dd if=/mnt/data of=/dev/null bs=4k")
    assert 32 <= requests(q)[0] - n <= 60
    q.run(f"echo 3 > {VM}/drop_caches; cat /mnt/data /dev/null | head -c 0")
    q.run(f"echo 3 > {VM}/drop_caches; ls /mnt")
    n, sectors = requests(q)
    for page in range(100, 1000, 90):
        q.run(f"dd if=/mnt/data of=/dev/null bs=4k count=1 skip={page}")
    n, sectors = (b - a for a, b in zip((n, sectors), requests(q)))
    assert 10 <= n <= 14 and 80 <= sectors <= 112


def test_waiting_for_pages_is_iowait(boot, images):
    """The CPU is idle, since the disk is slow: /proc/stat says so."""
    slow = drive(images.raw("slow", "1M"), throttling__iops_total=20)
    q = boot(mem="128M", cpus=1, drives=[slow])
    before = q.run("head -1 /proc/stat").split()
    q.run("dd if=/dev/vda of=/dev/null bs=256k count=4")
    after = q.run("head -1 /proc/stat").split()
    assert int(after[5]) - int(before[5]) >= 5


def test_programs_are_paged_in(q):
    """From the disk, as they are used, and only the first time."""
    q.run(f"cp /bin/sh /mnt/prog; sync; echo 3 > {VM}/drop_caches")
    runs = []
    for _ in range(2):
        with q.counted() as n:
            q.run("/mnt/prog --list > /dev/null")
        runs.append(n)
    assert runs[0]["pgpgin"] > 100 and runs[1]["pgpgin"] == 0
    assert runs[1]["pgmajfault"] == 0


@pytest.mark.parametrize("who", ["fsync", "flusher"])
def test_errors_are_told_once(q, who):
    """Whether fsync meets it or the flusher did before: EIO, one time."""
    fail = "/sys/kernel/debug/fail_make_request"
    q.run("sync; echo hello > /mnt/file; cat /mnt/data > /dev/null")
    if who == "flusher":
        q.run(f"echo 10 > {VM}/dirty_expire_centisecs; "
              f"echo 10 > {VM}/dirty_writeback_centisecs")
    q.run("sync; dd if=/dev/zero of=/mnt/file bs=4k count=1 conv=notrunc; "
          f"cd {fail}; echo 100 > probability; echo 1 > interval; "
          "echo 1000 > times; echo 1 > /sys/block/vda/make-it-fail")
    if who == "flusher":
        q.run("echo again > /mnt/file; sleep 1")
    else:
        assert q.sh("sync /mnt/file")[1]
    q.run("echo 0 > /sys/block/vda/make-it-fail")
    if who == "flusher":
        assert q.sh("sync /mnt/file")[1]
    assert not q.sh("sync /mnt/file")[1]


def test_wchan_is_where_it_waits(q):
    """Two open a file by name: one has the directory's lock and waits for the
    disk, the other for the lock. That both sleep is no answer."""
    q.run("cd /sys/kernel/debug/fail_make_request; echo 2000 > delay-ms; "
          "echo 100 > probability; echo 3 > times; "
          "echo 1 > /sys/block/vda/make-it-fail; "
          "echo 1 > /proc/sys/vm/drop_caches")
    write = "dd if=/dev/zero of=/mnt/data bs=1 count=1 conv=notrunc 2>&-"
    q.run(f"{write} & a=$!; {write} & b=$!")
    wchan = "cat /proc/$a/wchan; echo; cat /proc/$b/wchan; echo"
    eventually(lambda: sorted(q.run(wchan).split()) in
               (["open_create", "wait_for_page"],
                ["inode_lock", "wait_for_page"]))
    q.run("wait")
