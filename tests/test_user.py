"""The programs of tests/user/, run in the guest: each prints TAP."""
import glob
import os
import re
import time

import pytest

from conftest import TOP

NEED_A_DISK = {"reclaim", "ext2"}       # test_reclaim.py, test_ext2.py run them
PROGRAMS = sorted({os.path.basename(p)[:-2]
                   for p in glob.glob(f"{TOP}/tests/user/*.c")} - NEED_A_DISK)
LIMIT = 300

# What is in use after a program as before it: objects exactly, pages nearly
# (the shell's own, and page tables by where things lie).
EXACT = ("mm_struct", "vm_area_struct", "anon_vma", "proc_task",
         "signal_cache", "sighand_cache", "fs_cache",
         "files_cache", "filp", "sigqueue", "shmem_object", "names_cache")
NEARLY = {"AnonPages": 128, "PageTables": 64, "Shmem": 128}   # kB


def books(quire):
    """What is in use, by name; every walker has to be content."""
    text = quire.run("cat /proc/mm_check /proc/meminfo")
    assert "buddy, slab, vmalloc: ok" in text, text
    assert re.search(r"address spaces: \d+ checked, 0 BROKEN", text), text
    assert "BROKEN" not in text.replace("0 BROKEN", ""), text
    return {name: int(n) for name, n in
            re.findall(r"^([\w-]+):? +(\d+)", text, re.M)}


def leaked(before, after):
    return {name: (before[name], after[name]) for name in before
            if (name in EXACT and after[name] != before[name]) or
            after[name] - before[name] > NEARLY.get(name, 1 << 40)}


@pytest.mark.parametrize("program", PROGRAMS)
def test_program(quire, program, record_property):
    before = books(quire)
    out, status = quire.sh(f"/tests/{program}", timeout=LIMIT)
    passed = len(re.findall(r"^ok\b", out, re.M))
    failures = re.findall(r"^not ok\b.*", out, re.M)
    record_property("guest_passed", passed)
    record_property("guest_failed", len(failures))
    assert not failures, out[-4000:]
    assert status == 0, out[-4000:]
    assert passed, f"{program} printed no result: {out[-2000:]}"
    for _ in range(50):         # the last exits may still be under way
        left = leaked(before, books(quire))
        if not left:
            break
        time.sleep(0.1)
    assert not left, f"{program} left behind (before, after): {left}"


def test_nothing_is_left_behind(quire):
    """After all of them: no zombie, no leaked memory, no complaint."""
    processes = quire.run("ps")
    assert not re.search(r"^\s*\d+ .* Z ", processes, re.M), processes
    assert not re.search(r"BUG:|WARNING:|Bad page", quire.log)
