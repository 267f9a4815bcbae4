# util-linux's lscpu reads /sys/devices/system/cpu, node and /proc/cpuinfo.
lscpu | grep -v '^Vulnerability' | tr -s ' '
lscpu -e; lscpu -p; lscpu -B -C; lscpu -J | tail -3
cat /proc/cpuinfo
cat /sys/devices/system/cpu/{online,possible,present} /sys/devices/system/node/online
nproc
