#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# CBMC 6.6.0 gives __builtin_add_overflow() operands of the result's type, and so misses overflows, and finds some that are none.
#
# Tools: cbmc 6.6.0-4 (Debian trixie and sid), gcc.
# Input: a C program with __builtin_add_overflow() and __builtin_sub_overflow(), whose operands and result are of different types. GCC's
# manual, "Built-in Functions to Perform Arithmetic with Overflow Checking", says: the operands are as if of infinite precision, and the
# builtin returns true if that result is not the one that was stored.
# Expected: what a program of gcc's, or of clang's, does.
# Seen: 2^32 + 0 is said to fit into an unsigned int, and 2^32 - 1 into an int. 2^40 + (-1) is said not to fit into an unsigned long long.
# --show-goto-functions has both operands cast to the type of the result. Where the three types are the same, all is as expected.
#
# Linux's check_add_overflow() is this builtin. So a proof passes code that adds addresses of 64 bits into a variable of 32. What
# tools/testing/io-pgtable/prove/ proves has unsigned operands that are no wider than the result: there CBMC is right.

. "$(dirname "$0")/fetch.sh"

need gcc=gcc
unpacked trixie cbmc 6.6.0-4
say "cbmc: $("$dir/cbmc" --version)"

cat >"$dir/input.c" <<'END'
#include <assert.h>

int main(void)
{
	unsigned long long wide = 1ULL << 32, sum;
	unsigned int half = 1u << 31, narrow;
	int number, minus = -1;

	assert(__builtin_add_overflow(wide, 0, &narrow));
	assert(__builtin_add_overflow(half, 0, &number));
	assert(__builtin_sub_overflow(wide, 1u, &number));
	assert(!__builtin_add_overflow(wide << 8, minus, &sum));
	assert(sum == (wide << 8) - 1);
	assert(__builtin_add_overflow(~0ULL, 1ULL, &sum));
	assert(!__builtin_add_overflow(half, half - 1, &narrow));
	return 0;
}
END
gcc -std=gnu11 -o "$dir/input" "$dir/input.c" || die "gcc does not take the program"
seen "gcc's program has no assertion that fails" "$dir/input"

"$dir/cbmc" "$dir/input.c" >"$dir/results" 2>&1 || :
says() { grep -q "^\[main.assertion.$1\] .*: $2\$" "$dir/results"; }
seen "cbmc: 2^32 fits into an unsigned int" says 1 FAILURE
seen "cbmc: 2^31 of unsigned int fits into an int" says 2 FAILURE
seen "cbmc: 2^32 - 1 fits into an int" says 3 FAILURE
seen "cbmc: 2^40 + (-1) does not fit into an unsigned long long" says 4 FAILURE
seen "cbmc: the value that is stored is right" says 5 SUCCESS
seen "cbmc: with one type, what overflows does" says 6 SUCCESS
seen "cbmc: with one type, what does not overflow does not" says 7 SUCCESS
"$dir/cbmc" --show-goto-functions "$dir/input.c" >"$dir/program" 2>&1 || :
seen "cbmc: the operand of 64 bits is cast to 32 bits" grep -q 'overflow_result-+(cast(main::1::wide, unsignedbv\[32\])' "$dir/program"
