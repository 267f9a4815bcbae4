#!/usr/bin/env python3
"""check-docs.py - what the documents point at must exist.

Checked in README.md and docs/*.md: anchors `path:symbol` in backticks (the
file exists and contains the word), and relative links [text](path).
"""
import glob
import os
import re
import sys

ANCHOR = re.compile(r"`([\w./-]+):([A-Za-z_]\w*)(?:\(\))?`")
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
# `path:symbol` needs a path: with a folder in it, or one of these
TOP_FILES = ("Makefile", "linker.ld")


def contains_word(path, word):
    with open(path, encoding="utf-8", errors="replace") as f:
        return re.search(rf"\b{re.escape(word)}\b", f.read()) is not None


def check(document):
    with open(document, encoding="utf-8") as f:
        lines = f.readlines()
    for number, line in enumerate(lines, 1):
        for path, symbol in ANCHOR.findall(line):
            if "/" not in path and path not in TOP_FILES:
                continue
            if path.startswith("/"):
                continue
            if not os.path.isfile(path):
                yield f"{document}:{number}: `{path}:{symbol}`: no such file"
            elif not contains_word(path, symbol):
                yield (f"{document}:{number}: `{path}:{symbol}`: "
                       f"no {symbol} in there")
        for target in LINK.findall(line):
            if re.match(r"[a-z]+:", target):
                continue
            if not os.path.exists(os.path.join(os.path.dirname(document),
                                               target)):
                yield f"{document}:{number}: link to {target}: not there"


def main():
    documents = sorted(glob.glob("docs/**/*.md", recursive=True))
    if os.path.exists("README.md"):
        documents.insert(0, "README.md")
    errors = [e for d in documents for e in check(d)]
    for e in errors:
        print(e)
    sys.exit(bool(errors))


if __name__ == "__main__":
    main()
