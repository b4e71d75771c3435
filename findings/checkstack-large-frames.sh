#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Linux 7.3.4's checkstack.pl, behind "make checkstack", loses the largest stack frames of arm64 and arm, and doubles those of x86.
#
# Tools: linux-source-7.3 7.3.4-1~bpo13+1 (Debian trixie-backports), perl, gcc and objdump for arm64, arm and x86.
# Input: one C file, compiled with -O2. Its functions have arrays of 600 to 20000 bytes. gcc's -fstack-usage says how much stack each takes.
# Documentation/process/submit-checklist.rst asks for "make checkstack", to find what uses more than 512 bytes.
# Expected: what gcc says, less at most the 8 bytes of a return address.
# Seen: on arm64, frames below 4096 bytes are right, and larger ones are missing. gcc makes these by "sub sp, sp, #0x1, lsl #12", which is
# read as 1 byte, or by a register, which is not read at all.
# clang's are listed with a part of their size (tried by hand).
# On arm, frames below 10000 bytes are right. Of "sub sp, sp, #12288" four digits are read, so that frame is listed as one of 1232 bytes.
# On x86, all frames are listed with twice their size: the "add" at a function's end counts like the "sub" at its beginning.
#
# So a short list proves little on arm64: a frame of a page or more, which matters most, is missing from it or small.

. "$(dirname "$0")/fetch.sh"

need perl=perl xz=xz-utils dpkg-deb=dpkg aarch64-linux-gnu-gcc=gcc-aarch64-linux-gnu arm-linux-gnueabihf-gcc=gcc-arm-linux-gnueabihf \
	x86_64-linux-gnu-gcc=gcc-x86-64-linux-gnu
fetch trixie-backports linux-source-7.3 7.3.4-1~bpo13+1 "$dir/deb"
tar -xJf "$dir/deb/usr/src/linux-source-7.3.tar.xz" -C "$dir" --strip-components=1 --wildcards '*/scripts/checkstack.pl'

cat >"$dir/frames.c" <<'END'
void use(char *);
#define TAKES(bytes) void takes_##bytes(void) { char array[bytes]; use(array); }
TAKES(600) TAKES(2048) TAKES(4000) TAKES(4096) TAKES(9000) TAKES(12288) TAKES(20000)
END

# frames ARCH TRIPLET [OPTION]: a line for each function: the bytes of its array, of its frame, and those that checkstack.pl lists, or none.
frames() {
	arch=$1 triplet=$2; shift 2
	"$triplet-gcc" -O2 -fno-stack-clash-protection -fstack-usage "$@" -c "$dir/frames.c" -o "$dir/frames.o" &&
		"$triplet-objdump" -d "$dir/frames.o" >"$dir/code" && perl "$dir/scripts/checkstack.pl" $arch 100 <"$dir/code" >"$dir/list" ||
		die "no list for $arch"
	sed -n 's/.*:takes_\([0-9]*\)	\([0-9]*\)	static$/\1 \2/p' "$dir/frames.su" | while read -r array frame; do
		listed=$(sed -n "s/.* takes_$array \[.*:[	 ]*//p" "$dir/list")
		say "$array $frame ${listed:-none}"
	done >"$dir/$arch"
	[ "$(wc -l <"$dir/$arch")" = 7 ] || die "gcc does not say how large all frames are for $arch"
}
# listed ARCH IF THEN: THEN holds of all functions that IF holds of, in terms of $1, $2 and $3 of their lines; there is one at least.
listed() { awk "$2 { n++; if (!($3)) wrong++ } END { exit !(n && !wrong) }" "$dir/$1"; }
right='$3 != "none" && $3 <= $2 && $3 >= $2 - 8'

frames arm64 aarch64-linux-gnu
frames arm arm-linux-gnueabihf -marm
frames x86 x86_64-linux-gnu
seen "arm64's frames below 4096 bytes are right" listed arm64 '$2 < 4096' "$right"
seen "arm64's larger frames are missing" listed arm64 '$2 >= 4096' '$3 == "none"'
seen "arm's frames below 10000 bytes are right" listed arm '$2 < 10000' "$right"
seen "arm's larger frames are listed with a fifth of their size, or less" listed arm '$2 >= 10000' '$3 != "none" && $3 < $2 / 5'
seen "x86's frames are listed with twice their size" listed x86 1 '$3 == 2 * ($2 - 8)'
