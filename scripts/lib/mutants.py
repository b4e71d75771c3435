# SPDX-License-Identifier: GPL-2.0
"""Lists of mutants: small mistakes, each made in a copy of a file, to see which test notices. tools/testing/io-pgtable/README.md
says what a list looks like.

mutants.py HARNESS LINUX REVISION LIST...: says which mutants of these lists do not fit the files of that revision, or of the harness."""

import os
import re
import subprocess
import sys


class ListError(Exception):
    pass


class Mutant:
    def __init__(self, file, name, what, where):
        self.file, self.name, self.what, self.where = file, name, what, where
        self.object = False
        self.threads = False
        self.survives = None
        self.hunks = []         # (function or None, old text, new text)

    def error(self, text):
        return ListError("%s: %s: %s" % (self.where, self.name, text))


def read_list(path):
    """A hunk is a diff's, but that its header names a function, not lines: those move with every patch of the series, and
    what git apply then makes of a hunk of few lines can be another place, which nobody would notice."""
    mutants, file, mutant, hunk = [], None, None, None
    for number, line in enumerate(open(path), 1):
        line = line.rstrip("\n")
        where = "%s:%d" % (os.path.basename(path), number)
        word, _, rest = line.partition(" ")
        if hunk is not None and line[:1] in ("-", "+", " "):
            if line[0] != "+":
                hunk[1].append(line[1:])
            if line[0] != "-":
                hunk[2].append(line[1:])
        elif not line or line.startswith("#"):
            hunk = None
        elif word == "file":
            file, mutant, hunk = rest, None, None
        elif word == "mutant" and file:
            name, _, what = rest.partition(": ")
            if not what:
                raise ListError("%s: a mutant needs a name and what is broken: mutant NAME: WHAT" % where)
            mutant, hunk = Mutant(file, name, what, where), None
            mutants.append(mutant)
        elif word == "survives:" and mutant:
            mutant.survives = rest
        elif mutant and line in ("object", "threads"):
            setattr(mutant, line, True)
        elif word == "@@" and mutant:
            hunk = (rest.strip() or None, [], [])
            mutant.hunks.append(hunk)
        else:
            raise ListError("%s: neither file, mutant, survives:, object, threads, @@ nor a line of a hunk: %s" % (where, line))
    return mutants


def function_span(text, name):
    """Where a function's definition, or failing that a macro's, begins and ends."""
    found = re.search(r"^(?:\w[^;{}#]*?\b)?%s\([^;{}]*\)\n\{\n.*?^\}\n" % re.escape(name), text, re.M | re.S)
    return found.span() if found else None


def apply(mutant, text):
    for function, old, new in mutant.hunks:
        start, end = 0, len(text)
        if function:
            span = function_span(text, function)
            if not span:
                raise mutant.error("%s has no function %s()" % (mutant.file, function))
            start, end = span
        old, new = ("".join(line + "\n" for line in lines) for lines in (old, new))
        # Whole lines only: one that ends another is not the same
        part = "\n" + text[start:end]
        if old == new or part.count("\n" + old) != 1:
            raise mutant.error("its old text stands %d times in %s of %s, not once, or is the new text" %
                               (part.count("\n" + old), function or "all", mutant.file))
        text = text[:start] + part.replace("\n" + old, "\n" + new)[1:] + text[end:]
    if not mutant.hunks:
        raise mutant.error("has no hunk")
    return text


def main(harness, linux, revision, paths):
    texts = {}
    for path in paths:
        try:
            mutants = read_list(path)
        except ListError as error:
            print(error)
            continue
        for mutant in mutants:
            own = os.path.join(harness, mutant.file)
            if mutant.file not in texts:
                texts[mutant.file] = open(own).read() if os.path.exists(own) else \
                    subprocess.run(["git", "-C", linux, "show", "%s:%s" % (revision, mutant.file)],
                                   capture_output=True, text=True).stdout
            try:
                apply(mutant, texts[mutant.file])
            except ListError as error:
                print(error)


if __name__ == "__main__":
    main(*sys.argv[1:4], sys.argv[4:])
