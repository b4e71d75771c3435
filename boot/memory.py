# SPDX-License-Identifier: GPL-2.0
"""Remembers that a case passed, by the hash of all that it depends on, with what is to be said about it."""

import functools
import glob
import hashlib
import json
import os
import subprocess

from process import read_log

HERE = os.path.dirname(os.path.abspath(__file__))


@functools.cache
def version(command):
    """What it says of itself."""
    try:
        said = subprocess.run([command, "--version"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              check=False, text=True)
    except OSError as error:
        return str(error)
    return said.stdout


def key(case, kernel, source):
    """Of the case as the table has it, the kernel with its modules and init, QEMU, the device tree, and what boots and judges it."""
    what = hashlib.sha256(repr(case).encode())
    # One device tree may include another.
    trees = sorted(glob.glob(f"{os.path.dirname(source)}/*")) if source else []
    for path in sorted(glob.glob(f"{HERE}/*.py")) + [f"{kernel}/made-of"] + trees:
        with open(path, "rb") as file:
            what.update(b"\0" + file.read())
    for command in [case.machine.qemu[0]] + (["dtc", "fdtoverlay"] if source else []):
        what.update(b"\0" + version(command).encode())
    return what.hexdigest()


def recall(path, wanted, log):
    """(seconds, what is said, what the log tells a person) of a pass that the file tells of, if its log is still there."""
    try:
        with open(path, encoding="utf-8") as file:
            passed = json.load(file)
    except (OSError, ValueError):
        return None
    return passed["pass"] if passed["key"] == wanted and os.path.exists(log) and read_log(log) else None


def remember(path, passed_key, *passed):
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"key": passed_key, "pass": passed}, file)


def forget(path):
    if os.path.exists(path):
        os.remove(path)
