# SPDX-License-Identifier: GPL-2.0
"""Boots cases of boot/cases with mistakes made on purpose in the kernel.  Started by boot/faults."""

import fnmatch
import os
import re
import subprocess
import sys
import tempfile
import time

TOP, PLACE, WORK, BASE = (os.environ[name] for name in ("top", "place", "work", "base"))
sys.path.insert(0, f"{TOP}/scripts/lib")

from cases import Case, TableError, read
from judge import found, without_expected_warnings
from mutants import ListError, apply, read_list
from process import Failure, Skip
from runner import Runner, lasting

LINUX = f"{PLACE}/linux"
# Which cases a mistake in a file could show in.
OTHERS = "arm64-smmuv3 arm64-smmuv3-tlbi arm64-dma arm64-dma-lazy arm64-lpae-race arm64-fail"
CASES = {
    "drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c": "arm64-smmuv3 arm64-smmuv3-tlbi arm64-smmuv3-stage2-tlbi "
                                                   "arm64-dma arm64-dma-lazy arm64-dma-stage2 arm64-smmuv3-counts",
    "drivers/iommu/arm/arm-smmu/arm-smmu.c": "arm64-smmuv2-tlbi arm64-smmuv2-stage2-tlbi arm-v7s-tlbi "
                                             "arm64-smmuv2-by-address-tlbi arm64-smmuv2-stage2-by-address-tlbi",
    "drivers/iommu/arm/arm-smmu/qcom_iommu.c": "arm64-qcom-tlbi arm64-qcom-contexts-tlbi",
    "drivers/iommu/ipmmu-vmsa.c": "arm64-ipmmu-tlbi",
    "drivers/iommu/mtk_iommu.c": "arm64-mtk-tlbi",
    "drivers/iommu/iommu.c": f"{OTHERS} arm64-mtk-plain-tlbi",
    "drivers/iommu/io-pgtable-arm-v7s.c": "arm-v7s-tlbi arm64-mtk-tlbi arm-v7s-race arm-v7s-fail",
}
TIMEOUT = 60        # seconds: many mistakes hang
RACE = "15"         # seconds of each race
INIT = "Run /init as init process"
SELFTEST = "io-pgtable: self"        # in the patterns of the table that the boot selftests answer
KUNIT = "arm64-smmuv3"               # a case that wants every suite
HEADING = """\
# Mistakes made on purpose

`make faults` makes each of these mistakes in the kernel with the series, boots it, and writes this page: what the kernel's own tests
said of it at boot, which cases of `boot/cases` noticed by what came after, and what the first of these said.

| mistake | what is wrong | at boot | cases | what the first says |
|---|---|---|---|---|"""


class Trial(Runner):
    """Each case is judged by what follows the start of init: what the kernel's own tests say of the mistake is another matter."""

    def __init__(self, *args):
        super().__init__(*args)
        self.said_at_boot = set()
        self.suites = self.table[KUNIT].kunit if self.table else []

    def step(self, text):
        print(f"    {text}", flush=True)

    def at(self, commit):
        """What comparisons have of the base stays that."""
        base = {name: item for name, item in self.table.items() if isinstance(item, Case) and item.kernel.revision == "base"}
        super().at(commit)
        self.table.update(base)

    def judge(self, case, log_lines, log):
        start = next((n for n, line in enumerate(log_lines) if INIT in line), len(log_lines))
        before = without_expected_warnings(log_lines[:start])[0]
        selftests = [pattern for pattern in case.expect if SELFTEST in pattern]
        if not all(found(pattern, before) for pattern in selftests):
            self.said_at_boot.add("selftest")
        failed = [match[1] for line in before if (match := re.search(r"\bnot ok \d+ - (\S+)$", line)) and match[1] not in self.suites]
        self.said_at_boot.update(f"KUnit ({name})" for name in failed[:1])
        if not failed and not all(found(rf"\bok \d+ - {suite}$", before) for suite in self.suites):
            self.said_at_boot.add("KUnit (stops)")
        if start == len(log_lines):
            raise Failure("it does not get as far as init", log)
        after = log_lines[start:]
        if failed := found(r"\bnot ok \d+ ", after):
            raise Failure(failed, log)
        expect = [pattern for pattern in case.expect if pattern not in selftests and not found(pattern, before)]
        return super().judge(case._replace(expect=expect), after, log)


def git(*args, **kwargs):
    environment = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1", **kwargs.pop("env", {}))
    return subprocess.run(["git", "-C", LINUX, "-c", "safe.directory=*", *args], check=True, stdout=subprocess.PIPE, text=True,
                          env=environment, **kwargs).stdout


def commit_of(fault):
    """A commit of the series with the mistake in it.  The branch and its files stay as they are."""
    text = apply(fault, git("show", f"series:{fault.file}"))
    blob = git("hash-object", "-w", "--stdin", input=text).strip()
    with tempfile.TemporaryDirectory(dir=WORK) as directory:
        index = {"GIT_INDEX_FILE": f"{directory}/index"}
        git("read-tree", "series", env=index)
        git("update-index", "--cacheinfo", f"100644,{blob},{fault.file}", env=index)
        tree = git("write-tree", env=index).strip()
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in
           (("NAME", "io-pgtable series"), ("EMAIL", "series@io-pgtable.invalid"), ("DATE", "2020-12-13 00:00:00 +0000"))}
    return git("commit-tree", tree, "-p", "series", "-m", fault.name, env=who).strip()


