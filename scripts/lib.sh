# SPDX-License-Identifier: GPL-2.0
# Sourced by every script here: where things are, how they are said, what is installed, one run at a time.

set -eu

top=$(cd "$(dirname "$0")" && while [ ! -f scripts/lib.sh ] && [ "$PWD" != / ]; do cd ..; done && pwd)
me=$(basename "$0")
work=${WORK:-$top/.work}
case $work in /*) ;; *) work=$PWD/$work ;; esac
series=5.10

# What an outer make or a person's shell exports must not reach the kernel's Makefile, nor change a message we read.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES KBUILD_OUTPUT KBUILD_EXTMOD KCONFIG_CONFIG KCONFIG_ALLCONFIG ARCH CROSS_COMPILE
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
export LC_ALL=C LANG=C

say() { printf '%s\n' "$*"; }
die() { printf '%s: error: %s\n' "$me" "$*" >&2; exit 1; }

# Downloads and compiled objects outlive the clone when there is a place for them.
cache=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
if [ ! -d "$work" ]; then
	# The mark lets 'make clean' tell our directory from one that somebody had before.
	mkdir -p "$work" && : >"$work/.io-pgtable" || die "cannot write to $work"
fi
[ -w "$work" ] || die "cannot write to $work"
cache=${cache:-$work}/io-pgtable
mkdir -p "$cache" 2>/dev/null && [ -w "$cache" ] || cache=$work/cache

# A user's own kernel gets a place of its own, so that it never mixes with the packaged one.
if [ -n "${LINUX_5_10:-}" ]; then
	case $LINUX_5_10 in /*) ;; *) LINUX_5_10=$PWD/$LINUX_5_10 ;; esac
	[ ! -d "$LINUX_5_10" ] || LINUX_5_10=$(cd "$LINUX_5_10" && pwd)
	export LINUX_5_10
	base=$work/$series-$(printf %s "$LINUX_5_10" | cksum | cut -d' ' -f1)
else
	base=$work/$series
fi

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
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 git -C "$_dir" -c safe.directory='*' -c core.hooksPath=/dev/null "$@"
}

# source_at REV: the tree that is built, $base/src, is put at REV.  Only files that differ get a new time.
source_at() {
	# We are the only run, so a lock there is one that a killed run left.
	rm -f "$base/linux/.git/worktrees/src/index.lock"
	kgit "$base/src" checkout -q -f --detach "$1" -- && kgit "$base/src" clean -q -ffdx
}

# triplet ARCH: the compiler's prefix, the same on every host (Debian's native compilers have it too).
triplet() {
	case $1 in
	arm64) echo aarch64-linux-gnu ;;
	arm) echo arm-linux-gnueabihf ;;
	x86) echo x86_64-linux-gnu ;;
	*) die "no such architecture here: $1" ;;
	esac
}

# need_kbuild ARCH...: what it takes to build a kernel for each.
need_kbuild() {
	_want=
	for _a in "$@"; do
		case $_a in
		arm64) _want="$_want aarch64-linux-gnu-gcc=gcc-aarch64-linux-gnu" ;;
		arm) _want="$_want arm-linux-gnueabihf-gcc=gcc-arm-linux-gnueabihf" ;;
		x86) _want="$_want x86_64-linux-gnu-gcc=gcc-x86-64-linux-gnu" ;;
		esac
	done
	# ccache only saves time, so its absence stops nobody.
	[ "$(id -u)" != 0 ] || _want="$_want ccache=ccache"
	need $_want git=git make=make gcc=gcc bc=bc bison=bison flex=flex perl=perl xz=xz-utils \
		/usr/include/stdlib.h=libc6-dev /usr/include/libelf.h=libelf-dev /usr/include/openssl/ssl.h=libssl-dev
}

# kbuild ARCH OBJDIR TARGET...: the kernel's make on $base/src.  One source path, fixed stamps: ccache is shared by all builds.
kbuild() {
	_arch=$1 _obj=$2; shift 2
	_cross=$(triplet "$_arch")- || return
	_cc=${_cross}gcc
	! command -v ccache >/dev/null || _cc="ccache $_cc"
	mkdir -p "$_obj" || return
	CCACHE_DIR=$cache/ccache CCACHE_NOHASHDIR=1 LOCALVERSION='' \
	KBUILD_BUILD_TIMESTAMP='2020-12-13 00:00:00 UTC' KBUILD_BUILD_USER=series KBUILD_BUILD_HOST=io-pgtable \
		make -C "$base/src" O="$_obj" ARCH="$_arch" CROSS_COMPILE="$_cross" CC="$_cc" -j"$(nproc)" "$@"
}

# kconfig ARCH OBJDIR FRAGMENT...: tinyconfig, the fragments over it, olddefconfig; every line of a fragment must have held.
# Left alone when neither the fragments nor the source's Kconfig files changed, and .config keeps its time when it comes out the same.
kconfig() {
	_karch=$1 _kobj=$2; shift 2
	mkdir -p "$_kobj" || return
	_want=$({ echo "$_karch"; "$(triplet "$_karch")-gcc" --version; cat "$@"
		kgit "$base/src" ls-files -s '*Kconfig*' '*tiny*.config' scripts/kconfig; } | sha256sum) || return
	[ "$(cat "$_kobj/config.stamp" 2>/dev/null)" != "$_want" ] || [ ! -f "$_kobj/.config" ] || return 0
	rm -f "$_kobj/config.stamp"
	[ ! -f "$_kobj/.config" ] || cp -p "$_kobj/.config" "$_kobj/config.before" || return
	kbuild "$_karch" "$_kobj" tinyconfig || return
	cat "$@" >>"$_kobj/.config" || return
	kbuild "$_karch" "$_kobj" olddefconfig || return
	_lost=$(cat "$@" | config_lost "$_kobj/.config")
	[ -z "$_lost" ] || { say "$me: these did not make it into $_kobj/.config (a dependency is not met, or no such symbol):" $_lost >&2
		return 1; }
	! cmp -s "$_kobj/config.before" "$_kobj/.config" || mv "$_kobj/config.before" "$_kobj/.config"
	echo "$_want" >"$_kobj/config.stamp"
}

# config_lost CONFIG <FRAGMENTS: the symbols whose last line in the fragments is not what CONFIG has.
config_lost() {
	awk '
	function symbol() { return /^#/ ? $2 : substr($0, 1, index($0, "=") - 1) }
	function value() { return /^#/ ? "n" : substr($0, index($0, "=") + 1) }
	!/^CONFIG_[A-Za-z0-9_]+=/ && !/^# CONFIG_[A-Za-z0-9_]+ is not set/ { next }
	FILENAME == "-" { want[symbol()] = value(); next }
	{ have[symbol()] = value() }
	END { for (s in want) if (want[s] != (s in have ? have[s] : "n")) print s }
	' - "$1"
}

# as_series COMMAND...: commits under one fixed name, so that ids are the same everywhere.
as_series() {
	GIT_COMMITTER_NAME='io-pgtable series' GIT_COMMITTER_EMAIL=series@io-pgtable.invalid "$@"
}

# apply REPO PATCH...: plain git am (no fuzz, no 3-way) on what is checked out there.  Output stays in $work/log/am.log.
# When one does not apply: says which, and which file does not take it, and leaves no am in progress.
apply() {
	_repo=$1 _log=$work/log/am.log; shift
	mkdir -p "$work/log"
	: >"$_log"
	kgit "$_repo" am --quit >/dev/null 2>&1 || :
	[ $# -gt 0 ] || return 0
	as_series kgit "$_repo" -c am.threeWay=false -c apply.whitespace=warn am -q --no-3way --no-scissors --no-gpg-sign \
		--committer-date-is-author-date "$@" >"$_log" 2>&1 </dev/null && return 0
	_n=$(sed -n 's/^Patch failed at 0*\([0-9]*\) .*/\1/p' "$_log")
	_files=$(sed -n -e 's/^error: patch failed: \(.*\):[0-9]*$/\1/p' \
		-e 's/^error: \(.*\): \(does not exist in index\|already exists in index\|patch does not apply\)$/\1/p' "$_log" |
		sort -u | tr '\n' ' ')
	kgit "$_repo" am --abort >/dev/null 2>&1 || :
	if [ -n "$_n" ] && [ -n "$_files" ]; then
		shift $((_n - 1))
		say "$me: error: $1 does not apply to this base; not taken by: $_files" >&2
	else
		say "$me: error: git am failed:" >&2
		tail -n 15 "$_log" >&2
	fi
	say "$me: log: $_log" >&2
	return 1
}

