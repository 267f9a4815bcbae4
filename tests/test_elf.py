"""Dynamic programs: where they lie, what they share, what their CPU can do.

tests/user/elf.c and vdso.c look at it from inside; here they also run on the
other CPU model, and the shell's own programs are looked at from outside.
"""
import re

import pytest

# cat under Linux 6.1 with the same files, `randomize_va_space` 0, up to [stack]
MAPS = """
aaaaaaaaa000 r-xp cat
aaaaaaace000 r--p cat
aaaaaaad0000 rw-p cat
aaaaaaad1000 rw-p [heap]
fffff7e00000 r-xp libc.so.6
fffff7f87000 ---p libc.so.6
fffff7f9c000 r--p libc.so.6
fffff7fa0000 rw-p libc.so.6
fffff7fa2000 rw-p
fffff7fbe000 r-xp ld-linux-aarch64.so.1
fffff7ff7000 rw-p
fffff7ff9000 r--p [vvar]
fffff7ffb000 r-xp [vdso]
fffff7ffc000 r--p ld-linux-aarch64.so.1
fffff7ffe000 rw-p ld-linux-aarch64.so.1
fffffffdf000 rw-p [stack]
"""


def lines_of(maps):
    """=> (start, rights, last part of the name) of each mapping"""
    return [(m[1], m[2], m[3].split("/")[-1]) for m in
            re.finditer(r"^(\w+)-\w+ (\S+) \S+ \S+ \d+ *(.*?)\r?$", maps,
                        re.M)]


def shape(rows):
    """The same without addresses, which the toolchain's libc decides."""
    return [row[1:] for row in rows]


def test_maps_have_linux_shape(quire):
    quire.run("echo 0 > /proc/sys/kernel/randomize_va_space")
    maps = lines_of(quire.run("cat /proc/self/maps"))
    again = lines_of(quire.run("cat /proc/self/maps"))
    quire.run("echo 2 > /proc/sys/kernel/randomize_va_space")
    expected = [tuple((line + " ").split(" ")[:3])
                for line in MAPS.strip().splitlines()]
    assert maps == again
    assert shape(maps) == shape(expected), maps
    assert maps[0][0] == "aaaaaaaaa000"
    assert maps[-1] == expected[-1]


def test_random_by_default(quire):
    starts = [tuple(row[0] for row in
                    lines_of(quire.run("cat /proc/self/maps")))
              for _ in range(4)]
    first, heap, libc, stack = (set(t[i] for t in starts)
                                for i in (0, 4, 5, -1))
    for seen in (first, heap, libc, stack):
        assert len(seen) >= 3, starts


def test_norandmaps(boot):
    guest = boot(append="norandmaps")
    assert guest.run("cat /proc/sys/kernel/randomize_va_space") == "0\n"
    maps = guest.run("cat /proc/self/maps")
    assert maps.startswith("aaaaaaaaa000-")
    assert maps == guest.run("cat /proc/self/maps")


def test_shared_pages_in_top(quire):
    """Of what a shell has in memory, most is libc and /bin/quire."""
    row = re.search(r"^ *1 root .*$", quire.run("top -b -n 1"), re.M)
    res, shr = (int(n) for n in row.group(0).split()[5:7])
    assert 1000 < shr <= res < 4 * shr / 3, row.group(0)


def test_static_program_beside(quire):
    assert quire.run("hello") == "hello from user space\n"
    auxv = quire.run("LD_SHOW_AUXV=1 /bin/true")
    for key in ("SYSINFO_EHDR", "MINSIGSTKSZ", "HWCAP", "PAGESZ", "CLKTCK",
                "PHDR", "PHENT", "PHNUM", "BASE", "FLAGS", "ENTRY", "UID",
                "EUID", "GID", "EGID", "SECURE", "RANDOM", "HWCAP2",
                "EXECFN", "PLATFORM"):
        assert re.search(rf"^AT_{key}:", auxv, re.M), auxv


@pytest.mark.parametrize("cpu", ["cortex-a57", "max"])
def test_four_cpus(boot, cpu):
    guest = boot(cpus=4, cpu=cpu)
    for program in ("elf", "vdso", "clone3"):
        out = guest.run(f"/tests/{program}")
        assert not re.search("^not ok", out, re.M), out
    features = re.search(r"Features\t: (.*)",
                         guest.run("cat /proc/cpuinfo")).group(1).split()
    assert "cpuid" in features
    assert ("atomics" in features) == (cpu == "max")
    assert not {"sve", "paca", "bti", "mte"} & set(features)
