# SPDX-License-Identifier: GPL-2.0
"""What pages say of figures that are kept: in Documentation/data, in the table of whole calls in performance.md, in the patches of 5.10.
Nothing is measured for it."""

import functools
import glob
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{TOP}/tools/testing/io-pgtable")
import bench_data

PERFORMANCE, GENERIC_PT, PORTING, BOARD = (f"Documentation/{name}.md" for name in ("performance", "generic_pt", "porting", "board"))
# Columns of the table of whole calls: through arm-smmu-v3, and so many further through arm-smmu
BASE, SERIES, BASE_7_3, SERIES_7_3 = range(4)
ARM_SMMU = 4
OURS = "5.10-series"
# A row of generic_pt.md: a workload and its figure, or a call, whose columns are instructions of its map, then of its unmap
NAMED = re.compile(r"^\| `((?:lpae|v7s|core)-[\w-]+)` \|(?: ([a-z_, ]+) \|)? (.*) \|$", re.MULTILINE)
PEERS = ("7.3", "7.3-series", "generic_pt")
# What may stand in the gap of a sentence
FIGURE = r"\d[\d,]*(?:\.\d+)?x?"


class Broken(Exception):
    """What keeps figures from being found."""


def text_of(name):
    with open(f"{TOP}/{name}", encoding="utf-8") as file:
        return file.read()


def find(form, text, missing):
    match = re.search(form, text, re.MULTILINE)
    if not match:
        raise Broken(missing)
    return match.groups()


def row_of(name, call):
    """What the row of that call says in the table of whole calls."""
    return find(rf"^\| {re.escape(call)} \| (.*) \|$", text_of(name), f"{name} has no row of {call}")[0].split(" | ")


def fewer(before, after):
    return f"{before / after:.{0 if before / after >= 9.95 else 1}f}x"


@functools.cache
def kept(figure):
    return bench_data.read(f"{TOP}/Documentation/data/bench-{'time' if figure == 'ns' else 'instructions'}.csv", figure)


def named():
    """(row, what it should be) of generic_pt.md, whose rows begin with what the data call it."""
    rows = [*NAMED.finditer(text_of(GENERIC_PT))]
    if not rows:
        raise Broken(f"{GENERIC_PT} has no row of a workload")
    for row in rows:
        what, figures, cells = row.groups()
        names = figures.split(", ") if figures else ["instructions"]
        should = []
        for workload in [what] if figures else [f"{what}-map", f"{what}-unmap"]:
            for peer in PEERS:
                values = [kept(name).get(workload, {}).get(peer) for name in names]
                should.append(", ".join("-" if value is None else f"{value:.{2 if name == 'ns' else 0}f}" for name, value in zip(names, values)))
        yield row[0], row[0].removesuffix(f"{cells} |") + " | ".join(should) + " |"


# What follows gives figures for the table of sentences below: first those of whole calls, by row and column.

def call(what, column=SERIES):
    return int(row_of(PERFORMANCE, what)[column].replace(",", ""))


def times(what, before=BASE, after=SERIES):
    return fewer(call(what, before), call(what, after))


def change(what, smmu=0):
    return call(what, smmu + BASE), call(what, smmu + SERIES)


def gain(what, smmu=0):
    return *change(what, smmu), times(what, smmu + BASE, smmu + SERIES)


# Of the data

def count(workload, kernel=OURS):
    return int(kept("instructions")[workload][kernel])


def page(workload, kernel=OURS):
    return f"{count(workload, kernel) / bench_data.pages(workload):.1f}"


def text(kernel):
    return [int(kept("text")[code][kernel]) for code in ("io-pgtable-arm", "io-pgtable-arm-v7s")]


def part(workload, of="5.10", figure="instructions", digits=2):
    return f"{kept(figure)[workload][OURS] / kept(figure)[workload][of]:.{digits}f}"


def parts(prefix, shortest, of="5.10", figure="instructions", digits=2):
    """The smallest and the largest part, of lists of so many segments or more."""
    names = [name for name in kept(figure) if re.fullmatch(rf"{prefix}-\d+-map", name) and bench_data.pages(name) >= shortest]
    return [edge((part(name, of, figure, digits) for name in names), key=float) for edge in (min, max)]


# Of the patches

def patches(*topics):
    return [text_of(os.path.relpath(path, TOP)) for topic in topics for path in sorted(glob.glob(f"{TOP}/series/5.10/{topic}/*.patch"))]


def least():
    """How many patches porting.md applies at the least, and how many there are."""
    topics, = find(r"^for t in (.*); do git am .*/series/5\.10/\$t/", text_of(PORTING), f"{PORTING} does not apply the least that is needed")
    return len(patches(*topics.split())), len(patches("*"))


def kunit_tests(*topics):
    return sum(len(re.findall(r"^\+.*\bKUNIT_CASE\(", patch, re.MULTILINE)) for patch in patches(*topics))


