"""Disks: what the host wrote is read, what the guest writes the host reads,
and errors arrive as errors. Raw drives, without a file system."""
import json
import random
import re
import socket

import pytest

from drives import debugfs, drive, fsck

MIB = 1 << 20
KB4 = 4096


def pattern(size, seed=1):
    return random.Random(seed).randbytes(size)


def diskstats(q, name="vda"):
    """=> the numbers of a device behind its name"""
    line = re.search(rf"^ *\d+ +\d+ {name} (.*)$",
                     q.run("cat /proc/diskstats"), re.M).group(1)
    return [int(n) for n in line.split()]


@pytest.mark.parametrize("cpus", [1, 4])
@pytest.mark.parametrize("modern", [False, True], ids=["legacy", "modern"])
def test_there_and_back(boot, images, cpus, modern):
    """From one drive to the other through the guest: not one byte differs."""
    data = pattern(6 * MIB + 3 * 512)
    one, two = images.raw("one", data=data), images.raw("two", "8M")
    q = boot(cpus=cpus, mem="128M", drives=[one, two], modern=modern)
    q.run("dd if=/dev/vda of=/dev/vdb bs=64k; sync")
    with open(two, "rb") as f:
        assert f.read(len(data)) == data
    reads, _, sectors = diskstats(q)[:3]
    assert sectors >= len(data) // 512 and 0 < reads <= sectors // 8 + 1
    stats = diskstats(q, "vdb")
    assert stats[6] >= len(data) // 512 and stats[8] == 0


def test_written_is_kept(boot, images):
    """sync is enough: the machine may be cut off right after it."""
    disk = images.raw("disk", "1M")
    q = boot(mem="128M", drives=[disk])
    q.run("echo forty-two | dd of=/dev/vda bs=512 seek=100; "
          "echo odd place | dd of=/dev/vda bs=1 seek=70001; sync")
    q.kill()
    with open(disk, "rb") as f:
        data = f.read()
    assert data[51200:51210] == b"forty-two\n"
    assert data[70001:70011] == b"odd place\n"
    assert data.count(0) == len(data) - 20


@pytest.mark.parametrize("cpus", [1, 4])
def test_many_readers(boot, images, cpus):
    """Eight at once, each a part of its own, all of them the right one."""
    data = pattern(8 * MIB)
    disk = images.raw("disk", data=data)
    q = boot(cpus=cpus, mem="128M", drives=[disk, images.raw("out", "8M")])
    q.run("for i in 0 1 2 3 4 5 6 7; do dd if=/dev/vda of=/dev/vdb "
          "bs=64k count=16 skip=$((i * 16)) seek=$((i * 16)) & done; wait; "
          "sync")
    with open(disk.replace("disk", "out"), "rb") as f:
        assert f.read() == data
    assert diskstats(q)[8] == 0


def test_names_and_sizes(boot, images):
    q = boot(mem="128M", drives=[images.raw("a", "3M"),
                                 drive(images.raw("b", "1M"), read_only=True)])
    assert q.run("cat /proc/partitions").split("\n")[2:4] == [
        " 254        0       3072 vda", " 254       16       1024 vdb"]
    assert "254 virtblk" in q.run("cat /proc/devices")
    assert re.search(r"^brw-rw---- .* 254, +16 .* /dev/vdb$",
                     q.run("ls -l /dev/vdb"), re.M)
    assert q.run("cat /sys/block/vda/size /sys/block/vda/ro "
                 "/sys/class/block/vdb/ro /sys/dev/block/254:16/dev "
                 "/sys/block/vda/queue/logical_block_size").split() == [
                     "6144", "0", "1", "254:16", "512"]
    assert q.run("cat /sys/block/vdb/stat").split() == ["0"] * 17
    # It can be opened for writing, but not written: so on Linux.
    out, status = q.sh("dd if=/dev/zero of=/dev/vdb count=1")
    assert status and "not permitted" in out
    # The end of the device is the end of the file.
    assert "512 bytes" in q.run("dd if=/dev/vda of=/dev/null skip=6143")
    out, status = q.sh("dd if=/dev/zero of=/dev/vda bs=512 seek=6144 count=1")
    assert status and "No space left" in out


def test_no_time_runs_backwards(boot, images):
    """One CPU starts what ends while another one looks at the clock."""
    q = boot(cpus=4, mem="64M",
             drives=[images.ext2("disk", size="40M", block=1024)])
    q.run("mount -t ext2 /dev/vda /mnt; dd if=/dev/zero of=/mnt/f bs=1M "
          "count=30", timeout=200)
    limit = float(q.run("cat /proc/uptime").split()[0]) * 1000
    stats = diskstats(q)
    assert stats[9] <= limit
    assert all(ms <= limit * 300 for ms in (stats[3], stats[7], stats[10])), stats


