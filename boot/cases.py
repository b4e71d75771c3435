# SPDX-License-Identifier: GPL-2.0
"""Reads boot/cases, where the format is told, and refuses a table that would let a boot pass for nothing."""

import configparser
import re
from collections import namedtuple
from fractions import Fraction

Kernel = namedtuple("Kernel", "name revision arch image fragments cmdline expect")
Machine = namedtuple("Machine", "qemu version disk overlay console writable expect")
Case = namedtuple("Case", "name what kernel machine cmdline init expect forbid repeat kunit ktap faults events tell tlbi known timeout full")
Ratio = namedtuple("Ratio", "name what cases limits full")
Counts = namedtuple("Counts", "name what cases limits same full")
Latency = namedtuple("Latency", "name what cases limits full")

# For each kind of section: the keys it must have, and those it may have.
KEYS = {
    "kernel": ("arch image fragments", "like series-fragments cmdline expect"),
    "machine": ("qemu", "like version disk overlay console writable expect"),
    "case": ("what revisions kernel machine timeout",
             "like debug cmdline init expect repeat kunit base-kunit ktap base-faults events tell tlbi known base-known full left-out"),
    "ratio": ("what cases limits", "full"),
    "counts": ("what cases", "limits same full"),
    "latency": ("what cases limits", "full"),
    "every": ("expect forbid", "console suites without-kunit"),
}
REVISIONS = ("base", "series")
DEBUG_TIMEOUT = 6


class TableError(Exception):
    """What is wrong with the table, in words for the person who wrote it."""


def lines(section, key):
    return [line.strip() for line in section.get(key, "").splitlines() if line.strip()]


def words(section, key):
    return section.get(key, "").split()


def take_base(section, base):
    """What the section says for this base alone is what it says; of others it says nothing."""
    for key in list(section):
        name, at, which = key.partition("@")
        if at:
            if which == base:
                section[name] = section[key]
            del section[key]


def take_like(section, kind, sections):
    """What the section does not say is as in the one above that it is like."""
    if "like" in section:
        other = sections.get((kind, section["like"]))
        if other is None:
            raise TableError(f"[{section.name}]: like: no [{kind} {section['like']}] stands above it")
        for key in other:
            # Why another case is not done is no reason for this one.
            if key != "left-out":
                section.setdefault(key, other[key])


def check_keys(section, kind):
    must, may = (keys.split() for keys in KEYS[kind])
    for key in must:
        if not section.get(key, "").strip():
            raise TableError(f"[{section.name}] has no '{key}'")
    for key in section:
        if key not in must + may:
            raise TableError(f"[{section.name}]: unknown key '{key}'")


def check_patterns(section):
    for key in ("expect", "forbid", "repeat", "tell"):
        for pattern in lines(section, key):
            try:
                re.compile(pattern)
            except re.error as error:
                raise TableError(f"[{section.name}] {key}: {pattern}: {error}") from None


def make_kernel(section, name, revision):
    fragments = words(section, "fragments")
    if revision == "series":
        fragments += words(section, "series-fragments")
    return Kernel(f"{name}-{revision}", revision, section["arch"], section["image"], fragments, section.get("cmdline", ""),
                  lines(section, "expect"))


def known_faults(section, key):
    """{name: pattern}"""
    try:
        return dict(re.fullmatch(r"(.+?): (.+)", line).groups() for line in lines(section, key))
    except AttributeError:
        raise TableError(f"[{section.name}]: a line of '{key}' is not NAME: PATTERN") from None


def suites(section, every, revision):
    named = words(section, "kunit" if revision == "series" else "base-kunit")
    if "every" not in named:
        return named
    if not words(every, "suites"):
        raise TableError(f"[{section.name}]: 'kunit = every', but [every case] has no 'suites'")
    return words(every, "suites") + [name for name in named if name != "every"]


