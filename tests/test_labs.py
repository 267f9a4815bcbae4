"""What docs/labs-pressure.md says can be observed, lab by lab.

On a kernel with disks the programs of user/ tell the same story each time;
here are its figures, as loose as two kernels and two machines need.
"""
import re

import pytest

from drives import fsck


def table(text):
    """The rows that end in three numbers at least, by what they begin with.

    => {"read, cold": [68.3, 15, 0, 16384, 16384]}; of rows with the same
    beginning the last one counts, so `steps` has them in their order.
    """
    return dict(steps(text))


def steps(text):
    rows = re.findall(r"^([a-z][a-z ,]*?) +((?:-?[\d.]+%? *){4,})$", text,
                      re.M)
    return [(name, [float(n.rstrip("%")) for n in numbers.split()])
            for name, numbers in rows]


@pytest.fixture(name="lab")
def fixture_lab(boot, images):
    """lab("128M", "256M"): a guest with the disks of `make run`"""
    def start(mem, swap=None, **more):
        drives = [images.demo()]
        if swap:
            drives.append(images.swap("swap", swap))
        return boot(mem=mem, drives=drives, append="QUIRE_DISKS=1", **more)
    return start


def vmswap(quire, name):
    status = quire.run(f"cat /proc/$(pidof {name})/status")
    return int(re.search(r"VmSwap:\s+(\d+)", status).group(1))


def poweroff_and_fsck(quire, images):
    quire.sendline("poweroff")
    quire.wait_exit()
    assert fsck(images.made[0]) == ""


def test_lab_17_second_read(lab, images):
    q = lab("256M")
    rows = table(q.run("cachedemo /mnt/numbers.txt", timeout=120))
    size = 32768
    ms, minor, major, disk, cached = range(5)
    assert rows["dropped from the cache"][cached] == 0
    assert size <= rows["read, cold"][disk] <= size * 1.05
    assert rows["read, cold"][cached] == size
    assert rows["read, warm"][disk] == 0
    assert rows["read, warm"][ms] < rows["read, cold"][ms]
    assert rows["mapped, warm"][major] == rows["mapped, warm"][disk] == 0
    assert rows["mapped, warm"][minor] == size / 64     # fault-around
    cold = rows["mapped, cold"]
    assert 0 < cold[major] < size / 4 / 8, "readahead for mappings"
    assert size <= cold[disk] <= size * 1.05
    random = rows["at random, cold"]
    assert random[major] * 4 <= random[disk] <= random[major] * 4 * 1.05
    assert size / 4 * 0.5 < random[major] < size / 4 * 0.7  # 1 - 1/e

    before = q.meminfo()
    q.run("cat /mnt/numbers.txt > /dev/null")
    cached = q.meminfo()
    assert cached["Cached"] - before["Cached"] > size * 0.3
    q.run("echo 3 > /proc/sys/vm/drop_caches")
    assert cached["Cached"] - q.meminfo()["Cached"] > size * 0.95
    poweroff_and_fsck(q, images)


def test_lab_18_a_program_from_the_disk(lab):
    q = lab("128M")
    q.run("echo 3 > /proc/sys/vm/drop_caches")
    faults = [tuple(int(n) for n in re.search(
        r"(\d+) major and (\d+) minor", q.run("time /mnt/bin/memlab cow")
        ).groups()) for _ in range(2)]
    assert faults[0][0] >= 1 and faults[1][0] == 0


def test_lab_19_who_writes_and_when(lab, images):
    q = lab("256M")
    q.run("sync; echo 6000 > /proc/sys/vm/dirty_writeback_centisecs")
    before = q.meminfo()["Dirty"]
    with q.counted() as n:
        q.run("dirtier /mnt/file 4M")
        assert q.meminfo()["Dirty"] - before > 3900
    assert n["pgpgout"] < 1024, "write() alone writes nothing"
    with q.counted() as n:
        out = q.run("sync -d /mnt/file; grep Dirty /proc/meminfo")
    assert n["pgpgout"] >= 4096 and int(re.findall(r"\d+", out)[0]) < 1024

    out = q.run("dirtier -y /mnt/file 4M")
    assert "fsync took" in out
    assert float(out.splitlines()[-1].split()[4]) >= 4096   # on disk
    q.run("dirtier -m /mnt/file 4M")
    assert q.meminfo()["Dirty"] > 3900
    q.run("echo 300 > /proc/sys/vm/dirty_expire_centisecs; "
          "echo 100 > /proc/sys/vm/dirty_writeback_centisecs")
    for _ in range(30):
        if q.meminfo()["Dirty"] < 1024:
            break
        q.run("sleep 0.5")
    assert q.meminfo()["Dirty"] < 1024, "the flusher never came"

    q.run("echo 5 > /proc/sys/vm/dirty_background_ratio; "
          "echo 10 > /proc/sys/vm/dirty_ratio")
    out = q.run("dirtier /mnt/file 96M", timeout=180)
    dirty = [int(row.split()[2]) for row in out.splitlines()[1:]]
    limit = q.meminfo()["MemAvailable"] * 0.10
    assert max(dirty) < limit * 1.3, "writers are to be throttled"
    poweroff_and_fsck(q, images)


