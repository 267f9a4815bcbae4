#!/bin/sh
# debug.sh BUILDDIR [INITRD] - QEMU stopped at its first instruction, gdb here
#
# gdb has this terminal; the guest's console is in BUILDDIR/debug-console.log
# (tail -f it elsewhere) and at a socket, to type into it as well:
#
#     socat -,raw,echo=0 unix:BUILDDIR/debug-console.sock
#
# Before the MMU is on, the image runs at its physical address: the symbols
# are loaded once more, with that offset, so that both worlds have names.
#
# From the environment: QEMU GDB CPUS MEM CPU GIC EL2 APPEND QEMU_ARGS DISK
# SWAP
set -eu

build=$1
initrd=${2:-}
here=$(cd "$(dirname "$0")" && pwd)
elf=$build/quire.elf
log=$build/debug-console.log
console=$build/debug-console.sock
stub=$build/debug-gdb.sock

# From KIMAGE_VADDR, 0xffff000010000000, to RAM at 0x40000000, modulo 2^64.
offset=0x1000030000000

machine=virt
[ -z "${GIC:-}" ] || machine=$machine,gic-version=$GIC
[ -z "${EL2:-}" ] || [ "$EL2" = 0 ] || machine=$machine,virtualization=on

disks=$(${PYTHON:-python3} "$here/disks.py" "${DISK:-none}" "${SWAP:-none}")
IFS='
'
# shellcheck disable=SC2086
set -- $disks
unset IFS
[ $# = 0 ] || APPEND="QUIRE_DISKS=1 ${APPEND:-}"

rm -f "$log" "$console" "$stub"
set -- "$@" -M "$machine" -cpu "${CPU:-cortex-a57}" -smp "${CPUS:-2}" \
	-m "${MEM:-512M}" -display none -nic none -no-reboot -monitor none \
	-kernel "$build/Image" -append "${APPEND:-}" \
	-chardev "socket,id=con,path=$console,server=on,wait=off,logfile=$log" \
	-serial chardev:con \
	-chardev "socket,id=gdb,path=$stub,server=on,wait=off" \
	-gdb chardev:gdb -S
[ -z "$initrd" ] || set -- "$@" -initrd "$initrd"

# In a session of its own, so that Ctrl-C in gdb stops the guest, not QEMU.
# shellcheck disable=SC2086
setsid ${QEMU:-qemu-system-aarch64} "$@" ${QEMU_ARGS:-} \
	>"$build/debug-qemu.log" 2>&1 </dev/null &
qemu=$!
saved=
[ ! -t 0 ] || saved=$(stty -g)
finish() {
	kill $qemu 2>/dev/null || true
	rm -f "$console" "$stub"
	[ -z "$saved" ] || stty "$saved"
}
trap finish EXIT
trap 'exit 130' TERM HUP
trap '' INT
# a process group of its own for gdb, so that Ctrl-C there is not make's, too
[ ! -t 0 ] || set -m

n=0
while [ ! -S "$stub" ]; do
	n=$((n + 1))
	if [ $n -gt 100 ] || ! kill -0 $qemu 2>/dev/null; then
		cat "$build/debug-qemu.log" >&2
		echo "debug: QEMU did not start" >&2
		exit 1
	fi
	sleep 0.05
done

echo "Console: tail -f $log   (to type: socat -,raw,echo=0 unix:$console)"
echo "Stopped at the first instruction. c runs, Ctrl-C stops, help quire."
${GDB:-gdb-multiarch} -q -nx \
	-ex 'set confirm off' -ex 'set pagination off' \
	-ex 'set architecture aarch64' \
	-ex "file $elf" \
	-ex "add-symbol-file $elf -o $offset" \
	-ex "source $here/gdb/quire.py" \
	-ex "target remote $stub"
