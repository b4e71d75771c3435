# SPDX-License-Identifier: GPL-2.0
"""Reads what kunit.py wrote with --json: fails when no test passed, or one did neither that nor skip itself."""

import json
import sys


def cases(group):
    """(suite, name, status) of each test case, of the suites within, too."""
    for case in group.get("test_cases", []):
        yield group["name"], case["name"], case["status"]
    for sub in group.get("sub_groups", []):
        yield from cases(sub)


def read(path):
    """[(suite, name, status)]"""
    with open(path, encoding="utf-8") as file:
        return list(cases(json.load(file)))


def judged(results):
    """How many passed, how many skipped themselves, and those that did neither."""
    count = [status for _, _, status in results].count
    return count("PASS"), count("SKIP"), [result for result in results if result[2] not in ("PASS", "SKIP")]


def main(path):
    try:
        results = read(path)
    except (OSError, ValueError) as error:
        print(f"    no results: {error}")
        return 1
    passed, skipped, wrong = judged(results)
    for suite, name, status in wrong:
        print(f"    {status} {suite}: {name}")
    print(f"    {passed} of {len(results)} KUnit tests passed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if wrong or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
