# SPDX-License-Identifier: GPL-2.0
"""Reads what an IOMMU was told to invalidate by each iommu_unmap(), and by some maps, of boot/modules/iommu_tlbi.c, and judges it.

The log has lines of the module, which for arm-smmu tell the writes to TLB registers, and of QEMU's trace: of the commands of its
SMMUv3, and of the registers of other drivers, see boot/dts/ipmmu-vmsa.dts.
"""

import re
from collections import namedtuple

BEGIN = re.compile(r"iommu_tlbi: (\S+): unmap (0x[0-9a-f]+) bytes at (0x[0-9a-f]+), pages of (0x[0-9a-f]+), "
                   r"tables of (0x[0-9a-f]+), driver (\S+), IDs (\d+)")
SYNC = re.compile(r"iommu_tlbi: (\S+): sync$")
END = re.compile(r"iommu_tlbi: (\S+): (?:un)?mapped")
BEGIN_BESIDE = re.compile(r"iommu_tlbi: (\S+): \d+ unmaps and flushes, driver (\S+)")
BEGIN_MAP = re.compile(r"iommu_tlbi: (\S+): map (0x[0-9a-f]+) bytes at (0x[0-9a-f]+), driver (\S+)")
# arm-smmu: writes for one 4 KiB page each, L: of the last level alone; of the whole context,
# by its own or a global register, which is no invalidation of what was unmapped later; a sync.
WRITE_PAGES = re.compile(r"iommu_tlbi: TLBI(?:VA|IPAS2)(L?) (\d+) from (0x[0-9a-f]+)")
WRITE_ALL = re.compile(r"iommu_tlbi: TLBI(?:(ASID)|VMID|ALL\w*) when unmapped to (0x[0-9a-f]+)")
WRITE_WRONG = re.compile(r"iommu_tlbi: (0x[0-9a-f]+ is not of ASID \d+)")
WRITE_SYNC = re.compile(r"iommu_tlbi: (?:sTLBG|(TLB))SYNC$")
# SMMUv3: a command, and after one by address the ranges that it comes to, 2^(2 tg + 10) bytes a page.  Newer QEMUs trace
# those of both stages alike.
COMMAND = re.compile(r"smmuv3_cmdq_opcode .*\bSMMU_CMD_(TLBI\w+|SYNC)")
COMMAND_TRACED = re.compile(r"smmuv3_\w+ (.*)")
COMMAND_RANGE = re.compile(r"smmuv3_(?:s1_)?range_inval .*\baddr=(0x[0-9a-f]+) tg=(\d+) num_pages=(0x[0-9a-f]+) ttl=(\d+) leaf=(\d)")
# Registers where virtio-mmio devices are not there: an access, and by driver what is at that offset in such a device, of which TLB.
ACCESS = re.compile(r"virtio_mmio_(?:read|write) offset (0x[0-9a-f]+)(?: value (0x[0-9a-f]+))?")
REGISTERS = {
    "ipmmu-vmsa": {0x0c0: ("cache", "IMCTR"), 0x100: ("main", "IMCTR")},
    "qcom-iommu": {0x000: (1, "TLBIVA"), 0x010: (1, "TLBIASID"), 0x020: (1, "TLBIVAL"), 0x1f0: (1, "TLBSYNC"), 0x1f4: (1, "TLBSTATUS"),
                   0x080: (2, "TLBIVA"), 0x090: (2, "TLBIASID"), 0x0a0: (2, "TLBIVAL"), 0x070: (2, "TLBSYNC"), 0x074: (2, "TLBSTATUS")},
    "mtk-iommu": {0x10c: ("", "INV_SEL"), 0x0f8: ("", "INVLD_START_A"), 0x0fc: ("", "INVLD_END_A"), 0x0f4: ("", "INVALIDATE"),
                  0x000: ("", "CPE_DONE")},
}
# Whose walkers may keep that an address is not mapped.
KEEP_NOT_MAPPED = ("mtk-iommu",)
IMCTR_FLUSH = 2
F_MMU_INV_RANGE = 1
# Of what an SMMUv3's TLB keeps, by its size.  A hint of 0 is none.
LEVELS = {1 << 12: 3, 1 << 21: 2}
# For less it is not worth invalidating all that a device may still use.
WORTH_ALL = 1 << 20

