"""What the documents tell the reader to type in the guest does work.

Commands are the lines that begin with `# ` in blocks marked `console-guest`;
each must end with status 0. Those in a section that says `make run MEM=128M`
run on such a machine, all others on the shared guest. With SWAP=256M behind
MEM it has the disks of `make run` as well.
"""
import glob
import os
import re

import pytest

from conftest import TOP

FENCE = re.compile(r"^( *)```console-guest\n(.*?)^\1```", re.M | re.S)
DOCUMENTS = [f"{TOP}/README.md", *sorted(glob.glob(f"{TOP}/docs/*.md"))]


def commands(path):
    """=> [((memory, swap or None) or None, command)], in the text's order"""
    with open(path, encoding="utf-8") as f:
        sections = re.split(r"^(?=## )", f.read(), flags=re.M)
    found = []
    for section in sections:
        run = re.search(r"make run MEM=(\w+)(?: SWAP=(\w+))?", section)
        for _, block in FENCE.findall(section):
            found += [(run and run.groups(), line) for line in
                      re.findall(r"^ *# (.*)$", block, re.M)]
    return found


WITH_COMMANDS = [d for d in DOCUMENTS if os.path.exists(d) and commands(d)]


def machine(boot, images, mem, swap):
    """The machine of `make run MEM= SWAP=`, or one without disks"""
    if swap in (None, "none"):
        return boot(mem=mem)
    return boot(mem=mem, drives=[images.demo(), images.swap(f"{mem}-{swap}", swap)],
                append="QUIRE_DISKS=1")


@pytest.mark.parametrize("path", WITH_COMMANDS, ids=os.path.basename)
def test_commands_in(path, shared, boot, images):
    guests, wrong = {}, []
    for run, command in commands(path):
        if run not in guests:
            guests[run] = machine(boot, images, *run) if run else shared()
            guests[run].run("cd /")
        output, status = guests[run].sh(command)
        if status:
            wrong.append(f"# {command}\n{output}(exit status {status})")
    assert not wrong, "\n".join(wrong)


def test_documents_have_commands():
    """The marks are found at all: most chapters have something to try."""
    assert len(WITH_COMMANDS) > 15