def reason(failure):
    """Why a case failed, less what only this run has: its log, times, addresses."""
    text = re.sub(r"; log: \S+$", "", failure)
    text = re.sub(r"\[ *\d+\.\d+\] ", "", text)
    text = re.sub(r"the log must not have '.*?': ", "", text)
    return text.replace("|", "\\|").strip()


def table():
    return lasting(read(f"{TOP}/boot/cases", BASE), RACE, "1")


def boot_base(names):
    """The base's cases that these comparisons have."""
    trial = Trial(table(), TOP, PLACE, WORK, BASE)
    trial.remembers = True
    for case in {trial.table[name].cases[0] for name in names if not isinstance(trial.table[name], Case)}:
        case = trial.table[case]
        trial.step(f"boot {case.name}, to compare with")
        trial.built[case.kernel.name] = trial.build(case.kernel)
        try:
            trial.do_case(case)
        except Failure as failure:
            raise ListError(f"{case.name}: {failure}") from None


def attempt(commit, names, what):
    """What noticed the mistake in that commit: tests at boot, and of these cases {case: why}."""
    trial = Trial(table(), TOP, PLACE, WORK, BASE)
    trial.at(commit)
    noticed = {}
    for name in names:
        case = trial.table[name]
        if not isinstance(case, Case):
            # What failed is not there to be compared.
            if case.cases[1] not in noticed:
                trial.results = dict.fromkeys(case.cases, ("PASS", ""))
                try:
                    trial.do_comparison(case._replace(name=f"{name}-at"))
                except Failure as failure:
                    noticed[name] = reason(str(failure))
            continue
        case = case._replace(kunit=[], timeout=min(case.timeout, TIMEOUT))
        kernel = case.kernel
        if kernel.name not in trial.built:
            trial.built[kernel.name] = trial.build(kernel)
        if trial.built[kernel.name]:
            raise ListError(f"{what}: {trial.built[kernel.name]}")
        try:
            trial.do_case(case)
        except Failure as failure:
            noticed[name] = reason(str(failure))
        except Skip:
            pass
    return sorted(trial.said_at_boot), noticed


def told(fault, at_boot, noticed):
    """A row of the table."""
    why = next(iter(noticed.values()), "")
    return f"| {fault.name} | {fault.what} | {', '.join(at_boot)} | {', '.join(noticed) or fault.survives or 'nothing'} | {why} |"


def main(patterns):
    path = f"{TOP}/boot/faults-{BASE}.list"
    if not os.path.exists(path):
        raise ListError(f"there is no list of mistakes for {BASE}: {path}")
    faults = [fault for fault in read_list(path)
              if not patterns or any(fnmatch.fnmatch(fault.name, pattern) for pattern in patterns)]
    if not faults:
        raise ListError("no mistake is called that")
    Trial({}, TOP, PLACE, WORK, BASE).prepare()
    # A list that does not fit is better told of before the first boot.
    for fault in faults:
        apply(fault, git("show", f"series:{fault.file}"))

    wanted = {fault.name: CASES.get(fault.file, OTHERS).split() for fault in faults}
    boot_base(sorted({name for names in wanted.values() for name in names}))
    print("The series as it is, which nothing must notice", flush=True)
    at_boot, noticed = attempt("series", [KUNIT], "the series")
    if at_boot or noticed:
        raise ListError(f"the series has a mistake before any is made: {', '.join([*at_boot, *noticed.values()])}")

    started, rows, wrong = time.time(), [], []
    for number, fault in enumerate(faults, 1):
        minutes, seconds = divmod(int(time.time() - started), 60)
        print(f"[{number}/{len(faults)} {minutes}:{seconds:02d}] {fault.name}: {fault.what}", flush=True)
        at_boot, noticed = attempt(commit_of(fault), wanted[fault.name], fault.name)
        rows.append(told(fault, at_boot, noticed))
        print(f"    at boot: {', '.join(at_boot) or 'nothing'}", *(f"    {name}: {why}" for name, why in noticed.items()), sep="\n",
              flush=True)
        if bool(at_boot or noticed) == bool(fault.survives):
            wrong.append(fault.name)
    path = f"{TOP}/Documentation/faults.md" if not patterns else f"{WORK}/faults.md"
    with open(path, "w", encoding="utf-8") as file:
        print(HEADING, *rows, sep="\n", file=file)
    print(f"The table: {path}")
    print(f"{len(faults) - len(wrong)} of {len(faults)} as they should be: noticed, or not with a reason"
          + (f"; not: {' '.join(wrong)}" if wrong else ""))
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (ListError, TableError) as error:
        sys.exit(f"boot/faults: error: {error}")
    except KeyboardInterrupt:
        sys.exit("boot/faults: interrupted")
