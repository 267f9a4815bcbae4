#!/usr/bin/env python3
"""debian.py - packages of Debian's arm64, for programs and kernels to compare.

    tools/debian.py have                    is there an apt and a mirror?
    tools/debian.py packages [--deps] [--set NAME] PACKAGE...
                                            => the directory they are in
    tools/debian.py kernel [6.1|6.12]       => the path of that kernel
    tools/debian.py image [--add FILE=NAME] -o OUT.cpio PACKAGE...
                                            an initramfs of these packages

Runs the machine's apt with a state of its own below build/debian/: it reads
the machine's list of Debian mirrors, its proxies and keys, needs no root, and
leaves the packages of the machine alone. Signatures are checked as always.
What was fetched once is not fetched again.

An image holds the files of the packages named, of what they depend on only
the shared libraries that are needed, and a static busybox whose shell is
/init: with QUIRE_RUN="commands" on the kernel's command line it runs these
and powers off, else it gives a shell. The exit status is 0, or 2 with
one sentence where there is no apt or the mirror cannot be reached.
"""
import argparse
import fcntl
import glob
import lzma
import os
import re
import shutil
import subprocess
import sys
import tarfile
import urllib.parse

from mkinitramfs import Archive

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DIR = os.path.join(TOP, "build", "debian")
ARCHIVES = os.path.join(DIR, "archives")
KERNEL = "linux-image-cloud-arm64"
MODULES = ("virtio", "virtio_ring", "virtio_mmio", "virtio_blk")
INDEX_LIMIT, FETCH_LIMIT = 120, 600      # seconds

CONFIG = """
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Architectures;
APT::Architecture "arm64";
APT::Architectures:: "arm64";
APT::Sandbox::User "root";
APT::Install-Recommends "false";
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "{dir}/sources";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "{dir}/state";
Dir::State::status "{dir}/status";
Dir::Cache "{dir}/cache";
Dir::Log "{dir}";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "15";
Acquire::https::Timeout "15";
Debug::NoLocking "true";
"""


# Documentation and translations: what no program runs on.
LEFT_OUT = re.compile(r"usr/share/(doc|man|info|locale|lintian|bug|menu|"
                      r"bash-completion|doc-base|pixmaps|applications)/|"
                      r"usr/lib/systemd/|lib/systemd/|.*\.a$")
INIT = """#!/bin/busybox sh
# Process 1 of an image of Debian packages, see tools/debian.py.
b=/bin/busybox
export PATH=/usr/bin:/usr/sbin:/bin:/sbin HOME=/root TERM=vt100
umask 022
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs devtmpfs /dev
$b mkdir -p /dev/shm /dev/pts
[ -e /dev/fd ] || $b ln -s /proc/self/fd /dev/fd
$b mount -t tmpfs tmpfs /dev/shm
$b mount -t tmpfs tmpfs /tmp
$b chmod 1777 /tmp
$b --install -s /usr/lib/busybox
PATH=$PATH:/usr/lib/busybox
cd /root
if [ -n "$QUIRE_RUN" ]; then
	$b setsid -c sh -c "$QUIRE_RUN"
	echo "exit status $?"
else
	shell=sh
	[ -x /bin/bash ] && shell=/bin/bash
	$b setsid -c $shell
fi
$b poweroff -f
"""


class Unavailable(Exception):
    """No packages can be had here; the message is a sentence."""


# ---- apt, with a state of its own ------------------------------------------
def run(*command, limit=FETCH_LIMIT, cwd=None):
    env = dict(os.environ, APT_CONFIG=os.path.join(DIR, "apt.conf"), LC_ALL="C")
    try:
        return subprocess.run(command, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                              timeout=limit, env=env, cwd=cwd)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{' '.join(command[:2])}: no answer from the "
                          f"mirror within {limit} seconds.") from None


def codename():
    """=> bookworm, say; the packages are those of the machine's release"""
    try:
        with open("/etc/os-release", encoding="utf-8") as f:
            release = dict(re.findall(r'^(\w+)="?([^"\n]*)', f.read(), re.M))
    except OSError:
        release = {}
    if release.get("ID") != "debian" or "VERSION_CODENAME" not in release:
        raise Unavailable("this machine is not a Debian: its apt knows no "
                          "Debian mirror.")
    return release["VERSION_CODENAME"]