Count = namedtuple("Count", "invalidations syncs commands")


class Wrong(Exception):
    """What is wrong with the invalidations of an unmap."""


class Unmap:
    """One iommu_unmap(), of memory that was mapped by pages of one size."""

    def __init__(self, name, size, iova, page, table, driver, ids):
        self.page = page
        self.name, self.start, self.end, self.table, self.driver = name, iova, iova + size, table, driver
        self.invalidations = self.syncs = 0
        self.commands = []      # of an SMMUv3, as they were traced
        self.tables_wrong = "the core did not sync"
        self.hints_wrong = []   # each makes an invalidation worth nothing
        # Start, end, of the last level alone?, of which TLB, which sync waits for it: that of the TLB or of
        # this context ("one"), or that of a register that all contexts share ("all").
        self.pending = []
        self.done = []          # waited for
        # Which TLBs must be told: of qcom-iommu those of the contexts that the device has.
        self.registers = REGISTERS.get(driver, {})
        self.tlbs = {tlb for tlb, _ in self.registers.values() if driver != "qcom-iommu" or tlb <= ids} or {""}
        self.asked = set()      # qcom-iommu: TLBs whose status will tell that all is done
        self.written = {"INVLD_START_A": 0, "INVLD_END_A": 0}   # mtk-iommu: the range to come

    def add(self, start, end, leaf, where="one", tlb=""):
        self.pending.append((start, end, leaf, tlb, where))

    def add_context(self, start, end, where="one", tlb=""):
        """All of a context is invalidated, for what is unmapped from start to end."""
        self.invalidations += 1
        if self.end - self.start < WORTH_ALL:
            raise Wrong(f"{self.name}: all of the context was invalidated for {self.end - self.start:#x} bytes")
        self.add(start, end, False, where, tlb)

    def sync(self, *where):
        self.syncs += 1
        self.done += [entry for entry in self.pending if entry[4] in where]
        self.pending = [entry for entry in self.pending if entry[4] not in where]

    def ipmmu(self, tlb, _name, value):
        """A flush is one of all contexts' pages; it is done when the main IPMMU says so."""
        if value is None and self.pending:
            self.sync("cache", "main")
        elif value is not None and value & IMCTR_FLUSH:
            self.invalidations += 1
            self.add(self.start, self.end, False, tlb, tlb)

    def qcom(self, tlb, name, value):
        if name == "TLBSTATUS" and tlb in self.asked:
            self.sync(tlb)
        elif name == "TLBSYNC":
            self.asked.add(tlb)
        elif value is not None:
            if value & 0xfff != tlb:
                raise Wrong(f"{self.name}: {name} {value:#x} does not have the ASID of context {tlb}")
            self.asked.discard(tlb)
            if name == "TLBIASID":
                # It comes when all is clear, as KUnit sees of every invalidation that a format asks for
                self.add_context(self.start, self.end, tlb, tlb)
            else:
                self.invalidations += 1
                self.add(value - tlb, value - tlb + (1 << 12), name == "TLBIVAL", tlb, tlb)

    def mtk(self, tlb, name, value):
        if name == "CPE_DONE" and value is None:
            self.sync(tlb)
        elif name == "INVALIDATE":
            if value != F_MMU_INV_RANGE:
                raise Wrong(f"{self.name}: INVALIDATE {value:#x} is not of a range")
            self.invalidations += 1
            self.add(self.written["INVLD_START_A"], (self.written["INVLD_END_A"] | 0xfff) + 1, False, tlb, tlb)
        else:
            self.written[name] = value

    def access(self, offset, value):
        """A register was read (no value) or written."""
        if offset not in self.registers:
            raise Wrong(f"{self.name}: {self.driver} uses a register at {offset:#x}, which has nothing to do with TLBs")
        {"ipmmu-vmsa": self.ipmmu, "qcom-iommu": self.qcom, "mtk-iommu": self.mtk}[self.driver](*self.registers[offset], value)

    def take(self, line):
        """One line of the log."""
        if match := COMMAND_TRACED.search(line):
            self.commands.append(match[1])
        if match := WRITE_WRONG.search(line):
            raise Wrong(f"{self.name}: {match[1]}")
        if match := WRITE_PAGES.search(line):
            self.invalidations += int(match[2])
            start = int(match[3], 16)
            self.add(start, start + (int(match[2]) << 12), match[1] == "L")
        elif match := COMMAND_RANGE.search(line):
            address, granule, pages, level, leaf = (int(number, 0) for number in match.groups())
            if level not in (0, LEVELS.get(self.page)):
                self.hints_wrong.append(f"{address:#x} was invalidated with the hint that it is of level {level}, but it is a "
                                        + ("page" if self.page == 1 << 12 else "block"))
            elif not level and pages == 1 and granule:
                self.hints_wrong.append(f"{address:#x} was invalidated by a command that has neither a level nor a range")
            else:
                self.add(address, address + (pages << (2 * granule + 10 if granule else 12)), leaf == 1)
        elif match := WRITE_ALL.search(line):
            self.add_context(self.start, int(match[2], 16), "one" if match[1] else "all")
        elif match := WRITE_SYNC.search(line):
            # The sync of a context does not wait for what was asked for by a register of all contexts.
            self.sync("one", *(() if match[1] else ("all",)))
        elif match := COMMAND.search(line):
            if match[1] == "SYNC":
                self.sync("one")
            elif match[1] in ("TLBI_NH_VA", "TLBI_NH_VAA", "TLBI_S2_IPA"):
                self.invalidations += 1
            elif match[1] in ("TLBI_NH_ASID", "TLBI_S12_VMALL"):
                # The trace does not tell how much is unmapped by then. That it is enough is seen by DMA.
                self.add_context(self.start, self.end)
            else:
                raise Wrong(f"{self.name}: {match[1]}, which is no invalidation of a context or by address")
        elif match := ACCESS.search(line):
            self.access(int(match[1], 16), match[2] and int(match[2], 16))
        elif SYNC.search(line):
            self.tables_wrong = self.check_tables()
            if self.driver == "ipmmu-vmsa":
                # Of what was flushed so far nobody knows what was cleared then.
                self.done.clear()

    def lacks(self, entries, tlb, start, end, leaf_will_do):
        """The first address from start to end that was not invalidated, None when all were."""
        for low, high, leaf, told, _ in sorted(entries):
            if low <= start < high and told == tlb and (leaf_will_do or not leaf):
                start = high
        return start if start < end else None

    def check_tables(self):
        """The core syncs.  At its last sync, whole tables are freed, and a walker may have cached where they are."""
        mask = self.table - 1
        for tlb in sorted(self.tlbs) if self.table else ():
            tables = tlb, (self.start + mask) & ~mask, self.end & ~mask, False
            address = self.lacks(self.done + self.pending, *tables)
            if address is not None:
                return f"{address:#x} was not invalidated in all levels, but its table is freed"
            if self.lacks(self.done, *tables) is not None:
                return "no sync that waits for the invalidation of a table, but it is freed"
        return None

    def faults(self):
        """What is wrong, in words."""
        yield from self.hints_wrong
        if self.tables_wrong:
            yield self.tables_wrong
        told = self.done + self.pending
        for low, high, *_ in told:
            if low < self.start or high > self.end:
                yield f"{low:#x} to {high:#x} was invalidated, beyond the {self.start:#x} to {self.end:#x} that was unmapped"
        for tlb in sorted(self.tlbs):
            address = self.lacks(told, tlb, self.start, self.end, True)
            if address is not None:
                yield f"{address:#x} was not invalidated" + (f" in TLB {tlb}" if tlb else "")
        if self.pending:
            yield "no sync that waits for the last invalidation"

    def check(self, known):
        """All is as it should be, but for what is known of this unmap: that must be."""
        faults = list(self.faults())
        for wrong in faults:
            if not known or not re.search(known, wrong):
                raise Wrong(f"{self.name}: {wrong}")
        if known and not faults:
            raise Wrong(f"{self.name}: the known fault '{known}' is no more")


