# SPDX-License-Identifier: GPL-2.0
# Sourced after common.sh: Debian's packages of another suite than the machine's own, through the machine's apt configuration.
# Lists, sources and cache are ours; the machine's are not touched.

# suite_uri LABEL [APT-OPTION...]: where this machine's apt gets the archive LABEL (Debian or Debian-Security).
suite_uri() {
	_label=$1; shift
	_targets=$(apt-get "$@" indextargets --format '$(LABEL)|$(REPO_URI)' 'Created-By: Packages' | sort -u)
	_uri=$(printf '%s\n' "$_targets" | sed -n "s/^$_label|//p" | head -n 1)
	[ -n "$_uri" ] || [ "$_label" != Debian-Security ] ||
		_uri=$(printf '%s\n' "$_targets" | sed -n 's,^Debian|\(.*/\)debian/*$,\1debian-security/,p' | head -n 1)
	[ -z "$_uri" ] || printf '%s\n' "$_uri"
}

# debian_options DIR: sets $apt, apt's options to go by the lists that debian_suite has read into DIR.
debian_options() {
	# An old suite may be past its Valid-Until; it is signed all the same.  Lists that could not be read are an error.
	apt="-o APT::Sandbox::User=root -o Dir::Cache=$1/cache -o Acquire::Check-Valid-Until=false -o APT::Update::Error-Mode=any"
	apt="$apt -o Dir::State::lists=$1/lists -o Dir::Etc::sourcelist=$1/sources.list -o Dir::Etc::sourceparts=/dev/null"
}

# debian_suite DIR LABEL SUITE: reads the lists of that suite alone, into DIR. Sets $apt, as debian_options, and $uri.
debian_suite() {
	command -v apt-get >/dev/null || { say "$me: no apt here" >&2; return 1; }
	_keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	need $_keyring=debian-archive-keyring
	mkdir -p "$1/lists/partial" "$1/machine/partial" "$1/cache/archives/partial"
	uri=$(suite_uri "$2")
	if [ -z "$uri" ]; then
		# A fresh machine has never read its lists: read them, but into a place of our own.
		quietly "$work/log/apt-machine.log" apt-get -o APT::Sandbox::User=root -o Dir::Cache="$1/cache" \
			-o Dir::State::lists="$1/machine" update || return
		uri=$(suite_uri "$2" -o Dir::State::lists="$1/machine")
	fi
	[ -n "$uri" ] || { say "$me: this machine's apt names no Debian mirror" >&2; return 1; }
	debian_options "$1"
	# Another clone may update the same lists.
	exec 8>"$1/lock"
	flock 8
	echo "deb [signed-by=$_keyring] $uri $3 main" >"$1/sources.list"
	_rc=0
	quietly "$work/log/apt-$3.log" apt-get $apt update || _rc=$?
	exec 8>&-
	return $_rc
}