def machine_sources():
    """=> [(uris, suites, components, keyring)] of the machine's apt"""
    texts = []
    for path in ["/etc/apt/sources.list",
                 *sorted(glob.glob("/etc/apt/sources.list.d/*"))]:
        if path.endswith((".list", ".sources")) and os.path.isfile(path):
            with open(path, encoding="utf-8") as f:
                texts.append((path, f.read()))
    for path, text in texts:
        text = re.sub(r"^#.*\n?", "", text, flags=re.M)
        if path.endswith(".list"):
            for options, uri, suite, rest in re.findall(
                    r"^deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)([^#\n]*)",
                    text, re.M):
                key = re.search(r"signed-by=(\S+)", options)
                yield uri, suite, rest, key.group(1) if key else ""
            continue
        for stanza in re.split(r"\n\s*\n", text):
            field = {k.lower(): v for k, v in re.findall(
                r"^([\w-]+):[ \t]*(.*(?:\n[ \t].*)*)", stanza, re.M)}
            if ("deb" in field.get("types", "").split()
                    and field.get("enabled", "yes").strip() != "no"):
                yield (field.get("uris", ""), field.get("suites", ""),
                       field.get("components", ""),
                       field.get("signed-by", ""))


def write_sources(backports):
    """Debian's own archives among the sources; => False if there are none"""
    code, out, main_uris = codename(), [], None
    wanted = {code, "stable", code + "-updates", "stable-updates",
              code + "-security", "stable-security", code + "/updates"}
    for uris, suites, components, key in machine_sources():
        suites = [s for s in suites.split() if s in wanted]
        if backports and code in suites and not main_uris:
            main_uris = uris
            suites.append(code + "-backports")
        if suites and "main" in components.split():
            out.append(f"Types: deb\nURIs: {uris}\nSuites: {' '.join(suites)}"
                       "\nComponents: main\n"
                       + (f"Signed-By: {key}\n" if key else ""))
    if not out:
        raise Unavailable(f"the apt sources name no mirror of {code}.")
    with open(f"{DIR}/sources/debian.sources", "w", encoding="utf-8") as f:
        f.write("\n".join(out))


def set_up(backports=False, fresh=False):
    """The private apt, and an index in it (anew if FRESH)."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise Unavailable("this system has no apt-get and dpkg-deb.")
    for sub in ("sources", "state/lists/partial", "cache/archives/partial",
                "archives"):
        os.makedirs(os.path.join(DIR, sub), exist_ok=True)
    open(f"{DIR}/status", "a", encoding="utf-8").close()
    if os.path.exists(f"{DIR}/apt.conf"):
        os.remove(f"{DIR}/apt.conf")
    # Proxies and the like are the machine's; hooks and directories are not.
    dump = subprocess.run(["apt-config", "dump", "Acquire"], text=True,
                          stdout=subprocess.PIPE, check=False,
                          env={k: v for k, v in os.environ.items()
                               if k != "APT_CONFIG"})
    kept = "\n".join(line for line in dump.stdout.splitlines()
                     if not line.startswith("Acquire::Languages"))
    with open(f"{DIR}/apt.conf", "w", encoding="utf-8") as f:
        f.write(kept + CONFIG.format(dir=DIR))
    write_sources(backports)
    index = f"{DIR}/state/lists/*{'backports*' if backports else ''}_Packages*"
    if not fresh and glob.glob(index):
        return
    update = run("apt-get", "update", limit=INDEX_LIMIT)
    if not glob.glob(index) or "Failed to fetch" in update.stderr:
        why = re.search(r"^[EW]: (.*)$", update.stderr, re.M)
        raise Unavailable("the Debian mirror cannot be reached"
                          + (f": {why.group(1)}" if why else "."))


# ---- Packages --------------------------------------------------------------
def uri_files(*apt_get):
    """=> the names of the .deb files apt would fetch, as it names them"""
    answer = run("apt-get", "--print-uris", *apt_get)
    if answer.returncode:
        raise Unavailable("apt does not know how to get that: "
                          + answer.stderr.strip().replace("\n", " "))
    return [words[1] for words in map(str.split, answer.stdout.splitlines())
            if len(words) >= 3 and words[0].startswith("'")]


def resolve(names, deps):
    """=> {file: name=version} for the packages, and what they depend on"""
    files = uri_files(*(["install", "-y", "usr-is-merged"] if deps else ["download"]), *names)
    pattern = re.compile(r"([^_]+)_([^_]+)_[^_]+\.deb$")
    return {f: "{}={}".format(*(urllib.parse.unquote(x) for x in
                                pattern.match(f).groups())) for f in files}


def fetch(names, deps=False, backports=False):
    """=> the paths of the .deb files, fetched if need be"""
    for fresh in (False, True):     # an old index names what is no longer
        set_up(backports, fresh)
        wanted = resolve(names, deps)
        missing = [n for f, n in wanted.items()
                   if not os.path.exists(os.path.join(ARCHIVES, f))]
        if not missing or run("apt-get", "download", *missing,
                              cwd=ARCHIVES).returncode == 0:
            return [os.path.join(ARCHIVES, f) for f in wanted]
    raise Unavailable("the Debian mirror does not give the packages: "
                      + " ".join(missing))


def locked(do):
    """One at a time: tests run side by side."""
    os.makedirs(DIR, exist_ok=True)
    with open(os.path.join(DIR, "lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return do()


def unpack(debs, root):
    for deb in debs:
        done = run("dpkg-deb", "-x", deb, root)
        if done.returncode:
            raise Unavailable(f"{deb}: {done.stderr.strip()}")


def packages(names, deps=False, name="default"):
    """=> the directory with the files of these packages"""
    root = os.path.join(DIR, f"root-{name}")
    request = f"{' '.join(sorted(names))} deps={deps}\n"

    def get():
        try:
            with open(f"{root}.txt", encoding="utf-8") as f:
                if f.readline() == request and os.path.isdir(root):
                    return root
        except OSError:
            pass
        debs = fetch(names, deps)
        shutil.rmtree(root, ignore_errors=True)
        os.makedirs(root)
        unpack(debs, root)
        with open(f"{root}.txt", "w", encoding="utf-8") as f:
            f.write(request + "".join(os.path.basename(d) + "\n"
                                      for d in debs))
        return root
    return locked(get)


def keep_modules(tree, to):
    """The disk's driver, as far as it is not in the kernel: TO/NAME.ko"""
    os.makedirs(to, exist_ok=True)
    for path in glob.glob(f"{tree}/**/*.ko*", recursive=True):
        name = os.path.basename(path).split(".")[0]
        if name in MODULES:
            with (lzma.open if path.endswith(".xz") else open)(path, "rb") as f:
                data = f.read()
            with open(f"{to}/{name}.ko", "wb") as f:
                f.write(data)


