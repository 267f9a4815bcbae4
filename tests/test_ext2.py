"""ext2: e2fsck and debugfs on the host judge what the guest did.

Images are made by mke2fs; after umount they must be clean, after a power cut
repairable without the loss of what was synced, and damage must cost the one
who meets it an error and the others nothing.
"""
import random
import re
import struct
import time

import pytest

from drives import debugfs, drive, fsck, repair, tool

BLOCKS = [1024, 2048, 4096]
MOUNT = "mount -t ext2 /dev/vda /mnt"


def noise(size, seed=1):
    return random.Random(seed).randbytes(size)


def said(q, command):
    return q.run(command).rstrip("\n")


def content(image, path, tmp_path):
    """=> the bytes of a file, as debugfs finds them"""
    out = tmp_path / "dumped"
    debugfs(image, f"dump {path} {out}")
    return out.read_bytes()


def patch(path, offset, data):
    with open(path, "r+b") as f:
        f.seek(offset)
        f.write(data)


@pytest.mark.parametrize("block", BLOCKS)
def test_read_and_write(boot, images, tmp_path, block):
    """Files with indirect blocks of all the levels that fit, both ways."""
    big = noise(5_000_123)
    disk = images.ext2("disk", {"a/big": big, "a/small": "forty-two\n"},
                       block=block)
    q = boot(mem="128M", drives=[disk])
    q.run(f"{MOUNT} && cp /mnt/a/big /mnt/copy && cat /mnt/a/small")
    q.run("mkdir /mnt/b; echo over > /mnt/b/x; echo more >> /mnt/b/x; "
          "ln /mnt/b/x /mnt/hard; ln -s b/x /mnt/soft; "
          f"ln -s {'d/' * 60}e /mnt/long; mv /mnt/a/small /mnt/b/moved")
    assert said(q, "cat /mnt/soft /mnt/b/moved") == "over\nmore\nforty-two"
    q.run("echo 3 > /proc/sys/vm/drop_caches; umount /mnt")
    assert fsck(disk) == ""
    assert content(disk, "/copy", tmp_path) == big
    assert content(disk, "/hard", tmp_path) == b"over\nmore\n"
    assert "Links: 2" in debugfs(disk, "stat /hard")
    assert f'Fast link dest: "b/x"' in debugfs(disk, "stat /soft")
    assert "Blockcount: 0" not in debugfs(disk, "stat /long")
    assert said(q, f"{MOUNT}; ls /mnt/a; cat /mnt/b/moved; umount /mnt") == \
        "big\nforty-two"


@pytest.mark.parametrize("block", [1024, 4096])
def test_system_calls(boot, images, block):
    """The cases that tmpfs passes: locks, ranges, limits, hints."""
    disk = images.ext2("disk", block=block)
    q = boot(mem="128M", drives=[disk])
    q.run("mount -t ext2 /dev/vda /tmp")
    out = q.run("/tests/files", timeout=120)
    assert "not ok" not in out and "ok 15" in out
    q.run("umount /tmp")
    assert fsck(disk) == ""


def test_failing_allocations(boot, images):
    """The first allocation of an operation fails, then the second, ..."""
    disk = images.ext2("disk", block=1024)
    q = boot(mem="128M", drives=[disk])
    out = q.run("mount -t ext2 /dev/vda /tmp; /tests/failnth", timeout=120)
    assert "not ok" not in out and "files_and_pipes_survive" in out
    q.run("umount /tmp")
    assert fsck(disk) == ""


def test_many_names(boot, images):
    """A directory grows over many blocks, and its gaps are used again."""
    disk = images.ext2("disk", block=1024)
    q = boot(mem="128M", drives=[disk])
    q.run(f"{MOUNT}; mkdir /mnt/d; cd /mnt/d; "
          "for i in $(seq 1 400); do echo $i > file-with-a-long-name-$i; done",
          timeout=60)
    assert q.run("ls /mnt/d | wc -l").strip() == "400"
    q.run("cd /mnt/d; for i in $(seq 1 2 399); do "
          "rm file-with-a-long-name-$i; done; "
          "for i in $(seq 1 100); do echo $i > n$i; done; "
          "mv n1 file-with-a-long-name-2; mv n2 renamed", timeout=60)
    assert q.run("ls /mnt/d | wc -l").strip() == "299"
    assert said(q, "cd /mnt/d; cat file-with-a-long-name-2 renamed "
                "file-with-a-long-name-400") == "1\n2\n400"
    q.run("cd /; umount /mnt")
    assert fsck(disk) == ""


