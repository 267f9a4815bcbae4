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
    out, status = q.sh(f"/tests/mmstress {SECONDS} 2 {SECONDS} & "
                       f"/tests/stress {SECONDS} 6 {SECONDS}; wait",
                       timeout=SECONDS + 300)
    assert status == 0 and "not ok" not in out, out[-4000:]
    assert len(re.findall(r"^ok \d+", out, re.M)) == 9, out[-4000:]
    assert not leaked(before, books(q))
