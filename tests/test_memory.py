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


# What Linux 6.1 prints, in its order. The numbers are checked below.
OOM_REPORT = r"""
memhog invoked oom-killer: gfp_mask=0x1\w0dca\(GFP_HIGHUSER_MOVABLE\S*__GFP_ZERO\), order=0, oom_score_adj=0
CPU: \d PID: \d+ Comm: memhog.*
Call trace:
Mem-Info:
active_anon:\d+ inactive_anon:\d+ isolated_anon:\d+
 active_file:\d+ inactive_file:\d+ isolated_file:\d+
 unevictable:\d+ dirty:\d+ writeback:\d+
 slab_reclaimable:\d+ slab_unreclaimable:\d+
 mapped:\d+ shmem:\d+ pagetables:\d+
 sec_pagetables:\d+ bounce:0
 kernel_misc_reclaimable:\d+
 free:\d+ free_pcp:\d+ free_cma:\d+
Node 0 active_anon:\d+kB inactive_anon:\d+kB active_file:\d+kB inactive_file:\d+kB unevictable:\d+kB isolated\(anon\):\d+kB isolated\(file\):\d+kB mapped:\d+kB dirty:\d+kB writeback:\d+kB shmem:\d+kB shmem_thp: \d+kB shmem_pmdmapped: \d+kB anon_thp: \d+kB writeback_tmp:0kB kernel_stack:\d+kB pagetables:\d+kB sec_pagetables:\d+kB all_unreclaimable\? (yes|no)
Node 0 DMA free:\d+kB boost:\d+kB min:\d+kB low:\d+kB high:\d+kB reserved_highatomic:0KB active_anon:\d+kB inactive_anon:\d+kB active_file:\d+kB inactive_file:\d+kB unevictable:\d+kB writepending:\d+kB present:\d+kB managed:\d+kB mlocked:\d+kB bounce:0kB free_pcp:\d+kB local_pcp:\d+kB free_cma:\d+kB
lowmem_reserve\[\]: 0 0 0 0
Node 0 DMA: \d+\*4kB (\(\w+\) )?\d+\*8kB .*\d+\*4096kB (\(\w+\) )?= \d+kB
Node 0 hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB
\d+ total pagecache pages
0 pages in swap cache
Free swap  = 0kB
Total swap = 0kB
\d+ pages RAM
0 pages HighMem/MovableOnly
\d+ pages reserved
Tasks state \(memory values in pages\):
\[  pid  \]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
\[ {1,6}\d+\] {5}0 {1,4}\d+ +\d+ +\d+ +\d+        0             0 memhog
oom-kill:constraint=CONSTRAINT_NONE,nodemask=\(null\),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=memhog,pid=\d+,uid=0
Out of memory: Killed process \d+ \(memhog\) total-vm:\d+kB, anon-rss:\d+kB, file-rss:\d+kB, shmem-rss:\d+kB, UID:0 pgtables:\d+kB oom_score_adj:0
""".strip().splitlines()


def two_hogs(q):
    """Each fits, both do not. => the log of what came of it, as lines"""
    size = q.meminfo()["MemAvailable"] * 6 // 10 // 1024
    q.run("dmesg -c > /dev/null")
    q.sh(f"(memhog {size}M -s 30 & sleep 1; memhog {size}M;"
         " kill $!; wait) > /dev/null 2>&1", timeout=180)
    return [re.sub(r"^\[[ .\d]+\] ", "", line)
            for line in q.run("dmesg").splitlines()]


def killed(log):
    """=> the numbers of the processes that were killed"""
    return [int(n) for n in re.findall(r"Killed process (\d+)",
                                       "\n".join(log))]


def task_table(log):
    """=> the processes of the first report: pid -> (points, name)"""
    rows = [re.match(r"\[ *(\d+)\] +\d+ +\d+ +\d+ +(\d+) +(\d+) +(\d+) +(\S+) (.*)",
                     line) for line in log]
    tasks = {}
    for pid, rss, tables, swap, adj, name in (r.groups() for r in rows if r):
        points = int(rss) + int(tables) // 4096 + int(swap)
        assert int(adj) == 0
        tasks.setdefault(int(pid), (points, name))
    return tasks


def test_oom_report_is_linuxs(boot):
    q = boot(mem="192M")
    log = two_hogs(q)
    at = 0
    for pattern in OOM_REPORT:
        while at < len(log) and not re.fullmatch(pattern, log[at]):
            at += 1
        assert at < len(log), f"{pattern!r} is not in\n" + "\n".join(log)
    tasks, victim = task_table(log), killed(log)[0]
    assert victim in tasks
    assert tasks[victim][0] == max(points for points, _ in tasks.values())


def preview(q):
    """=> (the processes of /proc/oom_preview, why others are not in it)"""
    text = q.run("cat /proc/oom_preview")
    rows = re.findall(r"^ *(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +(-?\d+) +"
                      r"(-?\d+) +(-?\d+) (.+)$", text, re.M)
    others = dict(re.findall(r"^ +- +\d+ (\S+): (.+)$", text, re.M))
    return [(*map(int, r[:8]), r[8]) for r in rows], others


