"""Unmodified programs of Debian's arm64 packages, and what they print.

One guest with four CPUs runs every tests/debian/NAME.sh of a list in turn.
What a script printed on Linux is stored beside it as NAME.out; here it must
be the same to the letter. Scripts without a NAME.out show a program beside
the files in /proc that it reads, and a check_NAME below compares the two.

    python3 tests/test_debian.py --record   writes the NAME.out of Debian's
                                            own kernel
"""
import difflib
import glob
import hashlib
import os
import re
import shlex
import subprocess
import sys
import time

import pexpect
import pytest

import conftest
import debian
from conftest import BUILD, IMAGE, OUT, TOP, Quire, plain
from drives import debugfs, fsck

HERE = f"{TOP}/tests/debian"
INITRD = f"{OUT}/debian.cpio"
PACKAGES = """procps bash dash coreutils util-linux memtester sysbench sqlite3
    lua5.4 python3.11-minimal libpython3.11-minimal libpython3.11-stdlib sed
    grep mawk findutils diffutils perl-base ncurses-base musl""".split()
CASES = sorted(os.path.basename(p)[:-3] for p in glob.glob(f"{HERE}/*.sh"))
GUIDE = f"{TOP}/docs/running-debian.md"
EXACT = [c for c in CASES if os.path.exists(f"{HERE}/{c}.out")]
END = (pexpect.EOF, pexpect.TIMEOUT)
LIMIT = 240             # seconds for all cases: a hang, not a slow machine


# ---- The image -------------------------------------------------------------
def build_musl(name, *options):
    """Link tests/debian/musl.c with Debian's musl. => the path"""
    root = debian.packages(["musl", "musl-dev"], name="musl")
    with open(f"{root}/usr/lib/aarch64-linux-musl/musl-gcc.specs",
              encoding="utf-8") as f:
        specs = f.read().replace("/usr/", f"{root}/usr/")
    with open(f"{OUT}/musl.specs", "w", encoding="utf-8") as f:
        f.write(specs)
    gcc = os.environ.get("CROSS_COMPILE", "aarch64-linux-gnu-") + "gcc"
    subprocess.run([gcc, "-specs", f"{OUT}/musl.specs", "-O1", "-Wall",
                    "-Wno-unused-result", "-D_GNU_SOURCE",
                    "-mno-outline-atomics", *options,
                    "-o", f"{OUT}/{name}", f"{HERE}/musl.c"], check=True)
    return f"{OUT}/{name}"


def write_guide(path):
    """The commands of the chapter as a script that stops at a failure."""
    with open(GUIDE, encoding="utf-8") as f:
        blocks = re.findall(r"^```console-debian\n(.*?)^```", f.read(),
                            re.M | re.S)
    commands = re.findall(r"^# (.*)$", "".join(blocks), re.M)
    assert len(commands) > 10
    with open(path, "w", encoding="utf-8") as f:
        for command in commands:
            f.write(f"echo {shlex.quote('# ' + command)}\n{command}\n"
                    "[ $? = 0 ] || exit 1\n")
    return path


def make_image():
    os.makedirs(OUT, exist_ok=True)
    extra = {f"t/{os.path.basename(p)}": p
             for p in [*glob.glob(f"{HERE}/*.sh"), f"{HERE}/run"]}
    extra["t/guide.sh"] = write_guide(f"{OUT}/guide.sh")
    extra["t/musl-static"] = build_musl("musl-static", "-static")
    extra["t/musl-dynamic"] = build_musl("musl-dynamic", "-fPIE", "-pie")
    extra["t/nosuch-loader"] = build_musl(
        "nosuch-loader", "-fPIE", "-pie", "-Wl,-dynamic-linker,/lib/nosuch")
    debian.image(PACKAGES, INITRD, extra)


