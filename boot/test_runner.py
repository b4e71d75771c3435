# SPDX-License-Identifier: GPL-2.0
"""Tests of runner.py, started by boot/test-runner.

The runner itself, QEMU, kunit.py and boot/cases are the real ones.  Only the kernels are not: boot/build is
replaced by a script that takes test-guest.S, which prints the log that a test wants.
"""

import glob
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time

TOP, PLACE, SCRATCH = (os.environ[name] for name in ("top", "place", "scratch"))
POWER_OFF, HANG, BY_TIME = "\0", "\xff", "\1"

BUILD = """#!/bin/sh
mkdir -p "$1"
echo "$@" >{scratch}/built
case $(cat {scratch}/build) in
sleep) sleep 1000 ;;
fail) echo "file.c:1: error: no such thing"; exit 1 ;;
esac
cp {scratch}/guest-$2 "$1/boot-image" && echo none >"$1/boot-initramfs" && cksum <"$1/boot-image" >"$1/made-of"
"""

CASES = """
[machine test]
qemu = qemu-system-aarch64 -M virt -cpu cortex-a57 -m 64
[case test]
what = a test
revisions = series
kernel = arm64
machine = test
kunit = io-pgtable
timeout = {timeout}
[case test-repeat]
what = a test that boots twice
revisions = series
kernel = arm64
machine = test
repeat = number .*
timeout = 20
[case test-tlbi]
what = a test that looks at TLB invalidations
revisions = base series
kernel = arm64
machine = test
tlbi = 64K 4M-across
timeout = 20
[counts test-counts]
what = a test that counts TLB invalidations
cases = test-tlbi-base test-tlbi
limits =
	64K 3
[case test-cost]
what = a test that counts instructions
revisions = base series
kernel = arm64
machine = test
timeout = 20
[ratio test-ratio]
what = a test of how many instructions are too many
cases = test-cost-base test-cost
limits =
	4K 1/2 1/4
	list 1/25 0.1
[case test-latency]
what = a test that measures sections
revisions = base series
kernel = arm64
machine = test
timeout = 20
[latency test-limits]
what = a test of how long sections are
cases = test-latency-base test-latency
limits =
	interrupts 5/4
	preemption 5/4
[case test-ktap]
what = a test whose results are those of modules
revisions = series
kernel = arm64
debug = arm64-debug
machine = test
cmdline = iommu.strict=0
ktap = iommu_one iommu_other
tell = iommu_one: \d+ bytes
timeout = 20
[case test-events]
what = a test whose device makes faults
revisions = series
kernel = arm64
machine = test
events = iommu_one
timeout = 20
[machine test-console]
qemu = qemu-system-aarch64 -M virt -cpu cortex-a57 -m 64
console = ttyS0
[case test-seconds]
what = a test that lasts as long as it is told
revisions = series
kernel = arm64
machine = test-console
init = insmod=test,seconds=@SECONDS@,seed=@SEED@
timeout = 20
[machine test-overlay]
qemu = qemu-system-aarch64 -M virt -cpu cortex-a57 -m 64
overlay = arm-smmu
[case test-overlay]
what = a test whose machine has another device tree
revisions = series
kernel = arm64
machine = test-overlay
timeout = 20
"""

NEWER_CASES = """
[machine test-newer]
qemu = qemu-system-aarch64 -M virt -cpu cortex-a57 -m 64
version = 99.1
[case test-newer]
what = a test that takes a newer QEMU
revisions = base series
kernel = arm64
machine = test-newer
tlbi = 64K 4M-across
timeout = 20
[counts test-newer-counts]
what = a test that counts on a newer QEMU
cases = test-newer-base test-newer
"""

LOG = """\
[    0.100000] arm-v7s io-pgtable: self test ok
[    0.100000] arm-lpae io-pgtable: selftest: completed with 18 PASS 0 FAIL
[    0.200000] TAP version 14
[    0.200000] 1..1
[    0.200000]     # Subtest: io-pgtable
[    0.200000]     1..2
[    0.200000]     ok 1 - first
[    0.200000]     ok 2 - second
[    0.200000] ok 1 - io-pgtable
[    0.300000] init: done
[    0.400000] reboot: Power down
"""

DISK_LOG = LOG + """\
iommu: Default domain type: Translated
arm-smmu-v3 9050000.smmuv3: ias 44-bit, oas 44-bit (features 0x00008305)
virtio-pci 0000:00:01.0: Adding to iommu group 0
init: disk: 0000:00:01.0 in IOMMU group 0, domain type DMA, access_platform 1
init: read 4194304 bytes, crc32 00000000
"""


def cost_log(page, scattered):
    return LOG + "".join(f"iommu_cost: {size}: map {costs[0]} unmap {costs[1]} instructions\n"
                         for size, costs in (("4K", page), ("list", scattered)))


def latency_log(unmap_2m=400, unmap_64m=400, unmap_off="preemption", allocator="get_page_from_freelist"):
    return LOG + f"""\
iommu_latency: map 2M-pages
iommu_latency: interrupts off: 40 {allocator}.isra.0
iommu_latency: unmap 2M-pages
iommu_latency: interrupts off: 400 driver_sync
iommu_latency: preemption off: {unmap_2m} driver_sync.constprop.0
iommu_latency: preemption off: 360 driver_sync
iommu_latency: unmap 64M-pages
iommu_latency: interrupts off: 16000 free_unref_page
iommu_latency: {unmap_off} off: {unmap_64m} driver_sync
"""


# What two unmaps tell an SMMUv3, and an arm-smmu.  The second one leaves one table that is whole, at 0x40200000.
BEGIN_64K = "iommu_tlbi: 64K: unmap 0x10000 bytes at 0x40000000, pages of 0x1000, tables of 0x200000, driver arm-smmu, IDs 1\n"
BEGIN_4M = "iommu_tlbi: 4M-across: unmap 0x400000 bytes at 0x40100000, pages of 0x1000, tables of 0x200000, driver arm-smmu, IDs 1\n"
SYNC_64K = "iommu_tlbi: 64K: sync\n"
SYNC_4M = "iommu_tlbi: 4M-across: sync\n"
END_64K = "iommu_tlbi: 64K: unmapped\n"
END_4M = "iommu_tlbi: 4M-across: unmapped\n"
TLBI_SMMUV3 = f"""\
smmuv3_cmdq_opcode <--- SMMU_CMD_TLBI_NH_ASID
{BEGIN_64K}{SYNC_64K}smmuv3_cmdq_opcode <--- SMMU_CMD_TLBI_NH_VA
smmuv3_s1_range_inval vmid=0 asid=2 addr=0x40000000 tg=1 num_pages=0x10 ttl=3 leaf=1
smmuv3_cmdq_opcode <--- SMMU_CMD_SYNC
{END_64K}{BEGIN_4M}smmuv3_cmdq_opcode <--- SMMU_CMD_TLBI_NH_VA
smmuv3_s1_range_inval vmid=0 asid=2 addr=0x40200000 tg=1 num_pages=0x200 ttl=3 leaf=0
smmuv3_cmdq_opcode <--- SMMU_CMD_SYNC
{SYNC_4M}smmuv3_cmdq_opcode <--- SMMU_CMD_TLBI_NH_VA
smmuv3_s1_range_inval vmid=0 asid=2 addr=0x40100000 tg=1 num_pages=0x100 ttl=3 leaf=1
smmuv3_s1_range_inval vmid=0 asid=2 addr=0x40200000 tg=1 num_pages=0x200 ttl=3 leaf=1
smmuv3_s1_range_inval vmid=0 asid=2 addr=0x40400000 tg=1 num_pages=0x100 ttl=3 leaf=1
smmuv3_cmdq_opcode <--- SMMU_CMD_SYNC
{END_4M}"""
TLBI_ARM_SMMU = f"""\
{BEGIN_64K}iommu_tlbi: TLBIVAL 16 from 0x40000000
{SYNC_64K}iommu_tlbi: TLBSYNC
{END_64K}{BEGIN_4M}iommu_tlbi: TLBIVMID when unmapped to 0x40400000
iommu_tlbi: sTLBGSYNC
{SYNC_4M}iommu_tlbi: TLBIIPAS2L 256 from 0x40400000
iommu_tlbi: TLBSYNC
{END_4M}"""

KTAP = """\
[    0.200000] iommu_one: KTAP version 1
[    0.200000] iommu_one: 1..2
[    0.210000] iommu_one: ok 1 first
[    0.220000] iommu_one: 4711 bytes
[    0.230000] iommu_one: ok 2 second
[    0.240000] iommu_other: KTAP version 1
[    0.240000] iommu_other: 1..1
[    0.240000] iommu_other: ok 1 only
"""


