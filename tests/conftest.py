"""A Quire in QEMU for the tests to talk to.

    def test_it(boot):
        q = boot(mem="64M", append="loglevel=7")    # waits for the prompt
        assert "MemTotal" in q.run("cat /proc/meminfo")

`boot` starts a guest for one test, `quire` is one shared by all the tests of
a file. Every wait has an end: a guest that hangs or panics fails the test
with the last lines of its console. Consoles are kept in build/tests/logs/.

With QUIRE_IMAGE=vmlinuz the same tests run on another kernel, such as
Debian's: what passes there is what Linux does. QUIRE_INITRD and QUIRE_APPEND
bring what that one needs, such as modules for its disks.
"""
import collections
import contextlib
import gzip
import itertools
import os
import re
import subprocess
import sys
import tempfile

import pexpect
import pytest

from drives import Images, drive_args

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(TOP, "tools", "gdb"), os.path.join(TOP, "tools")]

BUILD = os.path.join(TOP, "build")
OUT = os.path.join(BUILD, "tests")
LOGS = os.path.join(OUT, "logs")
IMAGE = os.environ.get("QUIRE_IMAGE", os.path.join(BUILD, "Image"))
DEBUG_IMAGE = os.path.join(BUILD, "debug", "Image")
INITRD = os.path.join(BUILD, "initramfs.cpio")
TEST_INITRD = os.environ.get("QUIRE_INITRD",
                             os.path.join(OUT, "initramfs.cpio"))
APPEND = os.environ.get("QUIRE_APPEND", "")
QEMU = os.environ.get("QEMU", "qemu-system-aarch64")
GDB = os.environ.get("GDB", "gdb-multiarch")

PROMPT = r"quire:[^\r\n]*# "
KTEST = re.compile(r"ktest: (\d+) passed, (\d+) failed")
BOOT_LIMIT, RUN_LIMIT = 120, 60      # seconds: for hangs, not for speed
ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|[()][A-Z0-9]|[=>78])")

serial_numbers = itertools.count(1)


def plain(text):
    """Console text without escape sequences and carriage returns."""
    return ESCAPES.sub("", text).replace("\r", "")


