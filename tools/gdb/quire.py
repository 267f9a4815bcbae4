"""quire.py - gdb commands that show Quire's memory management at work.

    quire ttbr                  TTBR0, TTBR1, TCR and MAIR in words
    quire pt VA                 walk the page tables to VA, entry by entry
    quire ptdump [user|kernel]  all mappings, neighbours merged
    quire ps                    tasks
    quire bt [PID]              where in the kernel tasks wait
    quire vmas PID              the VMAs of a process
    quire buddy                 free blocks of each zone
    quire slab                  slab caches
    quire page PFN|VA           a struct page in words

Loaded by `make debug`, or: source tools/gdb/quire.py. The page tables are
read from physical memory through QEMU's stub, by the registers of the CPU
(gdb: thread) that is selected, so this works on any kernel state. What the
kernel's structures look like comes from the debug information.
"""
import os
import struct
import sys

import gdb

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import arm64_mmu as mmu  # noqa: E402

PAGE_SHIFT = 12
VA_BITS = 48
PAGE_OFFSET = (1 << 64) - (1 << (VA_BITS - 1))
STRUCT_PAGE_SHIFT = 6
VMEMMAP_START = PAGE_OFFSET - (
    1 << (VA_BITS - PAGE_SHIFT - 1 + STRUCT_PAGE_SHIFT))
THREAD_SIZE = 16384
U64 = (1 << 64) - 1


# ---- Reading the machine ---------------------------------------------------

def register(name):
    value = gdb.parse_and_eval(f"${name}")
    if value.type.code == gdb.TYPE_CODE_VOID:
        raise gdb.GdbError(f"the target shows no register {name}")
    return int(value) & U64


class Physical:
    """`with Physical() as read_entries:` physical memory, through QEMU."""

    def __enter__(self):
        self.mode(1)
        return self.read_entries

    def __exit__(self, *_):
        self.mode(0)

    @staticmethod
    def mode(on):
        gdb.execute(f"maint packet Qqemu.PhyMemMode:{on}", to_string=True)

    @staticmethod
    def read_entries(pa, count):
        try:
            data = gdb.selected_inferior().read_memory(pa, 8 * count)
        except gdb.MemoryError as e:
            raise gdb.GdbError(
                f"physical memory at {pa:#x} cannot be read") from e
        return struct.unpack(f"<{count}Q", bytes(data))


class KernelView:
    """`with KernelView():` kernel addresses are readable.

    QEMU reads memory for gdb with the rights of the exception level the CPU
    is in, so a guest stopped in user mode hides the kernel. PSTATE says EL1
    while we look, and what it said before when we are done.
    """

    def __enter__(self):
        self.cpsr = register("cpsr") & 0xffffffff
        if not self.cpsr & 0xf:
            gdb.execute(f"set var $cpsr = {self.cpsr | 5:#x}", to_string=True)

    def __exit__(self, *_):
        if not self.cpsr & 0xf:
            gdb.execute(f"set var $cpsr = {self.cpsr:#x}", to_string=True)


def mmu_registers():
    tcr = mmu.Tcr(register("TCR_EL1"))
    return tcr, register("TTBR0_EL1"), register("TTBR1_EL1")


def mmu_is_on():
    return bool(register("SCTLR") & 1)


def translate(va):
    """=> arm64_mmu.Walk of va on the selected CPU"""
    if not mmu_is_on():
        raise gdb.GdbError("the MMU of this CPU is off: every address is "
                           "physical")
    tcr, ttbr0, ttbr1 = mmu_registers()
    try:
        with Physical() as read_entries:
            return mmu.walk(tcr, ttbr0, ttbr1, va, read_entries)
    except mmu.MmuError as e:
        raise gdb.GdbError(str(e)) from e


# ---- Reading the kernel ----------------------------------------------------

def symbol(name):
    """=> gdb.Value of a variable of the kernel (of any file)"""
    found = gdb.lookup_global_symbol(name) or gdb.lookup_static_symbol(name)
    if found is None:
        raise gdb.GdbError(f"this kernel has no variable {name}")
    return found.value()


def number(expression_or_value):
    return int(expression_or_value) & U64


def pointer_to(type_name):
    return gdb.lookup_type(type_name).pointer()


def offset_of(type_name, member):
    for f in gdb.lookup_type(type_name).fields():
        if f.name == member:
            return f.bitpos // 8
    raise gdb.GdbError(f"{type_name} has no member {member}")


def list_entries(head, type_name, member):
    """Walk a struct list_head. => each containing structure"""
    offset, pointer = offset_of(type_name, member), pointer_to(type_name)
    head_address = number(head.address)
    node, seen = number(head["next"]), 0
    while node not in (head_address, 0):
        entry = gdb.Value(node - offset).cast(pointer).dereference()
        yield entry
        node = number(entry[member]["next"])
        seen += 1
        if seen > 1000000:
            raise gdb.GdbError("the list has no end")