# A page that is unmapped, a word of it read twice, and one that is not to be written; the device's stream is 8.
FAULTS = """\
iommu_one: fault: read at 0x40000004, not mapped
arm-smmu-v3 9050000.smmuv3: event 0x10 received:
arm-smmu-v3 9050000.smmuv3: \t0x0000000800000010
arm-smmu-v3 9050000.smmuv3: \t0x0000020800000000
arm-smmu-v3 9050000.smmuv3: \t0x0000000040000004
iommu_one: fault: write at 0x40001000, not allowed
arm-smmu-v3 9050000.smmuv3: \t0x0000000000000000
arm-smmu-v3 9050000.smmuv3: event 0x10 received:
arm-smmu-v3 9050000.smmuv3: \t0x0000000800000010
arm-smmu-v3 9050000.smmuv3: \t0x0000020800000000
arm-smmu-v3 9050000.smmuv3: \t0x0000000040000004
arm-smmu-v3 9050000.smmuv3: \t0x0000000000000000
arm-smmu-v3 9050000.smmuv3: event 0x13 received:
arm-smmu-v3 9050000.smmuv3: \t0x0000000800000013
arm-smmu-v3 9050000.smmuv3: \t0x0000020000000000
arm-smmu-v3 9050000.smmuv3: \t0x0000000040001000
arm-smmu-v3 9050000.smmuv3: \t0x0000000040a01000
iommu_one: fault: read at 0x40000004, not mapped
"""


def accesses(*registers):
    """QEMU's trace of registers written, (offset, value), and read, (offset,)."""
    return "".join(f"virtio_mmio_write_offset virtio_mmio_write offset {register[0]:#x} value {register[1]:#x}\n" if register[1:]
                   else f"virtio_mmio_read virtio_mmio_read offset {register[0]:#x}\n" for register in registers)


def unmaps_by(driver, unmap_64k, table, unmap_4m, table_size=0x200000):
    """The two unmaps by another driver: what it does when the core syncs, and before that, when the table is freed."""
    told = f"{BEGIN_64K}{SYNC_64K}{unmap_64k}{END_64K}{BEGIN_4M}{table}{SYNC_4M}{unmap_4m}{END_4M}"
    return told.replace("driver arm-smmu", f"driver {driver}").replace("0x200000,", f"{table_size:#x},")


IPMMU_FLUSH = accesses((0x100,), (0xc0, 2), (0x100, 2), (0x100,))
TLBI_IPMMU = unmaps_by("ipmmu-vmsa", IPMMU_FLUSH, IPMMU_FLUSH, IPMMU_FLUSH)
QCOM_SYNC = accesses((0x1f0, 0), (0x1f4,))
# All pages are told as they are cleared, before the sync.  4 KiB is the only size, so no table is freed.
TLBI_QCOM = unmaps_by("qcom-iommu", accesses(*((0x20, 0x40000001 + (page << 12)) for page in range(16))) + QCOM_SYNC, "",
                      accesses(*((0x20, 0x40100001 + (page << 12)) for page in range(1024))) + QCOM_SYNC, table_size=0)
QCOM_ASID = accesses((0x10, 1))
TLBI_QCOM_ASID = unmaps_by("qcom-iommu", accesses(*((0x20, 0x40000001 + (page << 12)) for page in range(16))) + QCOM_SYNC, "",
                           QCOM_ASID + QCOM_SYNC, table_size=0)
TLBI_QCOM_2 = TLBI_QCOM.replace("IDs 1", "IDs 2").replace(QCOM_SYNC, QCOM_SYNC + accesses((0x70, 0), (0x74,)))
TLBI_QCOM_2 = re.sub(r"(.*) offset 0x20 value (0x\w+)1\n", r"\g<0>\1 offset 0xa0 value \g<2>2\n", TLBI_QCOM_2)


def mtk_range(start, end):
    return accesses((0x10c, 3), (0xf8, start), (0xfc, end), (0xf4, 1), (0x0,), (0x0, 0))


TLBI_MTK = unmaps_by("mtk-iommu", mtk_range(0x40000000, 0x4000ffff), mtk_range(0x40100000, 0x404fffff), "", table_size=0x100000)


BEGIN_MAP = "iommu_tlbi: map: map 0x3000 bytes at 0x40000000, driver mtk-iommu\n"
END_MAP = "iommu_tlbi: map: mapped\n"
MAP_MTK = BEGIN_MAP + mtk_range(0x40000000, 0x40002fff) + END_MAP
# Two CPUs: flushes of a range and of all, which follow each other, and what else the interrupt handler reads.
BEGIN_BESIDE = "iommu_tlbi: beside: 2 unmaps and flushes, driver mtk-iommu\n"
END_BESIDE = "iommu_tlbi: beside: unmapped\n"
MTK_ALL = accesses((0x10c, 3), (0xf4, 2))
BESIDE_MTK = BEGIN_BESIDE + mtk_range(0x40000000, 0x40000fff) + accesses((0x8,)) + MTK_ALL + mtk_range(0x40000000, 0x40000fff) + END_BESIDE
BESIDE_IPMMU = BEGIN_BESIDE.replace("mtk-iommu", "ipmmu-vmsa") + 2 * IPMMU_FLUSH + END_BESIDE


class Runner:
    """runner.py in a repository of its own."""

    def __init__(self, timeout=20):
        self.top = f"{SCRATCH}/top"
        self.base, self.revisions = "5.10", "base series"
        self.environment = {}
        shutil.rmtree(self.top, ignore_errors=True)
        shutil.rmtree(f"{SCRATCH}/base", ignore_errors=True)
        for directory in (f"{self.top}/boot/configs", f"{self.top}/scripts/lib", f"{SCRATCH}/base"):
            os.makedirs(directory)
        os.symlink(f"{PLACE}/src", f"{SCRATCH}/base/src")
        with open(f"{TOP}/boot/cases", encoding="utf-8") as file:
            self.write("top/boot/cases", file.read() + CASES.format(timeout=timeout))
        shutil.copytree(f"{TOP}/boot/dts", f"{self.top}/boot/dts")
        for path in glob.glob(f"{TOP}/boot/*.py"):
            shutil.copy(path, f"{self.top}/boot")
        self.script("top/boot/build", BUILD.format(scratch=SCRATCH))
        self.script("top/boot/packages", "#!/bin/sh\n")
        self.script("top/scripts/tree", "#!/bin/sh\n")
        self.write("build", "")
        self.guest("base", LOG)
        self.guest("series", LOG)

    def write(self, name, text):
        with open(f"{SCRATCH}/{name}", "w", encoding="latin-1") as file:
            file.write(text)

    def change(self, good, bad):
        """In the table."""
        with open(f"{SCRATCH}/top/boot/cases", encoding="utf-8") as file:
            text = file.read()
        assert good in text, good
        self.write("top/boot/cases", text.replace(good, bad))

    def script(self, name, text):
        self.write(name, text)
        os.chmod(f"{SCRATCH}/{name}", 0o755)

    def guest(self, revision, log, ending=POWER_OFF):
        with open(f"{SCRATCH}/guest", encoding="latin-1", newline="") as file:
            code = file.read()
        with open(f"{SCRATCH}/guest-{revision}", "w", encoding="latin-1", newline="") as file:
            file.write(code + log + ending)

    def start(self, *names):
        environment = dict(os.environ, top=self.top, place=f"{SCRATCH}/base", work=f"{SCRATCH}/work", base=self.base,
                           revisions=self.revisions, **self.environment)
        return subprocess.Popen([sys.executable, f"{self.top}/boot/runner.py", *names], env=environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, *names):
        """Its exit status and all that it said."""
        process = self.start(*names)
        said = process.communicate()[0]
        return process.returncode, said


def left_over():
    """Command lines of the QEMUs and builds that run for this test."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
                command = file.read()
        except OSError:
            continue
        if f"{SCRATCH}/" in command and "runner.py" not in command:
            found.append(command.replace("\0", " "))
    return found


def wait_for(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "waited 20 s in vain"
        time.sleep(0.05)


def passes(status, said, case="test"):
    assert status == 0 and f"\nPASS {case} " in said and "\n1 passed, 0 failed\n" in said, said


def fails(status, said, reason, case="test"):
    """Not any failure: this one, of this case, with a log that is there."""
    line = re.search(rf"^FAIL {case}: (.*); log: (\S+)$", said, re.MULTILINE)
    assert status == 1 and line and reason in line[1] and os.path.exists(line[2]), said
    assert re.search(r"^\d+ passed, [1-9]\d* failed$", said, re.MULTILINE), said


# The tests.  Each failure is one change away from what test_good shows to pass.

def test_good():
    status, said = Runner().run("test")
    passes(status, said)
    assert "2 KUnit tests" in said, said


def test_hang():
    runner = Runner(timeout=3)
    runner.guest("series", LOG, HANG)
    start = time.monotonic()
    status, said = runner.run("test")
    assert 3 <= time.monotonic() - start < 10, "the timeout was 3 s"
    fails(status, said, "no power-off within 3 s")
    assert "reboot: Power down" in said, f"its last lines are not shown: {said}"
    assert not left_over(), left_over()


def test_missing_lines():
    for lost in ("arm-v7s io-pgtable", "arm-lpae io-pgtable", "init: done", "reboot: Power down"):
        runner = Runner()
        runner.guest("series", "".join(line for line in LOG.splitlines(True) if lost not in line))
        fails(*runner.run("test"), "the log lacks")


def test_selftest_without_a_pass():
    runner = Runner()
    runner.guest("series", LOG.replace("18 PASS", "0 PASS"))
    fails(*runner.run("test"), "the log lacks")


def test_bad_lines():
    for bad in ("WARNING: CPU: 0 PID: 1 at drivers/iommu/io-pgtable-arm.c:293 __arm_lpae_map+0x1c0/0x2b0",
                "Call trace:", "BUG: sleeping function called from invalid context", "kernel BUG at mm/slub.c:305!",
                "Internal error: Oops: 96000004 [#1] SMP", "Kernel panic - not syncing: Attempted to kill init!",
                "Unable to handle kernel NULL pointer dereference at virtual address 0000000000000000",
                "arm-lpae io-pgtable: selftest: completed with 17 PASS 1 FAIL",
                "arm-smmu-v3 9050000.smmuv3: event 0x10 received:", "init: FAIL: /dev/vda: No such file or directory"):
        runner = Runner()
        runner.guest("series", LOG + f"[    0.500000] {bad}\n[    0.500001] and why\n")
        status, said = runner.run("test")
        fails(status, said, "the log must not have")
        # The log may be gone when somebody reads this.
        assert f"    [    0.500000] {bad}\n    [    0.500001] and why\n" in said, said


def test_expected_warnings():
    warning = """\