def test_directories_move(boot, images):
    disk = images.ext2("disk", block=1024)
    q = boot(mem="128M", drives=[disk])
    q.run(f"{MOUNT}; cd /mnt; mkdir a b a/sub empty; echo x > a/sub/x; "
          "mv a/sub b; mv b/sub empty2; mv empty2 empty")
    assert said(q, "cat /mnt/empty/empty2/x; ls /mnt/empty/empty2/..") == \
        "x\nempty2"
    out, status = q.sh("rmdir /mnt/empty")
    assert status and "not empty" in out
    assert q.run("cd /mnt; rm -r empty a b; ls").split() == ["lost+found"]
    q.run("cd /; umount /mnt")
    assert fsck(disk) == ""


def test_holes(boot, images):
    """What was never written takes no room and reads as zeroes."""
    disk = images.ext2("disk", block=1024)
    q = boot(mem="128M", drives=[disk])
    q.run(f"{MOUNT}; echo end | dd of=/mnt/hole bs=1 seek=20000000; "
          "cp /dev/null /mnt/up; sync")
    assert re.search(r"Size: 20000004$", debugfs(disk, "stat /hole"), re.M)
    assert q.run("dd if=/mnt/hole bs=4k count=1 skip=4000 | wc -c | tail -1"
                 ).strip().endswith("4096")
    q.run("umount /mnt")
    assert fsck(disk) == ""
    used = int(re.search(r"Blockcount: (\d+)",
                         debugfs(disk, "stat /hole")).group(1))
    assert used <= 2 * (4 + 4), "a page and three tables, in sectors"


def test_full(boot, images):
    """No room is an error, not a crash; what was removed can be used again."""
    disk = images.ext2("disk", size="4M", block=1024)
    q = boot(mem="64M", drives=[disk])
    q.run(MOUNT)
    out, status = q.sh("cp /dev/zero /mnt/all")
    assert status and "No space left" in out
    left = int(q.run("df /mnt").split("\n")[1].split()[3])
    assert left < 4, "a page that does not fit as a whole is not begun"
    q.run("rm /mnt/all; dd if=/dev/zero of=/mnt/again bs=1M count=3; "
          "umount /mnt")
    assert fsck(disk) == ""


def test_unlinked_while_open(boot, images):
    disk = images.ext2("disk", {"f": noise(300_000)}, size="8M", block=1024)
    q = boot(mem="64M", drives=[disk])
    free = q.run(f"{MOUNT}; df /mnt").split("\n")[1].split()[3]
    q.run("exec 3</mnt/f; rm /mnt/f; cat <&3 | wc -c")
    out, status = q.sh("umount /mnt")
    assert status and "busy" in out
    q.run("exec 3<&-")
    assert int(q.run("df /mnt").split("\n")[1].split()[3]) > int(free) + 280
    q.run("umount /mnt")
    assert fsck(disk) == ""


def test_mounting(boot, images):
    disk = images.ext2("disk", {"f": "x\n"})
    q = boot(mem="64M", drives=[disk, images.raw("raw", "1M")])
    for bad, why in [("mount -t ext2 /dev/vdb /mnt", "Invalid"),
                     ("mount -t ext2 /dev/vdz /mnt", "No such"),
                     ("mount -t ext2 /dev/null /mnt", "Block device"),
                     ("mount -t ext9 /dev/vda /mnt", "No such device")]:
        out, status = q.sh(bad)
        assert status and why in out, out
    q.run("mount -t ext2 -o ro /dev/vda /mnt")
    out, status = q.sh("echo y > /mnt/f")
    assert status and "Read-only" in out
    q.run("mount -o remount,rw /mnt; echo y > /mnt/f; mkdir -p /m2; "
          "mount -t ext2 /dev/vda /m2")
    assert said(q, "cat /m2/f; umount /m2; cat /mnt/f") == "y\ny"
    assert "/dev/vda /mnt ext2 rw" in q.run("cat /proc/mounts")
    out, status = q.sh("swapon /dev/vda")
    assert status, "a mounted disk is no swap area"
    q.run("mount -o remount,ro /mnt")
    assert "clean" in debugfs(disk, "show_super_stats -h")
    q.run("umount /mnt")
    assert fsck(disk) == ""


