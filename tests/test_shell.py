"""The shell as a person meets it: typing, pipes, jobs, keys, top."""
import re
import time

import pytest

from conftest import PROMPT, plain


def start(quire, command):
    """Run a job and wait until it has begun: what is typed now is for it."""
    quire.sendline(f"sh -c 'echo rea\"\"dy; exec {command}'")
    quire.expect("ready\r*\n")
    time.sleep(0.1)


def test_echo(quire):
    assert quire.run("echo hello world") == "hello world\n"


@pytest.mark.parametrize("command,output", [
    ("echo a b | wc -w", "2"),
    ("echo one two | cat | cat | cat", "one two"),
    ("seq 1 1000 | grep 7 | wc -l", "271"),
    ("echo x > /tmp/f; echo y >> /tmp/f; cat < /tmp/f | wc -l", "2"),
    ("ls /nosuch 2>/dev/null || echo no", "no"),
    ("ls /nosuch 2>&1 | grep -c nosuch", "1"),
    ("true && echo yes; false || echo no", "yes\nno"),
    ("false; echo $?", "1"),
    ("A=5; echo $A ${A}x \"$A\" '$A'", "5 5x 5 $A"),
    ("echo $(echo inner | cat)", "inner"),
    ("for i in 1 2 3; do echo -n $i; done; echo", "123"),
    ("if true; then echo t; else echo f; fi", "t"),
    ("i=0; while test $i -lt 3; do i=$((i+1)); done; echo $i", "3"),
    ("echo /et*", "/etc"),
    ("(cd /tmp; pwd); cd /; pwd", "/tmp\n/"),
    ("sh -c 'exit 7'; echo $?", "7"),
    ("f() { echo got $1; }; f it", "got it"),
    ("case abc in a*) echo A;; *) echo B;; esac", "A"),
    ("nosuchcommand 2>/dev/null; echo $?", "127"),
    ("printf_missing=1; echo \"a\\\"b\"", 'a"b'),
])
def test_language(quire, command, output):
    assert quire.run(command, status=None).rstrip("\n") == output


def test_script_file(quire):
    quire.run("echo 'echo script $1 $#' > /tmp/s.sh")
    assert quire.run("sh /tmp/s.sh a b") == "script a 2\n"


def test_here_is_the_prompt_after_an_empty_line(quire):
    for _ in range(3):
        quire.sendline()
        quire.expect(PROMPT)


def test_ctrl_c_ends_the_foreground(quire):
    start(quire, "sleep 1000")
    quire.control("c")
    quire.expect(PROMPT)
    assert quire.run("echo alive") == "alive\n"


def test_ctrl_c_status_is_130(quire):
    start(quire, "sleep 1000")
    quire.control("c")
    quire.expect(PROMPT)
    quire.sendline("echo status-$?-")
    quire.expect(r"status-130-\r*\n")
    quire.expect(PROMPT)


def test_ctrl_c_ends_a_whole_pipeline(quire):
    start(quire, "cat /dev/zero | cat > /dev/null")
    quire.control("c")
    quire.expect(PROMPT)
    assert "cat" not in quire.run("ps")


def test_ctrl_c_on_a_half_typed_line(quire):
    quire.send("echo never")
    quire.control("c")
    quire.expect(PROMPT)
    assert quire.run("echo next") == "next\n"


def test_ctrl_d_ends_cat(quire):
    start(quire, "cat > /tmp/typed")
    quire.sendline("a line")
    quire.control("d")
    quire.expect(PROMPT)
    assert quire.run("cat /tmp/typed") == "a line\n"


def test_canonical_editing(quire):
    """The line discipline's erase, kill and word erase, with cat reading."""
    start(quire, "cat > /tmp/typed")
    quire.send("wrong\x15" "abX\x7fc two\x17end\r")
    quire.control("d")
    quire.expect(PROMPT)
    assert quire.run("cat /tmp/typed") == "abc end\n"


def test_stop_and_continue(quire):
    start(quire, "sleep 1000")
    quire.control("z")
    quire.expect(r"(?i)stopped")
    quire.expect(PROMPT)
    quire.sendline("jobs")
    quire.expect(r"(?i)stopped[^\r\n]*sleep 1000")
    quire.expect(PROMPT)
    quire.sendline("fg")
    time.sleep(0.3)
    quire.control("c")
    quire.expect(PROMPT)
    assert "sleep" not in quire.run("ps")


