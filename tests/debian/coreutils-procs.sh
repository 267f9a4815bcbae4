# coreutils on processes: time limits, signals, priorities, tail -f.
timeout 0.2 sleep 5; echo $?
{ timeout -s KILL 0.2 sleep 5; } 2>/dev/null; echo $?
timeout 5 sh -c 'exit 3'; echo $?
{ timeout -k 0.2 0.2 sh -c 'trap "" TERM; sleep 3 & wait; sleep 3'; } 2>/dev/null; echo $?
nproc; nproc --all; nproc --ignore=2
nice; nice -n 5 nice; nice -n 19 nice -n 5 nice
env -i A=1 env; env -u PATH /usr/bin/printenv PATH; echo $?
: >log; tail ---disable-inotify -n0 -f log >seen & t=$!
sleep 0.5; for i in 1 2 3; do echo line $i; done >>log; sleep 2.5
kill $t; wait $t; echo $?; cat seen
sleep 0.7 & tail ---disable-inotify --pid=$! -s 0.1 -f log; echo tail ended
{ sh -c 'kill -USR1 $$'; echo $?; sh -c 'kill -9 $$'; echo $?; } 2>/dev/null
sleep 100 & p=$!; kill -STOP $p; sleep 0.1; grep State /proc/$p/status
kill -CONT $p; sleep 0.1; grep State /proc/$p/status; kill $p; wait $p; echo $?
nohup sh -c 'kill -HUP $$; echo survived' 2>/dev/null
stdbuf -oL echo buffered
(echo a; sleep 0.2; echo b) | timeout 5 cat
yes | (sleep 0.1; exit 0); echo "${PIPESTATUS[@]}"
uname -sm; id; whoami; groups; logname 2>&1; arch
date -u -d @86399 '+%F %T %j %A'; TZ=America/New_York date -d @0 +%z
tty; test -t 0; echo $?
kill -l | head -1 | tr '\t' ' ' | cut -c1-20; kill -l 11 64
sleep 0.1 0.1 && echo slept
time_ms=$( { TIMEFORMAT=%R; time sleep 1.1; } 2>&1 ); echo "${time_ms%%.*}"
chroot / /bin/true; echo $?
sync; sync -f . ; sync -d log; echo $?
