cat /proc/uptime; uptime; uptime -p; uptime -s; cat /proc/loadavg; w -h | wc -l
