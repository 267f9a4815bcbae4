# bash: traps, jobs, process groups, a terminal's signals.
set -m
sleep 20 & jobs -l | sed 's/ *[0-9]\{2,\}/ PID/'
kill -STOP %1; sleep 0.3; jobs; bg %1; sleep 0.3; jobs; kill %1; wait %1; echo $?
sh -c 'kill -STOP $$; echo continued; exit 9' & sleep 1; jobs; fg %1; echo $?
sh -c 'echo group $(ps -o pgid= -p $$ | tr -d " ") $$' | { read -r _ g p; [ $g != $$ ] && echo own group; }
(sleep 30 & sleep 30 & kill -TERM 0; sleep 1; echo never) & wait $!; echo $?
set +m
trap 'echo exit trap' EXIT
trap 'echo got USR1' USR1; kill -USR1 $$; trap - USR1
trap 'echo int' INT; kill -INT $$; trap - INT
(trap 'echo sub term; exit 5' TERM; kill -TERM $BASHPID; echo no); echo $?
set -E; trap 'echo err $?' ERR; false; trap - ERR
sleep 5 & a=$!; (sleep 0.1; exit 7) & b=$!
wait -n; echo "first: $?"; kill $a; wait $a; echo "killed: $?"
for i in 9 1 5; do (sleep 0.$i; echo "after $i") & done; wait
trap 'n=$((n + 1))' CHLD; n=0; for i in 1 2 3; do sleep 0.$i & wait $!; done; echo $n children; trap - CHLD
trap 'echo alarm' ALRM; (sleep 0.2; kill -ALRM $$) & sleep 1 & wait $!; echo $?; wait
coproc cat; kill -0 $COPROC_PID && echo alive; exec {COPROC[1]}>&-; wait $COPROC_PID; echo $?
disown -a; sleep 0.1 & disown; jobs
ps -o stat= -p $$ | cut -c1
exec 3< <(exit 4); wait $!; echo "substitution: $?"
for i in {1..200}; do (exit $((i % 3))) & pids[i]=$!; done; sum=0
for p in "${pids[@]}"; do wait $p; sum=$((sum + $?)); done; echo $sum
s() { [ $1 = 0 ] && return; ( s $(($1 - 1)) ); }; s 60; echo "60 deep"
{ sh -c 'kill -SEGV $$'; } 2>/dev/null; echo "segv: $?"
echo end