def single_page():
    """What it took before each patch of 8-page, and after it, by its message."""
    return [tuple(map(int, find(r"^\t\s*4K\s+(\d+)\s+(\d+)", patch, "a patch of 8-page has no row of 4K"))) for patch in patches("8-page")]


def sentences():
    """(page, sentence, the figures that are to be in its gaps)"""
    map_4k, map_1m, unmap_4k, unmap_1m = (f"iommu_{op}(), {size}" for op in ("map", "unmap") for size in ("4 KiB", "1 MiB"))
    map_list, dma_map_list, dma_unmap_list = (f"{op}(), 256 scattered pages" for op in ("iommu_map_sg", "dma_map_sg", "dma_unmap_sg"))
    map_segments = "iommu_map_sg(), 256 segments of 64 KiB"
    core = count("core-4K-unmap")
    saved = [before - after for before, after in single_page()]
    # "5.10's invalidations+syncs → the series'", of 1 GiB
    told = re.findall(r"\d+", row_of(PERFORMANCE, "SMMUv3, stage 1 and 2: commands")[3])
    lpae, v7s = zip(text("5.10"), text(OURS))
    return (
        ("README.md", "takes {} instructions, not {}: {} fewer", call(unmap_1m), call(unmap_1m, BASE), times(unmap_1m)),
        ("README.md", "For arm-smmu-v3 or arm-smmu, {} of the {} patches", *least()),
        (PORTING, "for arm-smmu-v3 or arm-smmu** is {} of the {} patches", *least()),
        ("series/5.10/7-kunit/cover-letter", "adds {} KUnit tests", kunit_tests("[1-7]-*")),
        (BOARD, "an unmap of 4 KiB takes {} fewer", times(unmap_4k)),
        (BOARD, "{} fewer instructions for 256 scattered pages", times(map_list)),
        # In short
        (PERFORMANCE, "`iommu_map()`: {} → {}, {} fewer. * `iommu_unmap()`: {} → {}, {} fewer. Through arm-smmu: {} → {}, {} fewer.",
         *gain(map_4k), *gain(unmap_4k), *gain(unmap_4k, ARM_SMMU)),
        (PERFORMANCE, "`dma_map_page()`: {} → {}. `dma_unmap_page()`: {} → {}. In a lazy domain, which invalidates later: {} → {}.",
         *change("dma_map_page()"), *change("dma_unmap_page()"), *change("dma_unmap_page(), lazy")),
        (PERFORMANCE, "**64 KiB.** `iommu_map()`: {} → {}, {} fewer. `iommu_unmap()`: {} → {}, {} fewer.",
         *gain("iommu_map(), 64 KiB"), *gain("iommu_unmap(), 64 KiB")),
        (PERFORMANCE, "**1 MiB.** `iommu_map()`: {} → {}, {} fewer. `iommu_unmap()`: {} → {}, {} fewer.", *gain(map_1m), *gain(unmap_1m)),
        (PERFORMANCE, "`iommu_map_sg()`: {} → {}, {} fewer.", *gain(map_list)),
        (PERFORMANCE, "`dma_map_sg()`: {} → {}, {} fewer. `dma_unmap_sg()`: {} → {}, {} fewer.", *gain(dma_map_list), *gain(dma_unmap_list)),
        (PERFORMANCE, "To unmap 4 KiB, its series takes {} fewer instructions, and to unmap 1 MiB {} fewer. To map the list it takes {} fewer.",
         *(times(what, BASE_7_3, SERIES_7_3) for what in (unmap_4k, unmap_1m, map_list))),
        (PERFORMANCE, "To unmap 1 GiB of 4 KiB pages, an SMMUv3 gets {} invalidations and {} syncs in place of {} and {}.", *told[2:], *told[:2]),
        (PERFORMANCE, "the format alone takes {}x as many instructions", part("lpae-table-2M-1-unmap")),
        # Where the instructions of an unmap go
        (PERFORMANCE, "1 MiB takes {} instructions through arm-smmu-v3. * A single page takes {} of them", call(unmap_1m), call(unmap_4k)),
        (PERFORMANCE, "The core and the format take {} of these {}.", core, call(unmap_4k)),
        (PERFORMANCE, "command and sync take the other {} or so", call(unmap_4k) - core),
        (PERFORMANCE, "The {} other pages take {} each", 255, f"{(call(unmap_1m) - call(unmap_4k)) / 255:.1f}"),
        (PERFORMANCE, "Before the topic `8-page`, a single page took {}.", single_page()[0][0]),
        (PERFORMANCE, "| {} | clear batches of commands | | {} | clear copies of the queue's state | | {} | read the clock | | {} | wait for the "
         "CPU's own commands | | {} | mark its commands as valid | | {} | describe commands", *saved[:5], sum(saved[5:])),
        # 5.10 beside 7.3
        (PERFORMANCE, "7.3 takes {} fewer than 5.10 to map, and {} fewer to unmap. The series of 5.10 takes {} fewer than 7.3 to map. "
         "It takes {} fewer to unmap, and {} fewer through arm-smmu.", times(map_1m, BASE, BASE_7_3), times(unmap_1m, BASE, BASE_7_3),
         times(map_1m, BASE_7_3, SERIES), times(unmap_1m, BASE_7_3, SERIES), times(unmap_1m, ARM_SMMU + BASE_7_3, ARM_SMMU + SERIES)),
        (PERFORMANCE, "For 256 pages it takes {} fewer than 5.10, or {} instructions each. For segments of 64 KiB it takes {} fewer.",
         times(map_list), round(call(map_list) / 256), times(map_segments)),
        # The formats alone
        (PERFORMANCE, "5.10 stays near {} instructions per page. The series falls to {}, which is below lim",
         page("lpae-4K-262144-unmap", "5.10"), page("lpae-4K-262144-unmap")),
        (PERFORMANCE, "5.10 stays near {} instructions per page, 7.3 falls to {}, and the series to {}.",
         *(page("lpae-4K-262144-map", kernel) for kernel in ("5.10", "7.3", OURS))),
        (PERFORMANCE, "5.10 stays near {} instructions per page and 7.3 near {}, and the series falls to {}.",
         *(page("v7s-4K-4096-map", kernel) for kernel in ("5.10", "7.3", OURS))),
        # Lists
        (PERFORMANCE, "From 256 segments on, for pages, the series takes at most {} times what lim takes in LPAE, and {} times in v7s. "
         "For segments of 64 KiB it takes {} and {} times.",
         *(parts(f"{format}-sg-{size}", 256, "lim", digits=1)[1] for size in ("4K", "64K") for format in ("lpae", "v7s"))),
        (PERFORMANCE, "5.10 stays near {} instructions per segment, and the series falls to {}.",
         page("lpae-sg-64K-4096-map", "5.10"), page("lpae-sg-64K-4096-map")),
        (PERFORMANCE, "the series falls to {} of 5.10.", part("v7s-sg-64K-4096-map")),
        (PERFORMANCE, "pages: in [LPAE](plots/bench-lpae-list-time.svg) the series falls to {}, in [v7s](plots/bench-v7s-list-time.svg) to {}.",
         *(part(f"{format}-sg-4K-4096-map", figure="ns") for format in ("lpae", "v7s"))),
        *((PERFORMANCE, f"(plots/bench-{format}-list-64K-time.svg): the series is at {{}} to {{}} from 16 segments on.",
           *parts(f"{format}-sg-64K", 16, figure="ns")) for format in ("lpae", "v7s")),
        # What was not reached
        (PERFORMANCE, "LPAE takes {} of 5.10 (v7s {}).", part("lpae-table-2M-1-unmap"), part("v7s-table-1M-1-unmap")),
        (PERFORMANCE, "**8000 bytes of text.** LPAE has {},", lpae[1]),
        (PERFORMANCE, "before `map_sg()`. v7s has {},", v7s[1]),
        (PERFORMANCE, "A section that v7s maps takes {} instructions, not {}. A v7s list of one page takes {}, not {}.",
         count("v7s-1M-1-map"), count("v7s-1M-1-map", "5.10"), count("v7s-sg-4K-1-map"), count("v7s-sg-4K-1-map", "5.10")),
        (PERFORMANCE, "A page takes {} unmapped and {} mapped.", page("lpae-4K-512-unmap"), page("lpae-4K-512-map")),
        (PERFORMANCE, "at 0.48 of 5.10.** It takes {}: {} instructions, not {}.",
         f"{call(unmap_4k) / call(unmap_4k, BASE):.2f}", call(unmap_4k), call(unmap_4k, BASE)),
        (PERFORMANCE, "Together they take {} fewer. The DMA API goes over the list twice. That and its IOVA are {} % of `dma_map_sg()`.",
         fewer(*(call(dma_map_list, column) + call(dma_unmap_list, column) for column in (BASE, SERIES))),
         round(100 * (1 - call(map_list) / call(dma_map_list)))),
        (PERFORMANCE, "LPAE and v7s alone. It takes {} and {}. A segment of 64 KiB takes {} and {},",
         *(page(f"{format}-sg-{size}-256-map") for size in ("4K", "64K") for format in ("lpae", "v7s"))),
        (PERFORMANCE, "LPAE {} → {} bytes, v7s {} → {}.", *lpae, *v7s),
        (PERFORMANCE, "It takes {} fewer: {}. A single page takes {} of these.",
         times(unmap_1m, BASE_7_3, SERIES_7_3), call(unmap_1m, SERIES_7_3), call(unmap_4k, SERIES_7_3)),
    )


def said():
    """(page, what it says, what it should say)"""
    for name, sentence, *figures in sentences():
        form = FIGURE.join(map(re.escape, sentence.split("{}")))
        for match in re.findall(form, " ".join(text_of(name).split())) or ["no such sentence"]:
            yield name, match, sentence.format(*figures)
    for row, should in named():
        yield GENERIC_PT, row, should