def test_a_disk_that_may_not_be_written(boot, images):
    disk = drive(images.ext2("disk", {"f": "x\n"}), read_only=True)
    q = boot(mem="64M", drives=[disk])
    out = q.run("mount -t ext2 /dev/vda /mnt")
    assert "mounted read-only" in out and said(q, "cat /mnt/f") == "x"
    out, status = q.sh("mount -o remount,rw /mnt")
    assert status and "Permission denied" in out
    assert "/dev/vda /mnt ext2 ro" in q.run("cat /proc/mounts")


def test_one_disk_after_another(boot, images):
    """Nothing of the first is left for the second, at the same place."""
    disks = [images.ext2("a", {"f": "one"}), images.ext2("b", {"g": "two"})]
    q = boot(mem="64M", drives=disks)
    q.run(f"{MOUNT}; cat /mnt/f; echo 1 > /mnt/new; umount /mnt")
    q.run("mount -t ext2 /dev/vdb /mnt")
    assert said(q, "ls /mnt | cat; cat /mnt/g") == "g\nlost+found\ntwo"
    q.run("echo 2 > /mnt/new; umount /mnt")
    assert fsck(disks[0]) == fsck(disks[1]) == ""


@pytest.mark.parametrize("cpus", [1, 4])
def test_power_cut(boot, images, tmp_path, cpus):
    """fsync()ed is kept, whatever happened to the rest."""
    keep = noise(400_000, 7)
    disk = images.ext2("disk", {"src": keep}, block=1024)
    q = boot(mem="64M", cpus=cpus, drives=[disk])
    q.run(f"{MOUNT}; mkdir /mnt/d; cp /mnt/src /mnt/d/kept; sync")
    q.sendline("while :; do for i in 1 2 3 4 5 6 7 8; do cp /mnt/src /mnt/t$i; "
           "mv /mnt/t$i /mnt/d/u$i; done; rm /mnt/d/u*; done")
    time.sleep(3)
    q.kill()
    repair(disk)
    assert fsck(disk) == ""
    assert content(disk, "/d/kept", tmp_path) == keep
    assert content(disk, "/src", tmp_path) == keep


def super_fields(image):
    with open(image, "rb") as f:
        f.seek(1024)
        return f.read(1024)


DAMAGE = {
    "magic": (1024 + 56, b"\0\0"),
    "block size": (1024 + 24, struct.pack("<I", 9)),
    "inodes per group": (1024 + 40, struct.pack("<I", 0)),
    "blocks per group": (1024 + 32, struct.pack("<I", 0xFFFFFFFF)),
    "blocks": (1024 + 4, struct.pack("<I", 0xFFFFFFF0)),
    "inode size": (1024 + 88, struct.pack("<H", 3)),
    "feature": (1024 + 96, struct.pack("<I", 0x40)),
    "block bitmap": (2048, struct.pack("<I", 0xFFFFFFF)),
    "inode table": (2048 + 8, struct.pack("<I", 65530)),
}


def test_damaged_super_blocks(boot, images):
    """Each is refused with a sentence; none does any harm."""
    names = sorted(DAMAGE)
    for start in range(0, len(names), 5):
        drives = []
        for name in names[start:start + 5]:
            drives.append(images.ext2(name.replace(" ", "-"), {"f": "x"},
                                      block=1024))
            patch(drives[-1], *DAMAGE[name])
        q = boot(mem="64M", drives=drives)
        for i, name in enumerate(names[start:start + 5]):
            out, status = q.sh(f"mount -t ext2 /dev/vd{'abcde'[i]} /mnt")
            assert status and ("Invalid" in out or "clean" in out), (name, out)
        q.run("ls / >/dev/null")


