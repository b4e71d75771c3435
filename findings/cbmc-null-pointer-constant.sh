#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# CBMC 6.6.0 takes (void *)((long)n * 0) for a null pointer constant, although n is a variable.
#
# Tools: cbmc 6.6.0-4 (Debian trixie and sid), gcc.
# Input: a C11 program. A null pointer constant is an integer constant expression of value 0, or such an expression cast to void *
# (C11 6.3.2.3). One with a variable in it is none, whatever its value. So a conditional expression of it and an int * is a void *
# (6.5.15), and _Generic, or sizeof with GNU C, shows which of the two it is.
# Expected: void *, as gcc and clang have it.
# Seen: int *.
#
# The kernel's __is_constexpr() rests on that rule. To CBMC every expression is a constant, so whoever asks takes the branch that is for
# constants. GENMASK() does; tools/testing/io-pgtable/prove/cbmc.h takes the question out of it.

. "$(dirname "$0")/fetch.sh"

need gcc=gcc
unpacked trixie cbmc 6.6.0-4
say "cbmc: $("$dir/cbmc" --version)"

cat >"$dir/input.c" <<'END'
#include <assert.h>

int main(int argc, char **argv)
{
	assert(_Generic(1 ? (void *)((long)argc * 0) : (int *)0, int *: 1, void *: 2) == 2);
	assert(_Generic(1 ? (void *)0 : (int *)0, int *: 1, void *: 2) == 1);
	return 0;
}
END
gcc -std=c11 -Wall -Werror -o "$dir/input" "$dir/input.c" || die "gcc does not take the program"
seen "gcc has the variable's as void *, and the constant's as int *" "$dir/input"

"$dir/cbmc" "$dir/input.c" >"$dir/results" 2>&1 || :
says() { grep -q "^\[main.assertion.$1\] .*: $2\$" "$dir/results"; }
seen "cbmc has the constant's as int *" says 2 SUCCESS
seen "cbmc has the variable's as int *, too" says 1 FAILURE
