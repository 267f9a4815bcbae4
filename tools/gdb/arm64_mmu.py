"""arm64_mmu.py - ARM64 address translation, decoded from raw register values.

Nothing here knows gdb or Quire: registers and table entries come in as
numbers, and memory through a function read_entries(pa, count) -> [u64]. So
the same code serves the gdb commands and the tests on the host.

    va -> TTBR0 or TTBR1 -> level 0..3 -> block or page -> pa
          (bit 55)          TCR says how many levels, and how large a granule
"""
from dataclasses import dataclass, field

GRANULE_TG0 = {0: 12, 1: 16, 2: 14}
GRANULE_TG1 = {1: 14, 2: 12, 3: 16}
IPS_BITS = {0: 32, 1: 36, 2: 40, 3: 42, 4: 44, 5: 48, 6: 52}
SHARE = {0: "non-shareable", 1: "reserved", 2: "outer shareable",
         3: "inner shareable"}
CACHE = {0: "non-cacheable", 1: "write-back write-allocate",
         2: "write-through", 3: "write-back no write-allocate"}
DEVICE = {0x00: "Device-nGnRnE", 0x04: "Device-nGnRE", 0x08: "Device-nGRE",
          0x0c: "Device-GRE"}
ADDRESS_BITS = (1 << 48) - 1


class MmuError(Exception):
    """Registers or addresses that no translation follows from."""


def bits(value, high, low):
    return (value >> low) & ((1 << (high - low + 1)) - 1)


def size_name(size):
    for shift, unit in ((40, "T"), (30, "G"), (20, "M"), (10, "K")):
        if size >= 1 << shift and size % (1 << shift) == 0:
            return f"{size >> shift}{unit}"
    return f"{size}"