INODE_DAMAGE = [                # debugfs requests, what reading says
    ("sif /dir/f mode 0170000", "cat /mnt/dir/f", "clean"),
    ("sif /dir/f links_count 0", "cat /mnt/dir/f", "clean"),
    ("sif /dir/f block[0] 1", "cat /mnt/dir/f", "clean|Input/output"),
    ("sif /dir/f block[0] 0xfffffff0", "cat /mnt/dir/f", "clean|Input"),
    ("sif /big block[IND] 0x70000000", "cat /mnt/big", "clean|Input"),
    ("sif /dir size 1000", "ls /mnt/dir", "clean|Input"),
    ("sif /dir block[0] 0xfffffff0", "ls /mnt/dir", "clean|Input"),
]


@pytest.mark.parametrize("n", range(len(INODE_DAMAGE)))
def test_damaged_inodes(boot, images, n):
    """One file is lost, with an error; the others are there."""
    request, command, why = INODE_DAMAGE[n]
    disk = images.ext2("disk", {"dir/f": "text\n", "big": noise(100_000),
                                "good": "fine\n"}, block=1024)
    debugfs(disk, request, "-w")
    q = boot(mem="64M", drives=[disk])
    q.run(MOUNT)
    out, status = q.sh(f"{command} > /dev/null")
    assert status and re.search(why, out), out
    assert "EXT2-fs (vda): error" in q.run("dmesg")
    assert said(q, "cat /mnt/good; echo new > /mnt/new; cat /mnt/new") == \
        "fine\nnew"
    q.sh("rm /mnt/dir/f /mnt/big")
    q.run("umount /mnt")
    repair(disk)
    assert fsck(disk) == ""


@pytest.mark.parametrize("how", ["option", "super block", "remount"])
def test_read_only_after_an_error(boot, images, how):
    """errors=remount-ro: what is damaged does not become worse."""
    disk = images.ext2("disk", {"bad": "x", "good": "fine\n"})
    debugfs(disk, "set_inode_field bad mode 0", "-w")
    q = boot(mem="64M", drives=[disk])
    if how == "super block":
        tool("tune2fs", "-e", "remount-ro", disk)
    q.run(MOUNT + (" -o errors=remount-ro" if how == "option" else ""))
    if how == "remount":
        q.run("mount -o remount,rw,errors=remount-ro /mnt")
    assert ("errors=remount-ro" in q.run("grep /mnt /proc/mounts")) == \
        (how != "super block")
    q.run("echo 1 > /mnt/new; exec 3> /mnt/open")
    assert "cleaning" in q.sh("ls -l /mnt/bad")[0]
    q.sh("ls -l /mnt/bad")
    assert q.run("dmesg").count(
        "EXT2-fs (vda): error: remounting filesystem read-only") == 1
    for bad in ("mkdir /mnt/n", "rm /mnt/good", "mv /mnt/good /mnt/g",
                "echo > /mnt/n", "echo > /mnt/good"):
        assert "ead-only" in q.sh(bad)[0], bad
    assert " ext2 ro," in q.run("grep /mnt /proc/mounts; exec 3>&-")
    assert said(q, "cat /mnt/good /mnt/new") == "fine\n1"
    q.run("mount -o remount,rw,errors=continue /mnt; touch /mnt/n")
    q.sh("ls -l /mnt/bad")
    q.run("touch /mnt/m; umount /mnt")
    repair(disk)
    assert "1" in debugfs(disk, "cat /new")


def test_panic_after_an_error(boot, images):
    disk = images.ext2("disk", {"bad": "x"})
    debugfs(disk, "set_inode_field bad mode 0", "-w")
    q = boot(mem="64M", drives=[disk])
    assert "nvalid" in q.sh(f"{MOUNT} -o errors=pani")[0]
    q.run(f"{MOUNT} -o noacl,errors=panic,user_xattr")
    q.sendline("ls -l /mnt/bad")
    q.expect("Kernel panic - .*EXT2-fs: panic from previous error",
             panic_ok=True)