class Map(Unmap):
    """One map: a walker that may keep that an address is not mapped is told, of just what was mapped; others are not."""

    def __init__(self, name, size, iova, driver):
        super().__init__(name, size, iova, 1 << 12, 0, driver, 0)
        self.tables_wrong = None    # none is freed

    def check(self, known):
        if self.driver in KEEP_NOT_MAPPED:
            super().check(known)
        elif self.invalidations or self.syncs:
            raise Wrong(f"{self.name}: {self.invalidations} invalidations and {self.syncs} syncs, of what was not mapped before")


class Beside:
    """Unmaps of one CPU beside flushes of another: those begin when none is under way.  What else the driver accesses does not matter."""

    # Of each access and what went before it, what it is then; "" between two flushes.
    ORDER = {
        "ipmmu-vmsa": {("", "main IMCTR read"): "asked", ("asked", "cache IMCTR"): "half", ("half", "main IMCTR"): "all", ("all", "main IMCTR read"): ""},
        "mtk-iommu": {("", "INV_SEL"): "begun", ("begun", "INVLD_START_A"): "start", ("start", "INVLD_END_A"): "range",
                      ("range", "INVALIDATE 1"): "waiting", ("waiting", "CPE_DONE read"): "waiting", ("waiting", "CPE_DONE"): "",
                      ("begun", "INVALIDATE 2"): ""},
    }

    commands = ()

    def __init__(self, name, driver):
        self.name, self.registers, self.order = name, REGISTERS[driver], self.ORDER[driver]
        self.state = ""
        self.ends = {}          # how often flushes ended with which access

    def take(self, line):
        match = ACCESS.search(line)
        tlb, name = self.registers.get(int(match[1], 16), (None, None)) if match else (None, None)
        if name is None:
            return
        said = f"{tlb} {name}".strip() + (" read" if match[2] is None else f" {int(match[2], 16)}" if name == "INVALIDATE" else "")
        if (self.state, said) not in self.order:
            raise Wrong(f"{self.name}: {said}, while another flush is under way ({self.state or 'between two'})")
        self.state = self.order[self.state, said]
        if not self.state:
            self.ends[said] = self.ends.get(said, 0) + 1

    def check(self, _known):
        if self.state or self.ends.keys() != {said for (_, said), after in self.order.items() if not after}:
            raise Wrong(f"{self.name}: not all kinds of flushes were seen, or one has not ended: {self.ends}")

    @property
    def invalidations(self):
        return sum(self.ends.values())

    syncs = invalidations


def read(log_lines, known=None):
    """{name: Count} of the unmaps and maps in a log.  Raises Wrong for one whose invalidations are not what was unmapped, but for those that are
    known to be wrong, as {name: pattern}."""
    counts, unmap = {}, None
    for line in log_lines:
        if match := BEGIN.search(line):
            name, *sizes, driver, ids = match.groups()
            unmap = Unmap(name, *(int(number, 16) for number in sizes), driver, int(ids))
        elif match := BEGIN_MAP.search(line):
            name, size, iova, driver = match.groups()
            unmap = Map(name, int(size, 16), int(iova, 16), driver)
        elif match := BEGIN_BESIDE.search(line):
            unmap = Beside(*match.groups())
        elif unmap and END.search(line):
            unmap.check((known or {}).get(unmap.name))
            counts[unmap.name] = Count(unmap.invalidations, unmap.syncs, unmap.commands)
            unmap = None
        elif unmap:
            unmap.take(line)
    return counts