def text(value, limit=64):
    """A C string, up to its NUL. value: pointer or array of char"""
    if value.type.code == gdb.TYPE_CODE_PTR and number(value) == 0:
        return "-"
    return value.string("utf-8", "replace").split("\0")[0][:limit]


def counter(value):
    """The number in an atomic_t and its kin."""
    return int(value["counter"])


def page_size_order(kib_pages):
    return f"{kib_pages << (PAGE_SHIFT - 10)} kB"


def tasks():
    """Every task: processes by task_list, their threads by thread_group."""
    for leader in list_entries(symbol("task_list"), "struct task_struct",
                               "tasks"):
        yield leader
        yield from list_entries(leader["thread_group"],
                                "struct task_struct", "thread_group")


def task_by_pid(pid):
    for task in tasks():
        if int(task["pid"]) == pid:
            return task
    raise gdb.GdbError(f"there is no task with PID {pid}")


STATES = {1: "S", 2: "D", 4: "T", 8: "t"}


def state_letter(task):
    if int(task["exit_state"]):
        return "Z" if int(task["exit_state"]) & 32 else "X"
    if int(task["__state"]) == 0x402:       # TASK_IDLE
        return "I"
    return next((letter for bit, letter in sorted(STATES.items())
                 if bit and int(task["__state"]) & bit), "R")


def kernel_stack(task):
    """The functions a task that does not run is in, the innermost first"""
    context = task["arch"]["thread"]["ctx"]
    pc, fp = number(context["pc"]), number(context["fp"])
    bottom = number(task["arch"]["stack"])
    memory = gdb.selected_inferior()
    while pc:
        yield gdb.execute(f"info symbol {pc:#x}", to_string=True).split()[0]
        if not bottom <= fp < bottom + THREAD_SIZE:
            return
        fp, pc = struct.unpack("<QQ", memory.read_memory(fp, 16))


# ---- Pages -----------------------------------------------------------------

def page_of_pa(pa):
    """=> address of the struct page, or None outside of RAM's sections"""
    start = number(symbol("memstart_addr"))
    if pa < start:
        return None
    address = VMEMMAP_START + (
        ((pa - start) >> PAGE_SHIFT) << STRUCT_PAGE_SHIFT)
    return address if translate(address).pa is not None else None


def page_flags(flags):
    names = [(f.enumval, f.name[3:]) for f in
             gdb.lookup_type("enum pageflags").fields()
             if f.name.startswith("PG_")]
    seen, result = set(), []
    for bit, name in names:
        if bit not in seen and flags >> bit & 1:
            seen.add(bit)
            result.append(name)
    return "|".join(result) or "none"


def page_type(page):
    kinds = {0xf0000080: "free block", 0xf0000100: "free, on a CPU's list",
             0xf0000400: "page table"}
    return kinds.get(number(page["page_type"]) & 0xffffffff)


def describe_page(address, pfn):
    page = gdb.Value(address).cast(pointer_to("struct page")).dereference()
    flags = number(page["flags"])
    yield (f"pfn {pfn:#x} (physical {pfn << PAGE_SHIFT:#x}): "
           f"struct page at {address:#x}")
    yield f"    flags {flags:#x}: {page_flags(flags)}"
    zone = symbol("zone_table")[flags >> 58]
    if number(zone):
        yield (f"    zone {text(zone['name'])}, "
               f"node {int(zone['zone_pgdat']['node_id'])}")
    yield f"    _refcount {counter(page['_refcount'])}"
    head = number(page["compound_head"])
    kind = page_type(page)
    if kind == "free block":
        yield f"    {kind} of order {int(page['buddy_order'])}"
    elif kind:
        yield f"    {kind}"
    elif head & 1:
        yield f"    tail of the compound page at {head - 1:#x}"
    elif "slab" in page_flags(flags).split("|"):
        cache = page["slab_cache"]
        yield (f"    slab of {text(cache['name'])}: {int(page['active'])} "
               f"of {int(cache['num'])} objects in use")
    else:
        yield f"    _mapcount {counter(page['_mapcount'])}"
        mapping = number(page["mapping"])
        if mapping & 1:
            yield f"    anonymous, anon_vma {mapping & ~3:#x}"
        elif mapping:
            yield f"    of the file with address_space {mapping:#x}"
        yield (f"    index {number(page['index']):#x}, "
               f"private {number(page['private']):#x}")


# ---- Commands --------------------------------------------------------------

class Quire(gdb.Command):
    """Quire's own commands; `help quire` lists them."""

    def __init__(self):
        super().__init__("quire", gdb.COMMAND_USER, prefix=True)

    def invoke(self, argument, from_tty):
        gdb.execute("help quire")


