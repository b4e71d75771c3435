# SPDX-License-Identifier: GPL-2.0
# Sourced by the findings: pinned packages of Debian in a temporary folder, $dir, which is gone at the end.

. "$(dirname "$0")/../scripts/lib/common.sh"
. "$top/scripts/lib/debian.sh"

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM HUP

# fetch SUITE PACKAGE VERSION DIR: unpacks it there, and nothing that it depends on.
fetch() {
	_deb=$cache/download/${2}_$(echo "$3" | sed 's/:/%3a/g')_
	if ! ls "$_deb"*.deb >/dev/null 2>&1; then
		say "Downloading $2 $3"
		debian_suite "$cache/apt/$1" Debian "$1" && debian_download "$cache/apt/$1" "$2" "$3" ||
			die "$2 $3 is not to be had from Debian's suite $1: what is claimed here cannot be tried"
	fi
	mkdir -p "$4" && dpkg-deb -x "$(ls "$_deb"*.deb)" "$4"
}

# unpacked SUITE PACKAGE VERSION: $dir/PACKAGE starts the program of that name, with all that it needs.
unpacked() {
	need dpkg-deb=dpkg
	debian_unpack "$dir" "$1" "$2" >"$dir/log" 2>&1 && debian_start "$dir" "$2" ||
		{ cat "$dir/log"; die "$2 is not to be had from Debian's suite $1: what is claimed here cannot be tried"; }
	_got=$(zcat "$dir/usr/share/doc/$2/changelog.Debian.gz" | sed -n '1s/.*(\(.*\)).*/\1/p')
	[ "$_got" = "$3" ] || die "$2 $3 is not to be had, but $_got: what is claimed here cannot be tried"
}

# seen WHAT COMMAND...: the finding stands if the command succeeds.
seen() {
	_what=$1; shift
	"$@" || die "no longer so: $_what"
	say "As before: $_what"
}
