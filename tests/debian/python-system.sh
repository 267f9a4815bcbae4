# python3.11: threads, processes, pipes, signals, timers, files, select.
cat >p.py <<'END'
import os, select, signal, stat, sys, threading, time, resource, subprocess, tempfile, fcntl, errno, struct, hashlib, queue, random, json, re
count, lock = 0, threading.Lock()
def work():
    global count
    for _ in range(2000):
        with lock: count += 1
ts = [threading.Thread(target=work) for _ in range(8)]
[t.start() for t in ts]; [t.join() for t in ts]; print(count, threading.active_count())
q = queue.Queue(2); got = []
c = threading.Thread(target=lambda: [got.append(x) for x in iter(q.get, None)]); c.start()
for i in range(100): q.put(i)
q.put(None); c.join(); print(sum(got))
e = threading.Event(); t0 = time.monotonic(); print(e.wait(0.1), time.monotonic() - t0 >= 0.1)
b = threading.Barrier(4, timeout=20); [threading.Thread(target=b.wait).start() for _ in range(3)]; print(b.wait() in range(4))
threading.stack_size(1 << 20); t = threading.Thread(target=lambda: print(threading.current_thread().name)); t.start(); t.join()
print(subprocess.run(["sh", "-c", "cat; echo err >&2; exit 3"], input=b"in", capture_output=True))
try: subprocess.run(["sleep", "5"], timeout=0.2)
except subprocess.TimeoutExpired as x: print(type(x).__name__)
try: subprocess.run(["/nonexistent"])
except FileNotFoundError as x: print(x)
p = subprocess.Popen(["sleep", "9"]); p.send_signal(signal.SIGINT); print(p.wait())
ps = [subprocess.Popen(["sh", "-c", f"exit {i}"]) for i in range(20)]; print(sum(p.wait() for p in ps))
r, w = os.pipe(); print(select.select([r], [w], [], 0)[1] == [w]); os.write(w, b"x" * 10); print(select.select([r], [], [], 1)[0] == [r])
po = select.poll(); po.register(r, select.POLLIN); print(po.poll(0) == [(r, select.POLLIN)]); os.close(w); os.read(r, 10); print(po.poll(100) == [(r, select.POLLHUP)])
signal.signal(signal.SIGALRM, lambda s, f: print("alarm", s)); signal.setitimer(signal.ITIMER_REAL, 0.05); signal.pause()
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1]); os.kill(os.getpid(), signal.SIGUSR1); print(signal.sigpending(), signal.sigwait([signal.SIGUSR1]))
print(signal.sigtimedwait([signal.SIGUSR2], 0.05))
print(resource.getrlimit(resource.RLIMIT_STACK), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 5000)
resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
try: fs = [os.open("/dev/null", 0) for _ in range(30)]
except OSError as x: print(errno.errorcode[x.errno])
[os.close(f) for f in range(10, 20)]
with tempfile.TemporaryDirectory() as d:
    path = os.path.join(d, "x"); open(path, "w").write("abc"); os.symlink("x", path + "l"); os.link(path, path + "h")
    s = os.stat(path); print(stat.filemode(s.st_mode), s.st_nlink, sorted(os.listdir(d)), os.readlink(path + "l"))
    os.utime(path, ns=(10**18, 2 * 10**18 + 5)); print(os.stat(path).st_mtime_ns)
    with open(path, "r+") as f: fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB); print(f.truncate(1), f.seek(0, 2))
    print(sorted((x.name, x.is_symlink()) for x in os.scandir(d)), os.statvfs(d).f_bsize)
    os.replace(path, path + "2"); print(os.path.exists(path))
print(os.path.exists("/tmp/x"), os.cpu_count(), len(os.sched_getaffinity(0)), len(os.urandom(8)), os.uname().machine)
os.sched_setaffinity(0, {1}); print(os.sched_getaffinity(0)); print(os.getpriority(os.PRIO_PROCESS, 0), os.nice(3))
print(hashlib.sha256(bytes(10**6)).hexdigest()[:16], json.dumps({"a": [1, 2.5, None]}), re.findall(r"\w+", "a b-c"))
random.seed(1); print(random.randrange(1000)); x = 3 ** 20000; print(len(hex(x)))
print(os.WEXITSTATUS(os.system("exit 5")), os.popen("echo p").read().strip(), os.getcwd() != "/")
pid, fd = os.fork(), None
if not pid: os.setsid(); os._exit(os.getsid(0) == os.getpid())
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), os.waitid(os.P_PID, os.spawnlp(os.P_NOWAIT, "sh", "sh", "-c", "exit 9"), os.WEXITED).si_status)
a, bb = os.pipe(); os.set_blocking(a, False)
try: os.read(a, 1)
except BlockingIOError as x: print(x.errno == errno.EAGAIN)
print(fcntl.fcntl(bb, 1032) if len(sys.argv) > 1 else 65536, time.clock_getres(time.CLOCK_MONOTONIC), time.get_clock_info("monotonic").monotonic)
faulted = os.fork()
if not faulted: import ctypes; ctypes.string_at(0)
print(os.waitpid(faulted, 0)[1] & 127)
END
python3.11 p.py; echo $?
