#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sparse 0.6.4 gives each bit-field of type _Bool a byte of its own, and so denies the size of a struct that gcc and clang agree on.
#
# Tools: sparse 0.6.4-3 (Debian bookworm), gcc.
# Input: C11 files with a struct of bit-fields and a _Static_assert() of its size. A bit-field that follows another goes into the same unit,
# if there is enough room (C11 6.7.2.1).
# Expected: the size that gcc and clang have, and no error from sparse.
# Seen: nine bit-fields "_Bool x:1" have 9 bytes in place of 2, two behind an unsigned one of 30 bits have 8 in place of 4. So an assertion
# that holds is "static assertion failed", and one that does not is taken. As unsigned char, nine have 2 bytes.
# 0.6.5~rc1-2 (forky) does the same (tried by hand).
#
# Linux 7.3's arm-smmu-v3.h has such bit-fields. So "make C=2", which a series must pass here, can report a right assertion of a struct's
# size, or of where a member is, as an error.

. "$(dirname "$0")/fetch.sh"

need gcc=gcc dpkg-deb=dpkg
fetch bookworm sparse 0.6.4-3 "$dir/sparse"
sparse=$dir/sparse/usr/bin/sparse
say "sparse: $("$sparse" --version)"

nine() { for n in 1 2 3 4 5 6 7 8 9; do printf '%s f%d:1; ' "$1" $n; done; }

# sizes FIELDS: the size of a struct of these that gcc takes, and that which sparse takes
sizes() {
	gcc=none checked=none
	for size in $(seq 16); do
		printf 'struct it { %s };\n_Static_assert(sizeof(struct it) == %d, "size");\n' "$1" $size >"$dir/input.c"
		! gcc -std=c11 -fsyntax-only "$dir/input.c" 2>/dev/null || gcc=$size
		"$sparse" "$dir/input.c" >"$dir/said" 2>&1 || :
		grep -q 'static assertion failed' "$dir/said" || checked=$size
	done
	say "$gcc $checked"
}
are() { [ "$(sizes "$2")" = "$1" ]; }

seen "nine of unsigned char: 2 bytes" are "2 2" "$(nine 'unsigned char')"
seen "nine of _Bool: 2 bytes for gcc, 9 for sparse" are "2 9" "$(nine _Bool)"
seen "30 bits and two of _Bool: 4 bytes for gcc, 8 for sparse" are "4 8" "unsigned int number:30; $(nine _Bool | cut -d';' -f-2);"
