#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The figures that the series tells of, against what is measured.  Started by scripts/figures.

In a message, a row of a table of tools/testing/io-pgtable's bench is "16 x 4K, table", one of a boot of iommu_cost "64K, not aligned", or,
of map_sg(), "16 x 4K" as well: segments;
the columns are the base or the patch before ("before"), this patch, and maybe their ratio.  In a cover letter and in README.md, each
number of a sentence or a row about instructions must be one that was measured at the topic's or the series' end, or for a page of 1 MiB.
How many times fewer they are, in README.md and Documentation/board.md, must be what the counts give.  The table of whole calls must be what
boots count.  What follows from that, from the data that are kept or from the patches is only read (pages.py), and so are the plots.
"""

import functools
import glob
import os
import queue
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

TOP, BASE, WORK, LINUX = (os.environ[name] for name in ("top", "base", "work", "linux"))
END = sys.argv[1:] == ["--end"]
sys.path.insert(0, f"{TOP}/boot")
import pages
from compare import costs
from cost_rows import ROWS, SMMUS
from pages import Broken, fewer, row_of, text_of

# The base's own is called BASE.
KERNEL = f"{BASE}-series"
COMPILER = "aarch64-linux-gnu-gcc"
CALLS = re.compile(r"\t\s*(?P<num>\d+) x (?P<size>\d+[KMG])(?P<table>, table)?\s+(?P<first>\d+)\s+(?P<second>\d+)(?:\s+(?P<ratio>\d\.\d\d))?")
WHOLE = re.compile(r"\t\s*(?P<size>\d+[KMG])(?P<how>, a whole table|, whole tables|, not aligned)?\s+(?P<first>\d+)\s+(?P<second>\d+)"
                   r"(?:\s+(?P<ratio>\d\.\d\d))?")
BEFORE = re.compile(r"^\t(?P<op>map|unmap)?.*\bbefore\s+after$", re.MULTILINE)
TEXT = re.compile(r"has \d+ bytes, and had \d+ before")
PART = re.compile(r"\| (?P<format>LPAE|v7s) (?P<op>map|unmap), (?:(?P<num>\d+) x (?P<size>\d+[KM])(?:, (?P<how>non-strict|scattered))?|"
                  r"one table of 4K pages) \|.*")
FEWER = re.compile(r"\| (?P<call>[^|]*\(\)[^|]*) \|(?: (?P<counts>\d+ \| \d+) \|)?(?P<told>( \d+(\.\d)?x \|)+)")
# What a row of these is called among the workloads.
HOW = {None: "", "non-strict": "nonstrict-", "scattered": "sg-"}
DATA = "Documentation/data/bench-"
KEPT = f"{DATA}instructions.csv"
# Rows of whole calls that are not exact, as the next module moves them: those of the DMA API's lists, and of one whose array lies in many pages
MOVED = re.compile(r"dma-list.*|list-4096")
MOVED_BY = 0.02
# Numbers beside figures that are none.
PAGES = {256, 512, 4096}
# Places to compile and count in.
NUM_LANES = os.cpu_count() or 1
LANES = queue.SimpleQueue()
for number in range(NUM_LANES):
    LANES.put(str(number))


def git(*args):
    return subprocess.run(["git", "-C", LINUX, *args], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def parent_of(commit):
    """By its number, as the patch before was measured by that."""
    return git("rev-parse", f"{commit}^")


def run(command, **environment):
    log = f"{WORK}/log/figures.log"
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            env=dict(os.environ, SERIES=BASE, **environment))
    with open(log, "a", encoding="utf-8") as file:
        file.write(result.stdout)
    if result.returncode:
        raise Broken(f"{' '.join(command)} failed; log: {log}")
    return result.stdout


def instructions(path):
    """{(workload, kernel): instructions} and {(format, kernel): bytes} of what bench left."""
    with open(path, encoding="utf-8") as file:
        rows = [line.strip().split(",") for line in file if ",instructions," in line or ",text," in line]
    return {(what, kernel): int(value) for what, kernel, _, value in rows}


def is_of_calls(message):
    return "counted under qemu-aarch64" in message and CALLS.search(message)


def formats_of(subject):
    """How the names of the workloads begin that it is about."""
    return f"{'v7s' if 'v7s' in subject else 'lpae'}-{'sg-' if 'map_sg()' in subject else ''}"


def told(name):
    """(where, number) of each figure in what it says of instructions."""
    # A paragraph, or a row of a table
    for part in re.split(r"\n\n|\n(?=\|)|(?<=\.)\s", text_of(name)):
        if "instruction" in part or re.match(r"\| \d+ ([KM]iB|scattered|segments)", part):
            for number in re.findall(r"(?<![\w.])\d{3,}(?![\w.]*\w)", part):
                yield " ".join(part.split())[:60], number


@functools.cache
def counted(commit, prefix):
    """Of the base, and of the series up to the commit."""
    lane = LANES.get()
    try:
        return instructions(run([f"{TOP}/tools/testing/io-pgtable/run-bench", "count", prefix], AT=commit, LANE=lane).split("\n")[-2])
    finally:
        LANES.put(lane)


def count_ahead(commits):
    """What their messages will ask for, as many beside each other as there are lanes."""
    wanted = []
    for commit in commits:
        message = git("log", "-1", "--format=%b", commit)
        if is_of_calls(message):
            formats = formats_of(git("log", "-1", "--format=%s", commit))
            wanted += [(commit, formats)] + ([(parent_of(commit), formats)] if BEFORE.search(message) else [])
    with ThreadPoolExecutor(NUM_LANES) as lanes:
        # Also raises what was raised there
        list(lanes.map(lambda what: counted(*what), dict.fromkeys(wanted)))


def cost(name):
    """{(size, op): instructions} of the boot of a case."""
    found = costs(f"{WORK}/{BASE}/boot/{name}/log")
    if not found:
        raise Broken(f"the log of {name} has no instructions")
    return {(size, op): value for size, both in found.items() for op, value in zip(("map", "unmap"), both)}


@functools.cache
def booted(commit):
    run([f"{TOP}/boot/run", "--at", commit, "arm64-cost-base"])
    return cost("arm64-cost-base-at")


class Figures:
    def __init__(self):
        self.wrong = []
        self.num = 0
        self.base_cost = None

    def expect(self, where, said, measured):
        self.num += 1
        if said != measured:
            self.wrong.append(f"{where}:\n-{said}\n+{measured}")

    def row(self, where, match, first, second):
        """The same row, with what was measured."""
        measured = match[0]
        for group, value in (("ratio", f"{second / first:.2f}"), ("second", second), ("first", first)):
            if match[group]:
                start, end = match.span(group)
                measured = measured[:start] + str(value).rjust(end - start) + measured[end:]
        self.expect(where, match[0], measured)

    def patch(self, commit):
        subject, message = git("log", "-1", "--format=%s", commit), git("log", "-1", "--format=%b", commit)
        if is_of_calls(message):
            self.calls(commit, subject, message)
        if "with -icount" in message and (WHOLE.search(message) or "map_sg()" in subject):
            self.whole(commit, subject, message)

    def calls(self, commit, subject, message):
        formats, op = formats_of(subject), "map" if "Implement map_" in subject else "unmap"
        now = counted(commit, formats)
        before = counted(parent_of(commit), formats) if BEFORE.search(message) else None
        for line in message.splitlines():
            # A head may say of which op the table is
            op = (head := BEFORE.fullmatch(line)) and head["op"] or op
            if match := CALLS.fullmatch(line):
                name = f"{formats}{'table-' if match['table'] else ''}{match['size']}-{match['num']}-{op}"
                first = before[name, KERNEL] if before else now[name, BASE]
                self.row(subject, match, first, now[name, KERNEL])
        code = "io-pgtable-arm-v7s" if "v7s" in formats else "io-pgtable-arm"
        for match in TEXT.finditer(" ".join(message.split())):
            self.expect(subject, match[0], f"has {now[code, KERNEL]} bytes, and had {now[code, BASE]} before")

    def whole(self, commit, subject, message):
        op = "map" if "map_pages" in subject and "unmap" not in subject else "unmap"
        before = booted(parent_of(commit)) if BEFORE.search(message) else self.base_cost
        now = booted(commit)
        for line in message.splitlines():
            if match := WHOLE.fullmatch(line):
                size = match["size"] + ("-across" if match["how"] == ", not aligned" else "")
                self.row(subject, match, before[size, op], now[size, op])
            elif match := CALLS.fullmatch(line):
                size = "list" if match["num"] == "256" else f"list-{match['num']}"
                size = size if match["size"] == "4K" else f"list-{match['size']}-{match['num']}"
                self.row(subject, match, before[size, "map"], now[size, "map"])

    def cover(self, topic, known):
        """What a letter says is so at its topic's end.  Of whole calls, that takes a boot: not if they are those of the series."""
        name = f"series/{BASE}/{topic}/cover-letter"
        # One of the formats may have no op for the core yet
        if "counted" in text_of(name):
            known = known.union(*(counted(topic, prefix).values() for prefix in ("lpae-", "v7s-")))
        if "with -icount" in text_of(name) and any(int(number) not in known for _, number in told(name)):
            known = known.union(booted(topic).values())
        self.sentences(name, known)

    def parts(self, name, known):
        """Tables of a part of what is kept: instructions of a page, or of a segment."""
        rows = [match for match in map(PART.fullmatch, text_of(name).splitlines()) if match]
        if not rows:
            raise Broken(f"{name} has no row of what is in {KEPT}")
        for row in rows:
            what = f"{row['size']}-{row['num']}" if row["num"] else "table-2M-1"
            workload = f"{row['format'].lower()}-{HOW[row['how']]}{what}-{row['op']}"
            values = [known.get((workload, kernel)) for kernel in (BASE, KERNEL, "7.3", "7.3-series", "generic_pt", "lim")]
            told = " | ".join("-" if value is None else f"{value / int(row['num'] or 1):.1f}" for value in values)
            self.expect(name, row[0], f"{row[0].split(' |')[0]} | {told} | {values[1] / values[0]:.2f}x |")

    def whole_calls(self, name):
        """The table of whole calls: its columns of this base.  The others are looked at with the other bases."""
        columns = re.search(r"^\| \| (.*) \|$", text_of(name), re.MULTILINE)[1].split(" | ")
        for smmu, case in SMMUS.items():
            for kernel, end in (BASE, "-base"), (f"{BASE}, series", ""):
                counts = {lazy: cost(f"{case}{lazy}{end}") for lazy in ("", "-lazy")}
                column = f"{smmu}: {kernel}"
                for text, row, which, lazy in ROWS:
                    value = int(row_of(name, text)[columns.index(column)].replace(",", ""))
                    measured = counts[lazy][row, ("map", "unmap")[which]]
                    if MOVED.fullmatch(row) and abs(value - measured) <= measured * MOVED_BY:
                        measured = value
                    self.expect(name, f"{text}, {column}: {value:,}", f"{text}, {column}: {measured:,}")

    def fewer(self, name, table):
        """How many times, in rows with the counts, or in those that are called as in the table of whole calls: of SMMUv3, of arm-smmu."""
        lines = [line for line in text_of(name).splitlines() if re.match(r"\|[^|]*\(\).*x \|$", line)]
        if not lines:
            raise Broken(f"{name} has no row of how many times fewer instructions a call takes")
        for line in lines:
            row = FEWER.fullmatch(line)
            if not row:
                raise Broken(f"{name} has a row that cannot be checked: {line}")
            if row["counts"]:
                pairs = [row["counts"].split(" | ")]
            else:
                values = [value.replace(",", "") for value in row_of(table, row["call"].replace("`", ""))]
                pairs = [values[:2], values[4:6]]
            measured = "".join(f" {fewer(int(before), int(after))} |" for before, after in pairs)
            self.expect(name, row["call"] + row["told"], row["call"] + measured)

    def sentences(self, name, known):
        for where, number in told(name):
            self.expect(name, f"{number}: {where}", f"{number if int(number) in known else 'no such figure'}: {where}")

    def read(self):
        """What takes no measuring."""
        for name, said, should in pages.said():
            self.expect(name, said, should)
        self.parts("Documentation/performance.md", instructions(f"{TOP}/{KEPT}"))
        for name in ("README.md", "Documentation/board.md"):
            self.fewer(name, "Documentation/performance.md")
        self.plots()

    def plots(self):
        """Each is of what is kept; but for walk.svg, which has no figures."""
        folder = f"{TOP}/Documentation/plots"
        said = (run([f"{TOP}/tools/testing/io-pgtable/bench-plot", "check", BASE, f"{TOP}/{DATA}", folder])
                + run([f"{TOP}/boot/plot-costs", "check"]))
        drawn = dict(line.rsplit(": ", 1) for line in said.splitlines())
        for path in sorted({*drawn, *glob.glob(f"{folder}/*.svg")} - {f"{folder}/walk.svg"}):
            self.expect(os.path.relpath(path, TOP), drawn.get(path, "drawn by nothing"), "of these data")