[    0.500000] ------------[ cut here ]------------
[    0.500000] WARNING: CPU: 0 PID: 1 at drivers/iommu/io-pgtable-arm.c:293 arm_lpae_unmap_pages+0x1c0/0x2b0
[    0.500000] Call trace:
[    0.500000] ---[ end trace 0123456789abcdef ]---
"""
    two = "[    0.500000] a_module: expect 2 warnings\n"
    runner = Runner()
    runner.guest("series", LOG + two + warning + warning)
    passes(*runner.run("test"))
    runner.guest("series", LOG + two + warning)
    fails(*runner.run("test"), "1 of the warnings that a test expects did not come")
    runner.guest("series", LOG + two + warning * 3)
    fails(*runner.run("test"), "the log must not have")
    runner.guest("series", LOG + warning + warning + two)
    fails(*runner.run("test"), "did not come")


def test_harmless_line():
    runner = Runner()
    runner.guest("series", LOG + "[    0.500000] DEBUG_KERNEL, and no warning at all\n")
    passes(*runner.run("test"))


def test_no_kunit():
    runner = Runner()
    runner.guest("series", "".join(line for line in LOG.splitlines(True) if "0.200000" not in line))
    fails(*runner.run("test"), "no KUnit test ran")


def test_kunit_plan_of_zero():
    runner = Runner()
    kept = [line for line in LOG.splitlines(True) if "0.200000" not in line]
    runner.guest("series", "[    0.200000] TAP version 14\n[    0.200000] 1..0\n" + "".join(kept))
    fails(*runner.run("test"), "no KUnit test ran")


def test_kunit_suite_missing():
    runner = Runner()
    runner.guest("series", LOG.replace("# Subtest: io-pgtable", "# Subtest: other").replace("1 - io-pgtable", "1 - other"))
    fails(*runner.run("test"), "the KUnit suite io-pgtable did not run")


def test_kunit_every():
    runner = Runner()
    runner.guest("series", LOG)
    with open(f"{SCRATCH}/top/boot/cases", encoding="utf-8") as file:
        table = file.read()
    every = table.replace("kunit = io-pgtable\n", "kunit = every\n", 1)
    runner.write("top/boot/cases", re.sub(r"(?m)^suites = .*", "suites = io-pgtable other", every))
    fails(*runner.run("test"), "the KUnit suite other did not run")
    runner.write("top/boot/cases", re.sub(r"(?m)^suites = .*\n\t.*\n", "", every))
    status, said = runner.run("test")
    assert status == 1 and "[every case] has no 'suites'" in said and "PASS" not in said, said


def test_kunit_stops_in_the_middle():
    runner = Runner()
    runner.guest("series", "".join(line for line in LOG.splitlines(True) if "ok 2" not in line and "ok 1 - io" not in line))
    fails(*runner.run("test"), "KUnit: ")


def test_kunit_failure():
    """Told by kunit.py as well, not by the pattern for "not ok" alone."""
    runner = Runner()
    runner.guest("series", LOG.replace("ok 2 - second", "not ok 2 - second"))
    fails(*runner.run("test"), "the log must not have 'not ok'")
    with open(f"{SCRATCH}/top/boot/cases", encoding="utf-8") as file:
        runner.write("top/boot/cases", file.read().replace("\tnot ok\n", ""))
    fails(*runner.run("test"), "KUnit: io-pgtable: second: FAIL")


def test_qemu_fails():
    runner = Runner()
    with open(f"{SCRATCH}/top/boot/cases", encoding="utf-8") as file:
        runner.write("top/boot/cases", file.read().replace("-m 64", "-m 64 -device no-such-device"))
    status, said = runner.run("test")
    fails(status, said, "QEMU ended with status 1")
    assert "'no-such-device' is not a valid device" in said, said


def test_disk_checksum():
    """The same log, with the checksum that is right by accident never, and one without any disk."""
    runner = Runner()
    runner.guest("base", DISK_LOG)
    fails(*runner.run("arm64-smmuv3-base"), "the log lacks 'init: read 4194304 bytes, crc32", "arm64-smmuv3-base")
    runner.guest("base", DISK_LOG.replace("domain type DMA,", "domain type identity,"))
    fails(*runner.run("arm64-smmuv3-base"), "the log lacks 'init: disk: ", "arm64-smmuv3-base")


def test_writable_disk():
    """
    Its checksum is that of what was written, and nothing of it is there in the next boot.  The guests here cannot write, so
    somebody else does before QEMU starts.
    """
    runner = Runner()
    runner.script("writer", f"""#!/bin/sh
disk=$(printf '%s\\n' "$@" | sed -n 's/^file=\\([^,]*\\),.*,readonly=off$/\\1/p')
dd if={SCRATCH}/written of="$disk" conv=notrunc status=none
exec qemu-system-aarch64 "$@"
""")
    with open(f"{SCRATCH}/top/boot/cases", "a", encoding="utf-8") as file:
        file.write(f"""
