#!/usr/bin/env python3
"""debian.py - packages of Debian's arm64, for programs and kernels to compare.

    tools/debian.py have                    is there an apt and a mirror?
    tools/debian.py packages [--deps] [--set NAME] PACKAGE...
                                            => the directory they are in
    tools/debian.py kernel [6.1|6.12]       => the path of that kernel

Runs the machine's apt with a state of its own below build/debian/: it reads
the machine's list of Debian mirrors, its proxies and keys, needs no root, and
leaves the packages of the machine alone. Signatures are checked as always.
What was fetched once is not fetched again. The exit status is 0, or 2 with
one sentence where there is no apt or the mirror cannot be reached.
"""
import argparse
import fcntl
import glob
import os
import re
import shutil
import subprocess
import sys
import urllib.parse

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DIR = os.path.join(TOP, "build", "debian")
ARCHIVES = os.path.join(DIR, "archives")
KERNEL = "linux-image-cloud-arm64"
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


def kernel(version="6.1"):
    """=> the path of Debian's kernel for virtual machines of this version"""
    to = os.path.join(DIR, f"vmlinuz-{version}")

    def image(backports):
        set_up(backports)
        known = run("apt-cache", "show", KERNEL).stdout.split("\n\n")
        for record in known:
            if re.search(rf"^Version: {re.escape(version)}\.", record, re.M):
                return re.search(r"^Depends: ([^\s,]+)", record, re.M).group(1)
        return None

    def get():
        if os.path.exists(to):
            return to
        for backports in (False, True):
            name = image(backports)
            if name:
                tree = to + ".tree"
                unpack(fetch([name], backports=backports), tree)
                os.rename(glob.glob(f"{tree}/boot/vmlinuz-*")[0], to)
                shutil.rmtree(tree)
                return to
        raise Unavailable(f"this release of Debian has no kernel {version}.")
    return locked(get)


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
    args = ap.parse_args()
    try:
        if args.command == "have":
            locked(set_up)
        elif args.command == "packages":
            print(packages(args.names, args.deps, args.set))
        else:
            print(kernel(args.version))
    except Unavailable as e:
        print(f"debian: {e}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
