"""A dying kernel says why, where, and what the page tables look like."""
import re

import pytest

from conftest import Quire


@pytest.fixture(scope="module", params=[1, 4], ids=["1cpu", "4cpus"])
def last_words(request):
    guest = Quire(f"panic-{request.param}", cpus=request.param)
    guest.wait_prompt()
    guest.sendline("echo c > /proc/sysrq-trigger")
    guest.expect(r"---\[ end Kernel panic", panic_ok=True)
    log = guest.log
    guest.kill()
    return log


@pytest.mark.parametrize("words", [
    r"Unable to handle kernel NULL pointer dereference",
    r"ESR = 0x96000044: DABT \(current EL\), write, level 0 translation",
    r"CPU: \d PID: \d+ Comm: sh",
    r"pc : sysrq_crash\+0x[0-9a-f]+/0x[0-9a-f]+",
    r"sp : ffff0000[0-9a-f]{8}",
    r"x29: [0-9a-f]{16} x28: [0-9a-f]{16} x27: [0-9a-f]{16}",
    r"Call trace:(.*\n)+?.*sysrq_crash(.*\n)+?.*sys_write(.*\n)+?.*do_el0_svc",
    r"Page-table walk of 0000000000000000",
    r"PGD at 0x[0-9a-f]{16}: 0{16} none",
    r"Kernel panic - not syncing: Unable to handle kernel NULL",
])
def test_panic_says(last_words, words):
    assert re.search(words, last_words.replace("\r", "")), last_words[-3000:]


def test_backtrace_of_a_living_kernel(quire):
    quire.run("echo l > /proc/sysrq-trigger")
    assert re.search(r"Call trace:(.*\n)+?.*sys_write\+0x", quire.run("dmesg"))


def test_missing_init_is_a_sentence(start):
    guest = start(append="rdinit=/no/such")
    guest.expect(r"No init: /no/such cannot be run", panic_ok=True)
