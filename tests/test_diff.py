"""The scripts of tests/diff/ against what Linux printed: one test a case."""
import os
import sys

import pytest

from conftest import TOP

sys.path.insert(0, os.path.join(TOP, "tests", "diff"))
import oracle  # noqa: E402

LINUX, CAVEATS = oracle.load(oracle.STORED), oracle.load(oracle.CAVEATS)


@pytest.fixture(scope="module", name="quire_says")
def fixture_quire_says():
    return oracle.parse(oracle.run(oracle.IMAGE))


@pytest.mark.parametrize("case", LINUX)
def test_case(quire_says, case):
    mine = quire_says.get(case, [])
    wrong = oracle.judge(case, LINUX[case], mine, CAVEATS)
    if wrong and oracle.not_yet(case, CAVEATS):
        pytest.skip(CAVEATS[case][0])
    assert not wrong, "{}\n{}".format(
        wrong, oracle.side_by_side(LINUX[case], mine, 160, False))


def test_every_case_is_stored(quire_says):
    """A new script needs Linux's answer: make test-diff UPDATE=1."""
    assert list(quire_says) == list(LINUX)


def test_caveats_name_cases():
    assert set(CAVEATS) <= set(LINUX)
