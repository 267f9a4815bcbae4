"""The build's own tools: archives, the symbol table, the checkers."""
import fcntl
import gzip
import os
import subprocess
import sys

import pytest

import drives
from conftest import TOP

MKINITRAMFS = f"{TOP}/tools/mkinitramfs.py"


def mkinitramfs(tmp_path, text, *options, name="out.cpio"):
    (tmp_path / "list").write_text(text)
    run = subprocess.run([sys.executable, MKINITRAMFS, "-o",
                          str(tmp_path / name), str(tmp_path / "list"),
                          *options], text=True, capture_output=True)
    return run, (tmp_path / name)


def members(data):
    """=> [(name, fields, data)] of a newc archive"""
    result, at = [], 0
    while True:
        assert data[at:at + 6] == b"070701"
        fields = [int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16)
                  for i in range(13)]
        name_size, size = fields[11], fields[6]
        name = data[at + 110:at + 110 + name_size - 1].decode()
        at = (at + 110 + name_size + 3) & ~3
        if name == "TRAILER!!!":
            return result
        result.append((name, fields, data[at:at + size]))
        at = (at + size + 3) & ~3


def test_all_kinds(tmp_path):
    (tmp_path / "f").write_bytes(b"content")
    run, out = mkinitramfs(tmp_path, f"""
# a comment
dir /dev 755 0 0
nod /dev/console 600 0 0 c 5 1      # another
slink /bin/sh target 777 0 0
pipe /p 644 1 2
file /a {tmp_path}/f 4755 3 4 /b /c
""")
    assert run.returncode == 0, run.stderr
    found = members(out.read_bytes())
    assert [m[0] for m in found] == ["dev", "dev/console", "bin/sh", "p",
                                     "a", "b", "c"]
    by_name = {m[0]: m for m in found}
    assert by_name["dev"][1][1] == 0o40755
    assert by_name["dev/console"][1][1] == 0o20600
    assert by_name["dev/console"][1][9:11] == [5, 1]
    assert by_name["bin/sh"][2] == b"target"
    assert by_name["p"][1][1:4] == [0o10644, 1, 2]
    inodes = {by_name[n][1][0] for n in "abc"}
    assert len(inodes) == 1 and by_name["a"][1][4] == 3
    assert [by_name[n][2] for n in "abc"] == [b"", b"", b"content"]
    assert len(out.read_bytes()) % 512 == 0


def test_same_input_same_bytes(tmp_path):
    text = f"file /l {TOP}/LICENSE 644 0 0\ndir /d 700 0 0\n"
    first = mkinitramfs(tmp_path, text)[1].read_bytes()
    os.utime(tmp_path / "list", (1, 1))
    assert mkinitramfs(tmp_path, text)[1].read_bytes() == first
    zipped = mkinitramfs(tmp_path, text, "-z", name="z")[1].read_bytes()
    assert gzip.decompress(zipped) == first


def test_depfile_and_variables(tmp_path):
    dep = tmp_path / "d"
    run, _ = mkinitramfs(tmp_path, "file /l ${WHERE}/LICENSE 644 0 0\n",
                         "-D", f"WHERE={TOP}", "--depfile", str(dep))
    assert run.returncode == 0, run.stderr
    assert f"{TOP}/LICENSE" in dep.read_text()


@pytest.mark.parametrize("line,word", [
    ("file /l /nosuch 644 0 0", "nosuch"), ("dir /x", "cannot understand"),
    ("nod /x 644 0 0 z 1 2", "cannot understand"),
    ("dir /x 9z 0 0", "list:1"), ("file /l ${NOSUCHVAR} 644 0 0", "NOSUCHVAR")])
def test_errors_name_the_line(tmp_path, line, word):
    run, out = mkinitramfs(tmp_path, line + "\n")
    assert run.returncode != 0 and word in run.stderr
    assert not out.exists()


def kallsyms(text):
    return subprocess.run([sys.executable, f"{TOP}/tools/kallsyms.py"],
                          input=text, text=True, check=True,
                          capture_output=True).stdout


