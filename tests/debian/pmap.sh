python3.11 -c '
import mmap, time
m = mmap.mmap(-1, 1 << 20); m[:8192] = bytes(8192)
time.sleep(50)' & p=$!
sleep 2; cat /proc/$p/smaps; echo %% plain; pmap $p; echo %% x; pmap -x $p; echo %% X; pmap -X $p; echo %% XX; pmap -XX $p; echo %% q; pmap -q -d $p; pmap 999999; echo $?; kill $p