[machine test-writable]
qemu = {SCRATCH}/writer -M virt -cpu cortex-a57 -m 64
disk = virtio-blk-device
writable = 1
[case test-writable]
what = a test whose disk is written
revisions = series
kernel = arm64
machine = test-writable
expect = crc32 @CRC32@
timeout = 20
""")
    for written, checksum in (("", "a738ea1c"), ("written", "8e469fde"), ("", "a738ea1c")):
        runner.write("written", written)
        runner.guest("series", LOG + f"crc32 {checksum}\n")
        passes(*runner.run("test-writable"), "test-writable")
    runner.write("written", "Written")
    fails(*runner.run("test-writable"), "the log lacks 'crc32", "test-writable")


def test_repeat():
    runner = Runner()
    runner.guest("series", LOG + "number 42\n")
    passes(*runner.run("test-repeat"), "test-repeat")
    runner.guest("series", LOG + f"number {8 * BY_TIME}\n")
    fails(*runner.run("test-repeat"), "not the same in a second boot", "test-repeat")
    runner.guest("series", LOG)
    fails(*runner.run("test-repeat"), "not the same in a second boot", "test-repeat")


def test_another_commit():
    """The same cases with another kernel, and none of what compares cases."""
    runner = Runner()
    runner.guest("cafe", LOG)
    passes(*runner.run("--at", "cafe", "test"), "test")


def test_preempt_rt():
    """The same cases with a kernel that says that it has PREEMPT_RT."""
    runner = Runner()
    runner.guest("series", "Linux version 5.10 #1 SMP PREEMPT_RT\n" + LOG)
    passes(*runner.run("--rt", "test"), "test")
    runner.guest("series", "Linux version 5.10 #1 SMP PREEMPT\n" + LOG)
    fails(*runner.run("--rt", "test"), "the log lacks 'Linux version", "test")


def test_limits():
    runner = Runner()
    runner.guest("base", cost_log((1000, 1000), (1000, 1000)))
    runner.guest("series", cost_log((250, 500), (100, 40)))
    status, said = runner.run("test-ratio")
    assert status == 0 and "PASS test-ratio" in said and "\n3 passed, 0 failed\n" in said, said
    for costs, size in ((((251, 500), (100, 40)), "4K"), (((250, 501), (100, 40)), "4K"),
                        (((250, 500), (101, 40)), "list"), (((250, 500), (100, 41)), "list")):
        runner.guest("series", cost_log(*costs))
        fails(*runner.run("test-ratio"), f"misses its limit at {size}", "test-ratio")
    runner.guest("series", cost_log((250, 500), (100, 40)).replace("iommu_cost: list", "iommu_cost: lists"))
    fails(*runner.run("test-ratio"), "did not measure the same sizes", "test-ratio")
    runner.guest("series", LOG.replace("init: done", ""))
    fails(*runner.run("test-ratio"), "test-cost failed", "test-ratio")


def test_matrix():
    """The table of what boots is that of boot/cases."""
    matrix = subprocess.run([f"{TOP}/boot/matrix"], stdout=subprocess.PIPE, check=True, text=True).stdout
    with open(f"{TOP}/Documentation/testing.md", encoding="utf-8") as file:
        assert matrix in file.read(), "Documentation/testing.md does not have what boot/matrix prints"


def test_tlbi():
    """Each unmap against what it told the SMMU: all of it, of the right level, no more, and waited for."""
    runner = Runner()
    # The last one invalidates the leaves by all of the context: that is waited for later than the tables.
    for told in (TLBI_SMMUV3, TLBI_ARM_SMMU, TLBI_ARM_SMMU.replace("TLBIVMID", "TLBIASID").replace("sTLBG", "TLB"),
                 TLBI_ARM_SMMU.replace(f"{SYNC_4M}iommu_tlbi: TLBIIPAS2L 256 from 0x40400000\n",
                                       f"iommu_tlbi: TLBIASID when unmapped to 0x40500000\n{SYNC_4M}")):
        runner.guest("series", LOG + told)
        passes(*runner.run("test-tlbi"), "test-tlbi")
    for told, good, bad, reason in (
            (TLBI_SMMUV3, "num_pages=0x10 ", "num_pages=0xf ", "64K: 0x4000f000 was not invalidated"),
            (TLBI_SMMUV3, "num_pages=0x10 ttl=3", "num_pages=0x10 ttl=2", "64K: 0x40000000 was invalidated with the hint that it is of level 2"),
            (TLBI_SMMUV3, "pages of 0x1000, tables of 0x200000, driver arm-smmu, IDs 1\n" + SYNC_64K,
             "pages of 0x200000, tables of 0x40000000, driver arm-smmu, IDs 1\n" + SYNC_64K,
             "64K: 0x40000000 was invalidated with the hint that it is of level 3, but it is a block"),
            (TLBI_SMMUV3, "num_pages=0x10 ttl=3", "num_pages=0x1 ttl=0", "64K: 0x40000000 was invalidated by a command that has neither"),
            (TLBI_SMMUV3, "addr=0x40400000", "addr=0x40100000", "4M-across: 0x40400000 was not invalidated"),
            (TLBI_SMMUV3, "num_pages=0x10 ", "num_pages=0x11 ", "64K: 0x40000000 to 0x40011000 was invalidated, beyond"),
            (TLBI_SMMUV3, "addr=0x40000000", "addr=0x3ffff000", "64K: 0x3ffff000 to 0x4000f000 was invalidated, beyond"),
            (TLBI_SMMUV3, "leaf=0", "leaf=1", "4M-across: 0x40200000 was not invalidated in all levels"),
            (TLBI_SMMUV3, f"SYNC\n{SYNC_4M}", SYNC_4M, "4M-across: no sync that waits for the invalidation of a table"),
            (TLBI_SMMUV3, SYNC_4M, "", "4M-across: the core did not sync"),
            (TLBI_SMMUV3, f"SYNC\n{END_4M}", f"NONE\n{END_4M}", "4M-across: no sync that waits"),
            (TLBI_SMMUV3, f"{SYNC_64K}smmuv3_cmdq_opcode <--- SMMU_CMD_TLBI_NH_VA",
             f"{SYNC_64K}smmuv3_cmdq_opcode <--- SMMU_CMD_TLBI_NH_ASID", "64K: all of the context was invalidated"),
            (TLBI_SMMUV3, f"{SYNC_64K}smmuv3_cmdq_opcode <--- SMMU_CMD_TLBI_NH_VA",
             f"{SYNC_64K}smmuv3_cmdq_opcode <--- SMMU_CMD_TLBI_EL2_ALL", "64K: TLBI_EL2_ALL, which is no invalidation of a context"),
            (TLBI_ARM_SMMU, "TLBIVAL 16", "TLBIVAL 15", "64K: 0x4000f000 was not invalidated"),
            (TLBI_ARM_SMMU, "TLBIVAL 16 from", "TLBIASID when unmapped to", "64K: all of the context was invalidated"),
            (TLBI_ARM_SMMU, "unmapped to 0x40400000", "unmapped to 0x40200000", "4M-across: 0x40200000 was not invalidated"),
            (TLBI_ARM_SMMU, f"TLBSYNC\n{END_64K}", END_64K, "64K: no sync that waits"),
            (TLBI_ARM_SMMU, "sTLBGSYNC", "TLBSYNC", "4M-across: no sync that waits"),
            (TLBI_ARM_SMMU, END_64K, "", "unmaps in the log: 4M-across; there should be: 64K 4M-across"),
            (TLBI_ARM_SMMU, TLBI_ARM_SMMU, "", "unmaps in the log: none")):
        assert good in told, good
        runner.guest("series", LOG + told.replace(good, bad))
        fails(*runner.run("test-tlbi"), reason, "test-tlbi")


def test_known():
    """An unmap that is known to be wrong must be wrong, as it is known to be, and in nothing else."""
    runner = Runner()
    hint = "smmuv3_s1_range_inval vmid=0 asid=2 addr=0x40000000 tg=1 num_pages=0x10 ttl=2 leaf=1\n"
    runner.change("\ntlbi = 64K 4M-across\n", "\ntlbi = 64K 4M-across\nknown =\n\t64K: of level 2, but\n")
    runner.guest("series", LOG + TLBI_SMMUV3.replace(SYNC_64K, SYNC_64K + hint))
    passes(*runner.run("test-tlbi"), "test-tlbi")
    for told, reason in (
            (TLBI_SMMUV3, "64K: the known fault 'of level 2, but' is no more"),
            (TLBI_SMMUV3.replace(SYNC_64K, SYNC_64K + hint.replace("ttl=2", "ttl=1")), "64K: 0x40000000 was invalidated with the hint"),
            (TLBI_SMMUV3.replace(SYNC_64K, SYNC_64K + hint).replace(SYNC_4M, SYNC_4M + hint), "4M-across: 0x40000000 was invalidated with the hint"),
            (TLBI_SMMUV3.replace("num_pages=0x10 ttl=3", "num_pages=0x10 ttl=2"), "64K: 0x40000000 was not invalidated")):
        runner.guest("series", LOG + told)
        fails(*runner.run("test-tlbi"), reason, "test-tlbi")
    runner.change("\t64K: of level 2, but\n", "\t4M-across: invalidated in all levels, but its table is freed$\n")
    runner.guest("series", LOG + TLBI_SMMUV3.replace("leaf=0", "leaf=1"))
    passes(*runner.run("test-tlbi"), "test-tlbi")


def test_base_known():
    """What only the base is known to do wrong must be wrong there, and right with the series."""
    runner = Runner()
    wrong = TLBI_SMMUV3.replace("leaf=0", "leaf=1")
    runner.change("\ntlbi = 64K 4M-across\n",
                  "\ntlbi = 64K 4M-across\nbase-known =\n\t4M-across: invalidated in all levels, but its table is freed$\n")
    runner.guest("base", LOG + wrong)
    runner.guest("series", LOG + TLBI_SMMUV3)
    passes(*runner.run("test-tlbi-base"), "test-tlbi-base")
    passes(*runner.run("test-tlbi"), "test-tlbi")
    runner.guest("base", LOG + TLBI_SMMUV3)
    fails(*runner.run("test-tlbi-base"), "4M-across: the known fault 'invalidated in all levels, but its table is freed$' is no more", "test-tlbi-base")
    runner.guest("series", LOG + wrong)
    fails(*runner.run("test-tlbi"), "4M-across: ", "test-tlbi")


def test_bases():
    """What is for a base alone is in place of what is for all, and for no other."""
    runner = Runner()
    runner.change("\nrepeat = number .*\n", "\nrepeat = number .*\nrepeat@7.3 = figure .*\n")
    runner.change("[case test-ktap]\n", "[case test-ktap]\nleft-out@7.3 = no module\n")
    for name in ("common.config", "common.5.10.config", "common.7.3.config", "arm64.7.3.config"):
        runner.write(f"top/boot/configs/{name}", "")
    lpae = "arm-lpae io-pgtable: selftest: completed with 18 PASS 0 FAIL\n"
    log = LOG.replace(lpae, "arm_lpae_do_selftests: completed with 63 PASS 0 FAIL\n[    0.100000] ok 1 io-pgtable-arm-test\n")
    for base, log, other in (("5.10", LOG + "number 5\n", "figure 5\n"), ("7.3", log + "figure 5\n", "number 5\n")):
        runner.base = base
        runner.guest("series", log)
        passes(*runner.run("test-repeat"), "test-repeat")
        with open(f"{SCRATCH}/built", encoding="utf-8") as file:
            built = [os.path.basename(word) for word in file.read().split() if word.endswith(".config")]
        assert f"common.{base}.config" in built and ("arm64.7.3.config" in built) == (base == "7.3"), built
        runner.guest("series", log[:log.rindex("\n", 0, -1) + 1] + other)
        fails(*runner.run("test-repeat"), "is not the same", "test-repeat")
    assert "no such case: test-ktap.  " in runner.run("test-ktap")[1]
    # A base that has no series yet.
    runner.revisions = "base"
    assert "no such case: test-tlbi test-counts.  " in runner.run("test-tlbi", "test-counts")[1]
    runner.guest("base", log + TLBI_SMMUV3)
    passes(*runner.run("test-tlbi-base"), "test-tlbi-base")


def test_tlbi_of_registers():
    """Of drivers whose registers QEMU traces, likewise."""
    runner = Runner()
    for told in (TLBI_IPMMU, TLBI_QCOM, TLBI_QCOM_ASID, TLBI_QCOM_2, TLBI_MTK):
        runner.guest("series", LOG + told)
        passes(*runner.run("test-tlbi"), "test-tlbi")
    beyond = "to 0x40011000 was invalidated, beyond"
    for told, good, bad, reason in (
            (TLBI_IPMMU, IPMMU_FLUSH + END_64K, END_64K, "64K: 0x40000000 was not invalidated in TLB"),
            (TLBI_IPMMU, IPMMU_FLUSH + END_4M, END_4M, "4M-across: 0x40100000 was not invalidated in TLB"),
            (TLBI_IPMMU, IPMMU_FLUSH + SYNC_4M, SYNC_4M, "4M-across: 0x40200000 was not invalidated in all levels"),
            (TLBI_IPMMU, accesses((0x100,)) + SYNC_4M, SYNC_4M, "4M-across: no sync that waits for the invalidation of a table"),
            (TLBI_IPMMU, accesses((0xc0, 2)), "", "64K: 0x40000000 was not invalidated in TLB cache"),
            (TLBI_IPMMU, accesses((0x100, 2)), "", "64K: 0x40000000 was not invalidated in TLB main"),
            (TLBI_IPMMU, accesses((0x100, 2)), accesses((0x100, 1)), "64K: 0x40000000 was not invalidated in TLB main"),
            (TLBI_IPMMU, accesses((0x100,)) + END_64K, END_64K, "64K: no sync that waits"),
            (TLBI_IPMMU, accesses((0xc0, 2)), accesses((0x80, 2)), "64K: ipmmu-vmsa uses a register at 0x80"),
            (TLBI_QCOM, accesses((0x20, 0x4000f001)), "", "64K: 0x4000f000 was not invalidated in TLB 1"),
            (TLBI_QCOM, accesses((0x20, 0x4000f001)), accesses((0x20, 0x40010001)), beyond),
            (TLBI_QCOM, accesses((0x20, 0x4000f001)), accesses((0x20, 0x4000f002)), "does not have the ASID of context 1"),
            (TLBI_QCOM, QCOM_SYNC + END_64K, END_64K, "64K: no sync that waits"),
            (TLBI_QCOM, accesses((0x1f4,)) + END_64K, END_64K, "64K: no sync that waits"),
            (TLBI_QCOM, QCOM_SYNC + END_64K, accesses((0x1f0, 0), (0x20, 0x40000001), (0x1f4,)) + END_64K,
             "64K: no sync that waits"),
            (TLBI_QCOM_ASID, QCOM_ASID, "", "4M-across: 0x40100000 was not invalidated in TLB 1"),
            (TLBI_QCOM_ASID, QCOM_ASID, accesses((0x10, 2)), "TLBIASID 0x2 does not have the ASID of context 1"),
            (TLBI_QCOM_ASID, accesses((0x20, 0x40000001)), QCOM_ASID, "64K: all of the context was invalidated for 0x10000 bytes"),
            (TLBI_QCOM_2, accesses((0xa0, 0x4000f002)), "", "64K: 0x4000f000 was not invalidated in TLB 2"),
            (TLBI_QCOM_2, accesses((0xa0, 0x4000f002)), accesses((0xa0, 0x40010002)), beyond),
            (TLBI_QCOM_2, accesses((0x70, 0), (0x74,)) + END_64K, END_64K, "64K: no sync that waits"),
            (TLBI_MTK, accesses((0xfc, 0x4000ffff)), accesses((0xfc, 0x4000efff)), "64K: 0x4000f000 was not invalidated"),
            (TLBI_MTK, accesses((0xfc, 0x4000ffff)), accesses((0xfc, 0x40010fff)), beyond),
            (TLBI_MTK, accesses((0xf4, 1)), accesses((0xf4, 2)), "64K: INVALIDATE 0x2 is not of a range"),
            (TLBI_MTK, accesses((0xf4, 1)), "", "64K: 0x40000000 was not invalidated"),
            (TLBI_MTK, accesses((0x0,)), "", "64K: no sync that waits")):
        assert good in told, good
        runner.guest("series", LOG + told.replace(good, bad))
        fails(*runner.run("test-tlbi"), reason, "test-tlbi")


def test_tlbi_of_maps():
    """A walker that may keep what is not mapped is told of all that was mapped, and no other is told of anything."""
    runner = Runner()
    runner.change("\ntlbi = 64K 4M-across\n", "\ntlbi = map\n")
    ipmmu = MAP_MTK.replace("driver mtk-iommu", "driver ipmmu-vmsa")
    nothing = BEGIN_MAP.replace("mtk-iommu", "ipmmu-vmsa") + END_MAP
    for told in (MAP_MTK, BEGIN_MAP + "".join(mtk_range(page, page + 0xfff) for page in (0x40000000, 0x40001000, 0x40002000)) + END_MAP, nothing):
        runner.guest("series", LOG + told)
        passes(*runner.run("test-tlbi"), "test-tlbi")
    for told, reason in (
            (MAP_MTK.replace("0x40002fff", "0x40001fff"), "map: 0x40002000 was not invalidated"),
            (MAP_MTK.replace("0x40002fff", "0x40003fff"), "map: 0x40000000 to 0x40004000 was invalidated, beyond"),
            (MAP_MTK.replace(accesses((0x0,)), ""), "map: no sync that waits"),
            (BEGIN_MAP + END_MAP, "map: 0x40000000 was not invalidated"),
            (BEGIN_MAP, "unmaps in the log: none"),
            (nothing.replace(END_MAP, IPMMU_FLUSH + END_MAP), "map: 2 invalidations and 1 syncs, of what was not mapped before"),
            (ipmmu, "map: ipmmu-vmsa uses a register at 0x10c")):
        runner.guest("series", LOG + told)
        fails(*runner.run("test-tlbi"), reason, "test-tlbi")


def test_tlbi_beside():
    """Flushes of two CPUs: one begins when the other has ended, and there are all that there can be."""
    runner = Runner()
    runner.change("\ntlbi = 64K 4M-across\n", "\ntlbi = beside\n")
    for told in (BESIDE_MTK, BESIDE_IPMMU):
        runner.guest("series", LOG + told)
        passes(*runner.run("test-tlbi"), "test-tlbi")
    for told, good, bad, reason in (
            (BESIDE_MTK, MTK_ALL, "", "beside: not all kinds of flushes were seen"),
            (BESIDE_MTK, accesses((0xf8, 0x40000000)), MTK_ALL + accesses((0xf8, 0x40000000)), "beside: INV_SEL, while another flush is under way (begun)"),
            (BESIDE_MTK, accesses((0xf4, 1)), accesses((0xf4, 2), (0xf4, 1)), "beside: INVALIDATE 2, while another flush is under way (range)"),
            (BESIDE_MTK, accesses((0x0,)), MTK_ALL + accesses((0x0,)), "beside: INV_SEL, while another flush is under way (waiting)"),
            (BESIDE_MTK, accesses((0x0, 0)) + END_BESIDE, END_BESIDE, "or one has not ended"),
            (BESIDE_IPMMU, accesses((0xc0, 2)), accesses((0x100,), (0xc0, 2)), "beside: main IMCTR read, while another flush is under way (asked)"),
            (BESIDE_IPMMU, 2 * IPMMU_FLUSH, "", "beside: not all kinds of flushes were seen")):
        assert good in told, good
        runner.guest("series", LOG + told.replace(good, bad))
        fails(*runner.run("test-tlbi"), reason, "test-tlbi")


def test_tlbi_counts():
    runner = Runner()
    runner.guest("base", LOG + TLBI_ARM_SMMU)
    runner.guest("series", LOG + TLBI_SMMUV3)
    status, said = runner.run("test-counts")
    assert status == 0 and "PASS test-counts" in said and "\n3 passed, 0 failed\n" in said, said
    assert re.search(r"^64K +16 +1 +1 +1 +at most 3$", said, re.MULTILINE), said
    assert re.search(r"^4M-across +257 +2 +2 +2$", said, re.MULTILINE), said
    sync = "smmuv3_cmdq_opcode <--- SMMU_CMD_SYNC\n"
    runner.guest("series", LOG + TLBI_SMMUV3.replace(END_64K, sync + END_64K))
    status, said = runner.run("test-counts")
    assert status == 0, said
    runner.guest("series", LOG + TLBI_SMMUV3.replace(END_64K, 2 * sync + END_64K))
    fails(*runner.run("test-counts"), "misses its limit at 64K", "test-counts")


def test_tlbi_same():
    """What an SMMUv3 is told of these sizes is the same, whatever it is told of others."""
    runner = Runner()
    runner.change("\n\t64K 3\n", "\n\t64K 3\nsame = 64K\n")
    runner.guest("base", LOG + TLBI_SMMUV3)
    runner.guest("series", LOG + TLBI_SMMUV3.replace("addr=0x40200000 tg=1 num_pages=0x200 ttl=3 leaf=0",
                                                     "addr=0x40200000 tg=1 num_pages=0x200 ttl=0 leaf=0"))
    status, said = runner.run("test-counts")
    assert status == 0 and re.search(r"^64K +1 +1 +1 +1 +at most 3   the same commands$", said, re.MULTILINE), said
    sync = "smmuv3_cmdq_opcode <--- SMMU_CMD_SYNC\n"
    for good, bad in ((END_64K, sync + END_64K), ("num_pages=0x10 ttl=3", "num_pages=0x10 ttl=0"),
                      ("ttl=3 leaf=1\n" + sync + END_64K, "ttl=3 leaf=0\n" + sync + END_64K), ("asid=2 addr=0x40000000", "asid=3 addr=0x40000000"),
                      ("num_pages=0x10 ttl=3 leaf=1\n", "num_pages=0x8 ttl=3 leaf=1\nsmmuv3_cmdq_opcode <--- SMMU_CMD_TLBI_NH_VA\n"
                       "smmuv3_s1_range_inval vmid=0 asid=2 addr=0x40008000 tg=1 num_pages=0x8 ttl=3 leaf=1\n")):
        assert good in TLBI_SMMUV3
        runner.guest("series", LOG + TLBI_SMMUV3.replace(good, bad))
        fails(*runner.run("test-counts"), "misses its limit at 64K (other commands)", "test-counts")
    runner.change("\nsame = 64K\n", "\nsame = 65K\n")
    fails(*runner.run("test-counts"), "did not measure the same sizes", "test-counts")


def test_latency():
    """The limit is of what the base has up to 2 MiB; an allocator's sections do not count."""
    runner = Runner()
    runner.guest("base", latency_log(unmap_64m=5000))
    for good in (latency_log(), latency_log(450, 550), latency_log(550, 360, "interrupts")):
        runner.guest("series", good)
        status, said = runner.run("test-limits")
        assert status == 0 and "PASS test-limits" in said and "\n3 passed, 0 failed\n" in said, said
        assert re.search(r"^preemption off: unmap, pages +400 +\d+ +5000 +\d+ +at most 550$", said, re.MULTILINE), said
        assert "off: map" not in said, said
    differ = "the two cases did not measure the same sizes"
    for bad, reason in (
            (latency_log(551), "the series misses its limit at unmap 2M-pages (preemption off)"),
            (latency_log(400, 551), "the series misses its limit at unmap 64M-pages (preemption off)"),
            (latency_log(400, 551, "interrupts"), "the series misses its limit at unmap 64M-pages (interrupts off)"),
            (latency_log(allocator="driver_map").replace(" 40 ", " 51 "),
             "the series misses its limit at map 2M-pages (interrupts off)"),
            (latency_log().replace("64M", "1G"), differ),
            (latency_log().replace("unmap 64M-pages", "64M"), differ)):
        runner.guest("series", bad)
        fails(*runner.run("test-limits"), reason, "test-limits")
    for log in ("base", "series"):
        runner.guest(log, LOG)
    fails(*runner.run("test-limits"), differ, "test-limits")


