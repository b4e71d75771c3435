# SPDX-License-Identifier: GPL-2.0
"""Does a boot's log show what its case wants?"""

import re
import sys
import zlib

import events
import ktap
import kunit_results
import tlbi
from process import Failure, read_log, run

EXPECT_WARNINGS = re.compile(r": expect (\d+) warnings$")


def found(pattern, log_lines):
    return next((line for line in log_lines if re.search(pattern, line)), None)


def without_expected_warnings(lines):
    """The lines less the warnings that a test announced ("expect N warnings"), and how many of these did not come."""
    kept, expected, inside = [], 0, False
    for line in lines:
        announced = EXPECT_WARNINGS.search(line)
        if announced:
            expected += int(announced[1])
        if expected and "[ cut here ]" in line:
            inside, expected = True, expected - 1
        if not inside:
            kept.append(line)
        if "[ end trace" in line:
            inside = False
    return kept, expected


def checksum(path):
    with open(path, "rb") as file:
        return f"{zlib.crc32(file.read()):08x}"


def told(path, known=None):
    """{size: what the SMMU was told} by an unmap, that a log tells."""
    return tlbi.read(read_log(path), known)


def judge(case, log_lines, log, disk):
    """The lines less the faults and warnings that a test announced, when they are what the case wants."""
    log_lines, missing = without_expected_warnings(log_lines)
    if missing:
        raise Failure(f"{missing} of the warnings that a test expects did not come", log)
    try:
        log_lines = ktap.without_faults(log_lines, case.faults)
    except ktap.Wrong as wrong:
        raise Failure(str(wrong), log) from None
    wrong = None
    if case.events:
        log_lines, wrong = events.read(log_lines, *case.events)
    for pattern in case.forbid:
        line = found(pattern, log_lines)
        if line:
            first = log_lines.index(line)
            raise Failure(f"the log must not have '{pattern}': {line}", log, log_lines[max(first - 15, 0):first + 45])
    # Of the disk as it is now: the guest may have written it.
    crc = checksum(disk) if case.machine.disk else ""
    for pattern in case.kernel.expect + case.machine.expect + case.expect + case.tell:
        if not found(pattern.replace("@CRC32@", crc), log_lines):
            raise Failure(f"the log lacks '{pattern}'", log)
    if wrong:
        raise Failure(f"faults {wrong}", log)
    return log_lines


def kunit(case, log, tool, report):
    """How many KUnit tests passed, which is all that did not skip themselves, as the kernel's own tool reads the log."""
    open(report, "w", encoding="utf-8").close()
    status = run([sys.executable, tool, "parse", f"--json={report}.json", log], report)
    try:
        results = kunit_results.read(f"{report}.json")
    except (OSError, ValueError) as error:
        raise Failure(f"no KUnit results: {error} (kunit.py's report: {report})", log) from None
    passed, _, wrong = kunit_results.judged(results)
    if not passed and not wrong:
        raise Failure(f"no KUnit test ran (kunit.py's report: {report})", log)
    # What a suite announced and did not do is in no result.
    if wrong or status != 0 or any("[ERROR]" in line for line in read_log(report)):
        raise Failure(f"KUnit: {', '.join(map(': '.join, wrong[:5])) or 'an error'} (kunit.py's report: {report})", log)
    for suite in case.kunit:
        if suite not in {suite for suite, _, _ in results}:
            raise Failure(f"the KUnit suite {suite} did not run (kunit.py's report: {report})", log)
    return passed


def invalidations(case, log):
    """How many unmaps told the SMMU of what they unmapped, no more and no less."""
    try:
        sizes = list(told(log, case.known))
    except tlbi.Wrong as wrong:
        raise Failure(f"TLB invalidation: {wrong}", log) from None
    if sizes != case.tlbi:
        raise Failure(f"unmaps in the log: {' '.join(sizes) or 'none'}; there should be: {' '.join(case.tlbi)}", log)
    return len(sizes)


def tests(case, log_lines, log):
    """How many tests of modules passed."""
    try:
        return sum(ktap.passed(log_lines, module) for module in case.ktap)
    except ktap.Wrong as wrong:
        raise Failure(str(wrong), log) from None