@pytest.mark.parametrize("block", [1024, 4096])
def test_old_end_is_zeroed(boot, images, block):
    """What a file had behind its new end does not come back with its size."""
    disk = images.ext2("disk", block=block)
    q = boot(mem="64M", drives=[disk])
    q.run("mount -t ext2 /dev/vda /tmp")
    assert "not ok" not in q.run("/tests/truncate")
    q.run("umount /tmp")
    assert fsck(disk) == ""


def test_failed_write_leaves_nothing(boot, images):
    """Blocks that a write got before there were no more are free again."""
    disks = [images.ext2(f"d{n}", {str(i): "x" for i in range(n)},
                         size="1M", block=1024) for n in range(4)]
    q = boot(mem="64M", drives=disks)
    for disk, name in zip(disks, "abcd"):
        q.run(f"mount -t ext2 /dev/vd{name} /mnt")
        assert q.sh("dd if=/dev/zero of=/mnt/f bs=4096 count=999")[1]
        q.run("umount /mnt")
        assert fsck(disk) == ""


def test_a_store_counts_as_a_change(boot, images):
    """By way of a mapping, too: at its first store mtime and ctime are now."""
    disk = images.ext2("disk", {"file": "abc"})
    for field in ("mtime", "ctime"):
        debugfs(disk, f"set_inode_field /file {field} 20010203", "-w")
    q = boot(mem="128M", drives=[disk])
    q.run("mount -t ext2 /dev/vda /mnt")
    assert "2001" in q.run("ls -l /mnt/file")
    q.run("/tests/ext2 store /mnt/file")
    assert "2001" not in q.run("ls -l /mnt/file")
    assert q.run("cat /mnt/file").strip() == "xbc"


FAILING = ("cd /sys/kernel/debug/fail_make_request; echo {} > probability; "
           "echo 1 > interval; echo -1 > times; "
           "echo {} > /sys/block/vda/make-it-fail; cd /")


def test_metadata_outlives_a_failing_disk(boot, images):
    """Maps, tables and directories stay dirty until they can be written."""
    disk = images.ext2("disk", {"a/x": "one\n"})
    q = boot(mem="128M", drives=[disk])
    q.run(f"{MOUNT}; cat /mnt/a/x; sync; mkdir /mnt/b /mnt/b/c; "
          f"mv /mnt/a /mnt/b/a; ln -s b/a/x /mnt/soft; "
          + FAILING.format(100, 1))
    assert q.sh("sync -f /mnt")[1], "an error nobody hears of"
    q.run(f"{FAILING.format(0, 0)}; echo 3 > /proc/sys/vm/drop_caches; "
          "sync -f /mnt; echo 3 > /proc/sys/vm/drop_caches")
    assert said(q, "cat /mnt/soft; ls /mnt/b") == "one\na  c"
    q.run("umount /mnt")
    assert fsck(disk) == ""


def test_syncfs_tells(boot, images):
    """Once to each who has any file of it open; then it is old news."""
    disk = images.ext2("disk", {"f": "x"})
    block = int(debugfs(disk, "bmap /f 0").split()[-1])
    q = boot(mem="128M", drives=[drive(disk, errors=[
        {"iotype": "write", "sector": block * 8}])])
    q.run(f"{MOUNT}; echo 1 > /proc/sys/kernel/printk")
    assert said(q, "/tests/ext2 syncfs /mnt /mnt/f") == """\
write ok
a Input/output error
a again ok
later ok
b Input/output error
b again ok
c Input/output error
fsync Input/output error
fsync again ok
devtmpfs ok"""


# Of tests/user/ext2.c:flags(), on Linux 6.1: "." is success, P EPERM.
FLAGS = [
    ".", "10", "--- i", ".PPPPPPPPPPPPPPP...", "20", "--- a",
    ".PPP.P.PPPPPP..P.PP.A....", "10", "--- di", "..PPPPP..PPPP.PPP...",
    "20", "--- da", ".........P.PP.PPP.N.", "c0", "FP.TT"]
