#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# ccache 4.11.2 in depend mode caches assembly that has .incbin, and gives the old object when the file that it takes in has changed.
#
# Tools: ccache 4.11.2-2 (Debian trixie), gcc.
# Input: a file of assembly with .incbin, compiled twice with -MMD. In between, the other file gets another content.
# Expected: the second object has that content. Without depend mode ccache sees .incbin in what the preprocessor gives it, and does
# not cache such a file.
# Seen: the second object is the first one. A dependency file does not name what the assembler reads, and depend mode looks at nothing else.
#
# In the kernel, piggy.S of arm's zImage is such a file: the kernel that boots would be that of an earlier build. scripts/lib/cached lets no
# assembly be cached.

. "$(dirname "$0")/fetch.sh"

need gcc=gcc
unpacked trixie ccache 4.11.2-2
say "$("$dir/ccache" --version | head -n 1)"

export CCACHE_DIR="$dir/objects"
mkdir "$dir/input"
cd "$dir/input"
printf '\t.section .data\n\t.incbin "content"\n' >input.S

# second_has: which content the second object has, as it is compiled with the settings of the environment.
second_has() {
	for content in AAAAAAAA BBBBBBBB; do
		printf %s $content >content
		"$dir/ccache" gcc -MMD -MF input.d -c -o input.o input.S || return
	done
	grep -ao 'AAAAAAAA\|BBBBBBBB' input.o
}
has() { [ "$(second_has)" = "$1" ]; }

seen "without depend mode, the second object has the second content" has BBBBBBBB
export CCACHE_DEPEND=1 CCACHE_DIR="$dir/depend"
seen "in depend mode, the second object has the first content" has AAAAAAAA
