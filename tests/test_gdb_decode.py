"""The page-table decoder of the gdb commands, on the host, without gdb."""
import random

import pytest

import arm64_mmu as mmu

# T0SZ = T1SZ = 16, 4 KiB granules, inner shareable write-back, 16-bit ASIDs
TCR_48 = (16 | 16 << 16 | 2 << 30 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 24
          | 1 << 26 | 3 << 28 | 5 << 32 | 1 << 36)
MAIR = 0x000444ff


class Memory:
    """Physical memory that holds page tables and nothing else."""

    def __init__(self):
        self.words = {}
        self.next = 0x40000000

    def table(self):
        self.next += 0x1000
        return self.next - 0x1000

    def read(self, pa, count):
        return [self.words.get(pa + 8 * i, 0) for i in range(count)]

    def map(self, root, half, va, pa, level=3, flags=0x703):
        table = root
        for n in range(half.start_level, level):
            slot = table + 8 * ((va >> half.shift(n)) & (half.entries(n) - 1))
            if slot not in self.words:
                self.words[slot] = self.table() | 3
            table = self.words[slot] & ~0xfff
        slot = table + 8 * ((va >> half.shift(level))
                            & (half.entries(level) - 1))
        self.words[slot] = pa | (flags if level == 3 else flags & ~2)


@pytest.fixture(name="world")
def fixture_world():
    memory = Memory()
    return mmu.Tcr(TCR_48), memory, memory.table(), memory.table()


def test_tcr_48_bits():
    tcr = mmu.Tcr(TCR_48)
    for half in tcr.halves:
        assert (half.va_bits, half.granule, half.start_level) == (48, 12, 0)
        assert [half.shift(n) for n in range(4)] == [39, 30, 21, 12]
    assert tcr.halves[1].base == 0xffff000000000000
    assert tcr.pa_bits == 48 and tcr.as16
    assert "48-bit addresses (user), granule 4K" in next(tcr.describe())


@pytest.mark.parametrize("tsz,tg0,granule,start", [
    (25, 0, 12, 1), (32, 0, 12, 1), (22, 1, 16, 2), (16, 1, 16, 1),
    (17, 2, 14, 1), (16, 2, 14, 0)])
def test_start_level(tsz, tg0, granule, start):
    half = mmu.Tcr(tsz | tg0 << 14).halves[0]
    assert (half.granule, half.start_level) == (granule, start)


def test_half_of_an_address():
    tcr = mmu.Tcr(TCR_48)
    assert tcr.half_of(0).number == 0
    assert tcr.half_of(0xffffffffffff).number == 0
    assert tcr.half_of(0xffff000000000000).number == 1
    for hole in (0x1000000000000, 0x0080000000000000, 0xfffeffffffffffff):
        with pytest.raises(mmu.MmuError):
            tcr.half_of(hole)


def test_top_byte_ignored():
    tcr = mmu.Tcr(TCR_48 | 1 << 37)
    assert tcr.half_of(0xab00000000400000).number == 0


def test_asid_from_either_register():
    assert mmu.asid_of(mmu.Tcr(TCR_48), 0x0123 << 48, 0) == 0x123
    assert mmu.asid_of(mmu.Tcr(TCR_48 | 1 << 22), 0, 0x0456 << 48) == 0x456
    assert mmu.asid_of(mmu.Tcr(TCR_48 & ~(1 << 36)), 0x123 << 48, 0) == 0x23
    assert mmu.table_of(0x0123000040001001) == 0x40001000


@pytest.mark.parametrize("index,words", [
    (0, "Normal WB RW-allocate"), (1, "Normal non-cacheable"),
    (2, "Device-nGnRE"), (3, "Device-nGnRnE")])
def test_mair(index, words):
    assert mmu.mair_attr(MAIR, index) == words


def test_walk_to_a_page(world):
    tcr, memory, user, kernel = world
    memory.map(user, tcr.halves[0], 0x400000, 0x48123000)
    walk = mmu.walk(tcr, user | 5 << 48, kernel, 0x400abc, memory.read)
    assert walk.pa == 0x48123abc
    assert [s.level for s in walk.steps] == [0, 1, 2, 3]
    assert [s.entry.kind for s in walk.steps] == ["table"] * 3 + ["page"]
    assert walk.steps[3].entry_pa & 0xfff == (0x400 & 0x1ff) * 8


