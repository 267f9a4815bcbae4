"""free, top, ps and the like: their figures are those of /proc."""
import re

import pytest


def numbers(line):
    return [int(n) for n in re.findall(r"-?\d+", line)]


def free_rows(text):
    return {row.split(":")[0]: numbers(row.split(":", 1)[1])
            for row in text.splitlines() if re.match(r"\w+:", row)}


def close(a, b, slack=2048):
    """Two looks at a living system, in KiB."""
    return abs(a - b) <= slack


def test_free_columns(quire):
    head = quire.run("free").splitlines()[0].split()
    assert head == ["total", "used", "free", "shared", "buff/cache",
                    "available"]


def test_free_equals_meminfo(quire):
    rows = free_rows(quire.run("free"))
    info = quire.meminfo()
    total, used, free, shared, cache, available = rows["Mem"]
    assert total == info["MemTotal"]
    assert close(used, info["MemTotal"] - info["MemAvailable"])
    assert close(free, info["MemFree"])
    assert close(shared, info["Shmem"])
    assert close(cache, info["Buffers"] + info["Cached"]
                 + info["SReclaimable"])
    assert close(available, info["MemAvailable"])
    assert rows["Swap"][:1] == [info["SwapTotal"]]


@pytest.mark.parametrize("option,divisor", [
    ("-b", 1 / 1024), ("-k", 1), ("-m", 1024), ("-g", 1 << 20)])
def test_free_units(quire, option, divisor):
    total = quire.meminfo()["MemTotal"]
    shown = free_rows(quire.run(f"free {option}"))["Mem"][0]
    assert shown == int(total / divisor)


def test_free_wide_and_total(quire):
    out = quire.run("free -w -t")
    assert out.splitlines()[0].split() == [
        "total", "used", "free", "shared", "buffers", "cache", "available"]
    assert "Total:" in out


def test_free_human(quire):
    assert re.search(r"Mem:\s+[\d.]+Mi", quire.run("free -h"))


def test_free_repeats(quire):
    assert quire.run("free -s 0.1 -c 3").count("Mem:") == 3


def test_free_version(quire):
    assert re.search(r"\d+\.\d+", quire.run("free -V"))


def test_free_sees_memory_go(quire):
    """memhog's pages leave MemFree, and come back."""
    before = quire.meminfo()["MemFree"]
    quire.run("memhog 64M -s 600 > /dev/null &")
    for _ in range(30):
        during = quire.meminfo()["MemFree"]
        if before - during > 60 << 10:
            break
        quire.run("sleep 0.1")
    assert before - during > 60 << 10
    quire.run("kill $!; wait", status=None)
    after = quire.meminfo()["MemFree"]
    assert before - after < 4 << 10


def test_page_cache_and_tmpfs_are_counted(quire):
    before = quire.meminfo()
    quire.run("dd if=/dev/zero of=/tmp/big bs=1M count=16 2>/dev/null")
    during = quire.meminfo()
    assert during["Shmem"] - before["Shmem"] > (16 << 10) - 256
    assert during["Cached"] - before["Cached"] > (16 << 10) - 256
    quire.run("rm /tmp/big")
    after = quire.meminfo()
    assert close(after["Shmem"], before["Shmem"])
    assert close(after["MemFree"], before["MemFree"], 4096)


MEMINFO_KEYS = """MemTotal MemFree MemAvailable Buffers Cached SwapCached Active
Inactive Active(anon) Inactive(anon) Active(file) Inactive(file) Unevictable
Mlocked SwapTotal SwapFree Dirty Writeback AnonPages Mapped Shmem KReclaimable
Slab SReclaimable SUnreclaim KernelStack PageTables CommitLimit Committed_AS
VmallocTotal VmallocUsed VmallocChunk""".split()


def test_meminfo_keys_in_linux_order(quire):
    keys = re.findall(r"^(\S+):", quire.run("cat /proc/meminfo"), re.M)
    assert [k for k in keys if k in MEMINFO_KEYS] == MEMINFO_KEYS


def test_meminfo_format(quire):
    assert re.search(r"^MemTotal: {8,9}\d+ kB$",
                     quire.run("cat /proc/meminfo"), re.M)


def test_buddyinfo(quire):
    out = quire.run("cat /proc/buddyinfo")
    zones = re.findall(r"^Node 0, zone +(\w+) +((?:\d+ +){11})$", out, re.M)
    assert zones, out
    pages = sum(int(n) << o for _, row in zones
                for o, n in enumerate(row.split()))
    assert 0 < pages * 4 <= quire.meminfo()["MemTotal"]