def make_cases(section, name, sections, revisions):
    kernel, machine = (sections.get((kind, section[kind])) for kind in ("kernel", "machine"))
    debug = section.get("debug")
    if kernel is None or machine is None or debug and ("kernel", debug) not in sections:
        raise TableError(f"[{section.name}]: no such kernel or machine in the table")
    if "@CRC32@" in section.get("expect", "") + machine.get("expect", "") and "disk" not in machine:
        raise TableError(f"[{section.name}] expects a checksum, but its machine has no disk")
    every = sections["every", "case"]
    for revision in words(section, "revisions"):
        if revision not in REVISIONS:
            raise TableError(f"[{section.name}]: revision '{revision}' is none of: {', '.join(REVISIONS)}")
        if revision not in revisions:
            continue
        kunit = suites(section, every, revision)
        case = Case(
            name=name if revision == "series" else f"{name}-{revision}",
            what=section["what"],
            kernel=make_kernel(kernel, section["kernel"], revision),
            machine=Machine(machine["qemu"].split(), *map(machine.get, ("version", "disk", "overlay")),
                            machine.get("console", every.get("console", "ttyAMA0")),
                            int(machine.get("writable", "0")), lines(machine, "expect")),
            cmdline=" ".join(words(section, "cmdline") + ([] if kunit else words(every, "without-kunit"))),
            init=section.get("init", ""),
            expect=lines(every, "expect") + lines(section, "expect"),
            forbid=lines(every, "forbid"),
            repeat=section.get("repeat"),
            kunit=kunit,
            ktap=words(section, "ktap"),
            faults=known_faults(section, "base-faults") if revision == "base" else {},
            events=words(section, "events"),
            tell=lines(section, "tell"),
            tlbi=words(section, "tlbi"),
            known=known_faults(section, "known") | (known_faults(section, "base-known") if revision == "base" else {}),
            timeout=float(section["timeout"]),
            full=bool(section.get("full")),
        )
        yield case
        if debug and revision == revisions[-1]:
            yield case._replace(name=f"{name}-debug", what=f"{case.what}, debug kernel", full=True,
                                kernel=make_kernel(sections["kernel", debug], debug, revision),
                                timeout=DEBUG_TIMEOUT * case.timeout)


def make_comparison(kind, section, name, table, absent):
    compared = words(section, "cases")
    if len(compared) != 2 or not all(case in table or absent(case) for case in compared):
        raise TableError(f"[{section.name}]: 'cases' must name two cases that stand above it")
    limits = [line.split() for line in lines(section, "limits")]
    full = bool(section.get("full")) or all(case in table and table[case].full for case in compared)
    if kind == "ratio":
        return Ratio(name, section["what"], compared, {size: (Fraction(unmap), Fraction(map_)) for size, unmap, map_ in limits}, full)
    if kind == "latency":
        return Latency(name, section["what"], compared, {off: (Fraction(share), int(*more or [0])) for off, share, *more in limits}, full)
    return Counts(name, section["what"], compared, {size: int(limit) for size, limit in limits}, words(section, "same"), full)


def leave_the_base_alone(table):
    """Where there is a series, its base is booted for comparisons: what else it shows stays as it is, whatever the series does."""
    compared = {name for item in table.values() if not isinstance(item, Case) and not item.full for name in item.cases}
    for name, item in table.items():
        if isinstance(item, Case) and item.kernel.revision == "base" and name not in compared:
            table[name] = item._replace(full=True)


def is_absent(case, sections, revisions):
    """Does this base not have the case, though others have?"""
    revision = "base" if case.endswith("-base") else "series"
    section = sections.get(("case", case.removesuffix("-base")), {})
    return bool(section) and (revision not in revisions or "left-out" in section)


def read(path, base, revisions=REVISIONS):
    """The cases and comparisons of the table, by name, in its order: those that a base has whose kernels are of these revisions."""
    parser = configparser.ConfigParser(interpolation=None, delimiters="=", comment_prefixes="#")
    with open(path, encoding="utf-8") as file:
        try:
            parser.read_file(file)
        except configparser.Error as error:
            raise TableError(str(error)) from None

    sections = {}
    for title in parser.sections():
        kind, _, name = title.partition(" ")
        if kind not in KEYS or not name:
            raise TableError(f"[{title}]: a section is one of: {', '.join(f'[{kind} NAME]' for kind in KEYS)}")
        take_base(parser[title], base)
        take_like(parser[title], kind, sections)
        check_keys(parser[title], kind)
        check_patterns(parser[title])
        sections[kind, name] = parser[title]
    if ("every", "case") not in sections:
        raise TableError("there is no [every case]: what must every log show?")

    table = {}
    for (kind, name), section in sections.items():
        try:
            if kind == "case" and "left-out" not in section:
                table.update((case.name, case) for case in make_cases(section, name, sections, revisions))
            elif kind in ("ratio", "counts", "latency"):
                comparison = make_comparison(kind, section, name, table, lambda case: is_absent(case, sections, revisions))
                if all(case in table for case in comparison.cases):
                    table[name] = comparison
        except ValueError as error:
            raise TableError(f"[{section.name}]: not a number where one should be: {error}") from None
    if "series" in revisions:
        leave_the_base_alone(table)
    return table
