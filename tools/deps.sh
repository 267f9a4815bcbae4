#!/bin/sh
# deps.sh LEVEL OUT.mk - see that the tools for LEVEL are there, or get them
#
#   LEVEL  build   cross compiler with a static libc, python3
#          run     build + QEMU; with disks, what makes them
#          debug   run + gdb
#          test    debug + pytest, pexpect, a host compiler with ASan
#          check   test + clang, clang-format 14
#          tags    ctags
#
# Writes the names it found into OUT.mk (read by the Makefile), and leaves it
# untouched while they are still right, which costs a few milliseconds.
# From the environment: CROSS_COMPILE, QEMU, GDB override the search; with
# DISK=none and SWAP=none no disk is made for `run`.
set -u

level=$1
out=$2
want_cross=${CROSS_COMPILE-search}
want_qemu=${QEMU:-}
want_gdb=${GDB:-}
disks=yes
[ "${DISK:-}${SWAP:-}" != nonenone ] || disks=
key="# $level $want_cross $want_qemu $want_gdb $disks"
# Where mke2fs is: not in everybody's PATH.
PATH=$PATH:/usr/sbin:/sbin:/opt/homebrew/opt/e2fsprogs/sbin
PATH=$PATH:/usr/local/opt/e2fsprogs/sbin

say() { echo "deps: $*" >&2; }
die() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# ---- Nothing changed since the last time? --------------------------------
if [ -r "$out" ]; then
	{ IFS= read -r old_key && read -r _ commands; } <"$out"
	if [ "$old_key" = "$key" ]; then
		ok=1
		for c in $commands; do have "$c" || ok=0; done
		[ $ok = 1 ] && exit 0
	fi
fi

needs() {
	case "$level:$1" in
	tags:ctags) return 0 ;;
	tags:*) return 1 ;;
	*:cc | *:python) return 0 ;;
	build:*) return 1 ;;
	*:qemu) return 0 ;;
	run:disks | debug:disks) [ -n "$disks" ]; return ;;
	*:disks) return 0 ;;
	run:*) return 1 ;;
	*:gdb) return 0 ;;
	debug:*) return 1 ;;
	*:pytest | *:hostcc) return 0 ;;
	check:format | check:clang) return 0 ;;
	*) return 1 ;;
	esac
}