@dataclass
class Half:
    """What TCR says of one half of the address space."""
    number: int         # 0: TTBR0 (user), 1: TTBR1 (kernel)
    tsz: int
    granule: int        # log2 of the page size
    disabled: bool      # EPDn: no walks
    inner: int
    outer: int
    share: int
    tbi: bool           # the top byte of an address is ignored

    @property
    def va_bits(self):
        return 64 - self.tsz

    @property
    def stride(self):
        """Address bits that one level translates."""
        return self.granule - 3

    @property
    def start_level(self):
        levels = -(-(self.va_bits - self.granule) // self.stride)
        return 4 - levels

    def shift(self, level):
        """log2 of what one entry of this level covers."""
        return self.granule + (3 - level) * self.stride

    def entries(self, level):
        if level == self.start_level:
            return 1 << (self.va_bits - self.shift(level))
        return 1 << self.stride

    @property
    def base(self):
        """Lowest address of this half."""
        return (1 << 64) - (1 << self.va_bits) if self.number else 0


class Tcr:
    """TCR_EL1."""

    def __init__(self, raw):
        self.raw = raw
        self.a1 = bits(raw, 22, 22)
        self.as16 = bits(raw, 36, 36)
        self.pa_bits = IPS_BITS.get(bits(raw, 34, 32), 48)
        self.ha, self.hd = bits(raw, 39, 39), bits(raw, 40, 40)
        self.halves = (
            Half(0, bits(raw, 5, 0), GRANULE_TG0.get(bits(raw, 15, 14), 0),
                 bool(bits(raw, 7, 7)), bits(raw, 9, 8), bits(raw, 11, 10),
                 bits(raw, 13, 12), bool(bits(raw, 37, 37))),
            Half(1, bits(raw, 21, 16), GRANULE_TG1.get(bits(raw, 31, 30), 0),
                 bool(bits(raw, 23, 23)), bits(raw, 25, 24),
                 bits(raw, 27, 26), bits(raw, 29, 28),
                 bool(bits(raw, 38, 38))))

    def half_of(self, va):
        """=> the Half that translates va; MmuError if none does"""
        half = self.halves[bits(va, 55, 55)]
        if not half.granule:
            raise MmuError(f"TCR {self.raw:#x}: reserved granule size")
        if not 0 < half.va_bits <= 52:
            raise MmuError(f"TCR {self.raw:#x}: T{half.number}SZ {half.tsz}")
        top = bits(va, 55 if half.tbi else 63, half.va_bits)
        ones = (1 << ((56 if half.tbi else 64) - half.va_bits)) - 1
        if top != (ones if half.number else 0):
            raise MmuError(f"{va:#x} is in neither half of the address space")
        return half

    def describe(self):
        for h in self.halves:
            if not h.granule or not 0 < h.va_bits <= 52:
                yield f"T{h.number}: reserved values"
                continue
            what = "kernel" if h.number else "user"
            yield (f"T{h.number}SZ {h.tsz}: {h.va_bits}-bit addresses "
                   f"({what}), granule {size_name(1 << h.granule)}, "
                   f"walk starts at level {h.start_level}"
                   + (", walks DISABLED" if h.disabled else ""))
            yield (f"    tables are {SHARE[h.share]}, inner "
                   f"{CACHE[h.inner]}, outer {CACHE[h.outer]}"
                   + (", top byte ignored" if h.tbi else ""))
        yield (f"IPS: {self.pa_bits}-bit physical addresses; ASID: "
               f"{16 if self.as16 else 8} bits, from TTBR{self.a1}; "
               f"hardware access flag {'on' if self.ha else 'off'}, "
               f"dirty state {'on' if self.hd else 'off'}")


def asid_of(tcr, ttbr0, ttbr1):
    asid = (ttbr1 if tcr.a1 else ttbr0) >> 48
    return asid if tcr.as16 else asid & 0xff


def table_of(ttbr):
    """The table's physical address: without ASID and CnP."""
    return ttbr & ADDRESS_BITS & ~1


def mair_attr(mair, index):
    """One of the eight bytes of MAIR_EL1, in words."""
    attr = (mair >> (8 * index)) & 0xff
    if attr in DEVICE:
        return DEVICE[attr]
    if attr & 0xf0 == 0:
        return f"unpredictable ({attr:#04x})"
    outer, inner = attr >> 4, attr & 0xf
    if outer == inner:
        return "Normal " + normal(outer)
    return f"Normal inner {normal(inner)}, outer {normal(outer)}"


def normal(nibble):
    if nibble == 4:
        return "non-cacheable"
    kind = {0: "WT transient", 1: "WB transient", 2: "WT", 3: "WB"}
    allocate = {0: "no allocate", 1: "W-allocate", 2: "R-allocate",
                3: "RW-allocate"}
    return f"{kind[nibble >> 2]} {allocate[nibble & 3]}"


@dataclass(frozen=True)
class Entry:
    """One descriptor at one level."""
    raw: int
    level: int
    granule: int

    @property
    def kind(self):
        low = self.raw & 3
        if not low & 1:
            return "invalid"
        if self.level == 3:
            return "page" if low == 3 else "invalid"
        if low == 3:
            return "table"
        return "block" if self.level > 0 else "invalid"

    @property
    def is_leaf(self):
        return self.kind in ("page", "block")

    @property
    def shift(self):
        return self.granule + (3 - self.level) * (self.granule - 3)

    @property
    def address(self):
        """Of the next table, or of the block or page."""
        shift = self.shift if self.kind == "block" else self.granule
        return self.raw & ADDRESS_BITS & ~((1 << shift) - 1)

    attr_index = property(lambda e: bits(e.raw, 4, 2))
    ap = property(lambda e: bits(e.raw, 7, 6))
    sh = property(lambda e: bits(e.raw, 9, 8))
    af = property(lambda e: bits(e.raw, 10, 10))
    ng = property(lambda e: bits(e.raw, 11, 11))
    dbm = property(lambda e: bits(e.raw, 51, 51))
    contiguous = property(lambda e: bits(e.raw, 52, 52))
    pxn = property(lambda e: bits(e.raw, 53, 53))
    uxn = property(lambda e: bits(e.raw, 54, 54))
    software = property(lambda e: bits(e.raw, 58, 55))

    @property
    def rights(self):
        """Like ls: kernel rwx, then user rwx."""
        write = "-" if self.ap & 2 else "w"
        kernel = "r" + write + ("-" if self.pxn else "x")
        user_x = "-" if self.uxn else "x"
        if not self.ap & 1:
            return f"{kernel} --{user_x}"
        return f"{kernel} r{write}{user_x}"

    def attributes(self):
        """What two neighbouring ranges must share to be one range."""
        return (self.raw & 0xfff & ~3, self.raw >> 51 & ~2)

    def describe(self, mair):
        kind = self.kind
        if kind == "invalid":
            return "invalid" if not self.raw else "invalid (software bits)"
        if kind == "table":
            limits = [name for name, bit in (
                ("PXNTable", 59), ("UXNTable", 60), ("APTable[0]: no EL0", 61),
                ("APTable[1]: read-only", 62), ("NSTable", 63))
                if self.raw >> bit & 1]
            return " ".join([f"table at {self.address:#x}", *limits])
        words = [f"{kind} {size_name(1 << self.shift)} at {self.address:#x}",
                 f"AttrIndx {self.attr_index} ({mair_attr(mair, self.attr_index)})",
                 f"AP {self.ap:02b} [{self.rights}]",
                 f"UXN {self.uxn}", f"PXN {self.pxn}",
                 f"SH {self.sh} ({SHARE[self.sh]})", f"AF {self.af}",
                 f"nG {self.ng}", f"DBM {self.dbm}"]
        if self.contiguous:
            words.append("contiguous")
        if self.software:
            words.append(f"SW {self.software:04b}")
        return ", ".join(words)


@dataclass
class Step:
    level: int
    entry_pa: int
    entry: Entry


@dataclass
class Walk:
    va: int
    half: Half
    steps: list = field(default_factory=list)
    pa: int = None      # None: not mapped

    @property
    def leaf(self):
        return self.steps[-1].entry if self.pa is not None else None


def walk(tcr, ttbr0, ttbr1, va, read_entries):
    """Translate va as the hardware would. => a Walk with every step"""
    half = tcr.half_of(va)
    result = Walk(va, half)
    if half.disabled:
        return result
    table = table_of(ttbr1 if half.number else ttbr0)
    for level in range(half.start_level, 4):
        index = (va >> half.shift(level)) & (half.entries(level) - 1)
        entry_pa = table + 8 * index
        entry = Entry(read_entries(entry_pa, 1)[0], level, half.granule)
        result.steps.append(Step(level, entry_pa, entry))
        if entry.is_leaf:
            low = (1 << half.shift(level)) - 1
            result.pa = entry.address | (va & low)
            break
        if entry.kind == "invalid":
            break
        table = entry.address
    return result


def leaves(half, ttbr, read_entries):
    """Every mapping of one half in order. => (va, size, Entry)"""
    if half.disabled:
        return

    def visit(table, level, va):
        shift = half.shift(level)
        for i, raw in enumerate(read_entries(table, half.entries(level))):
            if not raw & 1:
                continue
            entry = Entry(raw, level, half.granule)
            here = va + (i << shift)
            if entry.kind == "table":
                yield from visit(entry.address, level + 1, here)
            elif entry.is_leaf:
                yield here, 1 << shift, entry

    yield from visit(table_of(ttbr), half.start_level, half.base)


@dataclass
class Range:
    start: int
    end: int
    entry: Entry        # the first one
    pa: int
    linear: bool = True     # physical addresses follow, too


def ranges(half, ttbr, read_entries):
    """leaves(), with neighbours of equal attributes and size merged."""
    last = None
    for va, size, entry in leaves(half, ttbr, read_entries):
        if (last and va == last.end and entry.level == last.entry.level
                and entry.attributes() == last.entry.attributes()):
            if entry.address != last.pa + (va - last.start):
                last.linear = False
            last.end = va + size
            continue
        if last:
            yield last
        last = Range(va, va + size, entry, entry.address)
    if last:
        yield last
