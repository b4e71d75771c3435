# SPDX-License-Identifier: GPL-2.0
"""Reads what kunit.py wrote with --json: fails when no test passed, or one did not."""

import json
import sys


def cases(group):
    """(name, status) of each test case, with the suites that it is in."""
    for case in group["test_cases"]:
        yield f"{group['name']}: {case['name']}", case["status"]
    for sub in group["sub_groups"]:
        yield from cases(sub)


def main(path):
    try:
        with open(path, encoding="utf-8") as file:
            results = list(cases(json.load(file)))
    except (OSError, ValueError) as error:
        print(f"    no results: {error}")
        return 1
    wrong = [(name, status) for name, status in results if status != "PASS"]
    for name, status in wrong:
        print(f"    {status} {name}")
    print(f"    {len(results) - len(wrong)} of {len(results)} KUnit tests passed")
    return 1 if wrong or not results else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