# ---- Finding each tool: sets a variable to its name, or to nothing -------
has_libc() { # a compiler knows where its static libc is
	case $("$1" -print-file-name=libc.a 2>/dev/null) in
	/*) return 0 ;; *) return 1 ;;
	esac
}

find_cross() {
	cross=
	if [ "$want_cross" != search ]; then
		have "${want_cross}gcc" || die \
			"CROSS_COMPILE=$want_cross: there is no ${want_cross}gcc."
		cross=$want_cross
		return 0
	fi
	for p in aarch64-linux-gnu- aarch64-unknown-linux-gnu- \
		aarch64-linux-musl- aarch64-none-linux-gnu-; do
		have "${p}gcc" && cross=$p && return 0
	done
	case $(uname -s)-$(uname -m) in
	Linux-aarch64) have gcc && have ld && return 0 ;;
	esac
	return 1
}

first_of() {
	for c in "$@"; do have "$c" && echo "$c" && return 0; done
	return 1
}

# The first python3 in the PATH need not be the one that has the packages.
find_python() {
	for c in python3 /usr/bin/python3; do
		"$c" -c 'import pytest, pexpect' 2>/dev/null &&
			python=$c && return 0
	done
	return 1
}

asan_works() { # and the C library's headers and libraries are there
	case $(gcc -print-file-name=libasan.so 2>/dev/null) in
	/*) has_libc gcc ;; *) return 1 ;;
	esac
}

missing= # in words, for people
packages= # for apt-get
lack() { missing="$missing, $1"; shift; packages="$packages $*"; }

survey() {
	missing= packages= commands= cross= qemu= gdb= format= ctags=
	python=python3
	if needs python; then
		have python3 || lack python3 python3
		commands="$commands python3"
	fi
	if needs cc; then
		if ! find_cross; then
			lack "a compiler for aarch64" gcc-aarch64-linux-gnu \
				libc6-dev-arm64-cross
		elif ! has_libc "${cross}gcc"; then
			lack "the static C library for aarch64" \
				libc6-dev-arm64-cross
		fi
		commands="$commands ${cross}gcc ${cross}ld ${cross}objcopy"
	fi
	if needs qemu; then
		qemu=${want_qemu:-qemu-system-aarch64}
		if ! have "$qemu"; then
			[ -z "$want_qemu" ] || die "QEMU=$want_qemu: not found."
			lack qemu-system-aarch64 qemu-system-arm
		fi
		commands="$commands $qemu"
	fi
	if needs disks; then
		have mke2fs || lack "mke2fs and e2fsck" e2fsprogs
		have mkswap || lack mkswap util-linux
		commands="$commands mke2fs e2fsck mkswap"
	fi
	if needs gdb; then
		gdb=${want_gdb:-$(first_of gdb-multiarch aarch64-linux-gnu-gdb \
			aarch64-unknown-linux-gnu-gdb || true)}
		[ -n "$gdb" ] || [ "$(uname -s)" = Linux ] || gdb=$(first_of gdb)
		[ -n "$gdb" ] || lack gdb-multiarch gdb-multiarch
		commands="$commands $gdb"
	fi
	if needs pytest; then
		find_python || lack "pytest and pexpect" \
			python3-pytest python3-pexpect
	fi
	if needs hostcc; then
		if ! have gcc || ! asan_works; then
			lack "a host compiler with AddressSanitizer" gcc libc6-dev
		fi
		commands="$commands gcc"
	fi
	if needs format; then
		format=$(first_of clang-format-14 clang-format || true)
		[ -n "$format" ] || lack clang-format clang-format-14
		commands="$commands $format"
	fi
	if needs clang; then
		have clang || lack clang clang
		commands="$commands clang"
	fi
	if needs ctags; then
		have ctags || lack ctags universal-ctags
		commands="$commands ctags"
	fi
	missing=${missing#, }
	packages=${packages# }
}

other_systems() {
	cat >&2 <<-EOF
	deps: the packages elsewhere:
	  Debian, Ubuntu  $packages
	  Fedora          gcc-aarch64-linux-gnu sysroot-aarch64-fc\$(rpm -E %fedora)-glibc
	                  qemu-system-aarch64-core gdb python3-pytest python3-pexpect
	                  e2fsprogs util-linux
	  Arch            aarch64-linux-gnu-gcc aarch64-linux-gnu-glibc
	                  qemu-system-aarch64 gdb python-pytest python-pexpect
	                  e2fsprogs util-linux
	  macOS           brew install make qemu e2fsprogs messense/macos-cross-toolchains/aarch64-unknown-linux-gnu
	                  pip3 install pytest pexpect   (and use gmake; SWAP=none,
	                  for it has no mkswap)
	EOF
}

install() {
	say "missing: $missing"
	if ! have apt-get; then
		other_systems
		die "this system has no apt-get: please install them by hand."
	fi
	apt="apt-get update && apt-get install -y --no-install-recommends $packages"
	root=
	if [ "$(id -u)" != 0 ]; then
		if ! have sudo || { ! [ -t 0 ] && ! sudo -n true 2>/dev/null; }
		then
			say "installing needs root, and there is no way to" \
				"become root here. As root, run:"
			echo "    $apt" >&2
			other_systems
			exit 1
		fi
		root=sudo
	fi
	say "running: ${root:+$root }sh -c '$apt'"
	$root env DEBIAN_FRONTEND=noninteractive sh -c "$apt" >&2 </dev/null ||
		die "the package manager failed; see above."
}

# ---- Are they good enough? One sentence each. ----------------------------
check_versions() {
	if needs cc; then
		v=$("${cross}gcc" -dumpversion | cut -d. -f1)
		[ "$v" -ge 10 ] || die \
			"${cross}gcc is version $v, but Quire needs gcc 10 or newer."
	fi
	if needs qemu; then
		v=$("$qemu" --version | sed -n \
			'1s/.*version \([0-9]*\)\..*/\1/p')
		[ "${v:-0}" -ge 5 ] || die \
			"$qemu is version ${v:-unknown}, but Quire needs QEMU 5 or newer."
		"$qemu" -M help | grep -q '^virt ' || die \
			"$qemu has no machine 'virt': is it the one for aarch64?"
	fi
}

survey
if [ -n "$missing" ]; then
	install
	hash -r
	survey
	[ -z "$missing" ] || die "still missing after the installation: $missing"
fi
check_versions

mkdir -p "$(dirname "$out")"
{
	echo "$key"
	echo "# $commands"
	echo "CROSS_COMPILE ?= $cross"
	echo "PYTHON ?= $python"
	[ -z "$qemu" ] || echo "QEMU ?= $qemu"
	[ -z "$gdb" ] || echo "GDB ?= $gdb"
	[ -z "$format" ] || echo "CLANG_FORMAT ?= $format"
} >"$out.tmp.$$"
mv "$out.tmp.$$" "$out"
