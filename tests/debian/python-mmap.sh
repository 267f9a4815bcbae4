# python3.11's mmap module: shared, private, anonymous, resized, advised.
cat >p.py <<'END'
import mmap, os, sys, signal, time
with open("f", "w+b") as f: f.write(b"0123456789" * 1000)
fd = os.open("f", os.O_RDWR)
with mmap.mmap(fd, 0) as m:
    print(len(m), m[:5], m.find(b"90"), m.rfind(b"09"), m.size())
    m[0:4] = b"ABCD"; m.seek(9995); print(m.read(9), m.tell())
    m.move(100, 0, 10); m.flush(); print(os.pread(fd, 10, 100))
    m.resize(20000); print(len(m), os.fstat(fd).st_size, m[19999])
    m[19999] = 33; m.flush(4096, 4096); m.madvise(mmap.MADV_DONTNEED); print(m[19999])
    m.resize(3); print(bytes(m), os.fstat(fd).st_size)
    try: m[3]
    except IndexError as e: print(e)
with open(fd, "r+b", closefd=False) as f: f.truncate(8192)
private = mmap.mmap(fd, 8192, access=mmap.ACCESS_COPY); private[0:2] = b"zz"
ro = mmap.mmap(fd, 8192, prot=mmap.PROT_READ); print(private[:3], ro[:3])
try: ro[0] = 1
except TypeError as e: print(e)
os.pwrite(fd, b"seen", 4096); print(ro[4096:4100], private[4096:4100])
tail = mmap.mmap(fd, 4096, offset=4096); print(tail[:4]); tail.close()
try: mmap.mmap(fd, 4096, offset=100)
except (OSError, ValueError) as e: print(e)
try: mmap.mmap(fd, 10**6)
except ValueError as e: print(e)
try: mmap.mmap(-1, 4096, prot=7, flags=0)
except OSError as e: print(e.errno)
anon = mmap.mmap(-1, 1 << 20); anon[4096:4101] = b"hello"
pid = os.fork()
if pid == 0: anon[8192:8196] = b"kids"; os._exit(0)
os.waitpid(pid, 0); print(anon[4096:4101], anon[8192:8196])
anon.madvise(mmap.MADV_DONTFORK) if hasattr(mmap, "MADV_DONTFORK") else 0
pid = os.fork()
if pid == 0: anon[0]; os._exit(0)
print(os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGSEGV)
def rss(): return int(open("/proc/self/statm").read().split()[1])
big = mmap.mmap(-1, 64 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
big.madvise(mmap.MADV_NOHUGEPAGE)
r0 = rss()
for i in range(0, 16 << 20, 4096): big[i] = 1
r1 = rss(); print(r1 - r0 in range(3900, 4300))
big.madvise(mmap.MADV_DONTNEED, 0, 16 << 20); r2 = rss()
print(r1 - r2 in range(3900, 4300), big[0], big[4096 * 17])
pid = os.fork()
if pid == 0:
    os.ftruncate(fd, 0); ro[0]; os._exit(0)
print(os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGBUS)
print([l.split()[1] for l in open("/proc/self/maps") if l.rstrip().endswith("/f")])
END
python3.11 p.py; echo $?
