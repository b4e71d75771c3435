#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Linux 7.3.4's "scripts/config --set-str" spoils a value with quotes, unless the file has the symbol already, and then one with "&".
#
# Tools: linux-source-7.3 7.3.4-1~bpo13+1 (Debian trixie-backports), gcc, make.
# Input: a .config without CONFIG_CMDLINE, and the command with a value that has quotes, as dynamic-debug-howto.rst has for dyndbg. Then the
# same command again; and twice one whose value has "&". By its usage it sets the option to that string.
# Expected: that string, each time.
# Seen: of the quotes, the first call writes \\", and "make olddefconfig" cuts the value there without a warning. The second call writes it
# as it should be. Of "&", the first call writes it as it should be, and the second one puts the old line in its place.
# The cause, by the script: what is for sed's s command is also what is added to a file that lacks the symbol.
#
# So a kernel that is to log the debug messages of a driver, as tegra241-cmdqv, gets half an option, and logs none.

. "$(dirname "$0")/fetch.sh"

need make=make gcc=gcc flex=flex bison=bison xz=xz-utils dpkg-deb=dpkg bash=bash
fetch trixie-backports linux-source-7.3 7.3.4-1~bpo13+1 "$dir/deb"
mkdir "$dir/linux" "$dir/obj"
tar -xJf "$dir/deb/usr/src/linux-source-7.3.tar.xz" -C "$dir/linux" --strip-components=1 --wildcards '*/Makefile*' '*/Kconfig*' '*/scripts'
config=$dir/obj/.config

set_str() { "$dir/linux/scripts/config" --file "$config" --set-str CMDLINE "$1"; }
olddefconfig() {
	make -C "$dir/linux" O="$dir/obj" ARCH=arm64 olddefconfig >"$dir/log" 2>&1 </dev/null ||
		{ tail "$dir/log"; die "olddefconfig failed"; }
}
# line TEXT: the line that the file has for the symbol
line() { [ "$(grep '^CONFIG_CMDLINE=' "$config")" = "CONFIG_CMDLINE=$1" ]; }
no_warning() { ! grep -qi warning "$dir/log"; }

quotes='dyndbg="file tegra241-cmdqv.c +p" quiet'
: >"$config"
set_str "$quotes"
seen 'the first call writes \\" for each quote' line '"dyndbg=\\"file tegra241-cmdqv.c +p\\" quiet"'
olddefconfig
seen "the value is cut off at the first quote" line '"dyndbg=\\"'
seen "make does not warn" no_warning
set_str "$quotes"
olddefconfig
seen "the second call gives the whole value" line '"dyndbg=\"file tegra241-cmdqv.c +p\" quiet"'

: >"$config"
set_str 'a & b'
seen 'the first call writes "&"' line '"a & b"'
set_str 'a & b'
seen 'the second call writes the old line in its place' line '"a CONFIG_CMDLINE="a & b" b"'