def test_kallsyms():
    out = kallsyms("ffff000010080000 T _text\n"
                   "ffff000010081000 T _stext\n"
                   "ffff000010081000 t first\n"
                   "ffff000010081000 t $x\n"
                   "ffff000010081010 T second\n"
                   "ffff000010081010 t alias\n"
                   "ffff000010082000 D data\n")
    assert "kallsyms_count:\n\t.word 2\n" in out
    assert ".word 0x1000\n\t.word 0x1010\n" in out
    assert '"first"' in out and '"second"' in out and '"alias"' not in out


def test_kallsyms_of_nothing():
    assert "kallsyms_count:\n\t.word 0\n" in kallsyms("")


def test_layers_of_includes():
    run = subprocess.run([sys.executable, "tools/check-layers.py",
                          "--includes"], text=True, capture_output=True,
                         cwd=TOP)
    assert run.returncode == 0, run.stdout


def test_images_and_their_judges(images):
    disk = images.ext2("d", {"a/b": "text\n", "c": bytes(9999)}, size="8M",
                       block=1024)
    assert os.path.getsize(disk) == 8 << 20 and drives.fsck(disk) == ""
    assert "text" in drives.debugfs(disk, "cat /a/b")
    drives.debugfs(disk, "clri /c", "-w")
    assert "deleted/unused inode" in drives.fsck(disk)
    drives.repair(disk)
    assert drives.fsck(disk) == ""
    with open(images.swap("s", "1M"), "rb") as f:
        assert f.read(4096).endswith(b"SWAPSPACE2")


def test_drives_in_words(images):
    disk = images.raw("d", "64K")
    args = drives.drive_args([disk, drives.drive(
        disk, read_only=True, errors=[{"iotype": "read", "sector": 8}],
        throttling__iops_total=9)], modern=True)
    assert args[:2] == ["-global", "virtio-mmio.force-legacy=false"]
    assert args[3].startswith("if=none,format=raw,") and "id=d0" in args[3]
    for word in ("read-only=on", "file.driver=blkdebug", "id=d1",
                 "file.inject-error.0.sector=8", "throttling.iops-total=9"):
        assert word in args[5], word
    assert "drive=d1" in args[7] and "drive=d0" in args[9]


def disks(where, *args):
    run = subprocess.run([sys.executable, f"{TOP}/tools/disks.py", *args],
                         text=True, capture_output=True, cwd=where)
    return run.returncode, run.stdout.splitlines(), run.stderr


def test_disks_of_make_run(tmp_path):
    """Made at the first use, kept for ever; the swap area has its size."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "x.md").write_text("chapter\n")
    assert disks(tmp_path, "none", "none") == (0, [], "")
    status, args, _ = disks(tmp_path, "yes", "1M")
    assert status == 0 and args[4:] == [
        "-device", "virtio-blk-device,drive=d1",
        "-device", "virtio-blk-device,drive=d0"]
    disk, swap = (str(tmp_path / f"build/{n}.img") for n in ("disk", "swap"))
    assert args[1].endswith("id=d0,file=build/disk.img")
    assert drives.fsck(disk) == "" and os.path.getsize(swap) == 1 << 20
    assert "chapter" in drives.debugfs(disk, "cat /book/x.md")

    drives.debugfs(disk, "mkdir /mine", "-w")
    assert disks(tmp_path, "build/disk.img", "2M")[0] == 0
    assert "Type: directory" in drives.debugfs(disk, "stat /mine")
    assert os.path.getsize(swap) == 2 << 20
    other = disks(tmp_path, "sub,dir/mine.img", "none")[1]
    assert other[1].endswith("file=sub,,dir/mine.img")


def test_disks_that_cannot_be(tmp_path):
    for size in ("much", "0M", "39K", "99999G", "-1M", "1.5G"):
        assert f"SWAP={size}: a size" in disks(tmp_path, "none", size)[2]
    assert disks(tmp_path, str(tmp_path), "none")[2].endswith(
        ": Is a directory\n")
    (tmp_path / "text").write_text("x")
    assert "text is no ext2" in disks(tmp_path, "text", "none")[2]
    (tmp_path / "used.img").write_bytes(bytes(4096))
    with open(tmp_path / "used.img", "r+b") as f:
        fcntl.lockf(f, fcntl.LOCK_EX, 1, 201)
        status, _, said = disks(tmp_path, "used.img", "none")
    assert status == 1 and "is in use" in said
