# SPDX-License-Identifier: GPL-2.0
"""Two cases side by side: what each measured, as a table, and which limits are missed."""

import re

from cases import Ratio
from judge import told
from process import Failure, read_log

COST = re.compile(r"iommu_cost: (\S+): map (\d+) unmap (\d+) instructions")


def costs(path, _known):
    """{size: (map, unmap)} that a log tells."""
    matches = (COST.search(line) for line in read_log(path))
    return {m[1]: (int(m[2]), int(m[3])) for m in matches if m}


def cost_table(ratio, before, after):
    """Two logs' instructions side by side, and the sizes that miss their limit."""
    calls = ("iommu_unmap()", "iommu_map()")
    text = ("Instructions of one call, arm64, through arm-smmu-v3, mapped with 4 KiB pages\n"
            + " " * 12 + "".join(f"{call:>22}{'':<34}" for call in calls).rstrip() + "\n"
            + f"{'size':<12}" + "".join(f"{'base':>11}{'series':>11}{'base/series':>13}   {'limit':<18}" for _ in calls).rstrip() + "\n")
    missed = []
    for size in before:
        line = f"{size:<12}"
        # A log has the map first, as it comes first.
        for one, other, share in zip(reversed(before[size]), reversed(after[size]), ratio.limits.get(size, (None, None))):
            bound = f"at most {float(share * one):.0f}" if share else ""
            if share and other > share * one:
                bound += " !"
                missed.append(size)
            line += f"{one:>11}{other:>11}{one / other:>12.2f}x   {bound:<18}"
        text += line.rstrip() + "\n"
    return text + "2M and 16M are whole tables; \"across\" begins and ends in the middle of one.\n", missed


def count_table(counts, before, after):
    """What the SMMU was told, likewise."""
    missed = []
    text = (f"{counts.what}\n{'':<12}{'invalidations':>22}{'syncs':>22}\n"
            f"{'size':<12}{'base':>11}{'series':>11}{'base':>11}{'series':>11}   limit\n")
    for size, one in before.items():
        other = after[size]
        line = f"{size:<12}{one.invalidations:>11}{other.invalidations:>11}{one.syncs:>11}{other.syncs:>11}"
        if size in counts.limits:
            line += f"   at most {counts.limits[size]}"
            if sum(other) > counts.limits[size]:
                missed.append(size)
                line += " !"
        text += f"{line}\n"
    return text + "From 2M on all but \"across\" are whole tables; 1G is aligned to 2M, 1G-aligned to 1G.\n", missed


def compare(item, cases, logs):
    """The table, and the sizes that miss their limit."""
    measured, table = (costs, cost_table) if isinstance(item, Ratio) else (told, count_table)
    before, after = (measured(log, case.known) for log, case in zip(logs, cases))
    if not before or before.keys() != after.keys() or not item.limits.keys() <= before.keys():
        raise Failure("the two cases did not measure the same sizes", logs[1])
    return table(item, before, after)
