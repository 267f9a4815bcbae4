#!/bin/sh
# run.sh IMAGE [INITRD] - boot the kernel with its console on this terminal
#
# From the environment: QEMU CPUS MEM CPU GIC EL2 APPEND QEMU_ARGS DISK SWAP
set -u

image=$1
initrd=${2:-}

machine=virt
[ -z "${GIC:-}" ] || machine=$machine,gic-version=$GIC
[ -z "${EL2:-}" ] || [ "$EL2" = 0 ] || machine=$machine,virtualization=on

here=$(dirname "$0")
disks=$(${PYTHON:-python3} "$here/disks.py" "${DISK:-none}" "${SWAP:-none}") ||
	exit 1
IFS='
'
# shellcheck disable=SC2086
set -- $disks
unset IFS
[ $# = 0 ] || APPEND="QUIRE_DISKS=1 ${APPEND:-}"

set -- "$@" -M "$machine" -cpu "${CPU:-cortex-a57}" -smp "${CPUS:-2}" \
	-m "${MEM:-512M}" -display none -nic none -no-reboot \
	-kernel "$image" -append "${APPEND:-}"
[ -z "$initrd" ] || set -- "$@" -initrd "$initrd"

# Whatever happens to QEMU, the terminal comes back as it was.
if [ -t 0 ]; then
	saved=$(stty -g)
	trap 'stty "$saved" 2>/dev/null' EXIT
	trap 'exit 130' INT TERM HUP
	echo "Quire on ${CPU:-cortex-a57}, ${CPUS:-2} CPUs, ${MEM:-512M}:" \
		"Ctrl-A X or poweroff leaves."
fi
# shellcheck disable=SC2086
${QEMU:-qemu-system-aarch64} "$@" -serial mon:stdio ${QEMU_ARGS:-}