def test_ktap():
    """All the tests that a module planned, in order, and what is told of its log."""
    runner = Runner()
    runner.guest("series", LOG + KTAP)
    status, said = runner.run("test-ktap")
    passes(status, said, "test-ktap")
    assert ", 3 tests" in said and re.search(r"^ +iommu_one: 4711 bytes$", said, re.MULTILINE), said
    for good, bad, reason in (
            ("ok 2 second", "not ok 2 second", "the log must not have 'not ok'"),
            ("ok 2 second", "ok 3 second", "iommu_one: test 2 of 2: ok 3 second"),
            ("ok 2 second", "ok 2 second # SKIP no device", "iommu_one: test 2 of 2 was skipped"),
            ("[    0.230000] iommu_one: ok 2 second\n", "", "iommu_one: 2 tests were planned, 1 have a result"),
            ("1..2", "1..1", "iommu_one: 1 tests were planned, 2 have a result"),
            ("1..1", "1..0 # SKIP no device", "iommu_other has no results, or no plan"),
            ("iommu_other: KTAP version 1", "iommu_other: hello", "iommu_other has no results, or no plan"),
            ("4711 bytes", "no bytes", "the log lacks 'iommu_one: "),
            ("iommu_one: ok 1 first", "iommu_one: one is fine", "iommu_one: test 1 of 2: ok 2 second")):
        assert good in KTAP, good
        runner.guest("series", LOG + KTAP.replace(good, bad))
        fails(*runner.run("test-ktap"), reason, "test-ktap")


