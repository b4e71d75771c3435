# SPDX-License-Identifier: GPL-2.0
"""QEMU: the command that boots a case, with its disk and device tree."""

import os
import threading

from process import Failure, Skip, read_log, run, tail

NOTHING = "-nic none -display none -monitor none".split()     # that a machine has unless it is told
one_asks = threading.Lock()     # for a newer QEMU, which may be got for it
NOT_HERE = 3        # newer-qemu's exit status: no such QEMU is to be had


def make_disk(path, writable):
    """4 MiB that no earlier run had, so that nothing but a read of this disk gives their checksum; or as many of zeros."""
    with open(path, "wb") as file:
        if writable:
            file.truncate(writable << 20)
        else:
            file.write(os.urandom(4 << 20))


def with_newer_qemu(case, top, log):
    """The case on a QEMU that is new enough for its machine."""
    if not case.machine.version:
        return case
    open(log, "w", encoding="utf-8").close()
    with one_asks:
        status = run([f"{top}/scripts/lib/newer-qemu", case.machine.version], log)
    said = (read_log(log) or [""])[-1]
    if status == NOT_HERE:
        raise Skip(f"{said}; it takes QEMU {case.machine.version}")
    if status != 0:
        raise Failure(f"newer-qemu ended with status {status}: {said}", log)
    return case._replace(machine=case.machine._replace(qemu=[said, *case.machine.qemu[1:]]))


def overlay(case, source, tree, log):
    """The machine's own device tree with the case's over it."""
    for command in (
            [*case.machine.qemu, *NOTHING, "-serial", "none", "-machine", f"dumpdtb={tree}.qemu"],
            ["dtc", "-q", "-O", "dtb", "-o", f"{tree}.overlay", source],
            ["fdtoverlay", "-i", f"{tree}.qemu", "-o", tree, f"{tree}.overlay"]):
        if run(command, log) != 0:
            print(tail(log), end="")
            raise Failure(f"no device tree with {os.path.basename(source)} over it: {command[0]} failed", log)
    return tree


def command(case, kernel, disk, tree):
    """What boots the case's kernel, which was built in the directory kernel."""
    words = [*case.machine.qemu, *NOTHING, "-serial", "stdio",
             "-no-reboot", "-kernel", f"{kernel}/boot-image", "-initrd", f"{kernel}/boot-initramfs",
             "-append", f"console={case.machine.console} panic=-1 printk.devkmsg=on {case.kernel.cmdline} {case.cmdline}"
                        f" -- {case.init}"]
    if tree:
        words += ["-dtb", tree]
    if case.machine.disk:
        readonly = "off" if case.machine.writable else "on"
        words += ["-drive", f"file={disk},format=raw,if=none,id=disk,readonly={readonly}",
                  "-device", f"{case.machine.disk},drive=disk"]
    return words


def cpus(case):
    """How many the machine has, which is how many of ours it keeps busy."""
    words = case.machine.qemu
    return int(words[words.index("-smp") + 1]) if "-smp" in words else 1
