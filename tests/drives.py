"""Disks for the guests of the tests, and their judges on the host.

    def test_it(boot, images):
        disk = images.ext2("disk", {"hello": "hello\\n", "sub/big": b"x" * 9999})
        swap = images.swap("swap", "256M")
        q = boot(mem="128M", drives=[disk, swap])       # /dev/vda, /dev/vdb
        q.run("mount -t ext2 /dev/vda /mnt; cat /mnt/hello; umount /mnt")
        assert fsck(disk) == ""

A drive is a path, or drive(path, ...) for one with a cache mode of its own,
read-only, slow, or with errors at chosen places. With boot(modern=True) the
transport is virtio 1.0, else the legacy one that QEMU has by default.
"""
import os
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SBIN = ":/usr/sbin:/sbin"       # where mke2fs is, and a user's PATH is not


def tool(*command, ok=(0,)):
    """Run one of e2fsprogs or util-linux. => what it said"""
    run = subprocess.run(command, text=True, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         errors="replace",
                         env={**os.environ, "LC_ALL": "C",
                              "PATH": os.environ["PATH"] + SBIN})
    assert run.returncode in ok, f"{' '.join(command)}:\n{run.stdout}"
    return run.stdout


def size_of(text):
    """Bytes of "64M", "1G", 4096."""
    text = str(text)
    return int(text.rstrip("KMG")) << 10 * " KMG".index(
        text[-1] if text[-1] in "KMG" else " ")


class Images:
    """Makes image files in one folder; remove() takes them away again."""

    def __init__(self, folder):
        self.folder, self.made = str(folder), []

    def raw(self, name, size="1M", data=b""):
        """Bytes, and holes up to the size. => path"""
        path = os.path.join(self.folder, name + ".img")
        with open(path, "wb") as f:
            f.write(data)
            f.truncate(max(size_of(size), len(data)))
        self.made.append(path)
        return path

    def ext2(self, name, files=None, size="64M", block=4096, options=()):
        """An ext2 of {"path": text or bytes}, or of a folder. => path"""
        path, tree = self.raw(name, size), files
        if not isinstance(files, str):
            tree = os.path.join(self.folder, name + ".tree")
            os.makedirs(tree)
            for where, data in (files or {}).items():
                there = os.path.join(tree, where)
                os.makedirs(os.path.dirname(there), exist_ok=True)
                with open(there, "wb") as f:
                    f.write(data.encode() if isinstance(data, str) else data)
        tool("mke2fs", "-q", "-F", "-t", "ext2", "-b", str(block), "-m", "0",
             *options, "-d", tree, path)
        return path

    def swap(self, name, size="256M", options=()):
        """A swap area as mkswap makes it. => path"""
        path = self.raw(name, size)
        tool("mkswap", *options, path)
        return path

    def demo(self):
        """The disk that `make run` makes. => path"""
        path = os.path.join(self.folder, f"demo{len(self.made)}.img")
        subprocess.run([sys.executable, f"{TOP}/tools/disks.py", path, "none"],
                       check=True, cwd=TOP, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        self.made.append(path)
        return path

    def remove(self):
        for path in self.made:
            if os.path.exists(path):
                os.remove(path)


def drive(path, *, read_only=False, cache="unsafe", errors=(), **more):
    """A drive in QEMU's words.

    cache: unsafe, as nobody cuts the host's power: a flush is answered, and
    does not wait for the host's disk, which may be slow or busy.
    errors: dictionaries of blkdebug's inject-error, such as
    {"iotype": "read", "sector": 64, "once": "on"}, errno 5 if not said.
    more: other options with _ for - and __ for a dot, such as
    throttling__iops_total=50.
    """
    words = {"if": "none", "format": "raw", "cache": cache,
             "read-only": "on" if read_only else "off"}
    if errors:
        words["file.driver"] = "blkdebug"
        words["file.image.driver"] = "file"
        words["file.image.filename"] = path
        for i, error in enumerate(errors):
            rule = {"event": "none", "errno": 5, **error}
            words.update({f"file.inject-error.{i}.{k}": v
                          for k, v in rule.items()})
    else:
        words["file"] = path
    words.update({k.replace("__", ".").replace("_", "-"): v
                  for k, v in more.items()})
    return ",".join(f"{k}={v}" for k, v in words.items())


def drive_args(drives, modern=False):
    """QEMU's arguments for them: the first is /dev/vda."""
    args = ["-global", "virtio-mmio.force-legacy=false"] if modern else []
    for i, one in enumerate(drives):
        args += ["-drive", f"{one if 'if=' in one else drive(one)},id=d{i}"]
    # QEMU plugs the first device into the last slot, and slots are found in
    # order of their addresses.
    for i in reversed(range(len(drives))):
        args += ["-device", f"virtio-blk-device,drive=d{i},"
                 "rerror=report,werror=report"]
    return args


def fsck(path):
    """What e2fsck has to say against an image it may not change; "" if clean.

    Blocks and inodes are counted, whatever the superblock says of itself.
    """
    out = tool("e2fsck", "-f", "-n", path, ok=range(256))
    bad = [line for line in out.splitlines() if not (
        line.startswith(("e2fsck ", "Pass ")) or ": " in line
        and line.endswith("blocks") or not line.strip())]
    return "\n".join(bad)


def repair(path):
    """e2fsck -y, as after a power cut. => what it had to do"""
    return tool("e2fsck", "-f", "-y", path, ok=(0, 1))


def debugfs(path, request, *options):
    """One request of debugfs: "stat /file", or "clri /file" with "-w"."""
    return tool("debugfs", *options, "-R", request, path)