class Console:
    """Collects all that the guest has printed."""

    def __init__(self, path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.text, self.file = "", open(path, "w", encoding="utf-8")

    def write(self, data):
        self.text += data
        self.file.write(data)

    def flush(self):
        self.file.flush()


class Quire:
    """One guest. The arguments are QEMU's, in short."""

    def __init__(self, name="guest", *, cpus=2, mem="512M", cpu="cortex-a57",
                 gic=None, el2=False, append="", initrd=None, image=IMAGE,
                 icount=False, drives=(), modern=False, extra=()):
        if initrd is None:
            initrd = TEST_INITRD if os.path.exists(TEST_INITRD) else INITRD
        machine = "virt,memory-backend=ram"
        if gic:
            machine += f",gic-version={gic}"
        if el2:
            machine += ",virtualization=on"
        args = ["-M", machine, "-cpu", cpu, "-smp", str(cpus), "-m", mem,
                "-object", f"memory-backend-ram,id=ram,size={mem},reserve=off",
                "-display", "none", "-nic", "none", "-no-reboot",
                "-monitor", "none", "-chardev", "stdio,id=con,signal=off",
                "-serial", "chardev:con", "-kernel", image,
                "-append", f"{append} {APPEND}".strip(),
                *drive_args(drives, modern), *extra]
        if initrd:
            args += ["-initrd", initrd]
        if icount:
            args += ["-icount", "shift=0,sleep=off", "-seed", "1"]
        self.elf = os.path.join(os.path.dirname(image), "quire.elf")
        self.folder = tempfile.TemporaryDirectory(prefix="quire-gdb-")
        self.stub = f"{self.folder.name}/stub"
        args += ["-chardev", f"socket,id=gdb,path={self.stub},server=on,wait=off",
                 "-gdb", "chardev:gdb"]
        safe = re.sub(r"[^\w.=-]+", "_", name)
        self.console = Console(
            f"{LOGS}/{safe}-{os.getpid()}-{next(serial_numbers)}.log")
        self.child = pexpect.spawn(QEMU, args, encoding="utf-8",
                                   codec_errors="replace", timeout=RUN_LIMIT,
                                   dimensions=(24, 80))
        self.child.delaybeforesend = None
        self.child.logfile_read = self.console

    # -- waiting -----------------------------------------------------------

    def fail(self, why):
        self.console.flush()
        tail = "\n".join(plain(self.console.text).splitlines()[-50:])
        pytest.fail(f"{why}; the last lines of the console:\n{tail}",
                    pytrace=False)

    def expect(self, pattern, timeout=RUN_LIMIT, panic_ok=False):
        """Wait for a regular expression. => the match"""
        patterns = [pattern, pexpect.TIMEOUT, pexpect.EOF]
        if not panic_ok:
            patterns.append(r"Kernel panic - [^\r\n]*")
        which = self.child.expect(patterns, timeout=timeout)
        if which == 0:
            return self.child.match
        if which == 3:
            why = self.child.match.group(0)
            self.child.expect([pexpect.TIMEOUT, pexpect.EOF], timeout=3)
            self.fail(why)
        if which == 2:
            return self.fail(f"waiting for {pattern!r}: QEMU ended")
        return self.fail(f"waiting for {pattern!r}: no end within {timeout} s; "
                         f"the CPUs are at:\n{self.whereabouts()}\n")

    def wait_prompt(self, timeout=BOOT_LIMIT):
        self.expect(PROMPT, timeout)
        return self

    def wait_exit(self, timeout=RUN_LIMIT):
        """QEMU must end by itself. => its exit status"""
        if self.child.expect([pexpect.EOF, pexpect.TIMEOUT],
                             timeout=timeout):
            self.fail(f"QEMU still runs after {timeout} s")
        self.child.close()
        return self.child.exitstatus

    # -- talking -----------------------------------------------------------

    def send(self, text):
        self.child.send(text)

    def sendline(self, text=""):
        self.child.send(text + "\r")

    def control(self, letter):
        self.child.send(chr(ord(letter.upper()) & 0x1f))

    def sh(self, command, timeout=RUN_LIMIT):
        """Run a command line at the prompt. => (its output, exit status)"""
        n = next(serial_numbers)
        # The markers are spelled so that the echo of what is typed differs.
        join = " " if command.rstrip().endswith("&") else "; "
        self.sendline(f'echo "@""B{n}"; {command}{join}echo "@""E{n}:$?"')
        self.expect(rf"@B{n}\r*\n", timeout)
        match = self.expect(rf"@E{n}:(\d+)\r*\n", timeout)
        output = plain(self.child.before)
        self.expect(PROMPT, timeout)
        return output, int(match.group(1))

    def run(self, command, timeout=RUN_LIMIT, status=0):
        """The same, with the exit status checked. => the output"""
        output, got = self.sh(command, timeout)
        if status is not None and got != status:
            self.fail(f"`{command}` exited with {got}, not {status}")
        return output

    @property
    def log(self):
        """Everything on the console so far, as plain text."""
        return plain(self.console.text)

    @property
    def alive(self):
        return self.child.isalive()

    def meminfo(self):
        """=> /proc/meminfo as a dictionary of KiB"""
        text = self.run("cat /proc/meminfo")
        return {k: int(v) for k, v in
                re.findall(r"^(\S+):\s+(\d+)(?: kB)?$", text, re.M)}

    def vmstat(self):
        """=> /proc/vmstat as a dictionary"""
        return {k: int(v) for k, v in re.findall(
            r"^(\w+) (\d+)$", self.run("cat /proc/vmstat"), re.M)}

    @contextlib.contextmanager
    def counted(self):
        """with q.counted() as n: ...; then n["pswpout"] is what was added"""
        before, added = self.vmstat(), collections.Counter()
        yield added
        added.update({k: v - before.get(k, 0)
                      for k, v in self.vmstat().items()})

    def gdb(self, *commands, typed=None):
        """=> what gdb prints; the guest is stopped meanwhile

        typed is what the guest reads once its breakpoint is set.
        """
        args = [GDB, "-q", "-nx", "-batch", "-ex", "set confirm off",
                "-ex", "set pagination off", "-ex", "set width 0",
                "-ex", f"file {self.elf}",
                "-ex", f"source {TOP}/tools/gdb/quire.py",
                "-ex", f"target remote {self.stub}"]
        for command in (*commands, "detach"):
            args += ["-ex", command]
        run = pexpect.spawn(args[0], args[1:], encoding="utf-8", timeout=120)
        text = ""
        if typed:
            run.expect("Hardware assisted breakpoint")
            text = run.before
            self.sendline(typed)
        run.expect(pexpect.EOF)
        return plain(text + run.before)

    def whereabouts(self):
        """What a guest is about that does not answer, in two glances"""
        try:
            return "".join(
                "\n".join(re.findall(r"^(?:Thread|#).*", self.gdb(
                    "thread apply all backtrace 12"), re.M)) + "\n\n"
                for _ in range(2)) + self.gdb("quire ps", "quire bt")
        except pexpect.ExceptionPexpect as e:
            return f"not to be found out: {type(e).__name__}"

    def kill(self):
        self.child.close(force=True)
        self.console.file.close()
        self.folder.cleanup()


@pytest.fixture(name="start")
def fixture_start(request):
    """start(**machine): a guest that need not come to a prompt"""
    guests = []

    def start(**kwargs):
        if not os.path.exists(kwargs.get("image", IMAGE)):
            pytest.fail("there is no kernel: run make first", pytrace=False)
        guests.append(Quire(request.node.name, **kwargs))
        return guests[-1]

    yield start
    for guest in guests:
        guest.kill()


@pytest.fixture(name="boot")
def fixture_boot(start):
    """boot(**machine): a guest at its prompt"""
    return lambda **kwargs: start(**kwargs).wait_prompt()


@pytest.fixture(name="images")
def fixture_images(tmp_path):
    """Disk images of one test (drives.py)"""
    images = Images(tmp_path)
    yield images
    images.remove()


@pytest.fixture(scope="module", name="shared")
def fixture_shared(request):
    """The one guest of a file; started anew after it died."""
    guests = []

    def get():
        if not guests or not guests[-1].alive:
            if not os.path.exists(IMAGE):
                pytest.fail("there is no kernel: run make first",
                            pytrace=False)
            guests.append(Quire(os.path.basename(request.node.name)))
            guests[-1].wait_prompt()
        return guests[-1]

    yield get
    for guest in guests:
        guest.kill()


@pytest.fixture(name="quire")
def fixture_quire(shared, request):
    """The shared guest, at its prompt. A failed test ends it."""
    guest = shared()
    failed_before = request.session.testsfailed
    yield guest
    if request.session.testsfailed > failed_before or guest_is_lost(guest):
        guest.kill()


def guest_is_lost(guest):
    """Does the guest still answer?"""
    if not guest.alive:
        return True
    try:
        guest.control("U")
        return guest.sh("true", timeout=20)[1] != 0
    except pytest.fail.Exception:
        return True


# ---- Making images ---------------------------------------------------------

def make_initrd(path, lines=(), lists=(), compress=False):
    """A cpio archive of lines in the format of the lists. => its path"""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    own = path + ".list"
    with open(own, "w", encoding="utf-8") as f:
        f.writelines(line + "\n" for line in lines)
    subprocess.run([sys.executable, f"{TOP}/tools/mkinitramfs.py", "-o", path,
                    *lists, own] + (["--gzip"] if compress else []),
                   check=True, cwd=TOP)
    return path


def gzip_of(path, to):
    with open(path, "rb") as f:
        data = gzip.compress(f.read(), 6, mtime=0)
    with open(to, "wb") as f:
        f.write(data)
    return to
