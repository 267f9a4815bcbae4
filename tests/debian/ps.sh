python3.11 -c '
import threading, time
keep = bytearray(20 << 20)
for i in range(3): threading.Thread(target=time.sleep, args=(50,)).start()
' & p=$!
while [ $(ps -o nlwp= -p $p) -lt 4 ]; do sleep 0.2; done; echo %% pid $p; cat /proc/$p/status; echo %% stat; cat /proc/$p/stat; echo %% aux; ps aux; echo %% elf; ps -eLf; echo %% forest; ps -ejH
echo %% own; ps -o pid,ppid,vsz,rss,nlwp,stat,ni,pri,psr,min_flt,maj_flt,sz,drs,trs,pmem,etimes,comm -p $p
echo %% top; top -b -n1 -w 120; echo %% topthreads; top -b -n1 -H -p $p -w 120; kill $p
