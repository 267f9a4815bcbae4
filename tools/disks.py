#!/usr/bin/env python3
"""disks.py DISK SWAP - make the images that `make run` attaches, if need be

    DISK  yes    build/disk.img, made at the first use and never again
          PATH   that image; made likewise if there is none; read-only if it is
          none
    SWAP  256M   build/swap.img of that size, made anew if it has another
          none

Prints QEMU's arguments, one in a line. What is on a disk belongs to who runs
the machine: nothing here overwrites it. If the last machine ended without
unmounting, e2fsck -p puts right what can be put right safely.
"""
import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile

DISK_SIZE = 512 << 20
NUMBERS_SIZE = 32 << 20
SBIN = ":/usr/sbin:/sbin:/opt/homebrew/opt/e2fsprogs/sbin" \
       ":/usr/local/opt/e2fsprogs/sbin"

README = """\
This disk is yours: what you write here is here again after the next boot, and
no `make` ever changes it. To have a new one: poweroff, rm build/disk.img.

  numbers.txt   32 MiB of text, to be read twice: time cat /mnt/numbers.txt | wc -l
  book/         the chapters of Quire, to grep in
  bin/          programs that are read from the disk page by page as they run

sync writes back what is only in memory; umount /mnt does so, too. docs/labs-pressure.md
has the labs.
"""


def run(*command, ok=(0,)):
    """A tool, whose words are shown if it is not content."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ,
                               "PATH": os.environ.get("PATH", "") + SBIN})
    if done.returncode:
        print(f"{' '.join(command)}:\n{done.stdout}", file=sys.stderr)
    if done.returncode not in ok:
        sys.exit(1)


def fill(tree):
    """The demo files."""
    with open(f"{tree}/README", "w", encoding="utf-8") as f:
        f.write(README)
    shutil.copytree("docs", f"{tree}/book")
    os.mkdir(f"{tree}/bin")
    for program in ("memlab", "hello"):
        if os.path.exists(f"build/user/{program}"):
            shutil.copy(f"build/user/{program}", f"{tree}/bin")
    with open(f"{tree}/numbers.txt", "w", encoding="ascii") as f:
        for n in range(NUMBERS_SIZE // 64):
            f.write(f"{n:8} is {n:#010x} in hex and {n:o} in octal".ljust(63)
                    + "\n")


def sparse(path, size):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "wb") as f:
        f.truncate(size)


def make_disk(path):
    """An ext2 with the demo files; appears under its name when complete."""
    print(f"Making {path}, an ext2 of {DISK_SIZE >> 20} MiB with some files "
          "to play with.", file=sys.stderr)
    partial = path + ".tmp"
    sparse(partial, DISK_SIZE)
    with tempfile.TemporaryDirectory() as tree:
        fill(tree)
        run("mke2fs", "-q", "-F", "-t", "ext2", "-b", "4096", "-m", "0",
            "-L", "quire", "-d", tree, partial)
    os.rename(partial, path)


def refuse_if_in_use(path, way_out):
    """QEMU holds locks on bytes of an image that it may write."""
    with open(path, "r+b" if os.access(path, os.W_OK) else "rb") as f:
        try:
            fcntl.lockf(f, (fcntl.LOCK_EX if f.writable() else
                            fcntl.LOCK_SH) | fcntl.LOCK_NB, 200, 100)
        except OSError:
            sys.exit(f"{path} is in use by another machine: {way_out}")


def is_ext2(path):
    with open(path, "rb") as f:
        f.seek(1024 + 56)
        return f.read(2) == b"\x53\xef"


def disk(arg):
    """=> the path of the image"""
    path = "build/disk.img" if arg == "yes" else arg
    if not os.path.exists(path):
        make_disk(path)
    refuse_if_in_use(path, "make run DISK=none SWAP=none, or other paths.")
    if not is_ext2(path):
        print(f"{path} is no ext2: it will be /dev/vda, and /mnt is empty.",
              file=sys.stderr)
    elif os.access(path, os.W_OK):
        run("e2fsck", "-p", path, ok=range(256))
    else:
        print(f"{path} may not be written: it is read-only.", file=sys.stderr)
    return path


def swap(arg):
    """=> the path of the image"""
    path, match = "build/swap.img", re.fullmatch(r"(\d+)([KMG])", arg.upper())
    size = int(match[1]) << 10 * " KMG".index(match[2]) if match else 0
    if not 40 << 10 <= size <= 64 << 30:
        sys.exit(f"SWAP={arg}: a size from 40K to 64G such as 256M, or none.")
    if os.path.exists(path):
        refuse_if_in_use(path, "make run SWAP=none.")
    if not os.path.exists(path) or os.path.getsize(path) != size:
        sparse(path, size)
        os.chmod(path, 0o600)
        run("mkswap", path)
    return path


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        paths = [make(arg) for make, arg in zip((disk, swap), sys.argv[1:])
                 if arg != "none"]
    except OSError as e:
        sys.exit(f"{e.filename or 'image'}: {e.strerror}")
    for i, path in enumerate(paths):
        mode = "" if os.access(path, os.W_OK) else "read-only=on,"
        name = path.replace(",", ",,")
        print("-drive\nif=none,format=raw,discard=unmap,"
              f"{mode}id=d{i},file={name}")
    # The machine's slots are filled from the last one: /dev/vda comes last.
    for i in reversed(range(len(paths))):
        print(f"-device\nvirtio-blk-device,drive=d{i}")


if __name__ == "__main__":
    main()
