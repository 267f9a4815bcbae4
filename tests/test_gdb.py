"""gdb on a running guest: what the commands show is what the kernel says."""
import os
import re

import pytest

import conftest
from conftest import Quire

MACHINES = [dict(cpu="cortex-a57"), dict(cpu="max", gic=3)]


@pytest.fixture(scope="module", name="target", params=MACHINES,
                ids=[m["cpu"] for m in MACHINES])
def fixture_target(request):
    if not os.path.exists(conftest.IMAGE):
        pytest.fail("there is no kernel: run make first", pytrace=False)
    target = Quire("gdb", cpus=1, **request.param)
    yield target.wait_prompt()
    target.kill()


def test_ttbr(target):
    out = target.gdb("quire ttbr")
    assert "48-bit addresses (kernel), granule 4K" in out
    assert "48-bit addresses (user), granule 4K" in out
    assert "Normal WB RW-allocate" in out and "Device-nGnRE" in out
    assert re.search(r"TTBR1_EL1 0x[0-9a-f]{16}: table at 0x4", out)


def test_linear_map_address(target):
    """PAGE_OFFSET is where RAM starts: 0x40000000."""
    out = target.gdb("quire pt 0xffff800000400123")
    assert "by TTBR1" in out
    assert "0xffff800000400123 -> 0x40400123" in out, out
    assert "struct page at 0xffff7e" in out
    assert re.search(r"\[r[w-]- ---\]", out), "executable or user-visible"


def test_kernel_text_is_not_writable(target):
    out = target.gdb("quire pt (unsigned long)&_stext")
    assert "[r-x ---]" in out, out
    offset = int(re.search(r"-> (0x[0-9a-f]+)", out).group(1), 16)
    alias = 0xffff800000000000 + offset - 0x40000000
    assert "[r-- ---]" in target.gdb(f"quire pt {alias:#x}")


def test_user_address(target):
    """The shell's code, as gdb walks to it and as the kernel's page says."""
    maps = target.run("cat /proc/$$/maps")
    start = "0x" + re.match(r"([0-9a-f]+)-", maps).group(1)
    target.sendline("while true; do true; done")
    for _ in range(50):         # until it stops in user mode
        out = target.gdb("p/x $cpsr & 0xf", f"quire pt {start}", "quire ps",
                         "p/x $cpsr & 0xf")
        if out.count("= 0x0\n") == 2:
            break
    target.control("c")
    target.expect(conftest.PROMPT)
    assert out.count("= 0x0\n") == 2, out
    assert "by TTBR0" in out
    assert re.search(start + r" -> 0x[4-9a-f][0-9a-f]+000", out), out
    assert "[r-- r-x]" in out, out
    assert "nG 1" in out
    assert re.search(r"_mapcount \d+", out), out
    assert re.search(r"^ +1 +0 S .* init$", out, re.M), out
    assert target.run("echo alive") == "alive\n"


def test_unmapped(target):
    assert "is not mapped" in target.gdb("quire pt 0xffff7fffffff0000")
    assert "neither half" in target.gdb("quire pt 0x0001000000000000")


def test_ptdump_finds_no_writable_code(target):
    out = target.gdb("quire ptdump kernel")
    assert re.search(r"\d+ ranges", out), out
    assert not re.search(r" rwx ", out), out
    assert re.search(r" 2M block rw-", out), "no large block in the linear map"


def test_ps_agrees(target):
    out = target.gdb("quire ps")
    guest = target.run("ps", status=None)
    assert re.search(r"^ +1 +0 S .* init$", out, re.M), out
    shell = re.search(r"^\s*(\d+) .*\bsh\b", guest, re.M)
    assert re.search(rf"^ +{shell.group(1)} +1 ", out, re.M), out


def test_vmas_agree_with_maps(target):
    maps = target.run("cat /proc/1/maps")
    wanted = re.findall(r"^([0-9a-f]+)-([0-9a-f]+) (\S{4})", maps, re.M)
    found = re.findall(r"^([0-9a-f]+)-([0-9a-f]+) (\S{4})",
                       target.gdb("quire vmas 1"), re.M)
    assert [(int(a, 16), int(b, 16), c) for a, b, c in wanted] == \
        [(int(a, 16), int(b, 16), c) for a, b, c in found]


