# SPDX-License-Identifier: GPL-2.0
"""Reads the results of a module of boot/modules in a log: KTAP (Documentation/dev-tools/ktap.rst), each line after "MODULE: ".

kunit.py is for what KUnit prints at boot: of a module that is loaded later, it takes a result that is missing for none.
"""

import re


class Wrong(Exception):
    """What is wrong with a module's results."""


def without_faults(log_lines, faults):
    """The lines with "ok" for the tests that are known to fail, {name: pattern}: each must, and have said why before that."""
    kept, left, said = [], dict(faults), None
    for line in log_lines:
        if match := re.search(r"\bnot ok \d+ (.+?)\s*$", line):
            pattern = left.pop(match[1], None)
            if pattern and said and re.search(f": {re.escape(match[1])}: {pattern}", said):
                line = line.replace("not ok", "ok")
        kept.append(line)
        said = line
    if left:
        raise Wrong(f"known faults that are no more: {', '.join(left)}")
    return kept


def passed(log_lines, module):
    """How many tests passed, which is all that were planned."""
    prefix = re.compile(rf"\b{module}: (KTAP version 1$|1\.\.\d+|(?:not )?ok .*)")
    said = [match[1].strip() for line in log_lines if (match := prefix.search(line))]
    if said[:1] != ["KTAP version 1"] or len(said) < 2 or not re.fullmatch(r"1\.\.[1-9]\d*", said[1]):
        raise Wrong(f"{module} has no results, or no plan: {' / '.join(said[:2]) or 'nothing'}")
    plan = int(said[1][3:])
    for number, line in enumerate(said[2:], 1):
        if not line.startswith(f"ok {number} "):
            raise Wrong(f"{module}: test {number} of {plan}: {line}")
        if "# SKIP" in line:
            raise Wrong(f"{module}: test {number} of {plan} was skipped: {line}")
    if len(said) - 2 != plan:
        raise Wrong(f"{module}: {plan} tests were planned, {len(said) - 2} have a result")
    return plan
