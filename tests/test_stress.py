"""Everything at once on 4 CPUs, with one modelled address space among it.

    make test-stress SECONDS=600     # the long one; make test does 5 seconds
"""
import os
import re

import pytest

from test_user import books, leaked

SECONDS = int(os.environ.get("STRESS_SECONDS", "5"))


@pytest.mark.parametrize("cpu", ["cortex-a57", "max"])
def test_stress(boot, cpu):
    q = boot(cpus=4, cpu=cpu, mem="1G")     # enough for huge pages
    before = books(q)
    q.sh("echo 6 > /proc/sys/vm/nr_hugepages")
    out, status = q.sh(f"/tests/mmstress {SECONDS} 2 {SECONDS} & "
                       f"/tests/stress {SECONDS} 6 {SECONDS}; wait",
                       timeout=SECONDS + 300)
    assert status == 0 and "not ok" not in out, out[-4000:]
    assert len(re.findall(r"^ok \d+", out, re.M)) == 10, out[-4000:]
    pool, _ = q.sh("cat /proc/sys/vm/nr_hugepages; "
                   "grep -E 'HugePages_(Free|Rsvd)' /proc/meminfo; "
                   "echo 0 > /proc/sys/vm/nr_hugepages")
    assert re.findall(r"\d+", pool) == ["6", "6", "0"], pool
    assert not leaked(before, books(q))