def test_lab_20_over_the_cliff(lab):
    q = lab("128M", "256M")
    out = q.run("thrash -n 4 -m 140 -s 2", timeout=300)
    rows = [[float(n.rstrip("%")) for n in row.split()] for row in
            re.findall(r"^ *(\d+ +\d+% .*\d)$", out, re.M)]
    assert len(rows) == 4 and "0 pages wrong" in out
    kib, percent, touches, major, swapped_in, _ = range(6)
    assert rows[0][percent] in (34, 35) and rows[0][major] < 1
    assert rows[1][percent] in (69, 70) and rows[1][major] < 100
    for row in rows[2:]:
        assert row[major] > 50 and row[swapped_in] > 100, out
        assert row[touches] < rows[0][touches] / 20
    assert "###" in out and "% of memory" not in out.splitlines()[0]


def test_lab_20_a_hot_set_is_kept(lab):
    """The same size, but most touches in an eighth of it."""
    q = lab("128M", "256M")

    def faults(pattern, seconds):
        out = q.run(f"memhog 150M -t {pattern} -s {seconds}", timeout=120)
        touches, major = [int(n) for n in re.search(
            r"(\d+) touches .* (\d+) major faults, 0 pages wrong",
            out).groups()]
        return major / touches

    # The hot set has to be found first: a slow machine takes longer.
    assert any(faults("hot", seconds) < faults("random", 5) / 2
               for seconds in (5, 10, 20))


def test_lab_21_there_and_back(lab):
    q = lab("128M", "256M")
    out = q.run("swapdemo 16M")
    pages, rows = 4096, steps(out)
    minor, major, went, came, rss, swap, cached = range(7)
    assert [name for name, _ in rows] == [
        "write each page", "page them out", "read all",
        "page them out, unchanged", "read one", "read all", "write all",
        "page them out, changed", "a child reads all", "unmap"]
    rows = [values for _, values in rows]
    assert rows[0][minor] == pages and rows[0][swap] == 0
    assert rows[1][went] >= pages and rows[1][swap] >= pages * 4
    assert rows[1][rss] < rows[0][rss] - pages * 4 * 0.95
    assert rows[2][came] <= pages and rows[2][rss] > pages * 4
    assert rows[3][went] < pages / 10, "a clean page needs no writing"
    assert rows[3][swap] >= pages * 4
    assert rows[4][major] == 1 and 1 < rows[4][came] <= 8, "a cluster"
    assert rows[5][came] >= pages - 64
    assert rows[5][major] <= pages / 4, "readahead"
    assert rows[7][went] >= pages * 0.95, "a changed page is written again"
    assert rows[9][swap] < 1024 and "0 pages wrong" in out


def test_lab_21_swapoff_brings_all_back(lab):
    q = lab("128M", "256M")
    q.run("memhog 150M -s 600 > /dev/null &")
    q.run("while ! grep -q 'VmRSS' /proc/$(pidof memhog)/status; do "
          "sleep 0.1; done; sleep 3")
    assert vmswap(q, "memhog") > 16 << 10
    rows = q.run("pmap -X $(pidof memhog)").splitlines()
    at = rows[1].split().index("Swap") - len(rows[1].split())
    assert abs(int(rows[-1].split()[at]) - vmswap(q, "memhog")) < 4096
    top = q.run("top -b -n 1 -o %MEM")
    assert re.search(r"USER +SWAP +VIRT", top)
    assert int(re.search(r"^ *\d+ root +(\d+) .* memhog", top,
                         re.M).group(1)) > 16 << 10
    used = [int(n) for n in
            re.findall(r"\d+", re.search("Swap:.*", q.run("free")).group(0))]
    assert used[0] == 262140 and used[1] > 16 << 10

    out, status = q.sh("swapoff /dev/vdb", timeout=120)
    assert status == 1 and "annot allocate" in out or status == 137
    assert vmswap(q, "memhog") > 0, "only swapoff itself gives up"
    q.run("kill %1; wait", status=None)
    q.run("memhog 60M -s 600 > /dev/null & sleep 1")
    q.run("swapoff -a; swapon", timeout=120)
    assert vmswap(q, "memhog") == 0


def test_lab_22_who_gives_way(lab):
    q = lab("128M", "256M")
    q.run("cat /mnt/numbers.txt > /dev/null")
    cached = q.meminfo()["Cached"]
    with q.counted() as n:
        q.run("memhog 90M", timeout=120)
    assert cached - q.meminfo()["Cached"] > 8 << 10, "the cache gives way"
    assert n["pgsteal_file"] > 2048 and n["pswpout"] < n["pgsteal_file"]
    with q.counted() as n:
        q.run("memhog 150M", timeout=120)
    assert n["pswpout"] > 4096 and n["pgsteal_anon"] > 4096
    assert n["pgsteal_kswapd"] + n["pgsteal_direct"] == \
        n["pgsteal_anon"] + n["pgsteal_file"]
    assert n["pgscan_kswapd"] + n["pgscan_direct"] >= \
        n["pgsteal_kswapd"] + n["pgsteal_direct"]


def test_lab_23_who_dies(lab):
    q = lab("128M", "64M")
    out = q.run("oomdemo", timeout=180)
    deaths = re.findall(r"^(\w+) is dead", out, re.M)
    assert deaths[0] == "offered" and deaths[-1] == "greedy", out
    assert "guarded has survived" in out and "guarded is dead" not in out
    assert re.findall(r"^the highest score had (\w+)", out, re.M) == deaths
