#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# herd7 7.58 takes a variable that is declared in an inner block for the one of the same name outside, and says "Never" of what happens.
#
# Tools: herdtools7 7.58-2 (Debian forky), linux-source-7.3 7.3.4-1~bpo13+1 (trixie-backports) for its memory model, gcc.
# Input: a litmus test in C with two processes. The first sets r0 to 1, reads x into another r0, which an inner block declares, and writes
# the outer one to y. In C the second r0 ends with its block (C11 6.2.1). The second process writes x after it has read y. The kernel's
# tools/memory-model/Documentation/litmus-tests.txt warns of loose declarations and types, and says nothing of blocks.
# Expected: that the second process can read 1 from y, "Sometimes", as in gcc's program y is 1; or an error.
# Seen: "Never", no warning, status 0. With another name for the inner variable it is "Sometimes".
#
# Code with such names, as of a macro that is written out by hand, is judged by the wrong value. The tests in
# tools/testing/io-pgtable/litmus/ declare nothing in inner blocks.

. "$(dirname "$0")/fetch.sh"

need gcc=gcc xz=xz-utils dpkg-deb=dpkg
unpacked forky herdtools7 7.58-2
debian_start "$dir" herd7 -set-libdir '$here/usr/share/herdtools7/herd'
say "herd7: $("$dir/herd7" -version)"
fetch trixie-backports linux-source-7.3 7.3.4-1~bpo13+1 "$dir/deb"
tar -xJf "$dir/deb/usr/src/linux-source-7.3.tar.xz" -C "$dir" --strip-components=1 --wildcards '*/tools/memory-model'
model=$dir/tools/memory-model

# first INNER: the first process, whose inner variable has that name
first() {
	cat <<END
P0(int *x, int *y)
{
	int r0 = 1;

	if (r0 == 1) {
		int $1 = READ_ONCE(*x);
	}
	WRITE_ONCE(*y, r0);
}
END
}
{
	printf '#define READ_ONCE(from) (from)\n#define WRITE_ONCE(to, value) ((to) = (value))\nstatic void '
	first r0
	printf 'int main(void)\n{\n\tint x = 0, y = 0;\n\n\tP0(&x, &y);\n\treturn y != 1;\n}\n'
} >"$dir/input.c"
gcc -Wall -Wno-unused-variable -Werror -o "$dir/input" "$dir/input.c" || die "gcc does not take the process"
seen "in gcc's program the first process writes 1" "$dir/input"

# says INNER VERDICT: what herd7 says of that name, without a warning and with status 0
says() {
	{
		printf 'C inner\n\n{}\n\n'
		first "$1"
		printf '\nP1(int *x, int *y)\n{\n\tint r1 = READ_ONCE(*y);\n\n\tsmp_mb();\n\tWRITE_ONCE(*x, 1);\n}\n\nexists (1:r1=1)\n'
	} >"$dir/inner.litmus"
	"$dir/herd7" -I "$model" -conf "$model/linux-kernel.cfg" "$dir/inner.litmus" >"$dir/said" 2>"$dir/warned" &&
		grep -q "^Observation inner $2 " "$dir/said" && [ ! -s "$dir/warned" ]
}
seen "herd7, with names that differ: the second process can read 1" says inside Sometimes
seen "herd7, with one name: it never does" says r0 Never