def test_base_faults():
    """A test of a module that the base is known to fail must fail, for the reason that is known, and with the series none may."""
    runner = Runner()
    runner.change("\nwhat = a test whose results are those of modules\nrevisions = series\n",
                  "\nwhat = a test whose results are those of modules\nrevisions = base series\n")
    runner.change("\nktap = iommu_one iommu_other\n", "\nktap = iommu_one iommu_other\nbase-faults =\n\tsecond: it is (not|never) there\n")
    line = "[    0.230000] iommu_one: ok 2 second"
    wrong = KTAP.replace(line, f"[    0.220000] iommu_one: second: it is not there\n{line.replace('ok', 'not ok')}")
    runner.guest("base", LOG + wrong)
    runner.guest("series", LOG + KTAP)
    passes(*runner.run("test-ktap-base"), "test-ktap-base")
    passes(*runner.run("test-ktap"), "test-ktap")
    for good, bad, reason in (
            (wrong, KTAP, "known faults that are no more: second"),
            ("it is not there", "it is there", "the log must not have 'not ok'"),
            ("iommu_one: ok 1 first", "iommu_one: not ok 1 first", "the log must not have 'not ok'")):
        assert good in wrong, good
        runner.guest("base", LOG + wrong.replace(good, bad))
        fails(*runner.run("test-ktap-base"), reason, "test-ktap-base")
    runner.guest("series", LOG + wrong)
    fails(*runner.run("test-ktap"), "the log must not have 'not ok'", "test-ktap")


def test_events():
    """Each fault that a module saw and no other is logged by the SMMU, and that is no reason to fail."""
    runner = Runner()
    runner.guest("series", LOG + FAULTS)
    passes(*runner.run("test-events"), "test-events")
    first, last = FAULTS.splitlines(True)[0], FAULTS.splitlines(True)[-2]
    for good, bad, reason in (
            (FAULTS, FAULTS + first, "faults not logged by the SMMU: read at 0x40000004, not mapped (1 of 3)"),
            (FAULTS, FAULTS.replace(first, "", 1), "faults not seen by iommu_one: read at 0x40000004, not mapped (1 of 2)"),
            ("write at 0x40001000", "write at 0x40001004", "not logged by the SMMU: write at 0x40001004, not allowed"),
            ("0000040001000\n", "0000040002000\n", "not logged by the SMMU: write at 0x40001000, not allowed"),
            ("0x0000020000000000", "0x0000020800000000", "not logged by the SMMU: write at 0x40001000, not allowed"),
            ("event 0x13", "event 0x10", "not logged by the SMMU: write at 0x40001000, not allowed"),
            ("event 0x13", "event 0x02", "the log must not have 'event 0x[0-9a-f]+ received'"),
            (last, "", "the log must not have 'event 0x[0-9a-f]+ received'"),
            (FAULTS, FAULTS + "not ok 1 test\n" + first, "the log must not have 'not ok'"),
            (FAULTS, "", "faults none seen by iommu_one")):
        assert good in FAULTS, good
        runner.guest("series", LOG + FAULTS.replace(good, bad))
        fails(*runner.run("test-events"), reason, "test-events")
    # Where the SMMU need not tell of what is not allowed, it must of what is not mapped; and what it tells must be so.
    with open(f"{SCRATCH}/top/boot/cases", encoding="utf-8") as file:
        runner.write("top/boot/cases", file.read().replace("events = iommu_one\n", "events = iommu_one allowed\n"))
    for event, reason in (("0x13", None), ("0x10", "not logged by the SMMU: read at 0x40000004, not mapped")):
        runner.guest("series", LOG + FAULTS.replace(f"event {event} received", "nothing received"))
        if reason:
            fails(*runner.run("test-events"), reason, "test-events")
        else:
            passes(*runner.run("test-events"), "test-events")
    runner.guest("series", LOG + FAULTS.replace("write at", "read at"))
    fails(*runner.run("test-events"), "not seen by iommu_one: write at 0x40001000, not allowed", "test-events")
    runner.guest("series", LOG + FAULTS)
    fails(*runner.run("test"), "the log must not have 'event 0x[0-9a-f]+ received'")


