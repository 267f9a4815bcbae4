# bash: its own data structures, here-docs, substitutions.
declare -a list=(one two "three four" five)
declare -A map=([red]=1 [green]=2 [blue]=3)
echo "${#list[@]} ${list[2]} ${list[@]:1:2} ${!list[@]}"
list+=(six); unset 'list[0]'; echo "${list[@]}" "${!list[@]}"
for k in $(printf '%s\n' "${!map[@]}" | sort); do echo "$k=${map[$k]}"; done
cat <<END
here: $((6 * 7)) $(echo nested "$(echo deep)")
END
cat <<'END'
quoted: $HOME $(nothing)
END
cat <<<"a here string"
diff <(seq 1 5) <(seq 2 6); echo $?
tee >(sort -r >sorted) <<<$'b\na\nc' >/dev/null; sleep 1; xargs <sorted
s="hello world"; echo "${s^^} ${s//o/0} ${s%% *} ${#s} ${s:3:4} ${s@Q}"
[[ "2024-05-06" =~ ^([0-9]+)-([0-9]+) ]] && echo "${BASH_REMATCH[2]}"
shopt -s extglob
case foobar in +(foo|bar)) echo ext;; esac
mapfile -t lines < <(seq 3); echo "${lines[*]}"
printf -v padded '%08.3f' 3.14159; echo "$padded"
f() { local n=$1; (( n < 2 )) && { echo 1; return; }; echo $(( n * $(f $((n - 1))) )); }
f 10
while getopts ab:c opt -a -b val -c; do echo "$opt ${OPTARG-}"; done
exec 7>fd7; echo to seven >&7; exec 7>&-; cat fd7
exec {fd}<fd7; read -r -u "$fd" x; exec {fd}<&-; echo "$x"
coproc bc_like { while read -r a b; do echo $((a + b)); done; }
echo 3 4 >&"${bc_like[1]}"; read -r sum <&"${bc_like[0]}"; echo "$sum"
set -o pipefail; false | true; echo $?; true | false | true; echo "${PIPESTATUS[*]}"
echo {a..e}{1..2} {01..10..3}
select_one() { local -n ref=$1; ref=changed; }; v=old; select_one v; echo $v
read -t 0.2 -r nothing < <(sleep 1); (( $? > 128 )); echo $?
arith=0; for ((i = 0; i < 20000; i++)); do ((arith += i * i % 7)); done; echo $arith
big=; for i in {1..2000}; do big+="$i,"; done; echo ${#big}
ulimit -n 64; ulimit -n; ulimit -Hn 64; ulimit -n 65 2>&1 | sed 's/.*: //'
nothing_such 2>&1 | sed 's/.*line/line/'; echo "${PIPESTATUS[0]}"
/etc/passwd 2>&1 | sed 's/.*line/line/'; echo "${PIPESTATUS[0]}"
echo 'echo script $1 $0' >s.sh; chmod +x s.sh; ./s.sh arg
printf '#!/usr/bin/env -S bash -e\nfalse\necho no\n' >s2.sh; chmod +x s2.sh; ./s2.sh; echo $?
printf '#!/nowhere\n' >s3.sh; chmod +x s3.sh; ./s3.sh 2>&1 | sed 's/.*s3.sh: //'
printf '%s' "$(head -c 200000 /dev/zero | tr '\0' z)" | wc -c
/bin/echo "$(head -c 140000 /dev/zero | tr '\0' z)" 2>&1 | wc -c | head -c 6; echo
