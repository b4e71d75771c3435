# SPDX-License-Identifier: GPL-2.0
"""Runs commands so that nothing of them is left, whatever ends us, and reads the logs that they leave."""

import os
import re
import signal
import subprocess
import threading
import time

TAIL = 15
running = set()     # what is to be ended when we are
leaving = False
starting = threading.Lock()     # so that end_all() misses none
held = False        # an interruption now would lose the command that the main thread starts


class Failure(Exception):
    """A case fails, and why; and the lines of the log that tell more."""

    def __init__(self, reason, log, lines=()):
        super().__init__(f"{reason}; log: {log}")
        self.lines = lines


class Skip(Exception):
    """A case cannot be done here, which is no pass, and why."""


def run(command, log=None, timeout=None):
    """Its exit status, None when it took too long.  However we leave, nothing that it started is left running."""
    output = open(log, "a", encoding="utf-8") if log else None
    with starting:
        if leaving:
            raise KeyboardInterrupt
        process = start(command, output)
    try:
        if leaving:
            raise KeyboardInterrupt
        status = process.wait(timeout)
    except subprocess.TimeoutExpired:
        status = None
    finally:
        end_session(process)
        running.discard(process)
        if output:
            output.close()
    # Then it was ended, and its status says nothing of a case.
    if leaving:
        raise KeyboardInterrupt
    return status


def start(command, output):
    """Among those that are running as soon as it runs."""
    global held
    held = threading.current_thread() is threading.main_thread()
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
        running.add(process)
    finally:
        held = False
    return process


def interrupt():
    """For a signal's handler: the main thread leaves, at once or when it has started what it is starting."""
    global leaving
    if not held:
        raise KeyboardInterrupt
    leaving = True


def end_all():
    """For who has to leave while other threads run commands, which start no more."""
    global leaving
    with starting:
        leaving = True
    for process in list(running):
        end_session(process)


def end_session(process):
    """The whole session: a make has compilers, and both get a moment to remove what they wrote half."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            for _ in range(200):
                process.poll()
                os.killpg(process.pid, 0)
                time.sleep(0.05)
        except ProcessLookupError:
            return


def read_log(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read().splitlines()


def tail(path):
    return "".join(f"    {line}\n" for line in read_log(path)[-TAIL:])


def errors(path):
    """What a failed build has to say: with -j the error is seldom at the end."""
    said = [line for line in read_log(path) if re.search(r"\berror\b|\*\*\*|did not make it", line, re.IGNORECASE)]
    return "".join(f"    {line}\n" for line in said[:TAIL]) or tail(path)