@pytest.mark.parametrize("name,pattern", [
    ("slabinfo", r"^slabinfo - version: 2\.1\n# name"),
    ("zoneinfo", r"Node 0, zone +DMA(.|\n)*pages free +\d+"),
    ("vmstat", r"^nr_free_pages \d+(.|\n)*^pgfault \d+"),
    ("vmallocinfo", r"^0x[0-9a-f]{16}-0x[0-9a-f]{16} +\d+ "),
    ("iomem", r"^40000000-[0-9a-f]+ : System RAM\n  40[0-9a-f]+-"
              r"[0-9a-f]+ : Kernel code"),
    ("stat", r"^cpu  \d+( \d+){9}\n(cpu\d .*\n)+intr "),
    ("loadavg", r"^\d\.\d\d \d\.\d\d \d\.\d\d \d+/\d+ \d+$"),
    ("uptime", r"^\d+\.\d\d \d+\.\d\d$"),
    ("version", r"6\.1"),
    ("mounts", r"^\S+ / \S+ rw"),
    ("cpuinfo", r"^processor\t: 0\nBogoMIPS(.|\n)*CPU implementer\t: 0x41"),
    ("interrupts", r"CPU0\s+CPU1"),
    ("filesystems", r"nodev\ttmpfs"),
])
def test_proc_file(quire, name, pattern):
    out = quire.run(f"cat /proc/{name}")
    assert re.search(pattern, out, re.M), out


def test_proc_pid(quire):
    status = quire.run("cat /proc/self/status")
    for key in ("Name", "State", "Pid", "PPid", "VmSize", "VmRSS", "VmData",
                "VmStk", "VmExe", "VmPTE", "Threads", "SigCgt"):
        assert re.search(rf"^{key}:\t", status, re.M), status
    assert re.search(r"^Name:\tcat$", status, re.M)
    assert len(quire.run("cat /proc/self/stat").split()) == 52
    assert len(quire.run("cat /proc/self/statm").split()) == 7
    maps = quire.run("cat /proc/self/maps")
    assert re.search(r"^aaaa[0-9a-f]{8}-[0-9a-f]{12} r-xp 00000000 .*/cat$",
                     maps, re.M)
    assert re.search(r"^ffff[0-9a-f]{8}-.* r-xp .*/libc.so.6$", maps, re.M)
    for name in ("vvar", "vdso", "stack"):
        assert f"[{name}]\n" in maps


def test_status_agrees_with_statm(quire):
    out = quire.run("cat /proc/1/status /proc/1/statm")
    size = int(re.search(r"VmSize:\s+(\d+) kB", out).group(1))
    rss = int(re.search(r"VmRSS:\s+(\d+) kB", out).group(1))
    pages = numbers(out.splitlines()[-1])
    assert (pages[0] * 4, pages[1] * 4) == (size, rss)


def test_ps(quire):
    out = quire.run("ps")
    assert re.search(r"PID", out.splitlines()[0])
    assert re.search(r"^\s*\d+ .*\bps", out, re.M)


def test_ps_shows_kernel_threads(quire):
    out = quire.run("ps -e || ps", status=None)
    assert re.search(r"^\s*1 .*init", out, re.M)


def test_pmap_agrees_with_status(quire):
    out = quire.run("pmap 1")
    total = int(re.search(r"total +(\d+)K", out).group(1))
    size = int(re.search(r"VmSize:\s+(\d+)",
                         quire.run("cat /proc/1/status")).group(1))
    assert total == size


def test_vmstat(quire):
    out = quire.run("vmstat")
    assert re.search(r"r +b +swpd +free +buff +cache +si +so", out)
    assert len(numbers(out.splitlines()[-1])) >= 16