def test_debug_kernel():
    """The same case on a kernel that finds more, with more time; and it must say that it looks."""
    runner = Runner()
    debug = """\
KernelAddressSanitizer initialized (generic)
Lock dependency validator: Copyright (c) 2006 Red Hat, Inc., Ingo Molnar
DMA-API: debugging enabled by kernel config
init: kmemleak: scanned
"""
    runner.guest("series", LOG + KTAP + debug)
    status, said = runner.run("test-ktap-debug")
    passes(status, said, "test-ktap-debug")
    assert "build kernel arm64-debug-series" in said and "(at most 120 s)" in said, said
    with open(f"{SCRATCH}/base/boot/test-ktap-debug/log", encoding="utf-8") as file:
        assert " page_poison=1 iommu.strict=0 -- " in file.readline(), "not the command line of the kernel and the case"
    for line in debug.splitlines(True):
        runner.guest("series", LOG + KTAP + debug.replace(line, ""))
        fails(*runner.run("test-ktap-debug"), f"the log lacks '{line[:10]}", "test-ktap-debug")


def test_full():
    """What takes long, and of the base what nothing compares, is done by its name, or with FULL=1, and not else.

    An empty "full" says nothing.
    """
    runner = Runner()
    with open(f"{SCRATCH}/top/boot/cases", encoding="utf-8") as file:
        every = re.search(r"^\[every case\]\n.*?(?=^\[kernel )", file.read(), re.DOTALL | re.MULTILINE)[0]
    kernels = "".join(f"[kernel {name}]\narch = arm64\nimage = Image\nfragments = common\n" for name in ("arm64", "arm64-debug"))
    cases = re.sub(r"\[(ratio|counts|latency) .*?(?=\[case)", "", CASES.format(timeout=20), flags=re.DOTALL)
    runner.write("top/boot/cases", every + kernels + cases.replace("tlbi = 64K 4M-across\n", "full = it takes long\n")
                 .replace("[case test-overlay]\n", "[case test-overlay]\nfull =\n"))
    for full, names in (("", ["test", "test-repeat", "test-cost", "test-latency", "test-ktap", "test-events", "test-seconds", "test-overlay"]),
                        ("1", ["test", "test-repeat", "test-tlbi-base", "test-tlbi", "test-cost-base", "test-cost", "test-latency-base",
                               "test-latency", "test-ktap", "test-ktap-debug", "test-events", "test-seconds", "test-overlay"])):
        os.environ["FULL"] = full
        said = runner.run()[1]
        del os.environ["FULL"]
        # They begin beside each other, in whatever order.
        assert sorted(re.findall(r"^\[.*\] boot (\S+)", said, re.MULTILINE)) == sorted(names), said
    passes(*runner.run("test-tlbi"), "test-tlbi")


def test_seconds():
    """What boot/soak says reaches the module, and the timeout is as much longer."""
    for environment, init, timeout in (({}, "seconds=30,seed=0", 20), ({"SOAK": "120", "SEED": "42"}, "seconds=120,seed=42", 140)):
        runner = Runner()
        os.environ.update(environment)
        status, said = runner.run("test-seconds")
        for name in environment:
            del os.environ[name]
        passes(status, said, "test-seconds")
        assert f"(at most {timeout} s)" in said, said
        with open(f"{SCRATCH}/base/boot/test-seconds/log", encoding="utf-8") as file:
            command = file.readline()
        assert f" -- insmod=test,{init}'" in command and "console=ttyS0 " in command, command


def test_soak_timeout():
    """It is added to the timeout, and nothing is given to a case that does not take it."""
    runner = Runner(timeout=3)
    runner.guest("series", LOG, HANG)
    os.environ["SOAK"] = "120"
    start = time.monotonic()
    status, said = runner.run("test")
    del os.environ["SOAK"]
    assert 3 <= time.monotonic() - start < 10, "the timeout was 3 s"
    fails(status, said, "no power-off within 3 s")


def test_overlay():
    runner = Runner()
    status, said = runner.run("test-overlay")
    passes(status, said, "test-overlay")
    with open(f"{SCRATCH}/base/boot/test-overlay/log", encoding="utf-8") as file:
        tree = re.search(r" -dtb (\S+)", file.readline())[1]
    with open(tree, "rb") as file:
        data = file.read()
    assert b"arm,mmu-500" in data and b"linux,dummy-virt" in data, "not the two trees in one"
    for bad, command in (("no device tree", "dtc"), ("/dts-v1/; /plugin/; &{/none} { a; };", "fdtoverlay")):
        runner.write("top/boot/dts/arm-smmu.dts", bad)
        fails(*runner.run("test-overlay"), f"no device tree with arm-smmu.dts over it: {command} failed", "test-overlay")


def test_newer_qemu():
    """The QEMU that newer-qemu names, in place of the machine's own; without one, no pass and no failure."""
    runner = Runner()
    with open(f"{SCRATCH}/top/boot/cases", "a", encoding="utf-8") as file:
        file.write(NEWER_CASES)
    for revision in ("base", "series"):
        runner.guest(revision, LOG + TLBI_SMMUV3)
    runner.script("newer", '#!/bin/sh\necho "newer QEMU"\nexec qemu-system-aarch64 "$@"\n')
    runner.script("top/scripts/lib/newer-qemu", f'#!/bin/sh\n[ "$*" = 99.1 ] && echo Getting one && echo {SCRATCH}/newer\n')
    status, said = runner.run("test-newer-counts")
    assert status == 0 and "\n3 passed, 0 failed\n" in said and "SKIP" not in said, said
    with open(f"{SCRATCH}/base/boot/test-newer/log", encoding="utf-8") as file:
        assert "newer QEMU" in file.read(), "another QEMU was taken"

    runner.script("top/scripts/lib/newer-qemu", "#!/bin/sh\necho 'Note: no network'\nexit 3\n")
    status, said = runner.run("test-newer-counts", "test")
    assert status == 0 and "\nSKIP test-newer: Note: no network; it takes QEMU 99.1\n" in said, said
    assert "\nSKIP test-newer-counts: test-newer-base was skipped\n" in said and "\n1 passed, 0 failed, 3 skipped\n" in said, said
    status, said = runner.run("test-newer")
    assert status == 1 and "\n0 passed, 0 failed, 1 skipped\n" in said, said
    runner.script("top/scripts/lib/newer-qemu", "#!/bin/sh\necho an error\nexit 1\n")
    fails(*runner.run("test-newer"), "newer-qemu ended with status 1: an error", "test-newer")


def test_like():
    """A section has what it does not say itself of the one that it is like."""
    runner = Runner()
    runner.change("[case test-overlay]", "[case test-like]\nlike = test-ktap\nktap = iommu_other\ntell = other: \\d\n[case test-overlay]")
    runner.guest("series", LOG + "iommu_other: KTAP version 1\niommu_other: 1..1\niommu_other: ok 1 a test\niommu_other: other: 5\n")
    status, said = runner.run("test-like")
    passes(status, said, "test-like")
    assert "a test whose results are those of modules, 1 tests" in said and "other: 5" in said, said
    fails(*runner.run("test-ktap"), "iommu_one", "test-ktap")


def test_memory():
    """What passed is not booted again, until something that it depends on is another."""
    runner = Runner()
    with open(f"{TOP}/boot/cases", encoding="utf-8") as file:
        sections = re.split(r"\n(?=\[)", file.read())
    kept = [part for part in sections if part.startswith(("[every case]", "[kernel arm64]"))]
    runner.write("top/boot/cases", "\n".join(kept) + """
[machine test]
qemu = qemu-system-aarch64 -M virt -cpu cortex-a57 -m 64
overlay = arm-smmu
[case test]
what = a test
revisions = series
kernel = arm64
machine = test
tell = number .*
timeout = 20
""")
    runner.guest("series", LOG + "number 5\n")

    def remembers(*names):
        status, said = runner.run(*names)
        assert status == 0 and "\n1 passed, 0 failed\n" in said and " number 5\n" in said, said
        return bool(re.search(r"^PASS test \(.*, remembered: \d+\.\d s then\)$", said, re.MULTILINE))

    def boots_for(what):
        assert not remembers(), f"a PASS is remembered, though {what}"
        assert remembers(), "the next run remembers nothing"

    boots_for("it never ran")
    assert not remembers("test"), "a case that is named is not booted"
    runner.environment = {"FULL": "1"}
    assert not remembers(), "FULL=1 remembers"
    runner.environment = {}
    assert remembers(), "a pass with FULL=1 is not remembered"
    runner.guest("series", LOG.replace("18 PASS", "19 PASS") + "number 5\n")
    boots_for("the kernel is another")
    runner.change("\ntell = number", "\ncmdline = quiet\ntell = number")
    boots_for("the case is another")
    runner.change("\nforbid =\n", "\nforbid =\n\tnever seen\n")
    boots_for("[every case] is another")
    runner.change("-m 64\n", "-m 65\n")
    boots_for("the machine is another")
    for name in ("judge.py", "runner.py", "tlbi.py"):
        with open(f"{runner.top}/boot/{name}", "a", encoding="utf-8") as file:
            file.write("# more\n")
        boots_for(f"{name} is another")
    runner.write("top/boot/dts/test.dts", '/include/ "arm-smmu.dts"\n')
    runner.change("\noverlay = arm-smmu\n", "\noverlay = test\n")
    boots_for("its machine has another device tree")
    for name in ("test.dts", "arm-smmu.dts"):
        with open(f"{runner.top}/boot/dts/{name}", "a", encoding="utf-8") as file:
            file.write("/* more */\n")
        boots_for(f"{name} is another")
    qemu = shutil.which("qemu-system-aarch64")
    os.makedirs(f"{SCRATCH}/first", exist_ok=True)
    runner.script("first/qemu-system-aarch64", f'#!/bin/sh\n[ "$*" != --version ] || {{ echo 99.1; exit; }}\nexec {qemu} "$@"\n')
    runner.environment = {"PATH": f"{SCRATCH}/first:{os.environ['PATH']}"}
    boots_for("QEMU is another")
    os.remove(f"{SCRATCH}/base/boot/test/log")
    boots_for("its log is gone")
    # What failed is not remembered, and what passed before is forgotten.
    good = LOG.replace("18 PASS", "19 PASS") + "number 5\n"
    runner.guest("series", good.replace("init: done", "init: gone"))
    for _ in range(2):
        fails(*runner.run(), "the log lacks 'init: done'")
    runner.guest("series", good)
    boots_for("it failed meanwhile")


