"""The programs of tests/user/, run in the guest: each prints TAP."""
import glob
import os
import re

import pytest

from conftest import TOP

PROGRAMS = sorted(os.path.basename(p)[:-2]
                  for p in glob.glob(f"{TOP}/tests/user/*.c"))
LIMIT = 300


@pytest.mark.parametrize("program", PROGRAMS)
def test_program(quire, program, record_property):
    out, status = quire.sh(f"/tests/{program}", timeout=LIMIT)
    passed = len(re.findall(r"^ok\b", out, re.M))
    failures = re.findall(r"^not ok\b.*", out, re.M)
    record_property("guest_passed", passed)
    record_property("guest_failed", len(failures))
    assert not failures, out[-4000:]
    assert status == 0, out[-4000:]
    assert passed, f"{program} printed no result: {out[-2000:]}"


def test_nothing_is_left_behind(quire):
    """After all of them: no zombie, no leaked memory, no complaint."""
    processes = quire.run("ps")
    assert not re.search(r"^\s*\d+ .* Z ", processes, re.M), processes
    assert not re.search(r"BUG:|WARNING:|Bad page|leak", quire.log)
