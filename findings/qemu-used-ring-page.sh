#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Behind an IOMMU, QEMU's virtio devices write an entry of the used ring that goes from one page to the next as if the next page were
# the one that follows in memory.
#
# Tools: qemu-system-arm 1:10.0.13+ds-0+deb13u1 (Debian trixie, or its updates), python3.
# Input: virtio-rng-pci behind the SMMUv3 of -M virt, set up through QEMU's qtest protocol; no guest runs. Its queue has 8 descriptors, and
# one buffer of 16 bytes is made available. The used ring is 8 bytes below the end of a page, aligned to 4 as virtio asks. So the
# number of its first entry is the last word of that page, and the entry's length is the first word of the next page. The SMMU maps both
# pages, but to pages that are not side by side.
# Expected: both words where the SMMU maps them.
# Seen: the buffer is filled and the number is written, but the length goes to the page that follows the first one in memory, which is not
# mapped for the device. The SMMU logs no event. With the used ring inside a page, all is as expected.
# QEMU 11.1.2 (forky) does the same. 7.2.22 (bookworm) has an event 0x10 instead, for the length, and writes it nowhere.
#
# A Linux driver meets that with a split ring of more than 256 entries: there the used ring begins 0x840 into a page when it has 1024, and
# its entry 247 goes across. A frame that virtio_net finds in that entry has the wrong length and is dropped; and four bytes of some other
# page are overwritten.

. "$(dirname "$0")/qemu.sh"

need python3=python3

# used_ring ADDRESS: where the device is told that the used ring is.  What it then wrote.
used_ring() {
	timeout 60 python3 - "$qemu" "$1" <<'END'
import subprocess
import sys
import time

SMMU, ECAM, BAR, RAM = 0x9050000, 0x4010000000, 0x10000000, 0x40000000
UNTOUCHED = 0xa5a5a5a5

# In RAM: what the SMMU reads, and the device's pages.  AFTER follows FIRST, and is not mapped.
STREAMS, CONTEXT, LEVEL1, LEVEL2, LEVEL3, EVENTS = (RAM + n * 0x10000 for n in range(1, 7))
RINGS, FIRST, AFTER, SECOND, BUFFER = (RAM + 0x100000 + n * 0x1000 for n in range(5))
MAPPED = {0x1000: RINGS, 0x2000: FIRST, 0x3000: SECOND, 0x4000: BUFFER}

qemu = subprocess.Popen([sys.argv[1], "-M", "virt,iommu=smmuv3", "-nic", "none", "-display", "none", "-serial", "none",
                         "-monitor", "none", "-qtest", "stdio", "-device", "virtio-rng-pci,iommu_platform=on,disable-legacy=on"],
                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def ask(text):
    qemu.stdin.write(f"{text}\n")
    qemu.stdin.flush()
    for line in qemu.stdout:
        if line.startswith("OK"):
            return int(line.split()[1], 16) if line.split()[1:] else None
    sys.exit(f"{text}: no answer")


def read(size, address):
    return ask(f"read{size} {address:#x}")


def write(size, address, value):
    ask(f"write{size} {address:#x} {value:#x}")


def smmu():
    """Stage 1, 39 bits, 4 KiB, one table at each level."""
    write("q", STREAMS + 8 * 64, CONTEXT | 5 << 1 | 1)             # device 1, function 0
    write("q", CONTEXT, 1 << 46 | 1 << 45 | 1 << 41 | 2 << 32 | 1 << 31 | 1 << 30 | 25)
    write("q", CONTEXT + 8, LEVEL1)
    write("q", LEVEL1, LEVEL2 | 3)
    write("q", LEVEL2, LEVEL3 | 3)
    for iova, page in MAPPED.items():
        write("q", LEVEL3 + 8 * (iova >> 12), page | 1 << 10 | 1 << 6 | 3)
    write("q", SMMU + 0x80, STREAMS)
    write("l", SMMU + 0x88, 8)
    write("q", SMMU + 0xa0, EVENTS | 8)
    write("l", SMMU + 0x20, 1 << 2 | 1)


def device(used):
    """One request, done."""
    config = ECAM + (1 << 15)
    assert read("l", config) == 0x10441af4
    write("l", config + 0x20, BAR)
    write("l", config + 0x24, 0)
    write("w", config + 4, 6)
    write("q", RINGS, 0x4000)                                       # the descriptor: 16 bytes, to be written
    write("q", RINGS + 8, 2 << 32 | 16)
    write("l", RINGS + 0x800, 1 << 16)                              # the available ring: descriptor 0
    write("b", BAR + 0x14, 3)
    write("l", BAR + 0x8, 1)
    write("l", BAR + 0xc, 3)                                        # VERSION_1, ACCESS_PLATFORM
    write("b", BAR + 0x14, 11)
    write("w", BAR + 0x18, 8)
    for register, iova in ((0x20, 0x1000), (0x28, 0x1800), (0x30, used)):
        write("l", BAR + register, iova)
        write("l", BAR + register + 4, 0)
    write("w", BAR + 0x1c, 1)
    write("b", BAR + 0x14, 15)
    write("w", BAR + 0x3000, 0)
    for _ in range(100):
        if read("w", MAPPED[used & ~0xfff] + (used & 0xfff) + 2) == 1:
            return
        time.sleep(0.1)
    sys.exit("the device does nothing")


def word(page, offset):
    value = read("l", page + offset)
    return "untouched" if value == UNTOUCHED else f"{value:#x}"


used = int(sys.argv[2], 16)
for page in (FIRST, AFTER, SECOND):
    for offset in (0, 4, 8, 0xffc):
        write("l", page + offset, UNTOUCHED)
smmu()
device(used)
offset = (used & 0xfff) + 4
print("number", word(FIRST, offset), "length", word(FIRST, offset + 4) if offset < 0xffc else word(SECOND, 0),
      "page behind", word(AFTER, 0), "buffer", "filled" if read("q", BUFFER) else "empty", "events", read("l", SMMU + 0x100a8))
qemu.kill()
END
}

# try ADDRESS EXPECTED
try() { as_before "used ring at $1" "$2" "$(used_ring "$1")"; }
try 0x2000 "number 0x0 length 0x10 page behind untouched buffer filled events 0"
try 0x2ff8 "number 0x0 length untouched page behind 0x10 buffer filled events 0"
exit $failed