ERRORS = {"ok": ".", "Operation not permitted": "P", "Permission denied": "A",
          "Bad address": "F", "Inappropriate ioctl for device": "T",
          "Directory not empty": "N"}


def test_immutable_and_append_only(boot, images):
    """chattr +i and +a, by ioctl; and as debugfs set them on the host."""
    disk = images.ext2("disk", {"di/x": "x", "di/sub/x": "", "da/x": "x",
                                "da/sub/x": "", "log": "one\n", "fix": "x"})
    for name, bits in (("log", 0x20), ("fix", 0x10)):
        debugfs(disk, f"set_inode_field {name} flags {bits}", "-w")
    q = boot(mem="128M", drives=[disk])
    q.run(MOUNT)
    for bad in ("echo 2 > /mnt/log", "mv /mnt/log /mnt/l", "rm /mnt/fix",
                "echo 2 >> /mnt/fix", "ln /mnt/fix /mnt/l"):
        out, status = q.sh(bad)
        assert status and "not permitted" in out, bad
    assert said(q, "echo two >> /mnt/log; cat /mnt/log") == "one\ntwo"
    got = [""]
    for line in said(q, "/tests/ext2 flags /mnt").splitlines():
        for text, letter in ERRORS.items():
            if line.endswith(f" {text}"):
                got[-1] += letter
                break
        else:
            got += [line, ""]
    assert " ".join(filter(None, got)) == " ".join(FLAGS)
    q.run("umount /mnt")
    assert fsck(disk) == ""


def test_an_unreadable_table_does_not_come_back(boot, images):
    """Cut while its indirect block cannot be read, a file has no old end."""
    disk = images.ext2("disk", {"f": b"x" * 100_000}, block=1024)
    q = boot(mem="128M", drives=[disk])
    q.run(f"{MOUNT}; ls -l /mnt; {FAILING.format(100, 1)}; "
          f"> /mnt/f; {FAILING.format(0, 0)}; "
          "dd if=/dev/zero of=/mnt/f bs=1 count=1 seek=99999")
    assert said(q, "wc -c < /mnt/f") == "100000"
    assert q.sh("hexdump /mnt/f | grep '78 78'")[1] == 1
    q.run("umount /mnt")
    assert set(re.findall(r"differences: +(.)", fsck(disk))) <= {"-"}


def test_damaged_directories(boot, images):
    """Too few links, a directory within itself, one of two names."""
    disk = images.ext2("disk", {"f": "x", "d/e/x": "y", "d2/x": "z"})
    debugfs(disk, "ln f g", "-w")
    debugfs(disk, "ln d d/e/up", "-w")
    debugfs(disk, "ln d2 d3", "-w")
    debugfs(disk, "sif d links_count 1", "-w")
    q = boot(mem="64M", drives=[disk])
    q.run(f"{MOUNT}; cat /mnt/f /mnt/g > /dev/null; rm /mnt/f /mnt/g")
    assert "Too many levels" in q.sh("rmdir /mnt/d/e/up")[0]
    q.run("ls /mnt/d2")
    assert "clean" in q.sh("mv /mnt/d2/x /mnt/d3/y")[0]
    q.run("mv /mnt/d2/x /mnt/d2/y; cat /mnt/d2/y /mnt/d/e/x")
    q.sh("rm -r /mnt/d; umount /mnt")
    repair(disk)
    assert fsck(disk) == ""


