# SPDX-License-Identifier: GPL-2.0
"""Reads what an SMMU was told to invalidate by each iommu_unmap() of boot/modules/iommu_tlbi.c, and judges it.

The log has lines of the module, which for arm-smmu tell the writes to TLB registers, and of QEMU's trace of its SMMUv3.
"""

import re
from collections import namedtuple

BEGIN = re.compile(r"iommu_tlbi: (\S+): unmap (0x[0-9a-f]+) bytes at (0x[0-9a-f]+), tables of (0x[0-9a-f]+)")
END = re.compile(r"iommu_tlbi: (\S+): unmapped")
# arm-smmu: writes for one 4 KiB page each, L: of the last level alone; of the whole context,
# by its own or a global register, which is no invalidation of what was unmapped later; a sync.
WRITE_PAGES = re.compile(r"iommu_tlbi: TLBI(?:VA|IPAS2)(L?) (\d+) from (0x[0-9a-f]+)")
WRITE_ALL = re.compile(r"iommu_tlbi: TLBI(?:(ASID)|VMID|ALL\w*) when unmapped to (0x[0-9a-f]+)")
WRITE_SYNC = re.compile(r"iommu_tlbi: (?:sTLBG|(TLB))SYNC$")
# SMMUv3: a command, and after one by address the ranges that it comes to, 2^(2 tg + 10) bytes a page.  Newer QEMUs trace
# those of both stages alike.
COMMAND = re.compile(r"smmuv3_cmdq_opcode .*\bSMMU_CMD_(TLBI\w+|SYNC)")
COMMAND_RANGE = re.compile(r"smmuv3_(?:s1_)?range_inval .*\baddr=(0x[0-9a-f]+) tg=(\d+) num_pages=(0x[0-9a-f]+) ttl=\d+ leaf=(\d)")
# For less it is not worth invalidating all that a device may still use.
WORTH_ALL = 1 << 20

Count = namedtuple("Count", "invalidations syncs")


class Wrong(Exception):
    """What is wrong with the invalidations of an unmap."""


class Unmap:
    """One iommu_unmap(), of memory that was mapped by pages of 4 KiB."""

    def __init__(self, name, size, iova, table):
        self.name, self.start, self.end, self.table = name, iova, iova + size, table
        self.invalidations = self.syncs = 0
        self.unsynced = set()   # "one": of this context, "all": of a register that all contexts share
        self.ranges = []        # start, end, of the last level alone?

    def add(self, start, end, leaf, where="one"):
        self.ranges.append((start, end, leaf))
        self.unsynced.add(where)

    def sync(self, where="all"):
        """The sync of a context does not wait for what was asked for by a register of all contexts."""
        self.syncs += 1
        self.unsynced -= {"one", where}

    def take(self, line):
        """One line of the log."""
        if match := WRITE_PAGES.search(line):
            self.invalidations += int(match[2])
            start = int(match[3], 16)
            self.add(start, start + (int(match[2]) << 12), match[1] == "L")
        elif match := COMMAND_RANGE.search(line):
            address, granule, pages, leaf = (int(number, 0) for number in match.groups())
            self.add(address, address + (pages << (2 * granule + 10 if granule else 12)), leaf == 1)
        elif match := WRITE_ALL.search(line):
            self.invalidations += 1
            if self.end - self.start < WORTH_ALL:
                raise Wrong(f"{self.name}: all of the context was invalidated for {self.end - self.start:#x} bytes")
            self.add(self.start, int(match[2], 16), False, "one" if match[1] else "all")
        elif match := WRITE_SYNC.search(line):
            self.sync("one" if match[1] else "all")
        elif match := COMMAND.search(line):
            if match[1] == "SYNC":
                self.sync()
            elif match[1] in ("TLBI_NH_VA", "TLBI_NH_VAA", "TLBI_S2_IPA"):
                self.invalidations += 1
            else:
                raise Wrong(f"{self.name}: {match[1]}, which is not by address")

    def lacks(self, start, end, leaf_will_do):
        """The first address from start to end that was not invalidated, None when all were."""
        for low, high, leaf in sorted(self.ranges):
            if low <= start < high and (leaf_will_do or not leaf):
                start = high
        return start if start < end else None

    def check(self):
        for low, high, _ in self.ranges:
            if low < self.start or high > self.end:
                raise Wrong(f"{self.name}: {low:#x} to {high:#x} was invalidated, beyond the {self.start:#x} to {self.end:#x} "
                            f"that was unmapped")
        address = self.lacks(self.start, self.end, True)
        if address is not None:
            raise Wrong(f"{self.name}: {address:#x} was not invalidated")
        # Whole tables were freed, and a walker may have cached where they are.
        mask = self.table - 1
        address = self.lacks((self.start + mask) & ~mask, self.end & ~mask, False)
        if address is not None:
            raise Wrong(f"{self.name}: {address:#x} was invalidated in the last level only, but its table is freed")
        if self.unsynced:
            raise Wrong(f"{self.name}: no sync that waits for the last invalidation")


def read(log_lines):
    """{name: Count} of the unmaps in a log.  Raises Wrong for one whose invalidations are not what was unmapped."""
    counts, unmap = {}, None
    for line in log_lines:
        if match := BEGIN.search(line):
            unmap = Unmap(match[1], *(int(number, 16) for number in match.groups()[1:]))
        elif unmap and END.search(line):
            unmap.check()
            counts[unmap.name] = Count(unmap.invalidations, unmap.syncs)
            unmap = None
        elif unmap:
            unmap.take(line)
    return counts
