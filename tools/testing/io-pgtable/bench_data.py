# SPDX-License-Identifier: GPL-2.0
"""What bench printed."""

import csv
import os
import sys

BASE = "5.10"
NEWEST = "newest"
PEERS = [NEWEST, "generic_pt", "lim"]
KERNELS = [BASE, "series"] + PEERS

# How each is called where people read it; the newest kernel by its version, which is what bench prints
TITLES = {kernel: kernel for kernel in KERNELS}


def die(text):
    print("%s: error: %s" % (os.path.basename(sys.argv[0]), text), file=sys.stderr)
    sys.exit(1)


def read(path, figure):
    """{workload: {kernel: value}} of one figure, in the order of the file."""
    values = {}
    try:
        with open(path, newline="") as lines:
            for row in csv.reader(lines):
                if len(row) != 4 or not row[3]:
                    die("%s: not a line of bench: %s" % (path, ",".join(row)))
                kernel = row[1]
                if kernel not in KERNELS:
                    TITLES[NEWEST] = kernel
                    kernel = NEWEST
                if row[2] == figure:
                    values.setdefault(row[0], {})[kernel] = float(row[3])
    except OSError as error:
        die("%s: %s; run: make bench" % (path, error.strerror))
    return values


def pages(name):
    """How many pages a call of this workload does; 1 where the name says none."""
    number = name.split("-")[-2]
    return int(number) if number.isdigit() else 1