def test_background_jobs(quire):
    quire.sendline("sleep 1000 &")
    quire.expect(PROMPT)
    quire.sendline("jobs")
    quire.expect(r"(?i)running[^\r\n]*sleep 1000")
    quire.expect(PROMPT)
    quire.sendline("kill %1; wait")
    quire.expect(PROMPT)
    assert "sleep" not in quire.run("ps", status=None)


def test_background_does_not_get_ctrl_c(quire):
    quire.sendline("sleep 1000 &")
    quire.expect(PROMPT)
    start(quire, "sleep 999")
    quire.control("c")
    quire.expect(PROMPT)
    assert "sleep" in quire.run("ps")
    quire.run("kill %1", status=None)
    quire.run("wait", status=None)


def test_history(quire):
    quire.run("echo first-line")
    quire.sendline("echo second-line")
    quire.expect(r"\nsecond-line")
    quire.expect(PROMPT)
    quire.send("\x1b[A")                        # up
    quire.expect("echo second-line")
    quire.send("\r")
    quire.expect(r"\nsecond-line")
    quire.expect(PROMPT)


def test_line_editing(quire):
    """Left, insert, home, delete to the end."""
    quire.send("echo ac\x1b[Db\r")
    quire.expect(r"\nabc\r*\n")
    quire.expect(PROMPT)
    quire.send("tail\x01echo \x05s\r")          # ^A and ^E
    quire.expect(r"\ntails\r*\n")
    quire.expect(PROMPT)


def test_segfault_kills_only_the_program(quire):
    out, status = quire.sh("sh -c 'kill -SEGV $$'")
    assert status == 139, out
    assert quire.run("echo fine") == "fine\n"


def test_many_processes(quire):
    out = quire.run("i=0; while test $i -lt 100; do true | cat; i=$((i+1)); "
                    "done; echo done", timeout=180)
    assert out.endswith("done\n")


def test_no_zombies_are_left(quire):
    quire.run("true | true | true; sleep 0 & sleep 0; wait")
    assert not re.search(r"^\s*\d+ .* Z ", quire.run("ps"), re.M)


def test_broken_pipe(quire):
    assert quire.run("cat /dev/zero | head -c 5 | wc -c").strip() == "5"


# ---- top -------------------------------------------------------------------

@pytest.fixture(name="top")
def fixture_top(quire):
    quire.sendline("top")
    quire.expect("load average")
    quire.expect(r"PID\s+USER")
    yield quire
    quire.send("q")
    quire.expect(PROMPT)


def screen(q, key=""):
    """What top has drawn after a key, from a header on."""
    if key:
        q.send(key)
    q.expect("load average")
    q.expect(r"COMMAND")
    q.expect(r"load average", timeout=30)
    return plain(q.child.before)


def test_top_header(top):
    header = top.log[top.log.rindex("load average"):]
    top.expect(r"COMMAND")
    header = top.log[top.log.rindex("load average"):]
    for part in (r"Tasks:\s+\d+ total", r"%Cpu", r"Mem\s*:",
                 r"Swap\s*:", r"PID\s+USER\s+PR\s+NI\s+VIRT\s+RES\s+SHR\s+S"):
        assert re.search(part, header), header


def test_top_refreshes(top):
    for _ in range(2):
        top.expect("load average", timeout=30)


def test_top_sorts_by_memory_and_cpu(top):
    for key in "MP":
        assert "top" in screen(top, key)


def test_top_delay_key(top):
    top.send("d")
    top.expect(r"(?i)delay")
    top.send("0.5\r")
    for _ in range(3):
        top.expect("load average", timeout=20)


def test_top_leaves_the_terminal_sane(quire):
    quire.sendline("top")
    quire.expect("load average")
    quire.send("q")
    quire.expect(PROMPT)
    assert quire.run("stty -a", status=None).find(" icanon") >= 0 or \
        quire.run("echo sane") == "sane\n"


def test_top_batch(quire):
    out = quire.run("top -b -n 2 -d 0.2", timeout=90)
    assert out.count("load average") == 2
    assert re.search(r"^\s*1 root .* init", out, re.M)


def test_a_builtin_that_cannot_write_says_so(quire):
    """A wrong number for a dial must not look as if it had been taken."""
    out, status = quire.sh("echo 300 > /proc/sys/vm/swappiness")
    assert status == 1 and "echo: write error: Invalid argument" in out
    out, status = quire.sh("printf x > /dev/full")
    assert status == 1 and "printf: write error: No space" in out