def test_oom_preview_tells_the_arithmetic(boot):
    q = boot(mem="128M")
    q.run("memhog 20M -s 60 & memhog 10M -s 60 & sleep 1")
    q.run("sleep 60 & echo -1000 > /proc/$!/oom_score_adj")
    q.run("for p in $(pidof memhog); do echo 100 > /proc/$p/oom_score_adj; "
          "break; done")
    rows, others = preview(q)
    total = int(re.search(r"\((\d+) / 1000\)",
                          q.run("cat /proc/oom_preview")).group(1))
    assert q.meminfo()["MemTotal"] == total * 4
    assert [r[0] for r in rows] == list(range(1, len(rows) + 1))
    assert [r[7] for r in rows] == sorted((r[7] for r in rows), reverse=True)
    for _, pid, rss, swap, tables, adj, pages, points, name in rows:
        assert pages == adj * (total // 1000)
        assert points == rss + swap + tables + pages
        if name != "cat":
            score = int(q.run(f"cat /proc/{pid}/oom_score"))
            now = (1000 + points * 1000 // total) * 2 // 3
            assert abs(score - now) <= 1
    assert others["init"] == "init"
    assert others["sleep"] == "oom_score_adj -1000"
    assert others["oom_reaper"] == "kernel thread"
    q.run("echo f > /proc/sysrq-trigger; sleep 0.2; true", status=None)
    assert killed(q.run("dmesg").splitlines()) == [rows[0][1]]


def test_sysrq_f_kills_one(boot):
    q = boot(mem="128M")
    q.run("memhog 20M -s 60 > /dev/null & sleep 0.5")
    pid = int(q.run("pidof memhog"))
    q.run("echo f > /proc/sysrq-trigger", status=None)
    log = q.run("dmesg")
    assert killed(log.splitlines()) == [pid]
    assert re.search(r"sysrq: Manual OOM execution", log)
    assert re.search(r"\S+ invoked oom-killer: gfp_mask=0xcc0\(GFP_KERNEL\), "
                     r"order=-1, oom_score_adj=0", log)


def test_the_allocating_task_can_be_the_victim(boot):
    q = boot(mem="192M")
    q.run("echo 1 > /proc/sys/vm/oom_kill_allocating_task")
    q.run("echo 0 > /proc/sys/vm/oom_dump_tasks")
    log = two_hogs(q)
    asked = re.search(r"CPU: \d PID: (\d+) Comm: memhog", "\n".join(log))
    assert killed(log)[0] == int(asked.group(1))
    assert any(line.startswith("Out of memory (oom_kill_allocating_task): "
                               "Killed process") for line in log)
    assert "Tasks state (memory values in pages):" not in log


@pytest.mark.parametrize("how, words", [
    ("1", r"Out of memory: system-wide panic_on_oom is enabled"),
    ("2", r"Out of memory: compulsory panic_on_oom is enabled"),
])
def test_panic_on_oom(boot, how, words):
    q = boot(mem="192M")
    q.run(f"echo {how} > /proc/sys/vm/panic_on_oom")
    q.sendline("memhog 110M -s 30 & memhog 110M -s 30")
    q.expect(rf"Kernel panic - not syncing: {words}", timeout=120,
             panic_ok=True)


@pytest.mark.parametrize("cpus", [1, 4])
def test_nobody_left_is_a_panic(boot, cpus):
    """Not an endless search: init is never killed, -1000 neither."""
    q = boot(mem="192M", cpus=cpus)
    q.run("echo -1000 > /proc/$$/oom_score_adj")
    q.sendline("memhog 110M -s 30 & memhog 110M -s 30")
    q.expect(r"Kernel panic - not syncing: System is deadlocked on memory",
             timeout=120, panic_ok=True)


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


@pytest.mark.parametrize("cpus", [1, 4])
def test_oom_comes_when_swap_is_full_too(boot, images, cpus):
    q = boot(mem="128M", cpus=cpus, drives=[images.swap("swap", "96M")])
    q.run("swapon /dev/vda")
    q.sh("(memhog 100M -s 60 & sleep 3; memhog 150M -s 9; kill $!; wait)"
         " > /dev/null 2>&1", timeout=180)
    text = q.run("dmesg")
    log = [re.sub(r"^\[[ .\d]+\] ", "", line) for line in text.splitlines()]
    assert int(re.search(r"Free swap  = (\d+)kB", text).group(1)) < 1024
    tasks, victim = task_table(log), killed(log)
    assert len(victim) == 1
    assert tasks[victim[0]] == max(tasks.values())
    assert re.search(r"\] +0 +\d+ +\d+ +\d+ +\d+ +[1-9]\d{3,} +0 memhog", text)
    q.run("swapoff /dev/vda", timeout=120)
    assert q.meminfo()["SwapTotal"] == 0
