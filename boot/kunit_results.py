# SPDX-License-Identifier: GPL-2.0
"""Reads what kunit.py wrote with --json: fails when no test passed, or one did not."""

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


def main(path):
    try:
        results = read(path)
    except (OSError, ValueError) as error:
        print(f"    no results: {error}")
        return 1
    wrong = [result for result in results if result[2] != "PASS"]
    for suite, name, status in wrong:
        print(f"    {status} {suite}: {name}")
    print(f"    {len(results) - len(wrong)} of {len(results)} KUnit tests passed")
    return 1 if wrong or not results else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
