#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Linux 7.3.4's "kunit.py parse" says of a suite that it crashed, and ends with status 0, when the kernel panics in that suite's exit.
#
# Tools: linux-source-7.3 7.3.4-1~bpo13+1 (Debian trixie-backports), python3.
# Input: kernel logs, as KUnit 7.3.4 prints them, of one suite with a plan of two tests. In one the kernel panics in the second test, in the
# other in the suite's suite_exit(), when both tests have passed. Neither has a result line for the suite, which ktap.rst demands.
# Expected: status 1 for both. kunit_parser.py says that crashes take priority.
# Seen: both have "missing subtest result line!" and "[CRASHED]". The first has status 1. The second has "passed: 2, errors: 1" and status
# 0, and its --json has PASS for each test. kunit.py goes by the counts of tests, and an error counts as none.
# The log of a kernel for UML, with a panic in the suite_exit() of lib/kunit/kunit-example-test.c, has status 0, too (tried by hand).
#
# So neither a status of 0 nor such JSON proves that the last suite came to its end. boot/judge.py takes no report with an [ERROR].

. "$(dirname "$0")/fetch.sh"

need python3=python3 xz=xz-utils dpkg-deb=dpkg
fetch trixie-backports linux-source-7.3 7.3.4-1~bpo13+1 "$dir/deb"
tar -xJf "$dir/deb/usr/src/linux-source-7.3.tar.xz" -C "$dir" --strip-components=1 --wildcards '*/tools/testing/kunit'

# log TESTS: so many tests pass, then the kernel panics
log() {
	printf 'KTAP version 1\n1..1\n    KTAP version 1\n    # Subtest: tables\n    # module: tables\n    1..2\n'
	for n in $(seq "$1"); do printf '    ok %d test_%d\n' "$n" "$n"; done
	printf 'Kernel panic - not syncing: Fatal exception\n---[ end Kernel panic - not syncing: Fatal exception ]---\n'
}

# judged STATUS SUMMARY: what kunit.py makes of the log
judged() {
	rc=0
	python3 -B "$dir/tools/testing/kunit/kunit.py" parse --json="$dir/results" "$dir/log" >"$dir/said" 2>&1 || rc=$?
	[ $rc = "$1" ] && grep -q "Testing complete. $2\$" "$dir/said"
}
crashed() { grep -q '\[CRASHED\] tables ' "$dir/said" && grep -q 'tables: missing subtest result line!' "$dir/said"; }
all_pass() { [ "$(grep -o '"status": "[A-Z]*"' "$dir/results" | sort | uniq -c | tr -s ' ')" = ' 2 "status": "PASS"' ]; }

log 1 >"$dir/log"
seen "with a panic in the second test the status is 1" judged 1 "Ran 2 tests: passed: 1, crashed: 1, errors: 2"
seen "the suite has crashed" crashed
log 2 >"$dir/log"
seen "with a panic behind the second test the status is 0" judged 0 "Ran 2 tests: passed: 2, errors: 1"
seen "the suite has crashed all the same" crashed
seen "the results in JSON have PASS for both tests, and nothing else" all_pass
