"""make bench: the program runs, the table says what the figures say.

No figure is asserted: `make bench` measures, docs/bench.md tells.
"""
import os
import re
import xml.etree.ElementTree as ET

import pytest

import bench
import profile as profiler
from conftest import IMAGE, TOP

OPERATIONS = bench.load()


@pytest.mark.parametrize("pressure", [False, True], ids=["peace", "pressure"])
def test_every_operation_runs(pressure):
    figures = bench.measure(IMAGE, divisor=100, pressure=pressure)
    assert sorted(figures) == sorted(o["name"] for o in OPERATIONS
                                     if o.get("pressure", False) == pressure)
    missing = {name for name, figure in figures.items() if figure is None}
    assert missing <= {"thp"}
    assert all(f > 0 or name == "file_loop" for name, f in figures.items()
               if f is not None)


def test_profile_counts_what_the_bench_counts():
    counts = profiler.profile("getppid", divisor=100)
    functions = dict((name, n) for n, name in counts.functions())
    assert functions["sys_getppid"] > 0
    assert sum(functions.values()) == pytest.approx(counts.total)
    lines = counts.lines("sys_getppid")
    assert sum(n for n, _ in lines) == pytest.approx(functions["sys_getppid"])
    assert all(re.search(r"\.[ch]:\d+$", where) for _, where in lines)


def table_of(factor):
    quire = {o["name"]: bench.lowest(o) * factor for o in OPERATIONS
             if bench.lowest(o)}
    return bench.Table(OPERATIONS, quire)


def test_the_references_of_the_list_are_all_there():
    listed = [o for o in OPERATIONS if "reference" in o]
    assert len(listed) == 27
    assert not [o for o in listed if o.get("pressure")]
    for o in OPERATIONS:
        assert bench.lowest(o), f"no figure of Linux for {o['name']}"
        assert bench.lowest(o) <= o.get("reference", float("inf"))


def test_mean_worst_and_growth():
    table = table_of(0.25)
    assert table.mean() == pytest.approx(0.25)
    table.quire["fork"] *= 2
    table = bench.Table(OPERATIONS, dict(table.quire, vma_fault=13.0,
                                         vma10_fault=10.0))
    assert table.worst() == "fork"
    assert table.listed["fork"] == pytest.approx(0.5)
    assert table.growth("fault") == pytest.approx(1.3)
    # An operation that this kernel lacks is no part of the mean.
    del table.quire["thp"]
    assert "thp" not in bench.Table(OPERATIONS, table.quire).listed


def test_markdown_and_plot():
    table = table_of(0.25)
    text = table.markdown()
    assert "Geometric mean of the ratios: **0.250**" in text
    for o in OPERATIONS:
        assert len(re.findall(rf"^\| {re.escape(o['title'])} \|", text,
                              re.M)) == 1
    picture = ET.fromstring(bench.svg(table))
    bars = [r for r in picture.iter("{http://www.w3.org/2000/svg}rect")
            if r.get("fill") == "#3b6ea5"]
    assert len(bars) == len(table.listed)
    assert len({r.get("width") for r in bars}) == 1


def test_document_has_the_places():
    with open(f"{TOP}/docs/bench.md", encoding="utf-8") as f:
        text = f.read()
    blocks = {"table": "T", "worst ratio": "W", "most instructions": "M"}
    filled = bench.fill(text, blocks)
    assert re.search(r"<!-- table -->\n\nT\n\n<!-- end -->", filled)
    assert bench.fill(filled, blocks) == filled
    with pytest.raises(ValueError):
        bench.fill(text, {"no such place": ""})
    assert os.path.exists(f"{TOP}/docs/bench.svg")