# export_patches REPO RANGE DIR: the patches as they are stored.  These options give the same bytes every time.
export_patches() {
	kgit "$1" -c diff.noprefix=false -c diff.mnemonicPrefix=false -c diff.algorithm=default -c diff.context=3 \
		-c diff.interHunkContext=0 -c diff.orderFile=/dev/null -c format.subjectPrefix=PATCH \
		format-patch -q --zero-commit --no-signature --full-index -N --no-stat -o "$3" "$2" --
}

# stored_patches: the series' files, in order, one in a line (their names hold no blanks).
stored_patches() {
	for _p in "$top/series/$series"/[0-9][0-9][0-9][0-9]-*.patch; do
		[ ! -f "$_p" ] || printf '%s\n' "$_p"
	done
}

# What scripts/tree imported: "HASH TIP", of the patch files and of the commit they ended in.
imported=$base/linux/.git/series-imported
imported_hash() { { kgit "$base/linux" rev-parse base; stored_patches | xargs -r cat; } | sha256sum | cut -d' ' -f1; }
imported_tip() { cut -d' ' -f2 "$imported"; }

# unexported REPO: in words, what a person has there that is not in the patches; empty when nothing.
unexported() {
	for _s in rebase-apply rebase-merge MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD; do
		[ ! -e "$1/.git/$_s" ] || { echo "a git operation in progress ($_s)"; return; }
	done
	[ -z "$(kgit "$1" status --porcelain | head -n 1)" ] || { echo "uncommitted changes"; return; }
	# 'git status' does not show these: the .gitignore of Debian's source ignores every new file.
	_new=$(kgit "$1" ls-files --others | head -n 3 | tr '\n' ' ')
	[ -z "$_new" ] || { echo "new files that git ignores: $_new"; return; }
	[ "$(kgit "$1" rev-parse -q --verify refs/heads/series)" = "$(imported_tip)" ] || echo "commits that are not in series/$series"
}
