#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Linux 7.3.4's "kunit.py parse" reads a log's first stream of results alone: a test module that fails after boot is not judged.
#
# Tools: linux-source-7.3 7.3.4-1~bpo13+1 (Debian trixie-backports), python3.
# Input: kernel logs, as KUnit 7.3.4 prints them. At boot it prints "KTAP version 1", a plan and the suites that are built in. Each test
# module that is loaded later prints such a line and a plan of its own. Documentation/dev-tools/kunit/running_tips.rst loads a module, goes
# on with "kunit.py parse /var/log/dmesg", and says that the status of the latter tells if a test failed.
# Expected: what failed is counted, in whichever stream, and the status is 1. What passed is counted, too.
# Seen: a suite passes at boot, and that of a module fails: "Ran 1 tests: passed: 1", status 0. The module's stream alone has status 1.
# With no suite built in, the first plan is "1..0", and a module that passes has "0 tests run!" and status 1.
# Logs of a kernel for UML show all three, too (tried by hand). Its modules were one that fails, and lib/kunit/kunit-example-test.ko.
#
# So modules need a reader of their own: boot/ktap.py takes each module's lines, and demands all that its plan names.

. "$(dirname "$0")/fetch.sh"

need python3=python3 xz=xz-utils dpkg-deb=dpkg
fetch trixie-backports linux-source-7.3 7.3.4-1~bpo13+1 "$dir/deb"
tar -xJf "$dir/deb/usr/src/linux-source-7.3.tar.xz" -C "$dir" --strip-components=1 --wildcards '*/tools/testing/kunit'

# stream SUITE RESULT: what KUnit prints for one suite with one test
stream() {
	printf 'KTAP version 1\n1..1\n    KTAP version 1\n    # Subtest: %s\n    # module: %s\n    1..1\n' "$1" "$1"
	printf '    %s 1 test\n%s 1 %s\n' "$2" "$2" "$1"
}
empty() { printf 'KTAP version 1\n1..0\n'; }

# judged STATUS SUMMARY: what kunit.py makes of the log
judged() {
	rc=0
	python3 -B "$dir/tools/testing/kunit/kunit.py" parse "$dir/log" >"$dir/said" 2>&1 || rc=$?
	[ $rc = "$1" ] && grep -q "Testing complete. $2\$" "$dir/said"
}

stream module 'not ok' >"$dir/log"
seen "a module's failure alone is counted, and the status is 1" judged 1 "Ran 1 tests: failed: 1"
{ stream builtin ok; stream module 'not ok'; } >"$dir/log"
seen "behind a suite that passed, it is not, and the status is 0" judged 0 "Ran 1 tests: passed: 1"
{ empty; stream module ok; } >"$dir/log"
seen "behind a plan of no suites, a module's success is not counted, and the status is 1" judged 1 "Ran 0 tests: errors: 1"