def page_types(out):
    """The table of page-types: {long name: pages}, total."""
    rows = re.findall(r"^0x[0-9a-f]{16}\t +(\d+) +(\d+)  (\S+)\t(\S*)$", out,
                      re.M)
    total = int(re.search(r"^ +total\t +(\d+)", out, re.M).group(1))
    assert total == sum(int(r[0]) for r in rows)
    assert all(int(r[0]) * 4 // 1024 == int(r[1]) for r in rows)
    return {r[3]: int(r[0]) for r in rows}, total


def test_page_types_of_all_memory(quire):
    kinds, total = page_types(quire.run("page-types"))
    assert total % 32768 == 0  # sections of 128 MiB
    assert kinds["nopage"] >= 1 << 18  # RAM begins at 1 GiB
    assert kinds["zero_page"] == 1
    free = int(re.search(r"MemFree: +(\d+)",
                         quire.run("cat /proc/meminfo")).group(1))
    assert abs(kinds["buddy"] * 4 - free) < free / 10
    only, n = page_types(quire.run("page-types -b buddy"))
    assert list(only) == ["buddy"] and n == only["buddy"]
    out = quire.run("page-types -l -b =buddy -N")
    assert "offset\tlen\tflags\n" in out and "page-count" not in out
    pages = sum(int(m, 16) for m in
                re.findall(r"^[0-9a-f]+\t([0-9a-f]+)\t_+B_+$", out, re.M))
    assert abs(pages - n) < 1000


def test_page_types_of_a_process(quire):
    kinds, total = page_types(quire.run("page-types -p 1 -r"))
    rss = int(re.search(r"Rss: +(\d+)",
                        quire.run("cat /proc/1/smaps_rollup")).group(1))
    assert rss <= total * 4 <= rss + 64  # the pages of the vdso, too
    assert sum(n for k, n in kinds.items() if "anonymous" in k) >= 10, kinds
    assert any(k.endswith("mmap_exclusive") for k in kinds), kinds


def test_page_types_describes_flags(quire):
    out = quire.run("page-types -d 0x10,anon")
    assert re.match(r"0x0000000000001010\t____D_+a_+\tdirty,anonymous$", out)
    _, status = quire.sh("page-types -b nonsense")
    assert status == 1


def test_uptime(quire):
    assert re.search(r"up .*load average: \d", quire.run("uptime"))


def test_mounts(quire):
    out = quire.run("mount")
    for kind, where in (("proc", "/proc"), ("sysfs", "/sys"),
                        ("devtmpfs", "/dev")):
        assert re.search(rf"on {where} type {kind}", out), out


@pytest.mark.parametrize("node", ["null", "zero", "full", "random", "urandom",
                                  "tty", "console", "kmsg"])
def test_device_nodes(quire, node):
    assert quire.run(f"ls -l /dev/{node}").startswith("c")


def test_device_behaviour(quire):
    assert quire.run("head -c 4 /dev/zero | wc -c").strip() == "4"
    assert quire.run("cat /dev/null") == ""
    _, status = quire.sh("echo x > /dev/full")
    assert status != 0
    a = quire.run("head -c 8 /dev/urandom | hexdump")
    assert a != quire.run("head -c 8 /dev/urandom | hexdump")


def test_malloc_demo(quire):
    """The course text's two functions: untouched memory costs nothing."""
    out = quire.run("mallocdemo", status=None)
    assert "VmRSS" in out and "VmSize" in out
    assert re.findall(r"(\d+) +0  [a-z]", out) == ["0", "0", "1", "25600"]


def rows(quire, command):
    """The numbers that stand at the end of each line, without addresses."""
    return [[int(n) for n in re.findall(r" (\d+)(?= |$)", line)]
            for line in quire.run(command).splitlines()[1:]]


def test_memlab_copy_on_write(quire):
    faults_and_mapped = [[0], [1, 0], [1, 1], [0, 1], [0, 2], [1, 2], [1, 1],
                         [0, 1], [1, 1], [0, 1]]
    assert rows(quire, "memlab cow") == faults_and_mapped


def test_memlab_fault_around(quire):
    assert [r[-3:] for r in rows(quire, "memlab around")] == [
        [0, 0, 64], [1, 16, 64], [3, 64, 64], [64, 64, 64], [64, 64, 64],
        [4, 64, 64], [64, 64, 64]]


@pytest.mark.parametrize("how,faults,huge", [
    ("advise", 2, [0, 4096, 2048, 2048, 2048, 0, 0]),
    ("refuse", 1024, [0] * 7)])
def test_memlab_huge(quire, how, faults, huge):
    knob = "/sys/kernel/mm/transparent_hugepage/enabled"
    was = re.search(r"\[(\w+)\]", quire.run(f"cat {knob}")).group(1)
    quire.run(f"echo madvise > {knob}")
    lines = rows(quire, f"memlab huge {how}")
    quire.run(f"echo {was} > {knob}")
    assert [r[-4] for r in lines] == [0, faults, 0, 0, 0, 0, 1]
    assert [r[-2] for r in lines] == huge


def test_memlab_shared_memory_has_one_home(quire):
    out = quire.run("memlab shared")
    shmem = [int(n) for n in re.findall(r"64 faults, Shmem (\d+) kB", out)]
    assert [b - a for a, b in zip(shmem, shmem[1:])] == [256] * 3, out
    for name in ("/dev/zero (deleted)", "/memfd:memlab (deleted)",
                 "/dev/shm/memlab", "/SYSV00000000 (deleted)"):
        assert f" {name}\n" in out.replace("\r", "") + "\n", out


def test_memlab_costs(quire):
    faults = dict(re.findall(r"^(\S.*?)  +(\d+) +-?\d+ +-?\d+\s*$",
                             quire.run("memlab faults"), re.M))
    for line, n in faults.items():
        if line.startswith(("PROT_NONE", "behind the end")):
            assert int(n) < 8, line     # what ends in a signal is no fault
        elif line.split()[-1] == "read" and " file " in line:
            assert 64 <= int(n) < 72, line
        elif "huge" not in line:
            assert 1024 <= int(n) < 1032, line
    assert len(faults) == 19


def test_uname(quire):
    out, status = quire.sh("uname -a")
    if status == 127:
        pytest.skip("there is no uname in this userland")
    assert "aarch64" in out and "6.1" in out


def test_pmap_with_all_columns(quire):
    out = quire.run("pmap -X 1")
    head = out.splitlines()[1].split()
    assert head[5:] == ["Size", "Rss", "Pss", "Referenced", "Anonymous",
                        "Swap", "SwapPss", "Locked", "Mapping"]
    total = numbers(out.splitlines()[-1])
    rollup = quire.run("cat /proc/1/smaps_rollup")
    for i, key in ((1, "Rss"), (5, "Swap")):
        assert total[i] == int(re.search(rf"^{key}: +(\d+)", rollup,
                                         re.M).group(1))


@pytest.mark.parametrize("pattern", ["loop", "random", "hot"])
def test_memhog_goes_on_and_compares(quire, pattern):
    out = quire.run(f"memhog 1M -t {pattern} -s 0.2")
    touches, minor, _, wrong = [int(n) for n in re.search(
        r"(\d+) touches in [\d.]+ s, (\d+) minor and (\d+) major faults, "
        r"(\d+) pages wrong", out).groups()]
    assert touches >= 64 and minor < 8 and wrong == 0


def test_memhog_refuses_nonsense(quire):
    for args in ("", "0", "1M -t never", "1M -t hot -H 2M", "1M 2M"):
        assert quire.sh(f"memhog {args}")[1] == 1, args


def test_time(quire):
    out = quire.run("time memhog 1M")
    minor = int(re.search(r"0 major and (\d+) minor faults", out).group(1))
    assert 256 < minor < 512
    assert quire.sh("time false")[1] == 1
    assert quire.sh("time /nosuch")[1] == 127
    assert quire.sh("time sh -c 'kill -9 $$'")[1] == 137


def test_pidof(quire):
    quire.run("sleep 600 & sleep 601 &")
    pids = quire.run("pidof sleep").split()
    assert len(pids) == 2 and pids == sorted(pids, key=int, reverse=True)
    quire.run(f"kill {' '.join(pids)}; wait", status=None)
    assert quire.sh("pidof sleep")[1] == 1


def test_oomdemo(boot):
    """First the one that offered itself, then the one that grew."""
    out = boot(mem="128M").run("oomdemo")
    deaths = re.findall(r"^(\w+) is dead", out, re.M)
    assert deaths == ["offered", "greedy"], out
    assert re.findall(r"^the highest score had (\w+)", out, re.M) == deaths
    assert re.findall(r"^(\w+) has survived", out, re.M) == [
        "small", "large", "guarded"]


def test_df_names_the_mount_of_a_path(quire):
    line = quire.run("df /dev/shm /proc/1").splitlines()[1:]
    assert [(s.split()[0], s.split()[-1]) for s in line] == [
        ("tmpfs", "/dev/shm"), ("proc", "/proc")]


def test_dd_conv(quire):
    quire.run("echo 0123456789 > /tmp/dd; echo -n ab | "
              "dd of=/tmp/dd conv=notrunc,fsync 2>/dev/null")
    assert quire.run("cat /tmp/dd; rm /tmp/dd") == "ab23456789\n"
    assert "unknown conversion" in quire.sh("dd conv=swap < /dev/null")[0]


def test_swapon_summary(quire):
    assert quire.run("swapon -s") == quire.run("cat /proc/swaps")


def test_mkswap_makes_what_swapon_wants(quire):
    quire.run("dd if=/dev/zero of=/tmp/area bs=1M count=1 2>/dev/null")
    assert "1020K (1044480 bytes)" in quire.run("mkswap -L mine /tmp/area")
    head = quire.run("dd if=/tmp/area bs=1 skip=1024 count=12 2>/dev/null "
                     "| hexdump | head -n 1")
    assert head.split()[1:13] == "01 00 00 00 ff 00 00 00 00 00 00 00".split()
    assert "SWAPSPACE2" in quire.run("head -c 4096 /tmp/area | tail -c 10; echo")
    assert quire.sh("mkswap /bin/nosuch")[1] == 1
    quire.run("dd if=/dev/zero of=/tmp/area bs=4096 count=9 2>/dev/null")
    assert "at least 40 KiB" in quire.sh("mkswap /tmp/area")[0]
    quire.run("rm /tmp/area")
