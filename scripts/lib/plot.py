# SPDX-License-Identifier: GPL-2.0
"""Plots by gnuplot.  Each ends in a mark of what gnuplot was told, with the data in it, and of what it drew: who has the data can see
whether the plot is of them, without gnuplot, whose versions do not draw the same bytes."""

import hashlib
import os
import subprocess
import sys


def mark(script, svg):
    return f"<!-- of {hashlib.sha256((script + svg).encode()).hexdigest()} -->\n"


def draw(path, script):
    me = os.path.basename(sys.argv[0])
    try:
        done = subprocess.run(["gnuplot"], input=script, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    except FileNotFoundError:
        sys.exit(f"{me}: error: there is no gnuplot.  Run: apt-get install --no-install-recommends gnuplot-nox")
    if done.returncode:
        sys.exit(f"{me}: error: gnuplot: {done.stderr.strip()}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(done.stdout + mark(script, done.stdout))


def check(path, script):
    """Says whether it was drawn so."""
    *svg, marked = open(path, encoding="utf-8").readlines() if os.path.exists(path) else [""]
    print(f"{path}: of {'these' if marked == mark(script, ''.join(svg)) else 'other'} data")