# debian_download DIR PACKAGE VERSION: into $cache/download, by the lists that debian_suite read.
debian_download() {
	# Into a folder of its own and then moved: half a download is never found by the next run.
	_new=$(mktemp -d "$1/new.XXXXXX")
	(cd "$_new" && quietly "$work/log/apt-download.log" apt-get $apt download "$2=$3") || { rm -rf "$_new"; return 1; }
	mkdir -p "$cache/download" && mv "$_new"/*.deb "$cache/download/" && rmdir "$_new"
}

# debian_unpack DIR SUITE PACKAGE: it and all that it depends on, as files in DIR, as if nothing were installed: the machine's
# libraries are of another suite.
debian_unpack() {
	debian_suite "$cache/apt/$2" Debian "$2" || return
	: >"$1/status" && mkdir "$1/debs" || return
	_list=$(apt-get $apt -o Dir::State::status="$1/status" -o APT::Install-Recommends=0 -s install "$3" |
		sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1=\2/p')
	[ -n "$_list" ] || { say "$2 at $uri has no $3 that can be installed"; return 1; }
	(cd "$1/debs" && apt-get $apt download $_list) || return
	for _deb in "$1"/debs/*.deb; do
		dpkg-deb -x "$_deb" "$1" || return
	done
	rm -r "$1/debs" "$1/status"
}

# debian_start DIR PROGRAM [ARG...]: the script DIR/PROGRAM, which starts what was unpacked by the suite's own ld.so and with its own
# libraries. ARG may begin with "$here/", which is DIR.
debian_start() {
	_dir=$1 _program=$2; shift 2
	_so=$(cd "$_dir" && ls -d usr/lib*/ld-linux*.so.? lib*/ld-linux*.so.? lib/*/ld-linux*.so.? 2>/dev/null | head -n 1)
	_libc=$(cd "$_dir" && ls -d usr/lib/*/libc.so.6 lib/*/libc.so.6 2>/dev/null | head -n 1)
	[ -n "$_so" ] && [ -n "$_libc" ] || { say "no C library in what was unpacked"; return 1; }
	_libs=${_libc%/*}
	# Debian 12 has some libraries below /lib, others below /usr/lib; some packages put theirs into /usr/lib itself.
	case $_libs in usr/*) _libs="\$here/$_libs" ;; *) _libs="\$here/$_libs:\$here/usr/$_libs" ;; esac
	_libs="$_libs:\$here/usr/lib"
	{
		echo '#!/bin/sh'
		echo 'here=$(dirname "$0")'
		printf 'exec "$here/%s" --library-path "%s" "$here/usr/bin/%s"' "$_so" "$_libs" "$_program"
		[ $# = 0 ] || printf ' "%s"' "$@"
		echo ' "$@"'
	} >"$_dir/$_program" && chmod 755 "$_dir/$_program"
}

# first_that WILL_DO COMMAND...: names the first of these commands that the function WILL_DO says it of; fails if there is none.
first_that() {
	_will_do=$1; shift
	for _command in "$@"; do
		! $_will_do "$_command" || { say "$_command"; return; }
	done
	return 1
}

# debian_keep DIR WILL_DO SUITE PACKAGE PROGRAM [ARG...]: DIR/PROGRAM starts the suite's, with all the libraries that it needs, if the
# function WILL_DO says that of it.  Status 1: it is not to be had; 2: it will not do; DIR is then as it was.
debian_keep() {
	_kept=$1 _will_do=$2 _suite=$3 _package=$4; shift 4
	mkdir -p "$(dirname "$_kept")"
	# What an interrupted run left; what is newer may be another clone's.
	find "$(dirname "$_kept")" -maxdepth 1 -path "$_kept.new.*" -mmin +60 -exec rm -rf {} +
	_try=$(mktemp -d "$_kept.new.XXXXXX")
	_rc=0
	(debian_unpack "$_try" "$_suite" "$_package" && debian_start "$_try" "$@") || _rc=1
	[ $_rc != 0 ] || $_will_do "$_try/$1" || _rc=2
	[ $_rc = 0 ] || { rm -rf "$_try"; return $_rc; }
	rm -rf "$_kept"
	# That of another clone is as good.
	mv -T "$_try" "$_kept" 2>/dev/null || { rm -rf "$_try"; [ -d "$_kept" ]; }
}

# debian_optional WHAT SIZE KEPT WILL_DO SUITE PACKAGE PROGRAM [ARG...]: as debian_keep, for a tool that can be done without. Where it is not
# to be had, a "Note:" line says why, and that is the end, with status 3.
debian_optional() {
	_what=$1 _size=$2; shift 2
	_log=$work/log/$5.log
	command -v dpkg-deb >/dev/null || { say "Note: no $_what here, and no dpkg to unpack Debian's"; exit 3; }
	say "Getting $5 of Debian's suite $3, $_size, into $1"
	mkdir -p "$work/log"
	_status=0
	debian_keep "$@" >"$_log" 2>&1 || _status=$?
	[ $_status != 1 ] || { say "Note: Debian's suite $3 is not to be had (log: $_log)"; exit 3; }
	[ $_status = 0 ] || { say "Note: $5 of Debian's suite $3 does not run here"; exit 3; }
}
