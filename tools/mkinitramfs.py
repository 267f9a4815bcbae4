#!/usr/bin/env python3
"""mkinitramfs.py - build a cpio (newc) archive from lists of what is in it.

The lists are in the format of Linux's gen_init_cpio:

    # comment
    dir   <name> <mode> <uid> <gid>
    file  <name> <location> <mode> <uid> <gid> [<hard links>]
    slink <name> <target> <mode> <uid> <gid>
    nod   <name> <mode> <uid> <gid> <c|b> <major> <minor>
    pipe  <name> <mode> <uid> <gid>
    sock  <name> <mode> <uid> <gid>

`${VAR}` in a location is taken from the environment or from --define. The
archive depends on nothing but its input: inode numbers count from 1, times
are 0, so the same input gives the same bytes. A file with hard links is
stored as Linux expects it: each name carries the link count, and the data is
with the last name only.
"""
import argparse
import gzip
import os
import re
import stat
import sys


class ListError(Exception):
    """A list that cannot be understood; the message says where."""


class Archive:
    """Collects members, then gives the bytes of the archive."""

    def __init__(self):
        self.out = bytearray()
        self.ino = 0
        self.inputs = []

    def _header(self, name, mode, uid, gid, nlink=1, size=0, rdev=(0, 0),
                ino=None):
        if ino is None:
            self.ino += 1
            ino = self.ino
        encoded = name.encode() + b"\0"
        fields = (ino, mode, uid, gid, nlink, 0, size, 0, 0, rdev[0], rdev[1],
                  len(encoded), 0)
        self.out += b"070701" + b"".join(b"%08X" % f for f in fields) + encoded
        self._pad(4)

    def _pad(self, to):
        self.out += bytes(-len(self.out) % to)

    def _data(self, data):
        self.out += data
        self._pad(4)

    def dir(self, name, mode, uid=0, gid=0):
        self._header(member(name), stat.S_IFDIR | mode, uid, gid, nlink=2)

    def slink(self, name, target, mode=0o777, uid=0, gid=0):
        data = target.encode()
        self._header(member(name), stat.S_IFLNK | mode, uid, gid,
                     size=len(data))
        self._data(data)

    def nod(self, name, mode, uid, gid, kind, major, minor):
        kinds = {"c": stat.S_IFCHR, "b": stat.S_IFBLK}
        self._header(member(name), kinds[kind] | mode, uid, gid,
                     rdev=(major, minor))

    def pipe(self, name, mode, uid=0, gid=0):
        self._header(member(name), stat.S_IFIFO | mode, uid, gid)

    def sock(self, name, mode, uid=0, gid=0):
        self._header(member(name), stat.S_IFSOCK | mode, uid, gid)

    def data_file(self, name, data, mode=0o644, uid=0, gid=0, links=()):
        names = [name, *links]
        self.ino += 1
        for i, n in enumerate(names):
            last = i == len(names) - 1
            self._header(member(n), stat.S_IFREG | mode, uid, gid,
                         nlink=len(names), size=len(data) if last else 0,
                         ino=self.ino)
            if last:
                self._data(data)

    def file(self, name, location, mode, uid=0, gid=0, links=()):
        with open(location, "rb") as f:
            data = f.read()
        self.inputs.append(location)
        self.data_file(name, data, mode, uid, gid, links)

    def finish(self):
        """=> the whole archive, trailer included, padded to 512 bytes"""
        self._header("TRAILER!!!", 0, 0, 0, ino=0)
        self._pad(512)
        return bytes(self.out)


def member(name):
    """The name as it is stored: relative, as cpio archives have it."""
    return name.lstrip("/") or "."


def expand(text, variables):
    def one(match):
        if match.group(1) not in variables:
            raise ListError(f"${{{match.group(1)}}} is not defined")
        return variables[match.group(1)]
    return re.sub(r"\$\{(\w+)\}", one, text)


def add_line(archive, words, variables):
    kind, args = words[0], words[1:]
    octal, num = (lambda s: int(s, 8)), int
    if kind == "dir" and len(args) == 4:
        archive.dir(args[0], octal(args[1]), num(args[2]), num(args[3]))
    elif kind == "file" and len(args) >= 5:
        archive.file(args[0], expand(args[1], variables), octal(args[2]),
                     num(args[3]), num(args[4]), args[5:])
    elif kind == "slink" and len(args) == 5:
        archive.slink(args[0], args[1], octal(args[2]), num(args[3]),
                      num(args[4]))
    elif kind == "nod" and len(args) == 7 and args[4] in "cb":
        archive.nod(args[0], octal(args[1]), num(args[2]), num(args[3]),
                    args[4], num(args[5]), num(args[6]))
    elif kind in ("pipe", "sock") and len(args) == 4:
        getattr(archive, kind)(args[0], octal(args[1]), num(args[2]),
                               num(args[3]))
    else:
        raise ListError(f"cannot understand '{' '.join(words)}'")


def add_list(archive, path, variables):
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            words = line.split("#", 1)[0].split()
            if not words:
                continue
            try:
                add_line(archive, words, variables)
            except (ListError, ValueError) as e:
                raise ListError(f"{path}:{number}: {e}") from e
            except OSError as e:
                raise ListError(f"{path}:{number}: {e.filename}: "
                                f"{e.strerror}") from e


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("lists", nargs="+", help="lists, in order")
    ap.add_argument("-o", "--output", required=True)
    ap.add_argument("-z", "--gzip", action="store_true")
    ap.add_argument("-D", "--define", action="append", default=[],
                    metavar="VAR=VALUE")
    ap.add_argument("--depfile", help="write a make fragment of the inputs")
    args = ap.parse_args()

    variables = dict(os.environ)
    variables.update(d.split("=", 1) for d in args.define)
    archive = Archive()
    try:
        for path in args.lists:
            add_list(archive, path, variables)
    except (ListError, OSError) as e:
        sys.exit(f"mkinitramfs: {e}")
    data = archive.finish()
    if args.gzip:
        data = gzip.compress(data, 9, mtime=0)
    partial = args.output + ".tmp"
    with open(partial, "wb") as f:
        f.write(data)
    os.replace(partial, args.output)
    if args.depfile:
        deps = sorted(set(archive.inputs))
        with open(args.depfile, "w", encoding="utf-8") as f:
            f.write(f"{args.output}: {' '.join(deps)}\n")
            f.writelines(f"{d}:\n" for d in deps)


if __name__ == "__main__":
    main()