@pytest.mark.parametrize("seed", range(4))
def test_random_damage(boot, images, seed):
    """Bytes of the metadata are thrown about: errors, but the kernel lives."""
    rnd = random.Random(seed)
    disk = images.ext2("disk", {f"d{i}/f{j}": noise(3000, i + j)
                                for i in range(6) for j in range(6)},
                       size="4M", block=1024)
    for _ in range(60):
        patch(disk, rnd.randrange(2048, 200_000), rnd.randbytes(4))
    q = boot(mem="64M", drives=[disk])
    if q.sh(MOUNT)[1] == 0:
        q.sh("find /mnt; cat /mnt/*/* > /dev/null; for i in 1 2 3 4 5; do "
             "echo $i > /mnt/d$i/new; rm /mnt/d$i/f1; mkdir /mnt/d$i/dir; "
             "mv /mnt/d$i/f2 /mnt/d$i/g; done; rm -r /mnt/d0; sync",
             timeout=60)
        q.sh("umount /mnt")
    assert "0 BROKEN" in q.run("cat /proc/mm_check")


def test_reserved(boot, images):
    """Root has what nobody else gets."""
    disk = images.ext2("disk", size="8M", block=1024, options=("-m", "10"))
    debugfs(disk, "sif / mode 040777", "-w")
    q = boot(mem="64M", drives=[disk])
    q.run(MOUNT)
    total, free, avail = (int(n) for n in said(
        q, "/tests/ext2 statfs /mnt").split()[:3])
    assert (total, free - avail) == (7675, 819)
    assert said(q, "/tests/ext2 fill 1000 /mnt/user") == \
        "No space left on device"
    _, free, avail = (int(n) for n in said(
        q, "/tests/ext2 statfs /mnt").split())
    assert 819 <= free < 823 and avail == free - 819
    assert said(q, "/tests/ext2 fill 0 /mnt/root") == "No space left on device"
    assert int(said(q, "/tests/ext2 statfs /mnt").split()[1]) < 4
    q.run("umount /mnt")
    assert fsck(disk) == ""


def test_extended_attributes(boot, images):
    """A file that goes gives its block of attributes back, or its share."""
    disk = images.ext2("disk", {"alone": "1", "a": "2", "b": "3"}, block=1024)
    for name in "alone", "a":
        debugfs(disk, f"ea_set /{name} user.long {'x' * 300}", "-w")
    debugfs(disk, f"symlink /link short", "-w")
    debugfs(disk, f"ea_set /link security.long {'x' * 300}", "-w")
    acl = int(re.search(r"File ACL: (\d+)", debugfs(disk, "stat /a")).group(1))
    debugfs(disk, f"sif /b file_acl {acl}", "-w")
    debugfs(disk, "sif /b blocks 4", "-w")
    with open(disk, "rb") as f:
        f.seek(acl * 1024)
        assert f.read(8) == struct.pack("<II", 0xEA020000, 1)
    patch(disk, acl * 1024 + 4, struct.pack("<I", 2))
    assert fsck(disk) == ""
    q = boot(mem="64M", drives=[disk])
    q.run(f"{MOUNT}; rm /mnt/alone /mnt/b")
    assert "short" in q.run("ls -l /mnt/link")
    q.run("rm /mnt/link; umount /mnt")
    assert fsck(disk) == ""
    q.run(f"{MOUNT}; rm /mnt/a; umount /mnt")
    assert fsck(disk) == ""


def test_bitmap_that_lies(boot, images):
    """An inode that is in use is not given out a second time."""
    disk = images.ext2("disk", {"f": "mine\n"}, size="8M", block=1024)
    bitmap = int(re.search(r"Inode bitmap at (\d+)|inode bitmap at (\d+)",
                           debugfs(disk, "stats")).group(2))
    patch(disk, bitmap * 1024, b"\xff\x07")       # up to lost+found
    q = boot(mem="64M", drives=[disk])
    out, status = q.sh(f"{MOUNT}; echo new > /mnt/new")
    assert status and "nput/output error" in out
    assert "inode number already in use - inode = 12" in q.run("dmesg")
    assert said(q, "echo new > /mnt/new; cat /mnt/f /mnt/new") == "mine\nnew"
    q.run("umount /mnt")
    repair(disk)
    assert fsck(disk) == ""