class Command(gdb.Command):
    """A `quire` subcommand: output() gives the lines."""

    def __init__(self, name):
        super().__init__("quire " + name, gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        with KernelView():
            lines = list(self.output(argument.strip()))
        gdb.write("".join(line + "\n" for line in lines))

    @staticmethod
    def value_of(expression, usage):
        """Any expression that gdb understands, as a number."""
        if not expression:
            raise gdb.GdbError(f"usage: {usage}")
        return number(gdb.parse_and_eval(expression))


class Ttbr(Command):
    """TTBR0, TTBR1, TCR and MAIR of this CPU in words."""

    def output(self, _):
        tcr, ttbr0, ttbr1 = mmu_registers()
        mair = register("MAIR_EL1")
        yield f"The MMU is {'on' if mmu_is_on() else 'OFF'}."
        for n, ttbr in enumerate((ttbr0, ttbr1)):
            yield (f"TTBR{n}_EL1 {ttbr:#018x}: table at "
                   f"{mmu.table_of(ttbr):#x}, ASID field {ttbr >> 48:#x}, "
                   f"CnP {ttbr & 1}")
        yield f"ASID in use: {mmu.asid_of(tcr, ttbr0, ttbr1):#x}"
        yield f"TCR_EL1 {tcr.raw:#018x}"
        for line in tcr.describe():
            yield "    " + line
        yield f"MAIR_EL1 {mair:#018x}"
        for i in range(8):
            yield (f"    Attr{i} {mair >> 8 * i & 0xff:#04x}: "
                   f"{mmu.mair_attr(mair, i)}")


class Pt(Command):
    """Walk the page tables to an address: quire pt VA"""

    def output(self, argument):
        va = self.value_of(argument, "quire pt VA")
        result = translate(va)
        mair = register("MAIR_EL1")
        yield (f"{va:#x}: by TTBR{result.half.number}, "
               f"{result.half.va_bits}-bit, granule "
               f"{mmu.size_name(1 << result.half.granule)}")
        for step in result.steps:
            yield (f"  L{step.level} entry at {step.entry_pa:#x}: "
                   f"{step.entry.raw:#018x} {step.entry.describe(mair)}")
        if result.pa is None:
            yield f"{va:#x} is not mapped"
            return
        yield f"{va:#x} -> {result.pa:#x}"
        page = page_of_pa(result.pa)
        if page:
            yield from describe_page(page, result.pa >> PAGE_SHIFT)
        else:
            yield "no struct page: not RAM"


class Ptdump(Command):
    """All mappings, neighbours merged: quire ptdump [user|kernel]"""

    def output(self, argument):
        which = argument or "kernel"
        if which not in ("user", "kernel"):
            raise gdb.GdbError("quire ptdump [user|kernel]")
        if not mmu_is_on():
            raise gdb.GdbError("the MMU of this CPU is off")
        tcr, ttbr0, ttbr1 = mmu_registers()
        mair = register("MAIR_EL1")
        n = int(which == "kernel")
        if not tcr.halves[n].granule:
            raise gdb.GdbError("TCR holds a reserved granule size")
        with Physical() as read_entries:
            found = list(mmu.ranges(tcr.halves[n], (ttbr0, ttbr1)[n],
                                    read_entries))
        for r in found:
            e = r.entry
            where = f"{r.pa:#x}" if r.linear else "scattered"
            extra = "".join(w for w, on in ((" cont", e.contiguous),
                            (" nG", e.ng), (" old", not e.af)) if on)
            yield (f"{r.start:#018x}-{r.end & U64:#018x} "
                   f"{mmu.size_name(r.end - r.start):>8} "
                   f"{mmu.size_name(1 << e.shift):>4} {e.kind} {e.rights} "
                   f"{mmu.mair_attr(mair, e.attr_index)}{extra} -> {where}")
        yield f"{len(found)} ranges"


class Ps(Command):
    """Tasks: PID, parent, state, CPU, resident pages, name."""

    def output(self, _):
        yield "  PID  PPID S CPU       RSS  TASK                NAME"
        for t in tasks():
            mm = t["mm"]
            rss = "-"
            if number(mm):
                stat = mm["rss_stat"]
                low, high = stat.type.range()
                total = sum(counter(stat[i]) for i in range(low, high + 1)
                            if i != 2)      # MM_SWAPENTS
                rss = page_size_order(max(total, 0))
            parent = int(t["parent"]["pid"]) if number(t["parent"]) else 0
            cpu = int(t["arch"]["ti"]["cpu"])
            yield (f"{int(t['pid']):5} {parent:5} {state_letter(t)} {cpu:3} "
                   f"{rss:>9}  {number(t.address):#x}  {text(t['comm'])}")


class Bt(Command):
    """Where in the kernel tasks wait that do not run: quire bt [PID]"""

    def output(self, argument):
        chosen = tasks()
        if argument:
            chosen = [task_by_pid(self.value_of(argument, "quire bt [PID]"))]
        for t in chosen:
            where = " < ".join(kernel_stack(t))
            if int(t["on_cpu"]):
                where = f"runs on CPU {int(t['arch']['ti']['cpu'])}"
            yield (f"{int(t['pid']):5} {state_letter(t)} {text(t['comm'])}: "
                   f"{where}")


class Vmas(Command):
    """The VMAs of a process: quire vmas PID"""

    def output(self, argument):
        pid = self.value_of(argument, "quire vmas PID")
        mm = task_by_pid(pid)["mm"]
        if not number(mm):
            raise gdb.GdbError(f"PID {pid} is a kernel thread")
        vma, count = mm["mmap"], 0
        brk, stack = number(mm["start_brk"]), number(mm["start_stack"])
        while number(vma):
            flags = number(vma["vm_flags"])
            start, end = number(vma["vm_start"]), number(vma["vm_end"])
            rights = "".join(c if flags >> i & 1 else "-"
                             for i, c in enumerate("rwx"))
            share = "s" if flags & 8 else "p"
            label = ""
            if start <= stack < end:
                label = " [stack]"
            elif start <= brk < end or start == brk:
                label = " [heap]"
            elif number(vma["vm_file"]):
                label = f" file {number(vma['vm_file']):#x}"
            yield (f"{start:012x}-{end:012x} {rights}{share} "
                   f"{number(vma['vm_pgoff']) << PAGE_SHIFT:08x} "
                   f"flags {flags:#x}{label}")
            vma, count = vma["vm_next"], count + 1
        yield f"{count} VMAs, map_count {int(mm['map_count'])}"


class Buddy(Command):
    """Free blocks of each zone and order, as /proc/buddyinfo has them."""

    def output(self, _):
        nodes = symbol("node_data")
        for nid in range(nodes.type.range()[1] + 1):
            if not number(nodes[nid]):
                continue
            zones = nodes[nid]["node_zones"]
            for z in range(zones.type.range()[1] + 1):
                zone = zones[z]
                if not number(zone["present_pages"]):
                    continue
                areas = zone["free_area"]
                counts = [int(areas[o]["nr_free"])
                          for o in range(areas.type.range()[1] + 1)]
                free = sum(n << o for o, n in enumerate(counts))
                yield (f"Node {nid}, zone {text(zone['name']):>8} "
                       + "".join(f"{n:6} " for n in counts)
                       + f"  {free} pages")


class Slab(Command):
    """Slab caches: objects, slabs, colours."""

    def output(self, _):
        yield ("name                      objects  objsize  size objs/slab "
               "pages  slabs  free colours")
        for c in list_entries(symbol("slab_caches"), "struct kmem_cache",
                              "list"):
            slabs = free = 0
            for i in range(c["node"].type.range()[1] + 1):
                node = c["node"][i]
                if number(node):
                    slabs += int(node["total_slabs"])
                    free += int(node["free_objects"])
            stacks = sum(int(c["cpu_cache"][i]["avail"])
                         for i in range(c["cpu_cache"].type.range()[1] + 1)
                         if number(c["cpu_cache"][i]))
            used = slabs * int(c["num"]) - free - stacks
            yield (f"{text(c['name']):<24} {used:8} {int(c['object_size']):8} "
                   f"{int(c['size']):5} {int(c['num']):9} "
                   f"{1 << int(c['gfporder']):5} {slabs:6} {free + stacks:5} "
                   f"{int(c['colour']):7}")


class Page(Command):
    """A struct page in words: quire page PFN, or an address that is mapped"""

    def output(self, argument):
        value = self.value_of(argument, "quire page PFN|VA")
        pfn = value
        if value >> 40 or self.is_mapped_user(value):
            result = translate(value)
            if result.pa is None:
                raise gdb.GdbError(f"{value:#x} is not mapped")
            pfn = result.pa >> PAGE_SHIFT
        address = page_of_pa(pfn << PAGE_SHIFT)
        if not address:
            raise gdb.GdbError(f"there is no struct page for pfn {pfn:#x}")
        yield from describe_page(address, pfn)

    @staticmethod
    def is_mapped_user(value):
        """A small number is a pfn if there is such a page, else a VA."""
        return page_of_pa(value << PAGE_SHIFT) is None and \
            translate(value).pa is not None


Quire()
Ttbr("ttbr")
Pt("pt")
Ptdump("ptdump")
Ps("ps")
Bt("bt")
Vmas("vmas")
Buddy("buddy")
Slab("slab")
Page("page")