# ---- Running ---------------------------------------------------------------
class Run:
    """All cases in one guest: .outputs {case: (text, status)}, .log"""

    def __init__(self, image=IMAGE, cases=None):
        guest = Quire("debian", cpus=4, mem="1G", initrd=INITRD, image=image,
                      append="console=ttyAMA0 quiet loglevel=4 panic=-1 "
                      "ktest=off QUIRE_RUN=\"/t/run "
                      f"{' '.join(cases or [*CASES, 'guide'])}\"")
        started = time.time()
        guest.child.expect([r"exit status \d+\r*\n", *END],
                           timeout=LIMIT)
        self.seconds = time.time() - started
        guest.child.expect(list(END), timeout=5)
        guest.kill()
        self.log = plain(guest.console.text)
        self.outputs = {
            m.group(1): (m.group(2), int(m.group(3))) for m in re.finditer(
                r"^@@ begin (\S+)\n(.*?)^@@ end \1 (\d+) \d+ s$", self.log,
                re.M | re.S)}


@pytest.fixture(scope="module", name="done")
def fixture_done():
    """The one run of all cases, or a skip where no packages can be had."""
    if not os.path.exists(IMAGE):
        pytest.fail("there is no kernel: run make first", pytrace=False)
    try:
        make_image()
    except debian.Unavailable as e:
        pytest.skip(str(e))
    return Run()


def output_of(done, case):
    if case not in done.outputs:
        pytest.fail(f"{case} did not end; the console:\n{done.log[-3000:]}",
                    pytrace=False)
    text, status = done.outputs[case]
    assert status == 0, f"{case} exited with {status}:\n{text[-3000:]}"
    return text


@pytest.mark.parametrize("case", EXACT)
def test_same_as_linux(done, case):
    text = output_of(done, case)
    with open(f"{HERE}/{case}.out", encoding="utf-8") as f:
        linux = f.read()
    assert text == linux, "\n" + "".join(difflib.unified_diff(
        linux.splitlines(True), text.splitlines(True), "Linux", "Quire"))


# System calls these programs try and do without, as on an old Linux.
DONE_WITHOUT = {
    107,        # timer_create: timeout uses alarm instead
    275,        # sched_getattr: chrt uses sched_getscheduler instead
}


def test_unknown_system_calls(done):
    assert "@@ log" in done.log
    found = re.findall(r"(\S+)\[\d+\]: unknown system call (\d+)", done.log)
    assert not [f for f in found if int(f[1]) not in DONE_WITHOUT]


# ---- Programs that show what /proc says ------------------------------------
def parts(text):
    """=> {label: text} of what follows each `%% label`; "" is the start"""
    pieces = re.split(r"^%% (.*)\n", "%% \n" + text, flags=re.M)
    return dict(zip(pieces[1::2], pieces[2::2]))


def kib(text):
    """=> {name: number} of lines `Name: number [kB]`"""
    return {k: int(v) for k, v in re.findall(r"^(\S+):\s+(\d+)(?: kB)?$",
                                             text, re.M)}


def near(a, b, slack):
    return abs(a - b) <= slack


def rows(text):
    """=> the lines of a table as dictionaries, by its heading"""
    head, *lines = text.strip().splitlines()
    names = head.split()
    return [dict(zip(names, line.split(None, len(names) - 1)))
            for line in lines if line.strip()]


def check_free(text):
    p = parts(text)
    info = kib(p[""])
    total, used, free, shared, cache, available = map(
        int, re.search(r"^Mem:(.*)", p["free"], re.M).group(1).split())
    assert total == info["MemTotal"] and shared == info["Shmem"]
    assert near(free, info["MemFree"], 4096)
    assert near(available, info["MemAvailable"], 4096)
    assert near(cache, info["Buffers"] + info["Cached"]
                + info["SReclaimable"], 512)
    assert used == total - available
    wide = re.search(r"^Mem:(.*)", p["wide"], re.M).group(1).split()
    assert int(wide[0]) == total * 1024
    assert p["loop"].count("Mem:") == 3
    assert re.search(r"^Swap: +0 +0 +0$", p["free"], re.M)
    assert re.search(r"^Total: ", p["human"], re.M)


