# dash, the system's sh: the portable half.
cat >s <<'END'
set -eu
i=0; while [ $i -lt 5000 ]; do i=$((i + 1)); done; echo $i
f() { echo "f: $# $*"; return 3; }
f a "b c" || echo $?
case abc in [a-c]*) echo match;; esac
trap 'echo bye' EXIT
for x in *; do echo "$x"; done
echo one | { read -r y; echo "$y"; }
(cd / && pwd); echo "${0##*/}"
set -- x y z; shift; echo "$@" "${1:+set}" "${9:-unset}"
cat <<E | tr a-z A-Z
shout $(expr 1 + 1)
E
sleep 1 & wait $! && echo waited
kill -TERM $$
END
dash s; echo $?
dash -c 'exec 3>o; echo x >&3; cat o; echo ${UNSET?not set}'; echo $?
echo 'echo from stdin; exit 4' | dash; echo $?
dash -c 'ulimit -s; ulimit -c; umask'
dash -c 'times' | wc -l
