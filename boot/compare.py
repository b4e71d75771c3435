# SPDX-License-Identifier: GPL-2.0
"""Two cases side by side: what each measured, as a table, and which limits are missed."""

import re

from cases import Counts, Latency, Ratio
from judge import told
from process import Failure, read_log

CALL = re.compile(r"iommu_latency: (map|unmap) (\w+)-(\w+)$")
SECTION = re.compile(r"iommu_latency: (\w+) off: (\d+) (\S+)")
# Where sections begin that are nothing of the IOMMU's: in the allocators of pages and of slabs.
ALLOCATORS = re.compile(r"get_page_from_freelist|kernel_init_free_pages|free_unref_page|free_pcppages_bulk|__free_pages_ok|"
                        r"__rmqueue_pcplist|_*slab_(alloc|free)|put_cpu_partial|kmem_cache_(alloc|free)|__pcs_replace|barn_replace|"
                        r"refill_objects|alloc_from_new_slab")
LATENCY_SIZES = ("4K", "2M", "64M", "1G")
# What the base does of these sizes is what the series is held against, whatever its size.
UP_TO_2M = LATENCY_SIZES[:2]
# By how many instructions a section can seem longer or shorter than it is, as tracing takes some of its own.
INEXACT = 50
COST = re.compile(r"iommu_cost: (\S+): map (\d+) unmap (\d+) instructions")


def costs(path, _known=None):
    """{size: (map, unmap)} that a log tells."""
    matches = (COST.search(line) for line in read_log(path))
    return {m[1]: (int(m[2]), int(m[3])) for m in matches if m}


def cost_table(ratio, before, after):
    """Two logs' instructions side by side, and the sizes that miss their limit."""
    calls = ("iommu_unmap()", "iommu_map()")
    text = (f"{ratio.what}\nOne call, arm64, mapped with 4 KiB pages\n"
            + " " * 18 + "".join(f"{call:>22}{'':<34}" for call in calls).rstrip() + "\n"
            + f"{'size':<18}" + "".join(f"{'base':>11}{'series':>11}{'base/series':>13}   {'limit':<18}" for _ in calls).rstrip() + "\n")
    missed = []
    for size in before:
        line = f"{size:<18}"
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
    """What the SMMU was told, likewise, and what it should have been told just the same."""
    missed, others = [], ""
    text = (f"{counts.what}\n{'':<12}{'invalidations':>22}{'syncs':>22}\n"
            f"{'size':<12}{'base':>11}{'series':>11}{'base':>11}{'series':>11}   limit\n")
    for size, one in before.items():
        other = after[size]
        line = f"{size:<12}{one.invalidations:>11}{other.invalidations:>11}{one.syncs:>11}{other.syncs:>11}"
        if size in counts.limits:
            line += f"   at most {counts.limits[size]}"
            if other.invalidations + other.syncs > counts.limits[size]:
                missed.append(size)
                line += " !"
        if size in counts.same:
            line += "   the same commands"
            if one.commands != other.commands:
                missed.append(f"{size} (other commands)")
                line += " !"
                others += "".join(f"{size}, {name}: {'; '.join(told.commands)}\n" for name, told in (("base", one), ("series", other)))
        text += f"{line}\n"
    return text + others + "From 2M on all but \"across\" are whole tables; 1G is aligned to 2M, 1G-aligned to 1G.\n", missed


def latencies(path, _known):
    """{(what is off, call, layout, size): instructions of the longest stretch that is none of an allocator}"""
    longest, call = {}, None
    for line in read_log(path):
        if match := CALL.search(line):
            call = match[1], match[3], match[2]
            longest.update({(off, *call): 0 for off in ("interrupts", "preemption")})
        elif call and (match := SECTION.search(line)) and not ALLOCATORS.match(match[3]):
            key = match[1], *call
            longest[key] = max(longest[key], int(match[2]))
    return longest


def latency_table(item, before, after):
    """How long interrupts, and preemption, are off at a stretch, likewise."""
    sizes = [size for size in LATENCY_SIZES if any(size == key[-1] for key in before)]
    text = (f"{item.what}\n{'':<32}" + "".join(f"{size:>16}" for size in sizes) + "\n"
            + f"{'':<32}" + f"{'base':>8}{'series':>8}" * len(sizes) + "   limit\n")
    missed = []
    for off, call, layout in dict.fromkeys(key[:3] for key in before):
        least = max(before[key] for key in before if key[:2] == (off, call) and key[-1] in UP_TO_2M)
        share, more = item.limits[off]
        limit = int(share * least) + more + INEXACT
        keys = [(off, call, layout, size) for size in sizes]
        wrong = [key for key in keys if after.get(key, 0) > limit]
        missed += [f"{call} {size}-{layout} ({off} off)" for _, _, _, size in wrong]
        if any(told.get(key) for told in (before, after) for key in keys):
            line = f"{off} off: {call}, {layout}"
            text += (f"{line:<32}" + "".join(f"{before.get(key, ''):>8}{after.get(key, ''):>8}" for key in keys)
                     + f"   at most {limit}{' !' if wrong else ''}\n")
    return text + f"Where there is no line it is 0; what is not exact is at most {INEXACT}.\n", missed


MEASURES = {Ratio: (costs, cost_table), Counts: (told, count_table), Latency: (latencies, latency_table)}


def compare(item, cases, logs):
    """The table, and the sizes that miss their limit."""
    measured, table = MEASURES[type(item)]
    before, after = (measured(log, case.known) for log, case in zip(logs, cases))
    limited = {key[0] if isinstance(item, Latency) else key for key in before}
    if not before or before.keys() != after.keys() or not {*item.limits, *getattr(item, "same", ())} <= limited:
        raise Failure("the two cases did not measure the same sizes", logs[1])
    return table(item, before, after)