def measure(figures, documented):
    run([f"{TOP}/boot/run", *(f"{case}{lazy}{end}" for case in SMMUS.values() for lazy in ("", "-lazy") for end in ("-base", ""))])
    figures.base_cost, series = cost("arm64-cost-base"), cost("arm64-cost")
    if not END:
        commits = git("rev-list", "--reverse", "base..series").split()
        count_ahead(commits)
        for commit in commits:
            figures.patch(commit)
    now, before = counted("series", ""), instructions(f"{TOP}/{KEPT}")
    for (what, kernel), value in now.items():
        if kernel in (BASE, KERNEL) and (documented or (what, kernel) in before):
            figures.expect(KEPT, f"{what},{kernel}: {before.get((what, kernel))}", f"{what},{kernel}: {value}")
    figures.whole_calls("Documentation/performance.md")
    known = {*figures.base_cost.values(), *series.values(), *(value for (_, kernel), value in before.items() if not kernel.startswith(BASE))}
    known |= {round(value / 256) for value in known} | PAGES
    if not END:
        for topic in sorted(os.listdir(f"{TOP}/series/{BASE}")):
            if os.path.isdir(f"{TOP}/series/{BASE}/{topic}"):
                figures.cover(topic, known)
    if documented:
        figures.sentences("README.md", known | {*now.values()})


def main():
    open(f"{WORK}/log/figures.log", "w", encoding="utf-8").close()
    figures = Figures()
    # Documentation and README.md tell of the oldest base, and of others what is kept of them
    documented = BASE == min(os.listdir(f"{TOP}/series"))
    if documented:
        figures.read()
    version = subprocess.run([COMPILER, "-dumpfullversion"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    if f"gcc {version.rpartition('.')[0]}" in git("log", "--format=%B", "base..series"):
        measure(figures, documented)
    else:
        print(f"figures: not measured, as they are of another compiler than {COMPILER} {version}")
    print(*figures.wrong, sep="\n", end="\n" if figures.wrong else "")
    print(f"figures: {figures.num - len(figures.wrong)} as measured, {len(figures.wrong)} not")
    return 1 if figures.wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Broken as error:
        sys.exit(f"figures: error: {error}")
    except KeyboardInterrupt:
        sys.exit("figures: interrupted")
