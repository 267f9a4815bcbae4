cat /proc/meminfo; echo %% free; free -k; echo %% wide; free -w -b; echo %% human; free -hm --si; free -t -m; echo %% loop; free -s 0.1 -c 3 -k
