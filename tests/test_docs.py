"""What the documents tell the reader to type in the guest does work.

Commands are the lines that begin with `# ` in blocks marked `console-guest`;
each must end with status 0. Those in a section that says `make run MEM=128M`
run on such a machine, all others on the shared guest.
"""
import glob
import os
import re

import pytest

from conftest import TOP

FENCE = re.compile(r"^( *)```console-guest\n(.*?)^\1```", re.M | re.S)
DOCUMENTS = [f"{TOP}/README.md", *sorted(glob.glob(f"{TOP}/docs/*.md"))]


def commands(path):
    """=> [(memory or None, command)] in the order of the text"""
    with open(path, encoding="utf-8") as f:
        sections = re.split(r"^(?=## )", f.read(), flags=re.M)
    found = []
    for section in sections:
        mem = re.search(r"make run MEM=(\w+)", section)
        for _, block in FENCE.findall(section):
            found += [(mem and mem.group(1), line) for line in
                      re.findall(r"^ *# (.*)$", block, re.M)]
    return found


WITH_COMMANDS = [d for d in DOCUMENTS if os.path.exists(d) and commands(d)]


@pytest.mark.parametrize("path", WITH_COMMANDS, ids=os.path.basename)
def test_commands_in(path, shared, boot):
    guests, wrong = {}, []
    for mem, command in commands(path):
        if mem not in guests:
            guests[mem] = boot(mem=mem) if mem else shared()
            guests[mem].run("cd /")
        output, status = guests[mem].sh(command)
        if status:
            wrong.append(f"# {command}\n{output}(exit status {status})")
    assert not wrong, "\n".join(wrong)


def test_documents_have_commands():
    """The marks are found at all: most chapters have something to try."""
    assert len(WITH_COMMANDS) > 15