def test_no_disk(boot):
    q = boot(mem="64M")
    assert q.run("cat /proc/partitions /proc/diskstats") == ""
    assert q.run("cat /proc/devices").strip().endswith("Block devices:")


def test_buffers(boot, images):
    """As long as it is open its pages are Buffers; the last close drops them."""
    q = boot(mem="128M", drives=[images.raw("disk", "4M")])
    before = q.meminfo()
    q.run("exec 3</dev/vda; dd if=/dev/vda of=/dev/null bs=64k")
    there = q.meminfo()
    assert there["Buffers"] - before["Buffers"] == 4096
    assert abs(there["Cached"] - before["Cached"]) < 1024
    reads = diskstats(q)[2]
    q.run("dd if=/dev/vda of=/dev/null bs=64k")
    assert diskstats(q)[2] == reads, "what is in the cache is not read again"
    q.run("exec 3<&-")
    assert q.meminfo()["Buffers"] == before["Buffers"]


@pytest.mark.parametrize("modern", [False, True], ids=["legacy", "modern"])
def test_bad_sectors(boot, images, modern):
    """blkdebug: reads and writes fail with EIO at their place, nowhere else."""
    data = pattern(MIB)
    disk = drive(images.raw("disk", data=data), errors=[
        {"iotype": "read", "sector": 256}, {"iotype": "write", "sector": 1024}])
    q = boot(mem="128M", drives=[disk], modern=modern)
    out, status = q.sh("dd if=/dev/vda of=/dev/null bs=4k skip=32 count=1")
    assert status and "nput/output error" in out
    assert "1+0 records" in q.run(
        "dd if=/dev/vda of=/dev/null bs=4k skip=200 count=1")
    assert re.search(r"I/O error, dev vda, sector 256 op 0x0:\(READ\)",
                     q.run("dmesg"))
    q.sh("dd if=/dev/zero of=/dev/vda bs=4k seek=128 count=1; sync")
    assert re.search(r"I/O error, dev vda, sector 1024 op 0x1:\(WRITE\)",
                     q.run("dmesg"))
    assert "1+0 records" in q.run(
        "dd if=/dev/zero of=/dev/vda bs=4k seek=200 count=1; sync")


def test_failing_requests(boot, images):
    """fail_make_request, with Linux's knobs; then late instead of never.
    What readahead could not get is asked for once more."""
    q = boot(mem="128M", drives=[images.raw("disk", "1M")])
    q.run("cd /sys/kernel/debug/fail_make_request; echo 100 > probability; "
          "echo -1 > times; echo 1 > /sys/block/vda/make-it-fail")
    out, status = q.sh("dd if=/dev/vda of=/dev/null bs=4k count=1")
    assert status and "nput/output error" in out
    # What was only read ahead is read again by who needs it.
    q.run("dmesg -c >/dev/null; echo 3 > interval; echo 2 > times")
    for i in range(0, 240, 48):
        q.sh(f"dd if=/dev/vda of=/dev/null bs=4k skip={i} count=1")
    assert q.run("cat times").strip() == "0"
    assert q.run("dmesg").count("I/O error, dev vda") == 2
    q.run("echo 400 > delay-ms; echo 1 > interval; echo 1 > times")
    took = q.run("dd if=/dev/vda of=/dev/null bs=4k count=1")
    assert float(re.search(r"([\d.]+) s$", took, re.M).group(1)) >= 0.4


def test_who_waits_is_seen(boot, images):
    """There is no timeout; but who hangs, and where, can be told."""
    q = boot(mem="128M", drives=[images.raw("disk", "1M")])
    q.run("echo 1 > /sys/block/vda/make-it-fail; "
          "cd /sys/kernel/debug/fail_make_request; echo 100 > probability; "
          "echo 1 > times; echo 20000 > delay-ms; cd /; "
          "dd if=/dev/vda of=/dev/null bs=4k count=1 & sleep 2")
    out = q.run("cat /proc/$!/wchan; echo; grep State /proc/$!/status; "
                "ps aux | grep dd")
    assert re.search(r"State:\s+D \(disk sleep\)", out), out
    assert re.search(r"page|bio|io_sched", out.split("\n")[0]), out
    assert " D" in out.split("disk sleep")[1], out
    assert q.run("wait; echo done").strip().endswith("done")


def test_a_device_that_lies(boot, images):
    """A used ring that names a request nobody made: EIO for ever, no more."""
    q = boot(mem="128M", drives=[images.raw("disk", "1M")])
    q.gdb("hbreak vring_get if vq->used->idx != vq->last_used", "continue",
          "set var vq->used->ring[vq->last_used % vq->num].id = 77", "delete",
          typed="dd if=/dev/vda of=/dev/null bs=4k count=1")
    q.expect("nput/output error")
    q.wait_prompt()
    assert "returned a request it was not given: disabled" in q.run("dmesg")
    out, status = q.sh("dd if=/dev/vda of=/dev/null bs=4k skip=9 count=1")
    assert status and "nput/output error" in out
    q.run("cat /proc/mm_check")