def test_descriptors_are_nobodys(boot, images):
    """All blocks of group descriptors, not the first page of them only."""
    disk = images.ext2("disk", {"f": "text\n"}, size="600M", block=1024,
                       options=("-N", "1000", "-O", "^resize_inode"))
    debugfs(disk, "sif /f block[0] 4", "-w")     # 74 groups: blocks 2, 3, 4
    q = boot(mem="64M", drives=[disk])
    out, status = q.sh(f"{MOUNT}; cat /mnt/f")
    assert status and "clean" in out
    q.run("rm /mnt/f; umount /mnt")
    assert "EXT2-fs (vda): error: Freeing block 4 not in datazone" in \
        q.run("dmesg")
    repair(disk)
    assert fsck(disk) == ""


def test_indexed_directory(boot, images):
    """Names that others found by hash are found one by one, and stay right."""
    disk = images.ext2("disk", {f"d/a-name-of-some-length-{i}": str(i)
                                for i in range(200)}, block=1024)
    tool("e2fsck", "-f", "-y", "-D", disk, ok=(0, 1))
    assert "0x1000" in debugfs(disk, "stat /d")
    q = boot(mem="64M", drives=[disk])
    q.run(f"{MOUNT}; cd /mnt/d; rm a-name-of-some-length-7; "
          "for i in 1 2 3 4 5; do echo $i > new-$i; done; cd /; umount /mnt")
    assert fsck(disk) == ""
    assert said(q, f"{MOUNT}; ls /mnt/d | wc -l; cat /mnt/d/new-3") == "204\n3"
    q.run("umount /mnt")


@pytest.mark.parametrize("name", [b"", b"a/b"], ids=["empty", "slash"])
def test_names_that_are_none(boot, images, name):
    """No program gets to see them: EIO, as on Linux."""
    disk = images.ext2("disk", {"d/123": "x", "good": "y"}, block=1024)
    block = int(re.search(r"\(0\):(\d+)", debugfs(disk, "stat /d")).group(1))
    patch(disk, block * 1024 + 24 + 6, bytes([len(name)]))
    patch(disk, block * 1024 + 24 + 8, name)
    q = boot(mem="64M", drives=[disk])
    out, status = q.sh(f"{MOUNT}; ls /mnt/d")
    assert status and "nput/output error" in out
    assert "a bad name" in q.run("dmesg")
    assert said(q, "cat /mnt/good; umount /mnt") == "y"


@pytest.mark.parametrize("cpus", [1, 4])
def test_directories_within_each_other(boot, images, cpus):
    """Neither locks the other out, from whichever end one comes."""
    disk = images.ext2("disk", {"a/x": "1", "b/y": "2"})
    for request in "ln a b/a", "ln b a/b", "ln a a/self":
        debugfs(disk, request, "-w")
    q = boot(mem="64M", cpus=cpus, drives=[disk])
    out, status = q.sh(f"{MOUNT}; ls /mnt/a/self")
    assert status and "Too many levels" in out
    assert "directory 12 lies in itself" in q.run("dmesg")
    q.sh("for i in 1 2 3 4 5 6 7 8; do rmdir /mnt/a/b /mnt/b/a; "
         "mv /mnt/a/x /mnt/b/x; mv /mnt/b/x /mnt/a/x; "
         "echo 2 > /proc/sys/vm/drop_caches; done 2>/dev/null & "
         "for i in 1 2 3 4 5 6 7 8; do rmdir /mnt/b/a /mnt/a/b; "
         "mv /mnt/b/y /mnt/a/y; mv /mnt/a/y /mnt/b/y; done 2>/dev/null; wait",
         timeout=60)
    q.run("umount /mnt")
    repair(disk)
    assert fsck(disk) == ""


def test_rename_without_dotdot(boot, images):
    """What cannot be finished is not begun."""
    disk = images.ext2("disk", {"d/e/f": "x", "to/y": "y"}, block=1024)
    debugfs(disk, "unlink d/e/..", "-w")
    q = boot(mem="64M", drives=[disk])
    out, status = q.sh(f"{MOUNT}; mv /mnt/d/e /mnt/to/e")
    assert status and "clean" in out
    assert said(q, "ls /mnt/d; ls /mnt/to; umount /mnt") == "e\ny"
    repair(disk)
    assert fsck(disk) == ""
