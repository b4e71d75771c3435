# SPDX-License-Identifier: GPL-2.0
# Sourced by every script here: where things are, how they are said, what is installed, one run at a time.

set -eu

top=$(cd "$(dirname "$0")" && while [ ! -f scripts/lib/common.sh ] && [ "$PWD" != / ]; do cd ..; done && pwd)
me=$(basename "$0")
work=${WORK:-$top/.work}
case $work in /*) ;; *) work=$PWD/$work ;; esac

# What an outer make or a person's shell exports must not reach the kernel's Makefile, nor change a message we read.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES KBUILD_OUTPUT KBUILD_EXTMOD KCONFIG_CONFIG KCONFIG_ALLCONFIG ARCH CROSS_COMPILE
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_DIFF_OPTS GIT_EXTERNAL_DIFF
export LC_ALL=C LANG=C

say() { printf '%s\n' "$*"; }
die() { printf '%s: error: %s\n' "$me" "$*" >&2; exit 1; }

# Lists of files are split at blanks, here and in the kernel's Makefiles.
case $top$work in *[\ \	]*) die "a path with blanks: this clone ($top) and WORK ($work) must be in places without" ;; esac

# Downloads and compiled objects outlive the clone when there is a place for them.
cache=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
if [ ! -d "$work" ]; then
	# The mark lets 'make clean' tell our directory from one that somebody had before.
	mkdir -p "$work" && : >"$work/.io-pgtable" || die "cannot write to $work"
fi
[ -w "$work" ] || die "cannot write to $work"
cache=${cache:-$work}/io-pgtable
mkdir -p "$cache" 2>/dev/null && [ -w "$cache" ] || cache=$work/cache

# step N M TEXT: where a long job stands.  The clock starts with the outermost script.
export STARTED="${STARTED:-$(date +%s)}"
step() {
	_s=$(($(date +%s) - STARTED))
	printf '[%s/%s %d:%02d] %s\n' "$1" "$2" $((_s / 60)) $((_s % 60)) "$3"
}

# quietly LOG COMMAND...: the command's output goes to LOG; when it fails, say where and show the end.
# A function run by it stands in an && list, so the shell's -e does not hold inside: it ends its steps with || return.
quietly() {
	_log=$1; shift
	mkdir -p "$(dirname "$_log")"
	("$@") >"$_log" 2>&1 </dev/null && return 0
	_rc=$?
	[ $_rc -gt 128 ] || { tail -n 15 "$_log" >&2; say "$me: failed: $*" >&2; say "$me: log: $_log" >&2; }
	return $_rc
}

# need COMMAND=PACKAGE...: what is missing is named, then installed (root) or asked for (not root).
need() {
	_pkgs=
	for _n in "$@"; do
		case ${_n%%=*} in
		/*) ls ${_n%%=*} >/dev/null 2>&1 || _pkgs="$_pkgs ${_n#*=}" ;;
		*) command -v "${_n%%=*}" >/dev/null 2>&1 || _pkgs="$_pkgs ${_n#*=}" ;;
		esac
	done
	[ -n "$_pkgs" ] || return 0
	_pkgs=$(printf '%s\n' $_pkgs | sort -u | tr '\n' ' ')
	if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
		die "missing, and only root can install it.  Run: sudo apt-get install --no-install-recommends $_pkgs"
	fi
	say "Installing Debian packages: $_pkgs"
	quietly "$work/log/apt-update.log" apt-get update || die "apt-get update failed: is there a network?"
	DEBIAN_FRONTEND=noninteractive quietly "$work/log/apt-install.log" \
		apt-get install -y --no-install-recommends $_pkgs ||
		die "could not install $_pkgs"
}

# one_at_a_time: a second run waits for the first and says so.  Scripts started by the holder pass.
one_at_a_time() {
	[ "${LOCK_HELD:-}" = "$work" ] && return 0
	exec 9>"$work/lock"
	if ! flock -n 9; then
		say "Another run ($(cat "$work/lock.pid" 2>/dev/null || echo '?')) works in $work: waiting for it to end."
		flock 9
	fi
	echo "pid $$, $me" >"$work/lock.pid"
	export LOCK_HELD="$work"
}

# kgit DIR ARGS...: git as it comes, whatever the person's own configuration says: the same ids and bytes everywhere.
kgit() {
	_dir=$1; shift
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_ATTR_NOSYSTEM=1 git -C "$_dir" -c safe.directory='*' \
		-c core.hooksPath=/dev/null -c core.attributesFile=/dev/null "$@"
}

. "$top/scripts/lib/choice.sh"
. "$top/scripts/lib/kbuild.sh"
. "$top/scripts/lib/passed.sh"
. "$top/scripts/lib/series.sh"
