# coreutils on text: pipes, sorting with threads, checksums.
seq 1 100000 | sha256sum
seq 1 100000 | md5sum
seq 1 100000 | b2sum -l 128
seq 1 100000 | cksum
seq 1 100000 | shuf --random-source=/usr/bin/perl >shuffled
sort -n shuffled | sha256sum
sort -r --parallel=4 -S 1M shuffled | sha256sum
sort -R --random-source=/usr/bin/perl shuffled | wc
printf '%s\n' pear apple fig apple pear pear | sort | uniq -c | sort -k1,1nr
seq 10 | tac | paste -sd+
seq 10 | paste - - - - - | cut -f2,4 | tr '\t' ':'
comm -12 <(seq 1 3 30 | sort) <(seq 1 4 30 | sort) | xargs
join <(printf '1 a\n2 b\n3 c\n') <(printf '1 x\n3 z\n')
split -l 25000 shuffled part. && wc -l part.* && cat part.* | cmp - shuffled && echo same
csplit -s -f cs. <(seq 9) 4 7 && head -1 cs.*
echo "the quick brown fox jumps over the lazy dog" | fold -sw 12 | nl
printf 'a\0b\377' | od -An -tx1z
head -c 30 /usr/bin/ls | base64
echo Quire | base32 | base32 -d
factor 1000003 9999999967 600851475143
numfmt --to=iec 4096 1048576 5368709120
printf 'a b\nb c\na d\n' | tsort
expr 17 \* 3 + 4 ; expr substr quire 2 3
head -n -99997 shuffled | wc -l; tail -n +99999 shuffled | wc -l; tail -c 7 <(seq 100)
printf '%05.1f|%-6s|%x|%b\n' 3.14159 ab 255 'x\ty'
yes quire | head -n 200000 | wc -c
dd if=/dev/zero bs=64k count=64 status=none | tr '\0' q | sha1sum
