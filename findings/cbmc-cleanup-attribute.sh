#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# CBMC 6.6.0 calls no function that __attribute__((cleanup)) names, and does not say so: to it, the kernel's guard() never unlocks.
#
# Tools: cbmc 6.6.0-4 (Debian trixie and sid), gcc.
# Input: a C program. A variable with the attribute, of GNU C, goes out of scope at the end of a block, or by a return; then the function
# that the attribute names is to be called.
# Expected: that, as in gcc's and clang's programs, or an error or a warning.
# Seen: no call in either case, nor has --show-goto-functions one. cbmc and goto-cc say nothing of the attribute.
# CBMC's issue 8676, of 2025, asks for it.
#
# Linux 7.3's guard() and __free() rest on the attribute. So a proof finds locks that are kept for ever, and does not find what __free()
# frees twice. The code that tools/testing/io-pgtable/prove/ proves uses neither.

. "$(dirname "$0")/fetch.sh"

need gcc=gcc
unpacked trixie cbmc 6.6.0-4
debian_start "$dir" goto-cc
say "cbmc: $("$dir/cbmc" --version)"

cat >"$dir/input.c" <<'END'
#include <assert.h>

static int locked;

static void unlock(int *lock)
{
	*lock = 0;
	locked--;
}

static void returns(int early)
{
	int lock __attribute__((cleanup(unlock))) = 1;

	locked++;
	if (early)
		return;
	locked += 0;
}

int main(void)
{
	{
		int lock __attribute__((cleanup(unlock))) = 1;

		locked++;
		assert(locked == 1);
	}
	assert(locked == 0);
	locked = 0;
	returns(1);
	assert(locked == 0);
	return 0;
}
END
gcc -std=gnu11 -Wall -Werror -o "$dir/input" "$dir/input.c" || die "gcc does not take the program"
seen "gcc's program has no assertion that fails" "$dir/input"

"$dir/cbmc" "$dir/input.c" >"$dir/results" 2>&1 || :
says() { grep -q "^\[main.assertion.$1\] .*: $2\$" "$dir/results"; }
seen "cbmc: the lock is held in the block" says 1 SUCCESS
seen "cbmc: the lock is held behind the block" says 2 FAILURE
seen "cbmc: the lock is held behind a return" says 3 FAILURE

"$dir/goto-cc" -Wall -o "$dir/input.goto" "$dir/input.c" >"$dir/said" 2>&1 || die "goto-cc does not take the program"
"$dir/cbmc" --show-goto-functions "$dir/input.c" >"$dir/program" 2>&1 || die "cbmc shows no program"
calls() { grep -q 'CALL returns(' "$dir/program" && ! grep -q 'CALL unlock(' "$dir/program"; }
seen "cbmc's program has other calls, and none of the function" calls
no_word() { ! grep -qi 'cleanup\|attribute\|warning' "$dir/said" "$dir/results"; }
seen "neither cbmc nor goto-cc says a word of it" no_word