TOOLS = """\
set -e
top={top} src={top}/src
one_at_a_time() {{ :; }}
die() {{ echo "$*" >&2; exit 1; }}
triplet() {{ echo aarch64-linux-gnu; }}
kgit() {{ cat "$top/tree"; }}
source_at() {{ :; }}
kconfig() {{ :; }}
kbuild() {{ mkdir -p "$2/usr"; printf '#!/bin/sh\\n' >"$2/usr/gen_init_cpio"; chmod +x "$2/usr/gen_init_cpio"; : >"$2/Image"; }}
"""


def test_made_of():
    """boot/build builds again, and a PASS is forgotten, when anything that it builds from is another.  Only the tools are not real."""
    runner = Runner()
    for name in ("init", "modules"):
        shutil.copytree(f"{TOP}/boot/{name}", f"{runner.top}/boot/{name}")
    shutil.copy(f"{TOP}/boot/build", f"{runner.top}/boot/build")
    runner.write("top/scripts/lib/common.sh", TOOLS.format(top=runner.top))
    runner.write("top/scripts/lib/kbuild.sh", "")
    runner.write("top/scripts/lib/cached", "")
    runner.write("top/tree", "1")
    runner.write("top/boot/configs/one.config", "CONFIG_ONE=y\n")
    obj = f"{SCRATCH}/made"

    def build(revision="base"):
        """What it says the kernel is made of, and whether it built."""
        shutil.rmtree(f"{obj}/boot-modules", ignore_errors=True)
        subprocess.run([f"{runner.top}/boot/build", obj, revision, "arm64", "Image", f"{runner.top}/boot/configs/one.config"],
                       check=True)
        with open(f"{obj}/made-of", encoding="utf-8") as file:
            return file.read(), os.path.exists(f"{obj}/boot-modules")

    made_of, built = build()
    assert built and build() == (made_of, False), "it builds twice from the same"
    for name in ("tree", "boot/configs/one.config", "boot/init/init.c", "boot/init/init.h", "boot/modules/iommu_dma.c",
                 "boot/modules/edu.h", "boot/modules/Makefile", "boot/build", "scripts/lib/common.sh", "scripts/lib/kbuild.sh",
                 "scripts/lib/cached"):
        with open(f"{runner.top}/{name}", "a", encoding="utf-8") as file:
            file.write("\n")
        other, built = build()
        assert built and other != made_of, f"{name} is another, and it does not build"
        made_of = other
    other, built = build("series")
    assert built and other != made_of, "the revision is another, and it does not build"


def test_beside_each_other():
    """Two that want a CPU each boot at once where there are two; who wants all of them boots alone."""
    if os.cpu_count() < 2:
        return
    runner = Runner()
    runner.guest("series", LOG, HANG)
    runner.change("\ntimeout = 20\n", "\ntimeout = 3\n")

    def together():
        """How many QEMUs there were at most."""
        process = runner.start("test-repeat", "test-ktap")
        most = 0
        while process.poll() is None:
            most = max(most, sum("qemu-system" in command for command in left_over()))
            time.sleep(0.05)
        said = process.stdout.read()
        assert said.count("no power-off within 3 s") == 4, said
        return most
    assert together() == 2
    runner.change("[machine test]\nqemu = qemu-system-aarch64", f"[machine test]\nqemu = qemu-system-aarch64 -smp {os.cpu_count()}")
    assert together() == 1


def test_build_failure():
    runner = Runner()
    runner.write("build", "fail")
    status, said = runner.run("test")
    fails(status, said, "kernel arm64-series does not build")
    assert "error: no such thing" in said, said


def test_unknown_case():
    status, said = Runner().run("no-such-case")
    assert status == 1 and "no such case: no-such-case" in said and "arm64-smmuv3-base" in said, said


def test_bad_tables():
    for good, bad in (("timeout = 20", "timeuot = 20"), ("machine = test", "machine = none"),
                      ("repeat = number .*", "repeat = number ("), ("revisions = series", "revisions = other"),
                      ("[every case]", "[every other]"), ("limits =", "limit ="), ("\ndisk = ", "\n# "), ("timeout = 20", "timeout = soon"), ("\t4K 0.6 0.8\n", "\t4K little 0.8\n"), ("\t4K 0.6 0.8\n", "\t4K 1\n"), ("\t64K 3\n", "\t64K few\n"), ("\noverlay = ", "\noverlya = "), ("\nwritable = 64\n", "\nwritable = little\n"),
                      ("\ndebug = arm64-debug\nmachine = test", "\ndebug = none\nmachine = test"),
                      ("tell = iommu_one", "tell = (iommu_one"), ("\nlike = arm64-io\n", "\nlike = arm64-iu\n"), ("tlbi = 64K 4M-across", "tlbi = 64K 4M-across\nknown = 64K")):
        runner = Runner()
        runner.change(good, bad)
        status, said = runner.run("test")
        assert status == 1 and "boot/run: error:" in said and "PASS" not in said, said


def interrupt(runner, sign, ready):
    process = runner.start("test")
    wait_for(ready)
    assert left_over(), "nothing runs that could be left over"
    process.send_signal(sign)
    said = process.communicate(timeout=20)[0]
    assert process.returncode == 130 and "interrupted" in said and "FAIL" not in said, said
    assert not left_over(), left_over()


def test_interrupted_boot():
    log = f"{SCRATCH}/base/boot/test/log"
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        runner = Runner(timeout=600)
        runner.guest("series", LOG, HANG)
        interrupt(runner, sign, lambda: os.path.exists(log) and "Power down" in open(log, encoding="utf-8").read())
        runner.guest("series", LOG)
        passes(*runner.run("test"))


def test_interrupted_build():
    runner = Runner()
    runner.write("build", "sleep")
    interrupt(runner, signal.SIGINT, lambda: any("boot/build" in command for command in left_over()))


def test_interrupted_start():
    """When the command runs already, and is not known yet."""
    code = textwrap.dedent("""
        import signal, subprocess, sys, process, runner
        popen = subprocess.Popen
        def interrupted(*args, **kwargs):
            child = popen(*args, **kwargs)
            print(child.pid, flush=True)
            signal.raise_signal(signal.SIGTERM)
            return child
        subprocess.Popen = interrupted
        signal.signal(signal.SIGTERM, runner.interrupted)
        try:
            process.run(["sleep", "1000"], "/dev/null")
        except KeyboardInterrupt:
            process.end_all()
            sys.exit(130)
        """)
    done = subprocess.run([sys.executable, "-c", code], cwd=f"{TOP}/boot", stdout=subprocess.PIPE, text=True, timeout=20)
    assert done.returncode == 130, done
    try:
        os.kill(int(done.stdout), signal.SIGKILL)
    except ProcessLookupError:
        return
    raise AssertionError("what was being started is left over")


def why_it_fails(name):
    """None if the test of this name passes.  In a process, and a folder, of its own."""
    global SCRATCH
    guest, SCRATCH = f"{SCRATCH}/guest", f"{SCRATCH}/{name}"
    os.mkdir(SCRATCH)
    shutil.copy(guest, SCRATCH)
    try:
        globals()[name]()
    except Exception as error:
        return str(error) or type(error).__name__
    return None


def main():
    names = [name for name in globals() if name.startswith("test_")]
    failed = 0
    with multiprocessing.Pool(os.cpu_count(), maxtasksperchild=1) as pool:
        for name, why in zip(names, pool.imap(why_it_fails, names)):
            title = name.removeprefix("test_").replace("_", "-")
            if why is None:
                print(f"ok {title}", flush=True)
            else:
                failed += 1
                print(f"not ok {title}", *(f"# {line}" for line in why.splitlines()), sep="\n", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
