# SPDX-License-Identifier: GPL-2.0
"""What bench printed, and of which kernels: those of the table 'kernels', a reference among them and a series."""

import csv
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def die(text):
    print("%s: error: %s" % (os.path.basename(sys.argv[0]), text), file=sys.stderr)
    sys.exit(1)


class Kernels:
    """The base and its series, and what they are held against: all others, and the least that it can cost."""
    def __init__(self, base):
        rows = [line.split() for line in open(os.path.join(HERE, "kernels")) if line.strip() and line[0] != "#"]
        formats = [row for row in rows if row[6] != "-"]
        self.base, = [row[0] for row in formats if row[1:3] == [base, "base"]]
        self.series, = [row[0] for row in formats if row[1:3] == [base, "series"]]
        # The last base in the table is the newest
        self.newest = [row[0] for row in formats if row[2] == "base"][-1]
        self.peers = [row[0] for row in rows if row[0] not in (self.base, self.series)] + ["lim"]
        self.all = [self.base, self.series] + self.peers


def read(path, figure):
    """{workload: {kernel: value}} of one figure, in the order of the file."""
    values = {}
    try:
        with open(path, newline="") as lines:
            # What was kept begins with what it was measured by
            for row in csv.reader(line for line in lines if line[0] != "#"):
                if len(row) != 4 or not row[3]:
                    die("%s: not a line of bench: %s" % (path, ",".join(row)))
                if row[2] == figure:
                    values.setdefault(row[0], {})[row[1]] = float(row[3])
    except OSError as error:
        die("%s: %s; run: make bench" % (path, error.strerror))
    return values


def pages(name):
    """How many pages a call of this workload does; 1 where the name says none."""
    number = name.split("-")[-2]
    return int(number) if number.isdigit() else 1
