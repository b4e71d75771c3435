# SPDX-License-Identifier: GPL-2.0
"""Compares the accesses of a device that were refused, as a module of boot/modules saw by the data, with what the SMMUv3 logged."""

import re
from collections import Counter

SEEN = r"\b{}: fault: (read|write) at (0x[0-9a-f]+), not (mapped|allowed)$"
EVENT = re.compile(r"event (0x[0-9a-f]+) received:$")
WORD = re.compile(r"arm-smmu-v3 \S+ \t0x([0-9a-f]{16})$")
WHY = {0x10: "mapped", 0x13: "allowed"}     # F_TRANSLATION, F_PERMISSION
READ = 1 << 35                              # in the second of an event's four words; the third is the address


def words(log_lines):
    """The four words of an event, whose line is the one before.  Other lines may stand between them."""
    return [int(match[1], 16) for line in log_lines if (match := WORD.search(line))][:4]


def read(log_lines, module, unlogged=None):
    """The lines less the events that are faults, and what is wrong with these: None when the module saw each of them, and no other, but
    for those of an access that is not @unlogged, of which the SMMU need not tell."""
    seen_line = re.compile(SEEN.format(module))
    seen, logged, kept = Counter(), Counter(), []
    for number, line in enumerate(log_lines):
        if match := seen_line.search(line):
            seen[f"{match[1]} at {int(match[2], 16):#x}, not {match[3]}"] += 1
        match = EVENT.search(line)
        event = match and int(match[1], 16) in WHY and words(log_lines[number + 1:number + 30])
        if event and len(event) == 4:
            logged[f"{'read' if event[1] & READ else 'write'} at {event[2]:#x}, not {WHY[int(match[1], 16)]}"] += 1
        else:
            kept.append(line)
    for ours, theirs, what in ((seen, logged, "not logged by the SMMU"), (logged, seen, f"not seen by {module}")):
        for fault, count in (ours - theirs).items():
            if ours is seen and fault.endswith(f", not {unlogged}"):
                continue
            return kept, f"{what}: {fault} ({count} of {ours[fault]})"
    return kept, None if seen else f"none seen by {module}"
