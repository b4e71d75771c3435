# SPDX-License-Identifier: GPL-2.0
"""Compares the accesses of a device that were refused, as a module of boot/modules saw by the data, with those that the SMMUv3 logged."""

import re
from collections import Counter

SEEN = r"\b{}: fault: (read|write) at (0x[0-9a-f]+), not (mapped|allowed)$"
EVENT = re.compile(r"event (0x[0-9a-f]+) received:$")
WORD = re.compile(r"arm-smmu-v3 \S+ \t0x([0-9a-f]{16})$")
WHY = {0x10: "mapped", 0x13: "allowed"}     # F_TRANSLATION, F_PERMISSION
READ = 1 << 35                              # in the second of the four words; the third is the address


class Wrong(Exception):
    """What is wrong with the faults of a boot."""


def words(log_lines, start):
    """The four words of the event in that line.  Another CPU's lines may stand between them."""
    found = [int(match[1], 16) for line in log_lines[start + 1:start + 30] if (match := WORD.search(line))]
    if len(found) < 4:
        raise Wrong(f"an event without its words: {log_lines[start]}")
    return found[:4]


def read(log_lines, module):
    """The faults that both tell of, and the lines without them.  Raises Wrong for one that only one of the two tells of."""
    seen_line = re.compile(SEEN.format(module))
    seen, logged, kept = Counter(), Counter(), []
    for number, line in enumerate(log_lines):
        if match := seen_line.search(line):
            seen[match[1], int(match[2], 16), match[3]] += 1
        match = EVENT.search(line)
        if match and int(match[1], 16) in WHY:
            event = words(log_lines, number)
            logged["read" if event[1] & READ else "write", event[2], WHY[int(match[1], 16)]] += 1
        else:
            kept.append(line)
    for ours, theirs, what in ((seen, logged, "the SMMU did not log"), (logged, seen, f"{module} did not see")):
        for (access, address, why), count in (ours - theirs).items():
            raise Wrong(f"{what} a {access} at {address:#x}, not {why} ({count} of {ours[access, address, why]})")
    if not seen:
        raise Wrong(f"{module} saw no fault")
    return sum(seen.values()), kept
