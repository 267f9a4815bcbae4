# sysbench: memory traffic and thread switches; the counts are exact.
run() { timeout 60 sysbench "$@" run >out; echo "$? $*"; grep -iE 'number of threads|total number of events|operations:|transferred|: +[0-9]+$|error|fatal' out | sed 's/ *([0-9.]* .*//; s/  */ /g'; grep -c 'execution time' out; }
run memory --threads=4 --memory-block-size=4K --memory-total-size=32M --time=0
run memory --threads=2 --memory-scope=local --memory-access-mode=rnd --memory-block-size=64K --memory-total-size=4M --time=0
run memory --memory-oper=read --memory-block-size=1M --memory-total-size=64M --time=0
run threads --threads=4 --thread-yields=50 --thread-locks=2 --events=200 --time=0
run threads --threads=8 --thread-yields=10 --thread-locks=8 --events=200 --time=0
run mutex --threads=4 --mutex-num=16 --mutex-locks=2000 --mutex-loops=10
run cpu --cpu-max-prime=500 --events=20 --time=0 --threads=2
