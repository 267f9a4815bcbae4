"""Memory from the outside: running out, hostile programs, nothing leaks."""
import re

import pytest


def test_out_of_memory_kills_the_one_at_fault(boot):
    q = boot(mem="128M", append="loglevel=7")
    out, status = q.sh("memhog 400M", timeout=180)
    assert status != 0, out
    assert status == 137 or "annot allocate" in out, out
    if status == 137:
        assert re.search(r"Out of memory: Killed process \d+ \((memhog|quire)\)",
                         q.run("dmesg"))
    assert q.run("echo alive") == "alive\n"
    info = q.meminfo()
    assert info["MemFree"] > 0.3 * info["MemTotal"]


def test_out_of_memory_many_times(boot):
    q = boot(mem="64M", cpus=4)
    if q.meminfo()["MemTotal"] < 48 << 10:
        pytest.skip("too little memory is left on this kernel")
    for _ in range(3):
        q.sh("memhog 300M > /dev/null & memhog 300M > /dev/null; wait",
             timeout=180)
    assert q.run("echo alive") == "alive\n"


def test_tmpfs_full_is_an_error(boot):
    q = boot(mem="128M")
    out, status = q.sh("dd if=/dev/zero of=/tmp/big bs=1M count=200",
                       timeout=180)
    assert status != 0 and re.search(r"No space|annot allocate|Killed", out)
    q.run("rm -f /tmp/big")
    assert q.run("echo alive") == "alive\n"


@pytest.mark.parametrize("make", [
    "head -c 3 /bin/hello",
    "head -c 60 /bin/hello",
    "head -c 100 /bin/hello",
    "echo -n",
    "head -c 4096 /dev/urandom",
    "head -c 4096 /dev/zero",
    "echo '#!/nosuch/interpreter'",
    "echo '#!'",
])
def test_bad_programs(quire, make):
    """exec fails with an errno, or the program dies alone."""
    quire.run(f"cp /bin/hello /tmp/bad; {make} > /tmp/bad")
    _, status = quire.sh("/tmp/bad 2>/dev/null")
    assert status in (0, 1, 2, 126, 127, 132, 135, 139)
    assert quire.run("echo alive") == "alive\n"


def test_truncated_program_dies_alone(quire):
    """Valid headers, pages beyond the end of the file: an errno or a signal."""
    quire.run("cp /bin/hello /tmp/bad; head -c 9000 /bin/hello > /tmp/bad")
    _, status = quire.sh("/tmp/bad")
    assert status in (126, 127, 132, 135, 139)


def test_script_that_is_its_own_interpreter(quire):
    quire.run("cp /bin/hello /tmp/loop; echo '#!/tmp/loop' > /tmp/loop")
    _, status = quire.sh("/tmp/loop 2>/dev/null")
    assert status != 0


def test_every_proc_file_can_be_read(quire):
    quire.run("for f in /proc/* /proc/1/* /proc/self/*; do case $f in "
              "*kmsg|*/[0-9]*[0-9]|*kcore|*pagemap|*sysrq*|*mem|*kpage*) ;; "
              "*) cat $f > /dev/null 2>&1;; esac; done", status=None,
              timeout=180)
    assert quire.run("echo alive") == "alive\n"
    assert not re.search(r"BUG:|WARNING:|Oops|Bad page", quire.log)


def test_processes_leave_nothing_behind(boot):
    """A thousand programs later, as much is free as before."""
    q = boot(cpus=4)
    loop = ("i=0; while test $i -lt {}; do ls / | cat > /dev/null; "
            "i=$((i+1)); done")
    q.run(loop.format(50), timeout=180)         # caches are warm now
    before = q.meminfo()
    q.run(loop.format(500), timeout=600)
    after = q.meminfo()
    assert before["MemFree"] - after["MemFree"] < 1024
    assert abs(after["Committed_AS"] - before["Committed_AS"]) < 1024
    for key in ("PageTables", "KernelStack", "AnonPages"):
        assert after[key] - before[key] < 512, key


def test_minor_faults_are_counted(quire):
    stat = quire.run("cat /proc/self/stat").rsplit(")", 1)[1].split()
    assert int(stat[7]) > 10        # minflt
    before = int(re.search(r"^pgfault (\d+)", quire.run("cat /proc/vmstat"),
                           re.M).group(1))
    quire.run("memhog 8M 2>/dev/null & sleep 0.5; kill $!; wait", status=None)
    after = int(re.search(r"^pgfault (\d+)", quire.run("cat /proc/vmstat"),
                          re.M).group(1))
    assert after - before > 2048
