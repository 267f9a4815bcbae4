# util-linux's prlimit: shows, sets for itself, for others and for a command.
sleep 50 & p=$!
prlimit -p $p | grep -vE '^(NPROC|SIGPENDING)'
prlimit -p $p -n100:200 -c0; prlimit -p $p --nofile --core -o RESOURCE,SOFT,HARD --noheadings
grep -E 'open files|core' /proc/$p/limits
prlimit --stack=1048576 sh -c 'ulimit -s'; prlimit --as=50000000 python3.11 -c 'bytearray(10**8)' 2>&1 | tail -1
prlimit --nofile=10:5 true 2>&1; prlimit --cpu=1 sh -c 'ulimit -t'
{ prlimit --fsize=1000 dd if=/dev/zero of=f bs=100 count=20 status=none; } 2>/dev/null; echo $?; stat -c %s f
prlimit -p 999999 2>&1; kill $p
taskset -c 2 nproc; taskset -p $$ | sed 's/.*: //'; chrt -p $$ | sed 's/.*current//'
setsid -w sh -c 'exit 4'; echo $?; getopt -o ab: -- -b 1 -a x; renice -n 3 -p $$ | sed 's/.*(/(/'; flock -n lockfile echo locked
namei /proc/self/fd | head -3; mountpoint /proc; findmnt -no FSTYPE /tmp; mcookie | wc -c; rev <<<quire; hexdump -C <<<quire | head -1; whereis -b bash
lsns 2>/dev/null | head -1 >/dev/null; ipcs -m | head -2; fallocate -l 8192 g; stat -c %s g; cal 2 2024 2>/dev/null | head -1; getopt -V; dmesg >/dev/null; echo $?
