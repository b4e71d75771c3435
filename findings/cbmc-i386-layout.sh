#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# CBMC 6.6.0 with --i386-linux lays out a struct as no i386 compiler does: a member of 64 bits is aligned to 8 bytes in place of 4.
#
# Tools: cbmc 6.6.0-4 (Debian trixie and sid), gcc for x86.
# Input: C11 files, each with a _Static_assert(). System V's ABI for the Intel386 aligns long long and double to 4 bytes in a struct.
# Expected: the layout that gcc -m32 and clang -m32 have. Behind a char, a long long is at 4, and that struct has 12 bytes.
# Seen: it is at 8, and the struct has 16 bytes, in cbmc --i386-linux and in goto-cc -m32, which takes gcc's place in a build. A double is
# treated alike. The size of long double is i386's, 12 bytes.
#
# So a proof for x86 of 32 bits can rest on padding that is not there. tools/testing/io-pgtable/prove/ takes -m32 for arm, whose ABI has 8.

. "$(dirname "$0")/fetch.sh"

need x86_64-linux-gnu-gcc=gcc-x86-64-linux-gnu
unpacked trixie cbmc 6.6.0-4
debian_start "$dir" goto-cc
say "cbmc: $("$dir/cbmc" --version)"

gcc_m32() { x86_64-linux-gnu-gcc -m32 -std=c11 -fsyntax-only "$1"; }
cbmc_i386() { "$dir/cbmc" --i386-linux "$1"; }
goto_cc_m32() { "$dir/goto-cc" -m32 -std=c11 -c -o "$dir/input.o" "$1"; }

# value COMMAND EXPRESSION: the one that the command takes it to have
value() {
	for value in $(seq 16); do
		{
			printf 'struct number { char c; long long member; };\nstruct real { char c; double member; };\n'
			printf '_Static_assert((%s) == %d, "value");\nint main(void) { return 0; }\n' "$2" "$value"
		} >"$dir/input.c"
		! $1 "$dir/input.c" >"$dir/said" 2>&1 || { say $value; return; }
	done
}
# values GCC CBMC EXPRESSION
values() {
	[ "$(value gcc_m32 "$3")" = "$1" ] && [ "$(value cbmc_i386 "$3")" = "$2" ] && [ "$(value goto_cc_m32 "$3")" = "$2" ]
}
seen "a pointer has 4 bytes" values 4 4 'sizeof(void *)'
seen "long double has 12 bytes" values 12 12 'sizeof(long double)'
seen "a long long behind a char: at 4 for gcc, at 8 for cbmc" values 4 8 '__builtin_offsetof(struct number, member)'
seen "a struct of the two: 12 bytes for gcc, 16 for cbmc" values 12 16 'sizeof(struct number)'
seen "a double behind a char: at 4 for gcc, at 8 for cbmc" values 4 8 '__builtin_offsetof(struct real, member)'
