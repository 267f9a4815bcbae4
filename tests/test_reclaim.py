"""Reclaim: what leaves when memory runs short, and who makes it leave."""
import re

import pytest


def run_cases(q, command):
    out, status = q.sh(command, timeout=400)
    assert status == 0 and "not ok" not in out, out[-3000:]
    assert "0 BROKEN" in q.run("cat /proc/mm_check")


@pytest.mark.parametrize("cpus", [1, 4])
def test_guest_cases(boot, images, cpus):
    q = boot(mem="64M", cpus=cpus, drives=[
        images.raw("data", "160M"), images.swap("swap", "128M")])
    run_cases(q, "/tests/reclaim /dev/vda")
    q.run("swapon /dev/vdb")
    run_cases(q, "/tests/reclaim /dev/vda swap")
    assert not [n for n in ("nr_isolated_anon", "nr_isolated_file")
                if q.vmstat()[n]]


def test_shadows_have_a_bound(boot, images):
    q = boot(mem="64M", cpus=1, drives=[images.raw("data", "800M")])
    run_cases(q, "/tests/reclaim /dev/vda shadows")


def test_counts_begin_with_init(boot):
    """The unit tests at boot reclaim, fault and write; that is no history."""
    n = boot(mem="128M").vmstat()
    assert n["pgfault"] > 0
    assert not [(k, v) for k, v in n.items() if v and re.match(
        "allocstall|pgsteal|pgscan|workingset_|thp_|pgrefill|pgmajfault|"
        "pglazyfree|nr_dirtied|nr_written|nr_vmscan", k)]


def test_reclaimers_do_not_chase_each_other(boot, images):
    """With four of them, taking turns on one CPU of the host: few pages are
    looked at in vain (Linux: 4 for each that is freed), and nobody is killed
    while there is swap."""
    q = boot(cpus=4, mem="128M", drives=[images.swap("swap", "256M")],
             extra=["-accel", "tcg,thread=single"])
    q.run("swapon /dev/vda")
    with q.counted() as n:
        q.run("memhog 140M -t loop -s 1", timeout=400)
    assert n["oom_kill"] == 0
    assert n["pgscan_anon"] < 40 * n["pgsteal_anon"], n


def pressure(q):
    """=> {"some": microseconds, "full": microseconds}"""
    return {kind: int(total) for kind, total in re.findall(
        r"(some|full) avg10=[\d.]+ avg60=[\d.]+ avg300=[\d.]+ total=(\d+)",
        q.run("cat /proc/pressure/memory"))}


def test_pressure_is_felt_and_passes(boot, images):
    q = boot(mem="64M", cpus=1, drives=[images.swap("swap", "128M")])
    assert pressure(q) == {"some": 0, "full": 0}
    q.run("swapon /dev/vda")
    q.run("memhog 90M")
    after = pressure(q)
    assert 0 < after["full"] <= after["some"]
    q.run("sleep 1")
    assert pressure(q) == after


def test_dials(boot):
    q = boot(mem="64M")
    for name, usual, low, high in (("swappiness", 60, 0, 200),
                                   ("vfs_cache_pressure", 100, 0, None),
                                   ("watermark_scale_factor", 10, 1, 3000)):
        path = "/proc/sys/vm/" + name
        assert int(q.run("cat " + path)) == usual
        q.run(f"echo {low} > {path}")
        assert q.sh(f"echo {low - 1} > {path}")[1]
        if high:
            q.run(f"echo {high} > {path}")
            assert q.sh(f"echo {high + 1} > {path}")[1]
            assert int(q.run("cat " + path)) == high
    marks = [int(n) for n in re.findall(
        r"(?:min|low|high) +(\d+)", q.run("cat /proc/zoneinfo"))[:3]]
    managed = int(re.search(r"managed +(\d+)",
                            q.run("cat /proc/zoneinfo")).group(1))
    assert marks[1] - marks[0] == marks[2] - marks[1] == managed * 3 // 10


def test_names_give_way(boot, images):
    q = boot(mem="64M", drives=[images.swap("swap", "128M")])
    q.run("ls -lR / >/dev/null", timeout=120)
    q.run("swapon /dev/vda")
    with q.counted() as n:
        before = int(q.run("grep dentry /proc/slabinfo").split()[1])
        q.run("memhog 90M")
        after = int(q.run("grep dentry /proc/slabinfo").split()[1])
    assert n["slabs_scanned"] and after < before