def test_buddy_agrees_with_buddyinfo(target):
    target.run("cat /proc/buddyinfo")
    info = target.run("cat /proc/buddyinfo")
    out = target.gdb("quire buddy")
    for zone, row in re.findall(r"zone +(\w+) +((?:\d+ +){11})", info):
        shown = re.search(rf"zone +{zone} +((?:\d+ +){{11}})", out)
        # the largest blocks do not change between two looks
        assert shown.group(1).split()[-1] == row.split()[-1]


def test_slab_lists_what_slabinfo_lists(target):
    info = target.run("cat /proc/slabinfo")
    wanted = set(re.findall(r"^([\w-]+) +\d+ +\d+ ", info, re.M))
    found = set(re.findall(r"^([\w-]+) +\d+ +\d+ ",
                           target.gdb("quire slab"), re.M))
    assert wanted and wanted == found


def test_page(target):
    out = target.gdb("quire page 0xffff800000400000", "quire page 0x40400")
    assert out.count("pfn 0x40400") == 2, out
    assert "zone DMA" in out and "_refcount" in out


def test_symbols_before_the_mmu(start):
    """As in make debug: a breakpoint at the physical address of _text."""
    guest = start(extra=("-S",))
    offset = (0x40080000 - 0xffff000010080000) % (1 << 64)
    for _ in range(100):
        if os.path.exists(guest.stub):
            break
        guest.child.expect([r".+", conftest.pexpect.TIMEOUT], timeout=0.1)
    out = guest.gdb(f"add-symbol-file {guest.elf} -o {offset:#x}",
                    "hbreak *0x40080000", "continue", "info symbol $pc",
                    "delete", "hbreak *(unsigned long)&start_kernel",
                    "info breakpoints")
    assert re.search(r"_text|_head|_start", out), out


def stopped_at(target, command, function, *commands):
    """What gdb prints when command, typed in the guest, gets to function."""
    out = target.gdb(f"hbreak {function}", "continue", *commands, "delete",
                     typed=command)
    target.wait_prompt()
    return out


def test_a_huge_page_is_split(target):
    """Lab 16: a block at level 2, then a page at the same address."""
    knob = "/sys/kernel/mm/transparent_hugepage/enabled"
    target.run(f"echo madvise > {knob}")
    out = stopped_at(target, "memlab huge advise", "split_huge_pmd",
                     "set $a = addr", "quire pt $a", "finish", "quire pt $a")
    assert re.search(r"L2 entry .* block 2M.*tail of the compound page.*"
                     r"L3 entry .* page 4K", out, re.S), out
    before, after = re.findall(r"^0x\w+ -> (0x\w+)", out, re.M)
    assert before == after, out


def test_a_copy_on_write(target):
    """Lab 16: read-only and mapped twice, then writable and alone."""
    out = stopped_at(target, "memlab cow", "wp_page_copy if old != 0 && "
                     "old->_mapcount.counter > 0",
                     "set $a = vmf->address", "quire pt $a", "finish",
                     "quire pt $a")
    assert re.search(r"\[r-- r--\].*_mapcount 1.*\[rw- rw-\].*_mapcount 0",
                     out, re.S), out


def test_a_guest_that_does_not_answer(boot):
    """The message says where its CPUs are and what its tasks wait for."""
    q = boot(cpus=2)
    with pytest.raises(pytest.fail.Exception) as failed:
        q.run("sleep 100", timeout=1)
    said = str(failed.value)
    assert "no end within 1 s" in said, said
    assert said.count("cpu_startup_entry") >= 2, said
    assert re.search(r"^ *\d+ +\d+ S .* sleep$", said, re.M), said
    assert re.search(r"^ *\d+ S sleep: __schedule < schedule_timeout_ns < .* "
                     r"< do_el0_svc < el0_sync$", said, re.M), said
