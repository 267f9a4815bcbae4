# sed, grep, mawk, find: one pass each over a file of some size.
seq 1 50000 | sed 's/$/ quire/' >f
sed -n '/77/{s/quire/mm/;p}' f | sha256sum
sed -i 's/^\([0-9]*\)5 /\15 five /' f; grep -c five f
grep -E '^(1|2)9+5 ' f | xargs; grep -m2 -n 999 f; grep -q nope f; echo $?
grep -rl five . ; grep -o '[0-9]*77 ' f | wc -l; grep -P '^(\d)\1{3}5 ' f 
mawk '{ s += $1; n[$2]++ } END { print s, n["five"], n["quire"] }' f
mawk 'BEGIN { for (i = 0; i < 100000; i++) h[i % 1000] += i; print length(h), h[7] }'
mawk 'BEGIN { "echo piped" | getline x; print x; print "z\na" | "sort"; close("sort"); printf "%.3f %s\n", 4*atan2(1,1), toupper("ok") }'
find / -xdev -name 'ld-linux*' | sort
find /usr/lib/python3.11 -name '*.py' | wc -l
find /usr/bin -perm -4000 | sort | xargs -n1 basename
find . -type f -exec sha256sum {} + | cut -c1-16