def check_ps(text):
    p = parts(text)
    label = next(k for k in p if k.startswith("pid "))
    pid, status = label.split()[1], p[label]
    rss = int(re.search(r"^VmRSS:\s+(\d+)", status, re.M).group(1))
    size = int(re.search(r"^VmSize:\s+(\d+)", status, re.M).group(1))
    shared = sum(int(x) for x in re.findall(r"^Rss(?:File|Shmem):\s+(\d+)",
                                            status, re.M))
    assert rss > 20 << 10
    aux = {r["PID"]: r for r in rows(p["aux"])}
    assert aux["1"]["USER"] == "root" and "busybox" in aux["1"]["COMMAND"]
    assert near(int(aux[pid]["RSS"]), rss, 64)
    assert int(aux[pid]["VSZ"]) == size and aux[pid]["STAT"] == "Sl"
    assert aux[pid]["COMMAND"].startswith("python3.11 -c  import threading")
    assert any(r["COMMAND"] == "ps aux" and r["STAT"].startswith("R")
               for r in aux.values())
    threads = [r for r in rows(p["elf"]) if r["PID"] == pid]
    assert len(threads) == 4 and {r["NLWP"] for r in threads} == {"4"}
    assert [r["LWP"] for r in threads][0] == pid
    assert re.search(rf"^ +{pid} .*:\d\d  +python3.11$", p["forest"], re.M)
    own, = rows(p["own"])
    stat = p["stat"].rpartition(")")[2].split()
    assert own["NLWP"] == "4" and own["PPID"] == stat[1]
    assert near(int(own["MINFL"]), int(stat[7]), 20)
    assert near(int(own["SZ"]), size // 4, 0)
    total, running, sleeping = map(int, re.search(
        r"^Tasks: +(\d+) total, +(\d+) running, +(\d+) sleeping", p["top"],
        re.M).groups())
    assert running >= 1 and total >= running + sleeping
    shares = [float(x) for x in re.search(
        r"^%Cpu\(s\):(.*)", p["top"], re.M).group(1).replace(",", " ").split()
        if re.fullmatch(r"[\d.]+", x)]
    assert near(sum(shares), 100, 1)
    line = re.search(rf"^ *{pid} root .*", p["top"], re.M).group(0).split()
    assert int(line[4]) == size and near(int(line[5]), rss, 64)
    assert near(int(line[6]), shared, 64) and line[11] == "python3.11"
    assert len(re.findall(r"python3.11$", p["topthreads"], re.M)) == 4
    assert "Threads:   4 total" in p["topthreads"]


def smaps(text):
    """=> [(start, {field: KiB})] of a process's mappings"""
    out = []
    for line in text.splitlines():
        start = re.match(r"([0-9a-f]+)-[0-9a-f]+ ", line)
        if start:
            out.append((int(start.group(1), 16), {}))
        else:
            name, _, value = line.partition(":")
            if out and value.endswith(" kB"):
                out[-1][1][name] = int(value.split()[0])
    return out


def check_pmap(text):
    p = parts(text)
    maps = smaps(p[""])
    want = [(a, f["Size"], f["Rss"], f["Pss"]) for a, f in maps]
    plain_rows = re.findall(r"^([0-9a-f]{16}) +(\d+)K (\S+) ", p["plain"],
                            re.M)
    assert [(int(a, 16), int(k)) for a, k, _ in plain_rows] == [
        w[:2] for w in want]
    assert re.search(rf"^ total +{sum(w[1] for w in want)}K$", p["plain"],
                     re.M)
    short = re.findall(r"^([0-9a-f]{16}) +(\d+) +(\d+) +(\d+) \S+ ", p["x"],
                       re.M)
    assert [tuple(int(v, 16 if i == 0 else 10) for i, v in enumerate(r[:3]))
            for r in short] == [w[:3] for w in want]
    assert [int(r[3]) for r in short] == [
        f["Shared_Dirty"] + f["Private_Dirty"] for _, f in maps]
    for label in "X", "XX":
        names = p[label].splitlines()[1].split()
        body = [line.split() for line in p[label].splitlines()[2:2 + len(maps)]]
        for field in ("Size", "Rss", "Pss", "Referenced", "Anonymous",
                      "Locked", "Swap"):
            column = names.index(field)
            got = [int(r[column]) for r in body]
            # Others that map libc come and go: Pss is shared with them.
            slack = 64 if field == "Pss" else 0
            assert all(near(a, f[field], slack)
                       for a, (_, f) in zip(got, maps))
    assert p["q"].splitlines()[-1] == "42"


def slabs(text):
    """=> {name: (active, total, size, per slab)} of /proc/slabinfo"""
    return {m[0]: tuple(map(int, m[1:])) for m in re.findall(
        r"^(\S+) +(\d+) +(\d+) +(\d+) +(\d+) +\d+ : tunables", text, re.M)}


def check_vmstat(text):
    p = parts(text)
    info, caches = kib(p[""]), slabs(p[""])
    s = {name: int(n) for n, name in re.findall(r"^ *(\d+) (?:K )?(.*)$",
                                                p["s"], re.M)}
    assert s["total memory"] == info["MemTotal"]
    assert near(s["free memory"], info["MemFree"], 4096)
    assert near(s["inactive memory"], info["Inactive"], 4096)
    assert s["boot time"] == int(re.search(r"btime (\d+)", p[""]).group(1))
    assert near(s["forks"], int(re.search(r"processes (\d+)",
                                          p[""]).group(1)), 10)
    table = [line.rsplit(None, 4) for line in p["m"].splitlines()
             if not line.startswith("Cache")]
    assert len(table) == len(caches) >= 20
    for name, _, _, size, per_slab in table:
        assert (int(size), int(per_slab)) == caches[name][2:]
    assert re.search(r"^ +\d+ forks$", p["f"], re.M)
    assert p["d"] == "" and "0 disks" in p["D"]
    numbers = [line.split() for line in p["n"].splitlines()[2:]]
    assert len(numbers) == 2 and near(int(numbers[1][3]), info["MemFree"],
                                      8192)
    assert near(sum(map(int, numbers[1][12:17])), 100, 3)
    objects = int(re.search(r"Total Objects .*/ (\d+) ",
                            p["slabtop"]).group(1))
    assert near(objects, sum(c[1] for c in caches.values()), objects // 10)
    shown = re.findall(r"^ *(\d+) +(\d+) +\d+% +([\d.]+)K +\d+ +(\d+) +\d+K "
                       r"(\S+) *$", p["slabtop"], re.M)
    assert len(shown) >= 20
    for total, active, size, per_slab, name in shown:
        assert int(active) <= int(total) and int(per_slab) == caches[name][3]
        assert near(float(size) * 1024, caches[name][2], 6)


def check_uptime(text):
    lines = text.splitlines()
    seconds = float(lines[0].split()[0])
    assert 0 < seconds < LIMIT + 60
    assert re.match(r" \d\d:\d\d:\d\d up \d+ min,  0 user,  load average: ",
                    lines[1])
    assert lines[1].split("average: ")[1].replace(",", "") == " ".join(
        lines[4].split()[:3])
    assert re.match(r"up \d+ minutes?$", lines[2])


@pytest.mark.parametrize("case", [c for c in CASES if c not in EXACT])
def test_agrees_with_proc(done, case):
    globals()[f"check_{case}"](output_of(done, case))


def test_commands_of_the_guide(done):
    text = output_of(done, "guide")
    for sign in ("GNU bash", "MemoryError", "Done.", "transferred", "libc.so.6",
                 "THPeligible", "100000\n99999\n99998", "\n42\n"):
        assert sign in text


# ---- A terminal, and the command of the guide ------------------------------
def test_bash_on_the_terminal(done, start):
    """Job control by keys, top on the screen, exit powers off."""
    assert done
    q = start(initrd=INITRD, cpus=2, mem="1G",
              append="quiet loglevel=4 ktest=off")
    prompt = r"root@\S+:\S+# "
    q.expect(prompt, conftest.BOOT_LIMIT)
    q.sendline("sleep 100")
    time.sleep(0.5)
    q.control("Z")
    q.expect(r"\[1\]\+ +Stopped +sleep 100")
    q.expect(prompt)
    q.sendline("bg; jobs; fg")
    q.expect(r"Running +sleep 100 &")
    time.sleep(0.5)
    q.control("C")
    q.expect(prompt)
    q.sendline("echo status $?; cat | tr a-z A-Z")
    q.expect(r"status 130")
    q.sendline("typed")
    q.control("D")
    q.expect(r"TYPED\r*\n")
    q.expect(prompt)
    q.sendline("top")
    q.expect(r"Tasks:")
    q.expect(r"COMMAND")
    q.send("q")
    q.expect(prompt)
    q.sendline("echo read line\x02\x02\x02\x02\x08")    # ^B ^B ^B ^B rubout
    q.expect(r"readline\r*\n")
    q.expect(prompt)
    q.sendline("tty; stty size; exit")
    q.expect("reboot: Power down")
    q.wait_exit()


def test_image_command(done, start, tmp_path):
    """An image as the guide makes one, with a file of one's own."""
    assert done
    own, out = tmp_path / "own.lua", f"{OUT}/lua.cpio"
    own.write_text("print('mine', 6 * 7)\n")
    subprocess.run([sys.executable, f"{TOP}/tools/debian.py", "image",
                    "lua5.4", "--add", f"{own}=/root/my.lua", "-o", out],
                   check=True)
    q = start(initrd=out, mem="256M", append="quiet ktest=off "
              "QUIRE_RUN=\"lua5.4 /root/my.lua; exit 3\"")
    q.expect(r"mine\t42\r*\n")
    q.expect(r"exit status 3")
    q.wait_exit()


HOLD = """import hashlib, os
held = [bytearray(os.urandom(1 << 20)) for i in range(30)]
sums = [hashlib.md5(b).digest() for b in held]
room = [bytes(1 << 20) for i in range(30)]
assert [hashlib.md5(b).digest() for b in held] == sums
print("python held", len(held))"""
SQL = """create table t(a integer, b text);
with recursive c(n) as (select 1 union all select n + 1 from c where n < 50000)
insert into t select n, hex(n * 7919) from c;
create index i on t(b); select count(*), sum(a) from t where b > '3';
pragma integrity_check;"""


def test_from_a_disk_in_little_memory(done, boot, images, tmp_path):
    """All of it on ext2, in 64 MiB: programs come from the disk page by page,
    and what they hold goes to swap."""
    assert done
    root = debian.packages(sorted({*PACKAGES, "busybox-static"}), True,
                           "debian")
    disk = images.ext2("debian", root, size="400M")
    for name, text in (("hold.py", HOLD), ("make.sql", SQL)):
        (tmp_path / name).write_text(text)
        debugfs(disk, f"write {tmp_path / name} {name}", "-w")
    q = boot(mem="64M", cpus=4, drives=[disk, images.swap("swap")])
    q.run("mount -t ext2 /dev/vda /mnt; swapon /dev/vdb; export PATH=/usr$PATH"
          ":$PATH; mount -t devtmpfs dev /mnt/dev")

    def at(command):
        return q.run(f"/mnt/usr/sbin/chroot /mnt {command}", timeout=LIMIT)

    with q.counted() as n:
        both = at("/bin/bash -c 'for i in 1 2; do python3.11 /hold.py & done;"
                  " wait'")
    assert both.count("python held 30") == 2
    assert n["pswpout"] > 10000 and n["pswpin"] > 1000
    assert n["pgscan_kswapd"] > 0
    assert at("sqlite3 /x.db '.read /make.sql'").split() == ["50000|1250025000",
                                                             "ok"]
    q.run("echo 3 > /proc/sys/vm/drop_caches")
    python = "usr/bin/python3.11"
    with q.counted() as n:
        assert at("python3.11 -c 'print(6 * 7)'").strip() == "42"
    size = os.path.getsize(f"{root}/{python}")
    assert n["pgmajfault"] > 10, "it did not come from the disk"
    assert n["pgpgin"] * 1024 < size + (4 << 20), "all of it was read"
    with open(f"{root}/{python}", "rb") as f:
        assert at(f"md5sum /{python}").split()[0] == hashlib.md5(
            f.read()).hexdigest()
    q.run("umount /mnt/dev; umount /mnt; swapoff /dev/vdb")
    assert not re.search(r"BUG:|WARNING:|Bad page", q.log)
    q.kill()
    assert fsck(disk) == ""


def record(cases):
    """Debian's kernel writes the .out files."""
    make_image()
    run = Run(debian.kernel("6.1"), cases)
    for case, (text, status) in run.outputs.items():
        if status == 0 and f"check_{case.replace('-', '_')}" not in globals():
            with open(f"{HERE}/{case}.out", "w", encoding="utf-8") as f:
                f.write(text)
    for case in cases or CASES:
        print(case, run.outputs.get(case, ("", "no end"))[1])
    print(f"{run.seconds:.1f} s")


if __name__ == "__main__":
    record(sys.argv[2:])
