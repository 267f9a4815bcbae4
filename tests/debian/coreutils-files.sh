# coreutils on a tmpfs: what ls, stat, cp, dd, find see.
export TZ=UTC
mkdir -p a/b/c && rmdir a/b/c && mkdir -p a/b/c
echo hello >a/file && ln -s ../file a/b/link && ln a/file a/hard
mkfifo a/fifo; mknod a/null c 1 3
truncate -s 1M a/sparse; chmod 4751 a/hard; chmod u=rw,go= a/sparse
touch -d '2020-02-29 12:34:56.789' a/file a/sparse; touch -hd @86400 a/b/link
touch -r a/file a/b a/b/c a/fifo a/null
ls -ln --time-style=full-iso a | sed 1d | sed 's/  */ /g'
stat -c '%n %F %a %h %s %Y %y' a/file a/sparse a/fifo a/b/link a/null
stat -c '%n %b %B' a/sparse
stat -f -c '%T %s %S %l' .
echo x >a/null; cat a/null | wc -c
cp -a a copy && diff -r --no-dereference a/b copy/b 2>/dev/null; ls -R copy
cp --sparse=always a/sparse s2; stat -c '%s %b' s2; cmp s2 a/sparse && echo same
mv copy/b/link copy/moved && readlink copy/moved; realpath -m copy/../x/./y
readlink -f a/b/link | sed 's,.*/\(a/\),\1,'
dd if=/dev/urandom of=r bs=4k count=3 status=none; dd if=r of=r2 bs=1 skip=4096 count=4096 conv=notrunc status=none
cmp <(tail -c 8192 r | head -c 4096) r2 && echo slice
dd if=/dev/zero of=r bs=512 seek=8 count=8 conv=notrunc 2>&1 | head -2; stat -c %s r
printf abc | dd conv=ucase,swab status=none; echo
install -D -m 640 a/file deep/er/inst && stat -c '%a %s' deep/er/inst
d=$(mktemp -d ./tmp.XXXXXX); stat -c %a "$d"; rmdir "$d"
find . -newermt 2019-01-01 ! -newermt 2021-01-01 -type f | sort
find . -type f -size +8k -printf '%p %s %m\n' | sort
find a -links 2 -type f | sort
seq 20 | xargs -P4 -n5 sh -c 'echo $(( $1 + $5 ))' x | sort -n
du -k --apparent-size a/sparse; du -k a/sparse; du -sk s2
mkdir mnt && mount -t tmpfs -o size=2M,mode=700 small mnt && df -k mnt | tr -s ' '
dd if=/dev/zero of=mnt/full bs=64k 2>&1 | sed 's/copied.*/copied/'; df -k --output=used,avail,pcent mnt | tail -1 | tr -s ' '
umount mnt && rmdir mnt
cat missing; cat a; rmdir a; mv a a/b; ln a hardlink; cp a b; rm a; mkdir a
link a/file lnk && unlink lnk; test a/file -ef a/hard && echo same inode
[ -p a/fifo ] && [ -c a/null ] && [ -L a/b/link ] && [ -u a/hard ] && echo kinds
tee t1 t2 <a/file >/dev/null; cat t1 t2
(umask 077; : >priv; mkdir privd; stat -c %a priv privd)
chown 12:34 t1; stat -c %u:%g t1; chgrp 5 t1; stat -c %u:%g t1
rm -rf a copy deep; ls
