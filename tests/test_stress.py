"""Everything at once on 4 CPUs, then every walker.

    make test-stress SECONDS=600     # the long one; make test does 5 seconds
"""
import os

import pytest

from test_user import books, leaked

SECONDS = int(os.environ.get("STRESS_SECONDS", "5"))


@pytest.mark.parametrize("cpu", ["cortex-a57", "max"])
def test_stress(boot, cpu):
    q = boot(cpus=4, cpu=cpu)
    before = books(q)
    out, status = q.sh(f"/tests/stress {SECONDS} 8 {SECONDS}",
                       timeout=SECONDS + 300)
    assert status == 0 and "not ok" not in out, out[-4000:]
    assert not leaked(before, books(q))