def qmp(path, *commands):
    """Tell QEMU something. => its last answer"""
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(path)
        answers = s.makefile("r")
        answers.readline()
        for what, arguments in (("qmp_capabilities", {}), *commands):
            s.sendall(json.dumps({"execute": what,
                                  "arguments": arguments}).encode())
            answer = json.loads(answers.readline())
            while "event" in answer:
                answer = json.loads(answers.readline())
    return answer


@pytest.mark.parametrize("modern", [False, True], ids=["legacy", "modern"])
def test_grows(boot, images, modern, tmp_path):
    """The host makes the drive larger while it is in use."""
    q = boot(mem="128M", drives=[images.raw("disk", "1M")], modern=modern,
             extra=("-qmp", f"unix:{tmp_path}/qmp,server=on,wait=off"))
    q.run("dd if=/dev/vda of=/dev/null bs=64k")
    assert "return" in qmp(f"{tmp_path}/qmp", (
        "block_resize", {"device": "d0", "size": 3 * MIB}))
    q.expect(r"\[vda\] 6144 512-byte logical blocks")
    q.sendline()
    q.wait_prompt()
    assert q.run("cat /sys/block/vda/size").strip() == "6144"
    assert f"{3 * MIB} bytes" in q.run("dd if=/dev/vda of=/dev/null bs=64k")


def test_grows_while_open(boot, images, tmp_path):
    """What is written to the new part gets there, and is found there."""
    disk = images.raw("disk", "1M")
    q = boot(mem="128M", drives=[disk],
             extra=("-qmp", f"unix:{tmp_path}/qmp,server=on,wait=off"))
    q.run("sleep 100 < /dev/vda &")
    qmp(f"{tmp_path}/qmp", ("block_resize", {"device": "d0",
                                             "size": 2 * MIB}))
    q.expect(r"\[vda\] 4096 512-byte logical blocks")
    q.sendline()
    q.wait_prompt()
    q.run("echo new part | dd of=/dev/vda bs=4096 seek=400 conv=notrunc; sync")
    with open(disk, "rb") as f:
        f.seek(400 * 4096)
        assert f.read(8) == b"new part"


def test_no_capacity(boot, images):
    q = boot(mem="128M", drives=[images.raw("disk", "0")])
    assert "254        0          0 vda" in q.run("cat /proc/partitions")
    assert "0+0 records" in q.run("dd if=/dev/vda of=/dev/null")


@pytest.mark.parametrize("cpus", [1, 4])
def test_program(boot, images, cpus):
    """tests/user/block.c, which also passes on Linux."""
    disk = drive(images.raw("disk", "4M"), discard="unmap")
    q = boot(cpus=cpus, mem="128M", drives=[disk], modern=cpus == 4)
    out = q.run("/tests/block")
    assert "not ok" not in out and len(re.findall("^ok", out, re.M)) == 8, out


def test_fsync_tells(boot, images):
    disk = drive(images.raw("disk", "4M"),
                 errors=[{"iotype": "write", "sector": 1024}])
    q = boot(mem="128M", drives=[disk])
    q.run(f"/tests/block eio {1024 * 512}")


def test_discard_under_a_file_system(boot, images):
    """What a mounted file system holds is EBUSY; what nobody needs goes."""
    disk = images.ext2("disk", {"f": "x"}, size="4M", block=1024)
    q = boot(mem="128M", drives=[drive(disk, discard="unmap")])
    q.run("mount -t ext2 /dev/vda /mnt; echo new > /mnt/g")
    assert q.run("/tests/block discard 0 4096").strip() == \
        "Device or resource busy"
    assert q.run("/tests/block discard 0 4096 excl").strip() != "Success"
    assert q.run("/tests/block discard 3145728 65536").strip() == "Success"
    q.run("umount /mnt")
    assert fsck(disk) == ""
    q.run("mount -t ext2 /dev/vda /mnt; cat /mnt/f /mnt/g; umount /mnt")


def test_dirty_before_the_mount(boot, images):
    """Old buffers do not come over a file that got their blocks."""
    disk = images.ext2("disk", size="4M", block=1024)
    q = boot(mem="128M", drives=[disk])
    q.run("yes | head -n 1000000 > /tmp/y; exec 3</dev/vda; "
          "dd if=/dev/zero of=/dev/vda bs=1024 seek=1000 count=2000; "
          "mount -t ext2 /dev/vda /mnt; dd if=/tmp/y of=/mnt/f bs=64k "
          "conv=fsync; umount /mnt; rm /tmp/y; exec 3<&-", timeout=120)
    assert debugfs(disk, "cat /f").count("y\n") == 1000000