def kernel(version="6.1"):
    """=> the path of Debian's kernel for virtual machines of this version

    In PATH.modules is what it needs to have a virtio disk.
    """
    to = os.path.join(DIR, f"vmlinuz-{version}")

    def image(backports):
        set_up(backports)
        known = run("apt-cache", "show", KERNEL).stdout.split("\n\n")
        for record in known:
            if re.search(rf"^Version: {re.escape(version)}\.", record, re.M):
                return re.search(r"^Depends: ([^\s,]+)", record, re.M).group(1)
        return None

    def get():
        if os.path.exists(to) and os.path.exists(to + ".modules"):
            return to
        for backports in (False, True):
            name = image(backports)
            if name:
                tree = to + ".tree"
                unpack(fetch([name], backports=backports), tree)
                keep_modules(tree, to + ".modules")
                os.rename(glob.glob(f"{tree}/boot/vmlinuz-*")[0], to)
                shutil.rmtree(tree)
                return to
        raise Unavailable(f"this release of Debian has no kernel {version}.")
    return locked(get)


# ---- Images ----------------------------------------------------------------
def merged(path):
    """/bin and /lib are /usr/bin and /usr/lib, as on every new Debian."""
    path = path.removeprefix("./")
    top = path.split("/", 1)[0]
    return "usr/" + path if top in ("bin", "sbin", "lib") else path


def contents(deb):
    """=> {name: tar member} of a package, but for what is LEFT_OUT"""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb],
                          stdout=subprocess.PIPE) as tar:
        with tarfile.open(fileobj=tar.stdout, mode="r|") as t:
            return {m.name: m for m in t
                    if not m.isdir() and not LEFT_OUT.match(m.name[2:])}


def needed(paths):
    """=> the names of the shared libraries these ELF files ask for"""
    readelf = os.environ.get("CROSS_COMPILE", "aarch64-linux-gnu-") + "readelf"
    out = run(readelf, "-d", *paths).stdout
    return set(re.findall(r"\(NEEDED\).*\[(.*)\]", out))


def is_elf(path):
    with open(path, "rb") as f:
        return f.read(4) == b"\x7fELF"


