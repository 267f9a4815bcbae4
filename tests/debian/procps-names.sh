# pgrep, pkill, ps, kill: the same three processes seen by each.
sleep 301 & a=$!; sleep 302 & b=$!; sh -c 'sleep 303 & wait' & c=$!
sleep 0.5
names() { sed "s/\b$a\b/A/g;s/\b$b\b/B/g;s/\b$c\b/C/g;s/\b$$\b/SELF/g"; }
pgrep -f 'sleep 30[12]' | names; pgrep -cx sleep; pgrep -P $c -l | sed 's/[0-9]* //'
pgrep -fa 'sleep 30[12]' | names; pgrep -n -f 'sleep 30[12]' | names; pgrep -o sleep | names
pgrep nosuch; echo $?
pgrep -u root -x sleep | wc -l; pgrep -s 0 -c sleep
ps -o pid=,ppid=,comm=,args= -p $a,$b,$c | tr -s ' ' | sed 's/^ //' | names
ps -o stat=,ni=,pri=,cls=,tty=,nlwp=,user= -p $a | tr -s ' '
ps --ppid $c -o comm=,args=; ps -C sleep -o args= | sort
ps -eo pid=,comm= | tr -s ' ' | sed 's/^ //' | grep -E "^($a|$b) " | names
ps -p $a -o pid,ppid,pgid,sid,tty,stat,comm | head -1
ps -p 999999; echo $?
pkill -STOP -f 'sleep 302'; sleep 0.2; ps -o stat= -p $b | cut -c1; ps -o wchan= -p $a | wc -w
pkill -e -f 'sleep 302' | names; pkill -CONT -f 'sleep 302'; wait $b; echo $?
kill -TERM $a; wait $a; echo $?; pkill -P $c; wait $c; pgrep -x sleep; echo $?
kill -0 999999; echo $?
skill 2>/dev/null; pidof bash >/dev/null && echo pidof
pwdx $$ | names | sed 's,/tmp/.*,DIR,'
sysctl -n kernel.ostype vm.overcommit_memory; sysctl vm.nosuch 2>&1
ps --version | sed 's/ from.*//'