def test_walk_to_a_block(world):
    tcr, memory, user, kernel = world
    va = 0xffff800000000000
    memory.map(kernel, tcr.halves[1], va + 0x200000, 0x40200000, level=2)
    walk = mmu.walk(tcr, user, kernel, va + 0x2fffff, memory.read)
    assert walk.pa == 0x402fffff
    assert walk.leaf.kind == "block" and walk.leaf.level == 2


def test_walk_to_nothing(world):
    tcr, memory, user, kernel = world
    walk = mmu.walk(tcr, user, kernel, 0x1000, memory.read)
    assert walk.pa is None and walk.leaf is None and len(walk.steps) == 1


def test_walks_disabled(world):
    _, memory, user, kernel = world
    walk = mmu.walk(mmu.Tcr(TCR_48 | 1 << 7), user, kernel, 0x1000,
                    memory.read)
    assert walk.pa is None and not walk.steps


def test_invalid_kinds():
    assert mmu.Entry(1, 3, 12).kind == "invalid"    # 01 at level 3
    assert mmu.Entry(1, 0, 12).kind == "invalid"    # a block at level 0
    assert mmu.Entry(0xff0, 2, 12).kind == "invalid"
    assert mmu.Entry(1, 1, 12).kind == "block"


@pytest.mark.parametrize("ap,uxn,pxn,rights", [
    (0, 1, 0, "rwx ---"), (0, 1, 1, "rw- ---"), (2, 1, 0, "r-x ---"),
    (1, 1, 1, "rw- rw-"), (3, 0, 1, "r-- r-x"), (3, 1, 1, "r-- r--")])
def test_rights(ap, uxn, pxn, rights):
    raw = 3 | ap << 6 | uxn << 54 | pxn << 53
    assert mmu.Entry(raw, 3, 12).rights == rights


def test_entry_in_words():
    raw = (0x48123000 | 3 | 1 << 6 | 3 << 8 | 1 << 10 | 1 << 11 | 1 << 53
           | 1 << 54 | 1 << 52 | 5 << 55)
    words = mmu.Entry(raw, 3, 12).describe(MAIR)
    for part in ("page 4K at 0x48123000", "Normal WB RW-allocate", "UXN 1",
                 "PXN 1", "inner shareable", "AF 1", "nG 1", "contiguous",
                 "SW 0101"):
        assert part in words


def test_ranges_are_merged(world):
    tcr, memory, _, kernel = world
    half = tcr.halves[1]
    base = 0xffff800000000000
    for i in range(4):
        memory.map(kernel, half, base + i * 4096, 0x40000000 + i * 4096)
    memory.map(kernel, half, base + 4 * 4096, 0x50000000)
    memory.map(kernel, half, base + 5 * 4096, 0x50001000, flags=0x783)
    memory.map(kernel, half, base + 7 * 4096, 0x50002000, flags=0x783)
    found = list(mmu.ranges(half, kernel, memory.read))
    assert [((r.start - base) >> 12, (r.end - base) >> 12, r.linear)
            for r in found] == [(0, 5, False), (5, 6, True), (7, 8, True)]


def test_last_page_of_the_address_space(world):
    tcr, memory, _, kernel = world
    memory.map(kernel, tcr.halves[1], 0xfffffffffffff000, 0x40000000)
    found = list(mmu.ranges(tcr.halves[1], kernel, memory.read))
    assert [(r.start, r.end) for r in found] == [
        (0xfffffffffffff000, 1 << 64)]


def test_random_mappings_against_a_dictionary(world):
    tcr, memory, user, kernel = world
    rng, model = random.Random(1), {}
    for _ in range(300):
        va = rng.randrange(1 << 36) << 12
        pa = rng.randrange(0x60000, 0x80000) << 12
        memory.map(user, tcr.halves[0], va, pa)
        model[va] = pa
    for va, pa in model.items():
        low = rng.randrange(4096)
        assert mmu.walk(tcr, user, kernel, va | low, memory.read).pa == pa | low
    found = {va: e.address for va, _, e in
             mmu.leaves(tcr.halves[0], user, memory.read)}
    assert found == model
