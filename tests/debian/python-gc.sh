# python3.11-minimal: its collector over cycles, weak references, finalizers.
cat >p.py <<'END'
import gc, sys, weakref
print(sys.version_info[:2], sys.platform, sys.maxsize == 2**63 - 1, gc.isenabled())
class Node:
    live = 0
    def __init__(self): Node.live += 1; self.me = self
    def __del__(self): Node.live -= 1
gc.disable()
for i in range(20000): Node()
print(Node.live); print(gc.collect()); print(Node.live, gc.garbage)
seen = []
n = Node(); r = weakref.ref(n, lambda _: seen.append("gone")); del n
print(r() is not None); gc.collect(); print(r(), seen)
gc.set_debug(gc.DEBUG_SAVEALL); l = []; l.append(l); del l
print(gc.collect(), gc.garbage); gc.set_debug(0); gc.garbage.clear()
gc.enable(); gc.set_threshold(700, 10, 10)
before = gc.get_stats()[0]["collections"]
for i in range(10000): a = []; a.append(a)
print(gc.get_stats()[0]["collections"] - before >= 10)
keep = [[i] for i in range(200000)]; gc.freeze(); print(gc.get_freeze_count() > 200000); gc.unfreeze()
print(sum(map(len, keep))); del keep; gc.collect()
def rss():
    with open("/proc/self/statm") as f: return int(f.read().split()[1]) * 4
small = rss(); big = [bytes(1000000) for i in range(30)]
grown = rss() - small; del big; gc.collect()
print(grown > 29000, rss() - small < 3000)
def deep(n): return 0 if n == 0 else 1 + deep(n - 1)
try: deep(10**6)
except RecursionError as e: print("RecursionError")
try: bytearray(1 << 60)
except MemoryError: print("MemoryError")
END
python3.11 p.py; echo $?
