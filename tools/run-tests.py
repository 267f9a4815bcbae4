#!/usr/bin/env python3
"""run-tests.py - run every test there is and say `N passed, N failed`.

    host     build/host/test_*, each a program of unit tests (make host-bins)
    pytest   tests/test_*.py, two files at a time, which also bring the counts
             of what ran inside the guest: unit tests on boot, tests/user/

The last line is the sum of all of them; the exit status is 0 if nothing
failed and something ran. Logs, and the guests' consoles: build/tests/.
"""
import argparse
import concurrent.futures
import glob
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ET

OUT = "build/tests"
# The long ones first, so that both workers end at about the same time.
LONG_FIRST = ("test_boot.py", "test_user.py", "test_debian.py",
              "test_busybox.py", "test_shell.py")
FILE_LIMIT = 1800       # seconds until a whole file counts as hanging


class Sum:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def add(self, passed=0, failed=0, skipped=0):
        self.passed += passed
        self.failed += failed
        self.skipped += skipped

    def __str__(self):
        text = f"{self.passed} passed, {self.failed} failed"
        return text + (f", {self.skipped} skipped" if self.skipped else "")


def say(what, result, seconds, details=""):
    print(f"{what:<28} {result}   ({seconds:.1f} s)", flush=True)
    if details:
        print("    " + details.rstrip().replace("\n", "\n    "), flush=True)


def run_host(total):
    """The programs in build/host: `ok name`, `not ok name` lines."""
    if not glob.glob("tests/host/test_*.c"):
        return
    make = os.environ.get("MAKE", "make").split()
    build = subprocess.run([*make, "--no-print-directory", "host-bins"],
                           text=True, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT)
    if build.returncode:
        total.add(failed=1)
        say("host tests", "cannot be built", 0, build.stdout[-4000:])
        return
    for source in sorted(glob.glob("tests/host/test_*.c")):
        name = os.path.basename(source)[:-2]
        started = time.time()
        try:
            run = subprocess.run([f"build/host/{name}"], text=True,
                                 stdout=subprocess.PIPE, errors="replace",
                                 stderr=subprocess.STDOUT, timeout=600)
            output, status = run.stdout, run.returncode
        except subprocess.TimeoutExpired as e:
            output, status = str(e), 1
        with open(f"{OUT}/host-{name}.log", "w", encoding="utf-8") as f:
            f.write(output)
        mine = Sum()
        mine.add(len(re.findall(r"^ok\b", output, re.M)),
                 len(re.findall(r"^not ok\b", output, re.M)))
        if status and not mine.failed or not (mine.passed or mine.failed):
            mine.add(failed=1)      # it crashed, or says nothing
        total.add(mine.passed, mine.failed)
        bad = "" if not mine.failed else "\n".join(
            line for line in output.splitlines()
            if not re.match(r"ok\b", line))[-4000:]
        say(f"host {name}", mine, time.time() - started, bad)


def count(xml_path):
    """=> Sum and the failures in words of one pytest run"""
    result, details = Sum(), []
    for case in ET.parse(xml_path).getroot().iter("testcase"):
        problem = case.find("failure")
        if problem is None:
            problem = case.find("error")
        if problem is not None:
            result.add(failed=1)
            details.append(f"{case.get('name')}: {problem.text or ''}"[-6000:])
        elif case.find("skipped") is not None:
            result.add(skipped=1)
            details.append(f"{case.get('name')}: skipped: "
                           f"{case.find('skipped').get('message')}")
        else:
            result.add(passed=1)
        for prop in case.iter("property"):  # what ran inside the guest
            if prop.get("name") == "guest_passed":
                result.add(passed=int(prop.get("value")))
            elif prop.get("name") == "guest_failed":
                result.add(failed=int(prop.get("value")))
    return result, "\n".join(details)


def run_pytest(path, expression):
    """=> (name, Sum, seconds, details)"""
    name = os.path.basename(path)
    xml, started = f"{OUT}/{name}.xml", time.time()
    if os.path.exists(xml):
        os.remove(xml)
    command = [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null",
               "--rootdir", "tests", "-p", "no:cacheprovider",
               "--tb=short", f"--junitxml={xml}", path]
    if expression:
        command += ["-k", expression]
    try:
        run = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, timeout=FILE_LIMIT,
                             stdin=subprocess.DEVNULL, errors="replace")
        output, status = run.stdout, run.returncode
    except subprocess.TimeoutExpired:
        output, status = f"no end within {FILE_LIMIT} s", 1
    result, details = Sum(), ""
    if os.path.exists(xml):
        result, details = count(xml)
    if status not in (0, 5) and not result.failed:
        result.add(failed=1)        # pytest itself failed
        details = output[-4000:]
    return name, result, time.time() - started, details


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("-k", metavar="EXPR", help="only matching pytest cases")
    ap.add_argument("-j", type=int, default=2, help="files at a time")
    args = ap.parse_args()
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    os.makedirs(OUT, exist_ok=True)
    total, started = Sum(), time.time()
    if not args.k:
        run_host(total)
    files = sorted(glob.glob("tests/test_*.py"), key=lambda p: (
        LONG_FIRST.index(os.path.basename(p))
        if os.path.basename(p) in LONG_FIRST else 99, p))
    with concurrent.futures.ThreadPoolExecutor(args.j) as pool:
        jobs = [pool.submit(run_pytest, f, args.k) for f in files]
        for job in concurrent.futures.as_completed(jobs):
            name, result, seconds, details = job.result()
            total.add(result.passed, result.failed, result.skipped)
            if result.passed or result.failed or result.skipped:
                say(name, result, seconds, details)
    print(f"all tests took {time.time() - started:.0f} s")
    print(total, flush=True)
    sys.exit(0 if total.passed and not total.failed else 1)


if __name__ == "__main__":
    main()