def choose(root, names, debs):
    """=> {name in the image: tar member} of files and links"""
    files, libraries = {}, {}
    for deb in debs:
        mine = os.path.basename(deb).split("_")[0] in names
        for name, m in contents(deb).items():
            if mine:
                files[merged(name)] = m
            elif ".so" in name:
                libraries.setdefault(os.path.basename(name), []).append(m)
    todo = [m for m in files.values() if m.isreg()]
    while todo:
        elves = [os.path.join(root, m.name) for m in todo]
        todo = []
        for lib in needed([e for e in elves if is_elf(e)]):
            while lib in libraries:     # a link leads to the next name
                members = libraries.pop(lib)
                for m in members:
                    files[merged(m.name)] = m
                    if m.isreg():
                        todo.append(m)
                    lib = os.path.basename(m.linkname) or lib
    return files


def write_image(root, files, extra, out):
    """The cpio archive of FILES below ROOT, and of EXTRA {name: host path}."""
    a = Archive()
    dirs = {"dev", "proc", "sys", "tmp", "root", "etc", "usr/bin", "usr/sbin",
            "usr/lib/busybox", *map(os.path.dirname, [*files, *extra])}
    for d in sorted({"/".join(parts[:i + 1]) for d in dirs
                     for parts in [d.split("/")] for i in range(len(parts))}):
        if d:
            a.dir(d, 0o1777 if d == "tmp" else 0o755)
    for top in ("bin", "sbin", "lib"):
        a.slink(top, "usr/" + top)
    a.nod("dev/console", 0o600, 0, 0, "c", 5, 1)
    a.data_file("init", INIT.encode(), 0o755)
    for name, m in sorted(files.items()):
        if m.issym():
            a.slink(name, m.linkname)
        else:
            source = m.linkname if m.islnk() else m.name
            a.file(name, os.path.join(root, source), m.mode)
    for name, path in extra.items():
        a.file(name, path, os.stat(path).st_mode & 0o777)
    with open(out + ".tmp", "wb") as f:
        f.write(a.finish())
    os.rename(out + ".tmp", out)


def image(names, out, extra=None):
    """An initramfs with the programs of these packages."""
    names = sorted({*names, "busybox-static"})
    extra = {"etc/passwd": f"{TOP}/user/etc/passwd",
             "etc/group": f"{TOP}/user/etc/group", **(extra or {})}
    label = os.path.basename(out).removesuffix(".cpio")
    root = packages(names, True, label)
    with open(f"{root}.txt", encoding="utf-8") as f:
        debs = [os.path.join(ARCHIVES, d) for d in f.read().split("\n")[1:-1]]
    files = choose(root, names, debs)
    files = {n: m for n, m in files.items() if n not in extra}
    if "usr/bin/sh" not in files:
        files["usr/bin/sh"] = tarfile.TarInfo("usr/bin/sh")
        files["usr/bin/sh"].type = tarfile.SYMTYPE
        files["usr/bin/sh"].linkname = "busybox"
    write_image(root, files, extra, out)


def main():
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    sub = ap.add_subparsers(dest="command", required=True)
    sub.add_parser("have", help="exit status 0 if packages can be had")
    p = sub.add_parser("packages", help="fetch and unpack packages")
    p.add_argument("--deps", action="store_true",
                   help="and all that they depend on")
    p.add_argument("--set", default="default", metavar="NAME",
                   help="unpack into build/debian/root-NAME")
    p.add_argument("names", nargs="+", metavar="PACKAGE")
    p = sub.add_parser("kernel", help="fetch a kernel")
    p.add_argument("version", nargs="?", default="6.1")
    p = sub.add_parser("image", help="make an initramfs of packages")
    p.add_argument("-o", "--output", required=True, metavar="OUT.cpio")
    p.add_argument("--add", action="append", default=[], metavar="FILE=NAME",
                   help="put this file of yours there")
    p.add_argument("names", nargs="+", metavar="PACKAGE")
    args = ap.parse_args()
    try:
        if args.command == "have":
            locked(set_up)
        elif args.command == "packages":
            print(packages(args.names, args.deps, args.set))
        elif args.command == "image":
            image(args.names, args.output, {
                name.lstrip("/"): path for path, name in
                (a.rsplit("=", 1) for a in args.add)})
        else:
            print(kernel(args.version))
    except Unavailable as e:
        print(f"debian: {e}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
