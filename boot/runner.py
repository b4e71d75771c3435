# SPDX-License-Identifier: GPL-2.0
"""Builds the kernels that cases of boot/cases need, boots them under QEMU, and judges each by its log.

Started by boot/run, which says where things are: $top, $place, $work.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
import zlib

import events
import ktap
import tlbi
from cases import Case, Ratio, TableError, read

COST = re.compile(r"iommu_cost: (\S+): map (\d+) unmap (\d+) instructions")
KUNIT_TOTAL = re.compile(r"Testing complete\. (\d+) tests run\. (\d+) failed\. (\d+) crashed\.")
EXPECT_WARNINGS = re.compile(r": expect (\d+) warnings$")
COLOUR = re.compile(r"\033\[[0-9;]*m")
NOTHING = "-nic none -display none -monitor none".split()     # that a machine has unless it is told
SECONDS = "30"                  # for @SECONDS@, without $SOAK
TAIL = 15
NOT_HERE = 3        # newer-qemu's exit status: no such QEMU is to be had


class Failure(Exception):
    """A case fails, and why."""

    def __init__(self, reason, log):
        super().__init__(f"{reason}; log: {log}")


class Skip(Exception):
    """A case cannot be done here, which is no pass, and why."""


def run(command, log=None, timeout=None):
    """Its exit status, None when it took too long.  However we leave, nothing that it started is left running."""
    output = open(log, "a", encoding="utf-8") if log else None
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
    try:
        return process.wait(timeout)
    except subprocess.TimeoutExpired:
        return None
    finally:
        end_session(process)
        if output:
            output.close()


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


def found(pattern, log_lines):
    return next((line for line in log_lines if re.search(pattern, line)), None)


def without_expected_warnings(lines):
    """The lines less the warnings that a test announced ("expect N warnings"), and how many of these did not come."""
    kept, expected, inside = [], 0, False
    for line in lines:
        announced = EXPECT_WARNINGS.search(line)
        if announced:
            expected += int(announced[1])
        if expected and "[ cut here ]" in line:
            inside, expected = True, expected - 1
        if not inside:
            kept.append(line)
        if "[ end trace" in line:
            inside = False
    return kept, expected


def lasting(table, seconds, seed):
    """The table, with what boot/soak wants of the cases that it can tell how long to last."""
    def last(item):
        if "@SECONDS@" not in getattr(item, "init", ""):
            return item
        return item._replace(init=item.init.replace("@SECONDS@", seconds or SECONDS).replace("@SEED@", seed or "0"),
                             timeout=item.timeout + int(seconds or 0))
    return {name: last(item) for name, item in table.items()}


def make_disk(path, writable):
    """4 MiB that no earlier run had, so that nothing but a read of this disk gives their checksum; or as many of zeros."""
    with open(path, "wb") as file:
        if writable:
            file.truncate(writable << 20)
        else:
            file.write(os.urandom(4 << 20))


def checksum(path):
    with open(path, "rb") as file:
        return f"{zlib.crc32(file.read()):08x}"


def costs(path, _known):
    """{size: (map, unmap)} that a log tells."""
    matches = (COST.search(line) for line in read_log(path))
    return {m[1]: (int(m[2]), int(m[3])) for m in matches if m}


def told(path, known=None):
    """{size: what the SMMU was told} by an unmap, that a log tells."""
    return tlbi.read(read_log(path), known)


def cost_table(ratio, before, after):
    """Two logs' instructions side by side, and the sizes that miss their limit."""
    calls = ("iommu_unmap()", "iommu_map()")
    text = ("Instructions of one call, arm64, through arm-smmu-v3, mapped with 4 KiB pages\n"
            + " " * 12 + "".join(f"{call:>22}{'':<34}" for call in calls).rstrip() + "\n"
            + f"{'size':<12}" + "".join(f"{'base':>11}{'series':>11}{'base/series':>13}   {'limit':<18}" for _ in calls).rstrip() + "\n")
    missed = []
    for size in before:
        line = f"{size:<12}"
        # A log has the map first, as it comes first.
        for one, other, share in zip(reversed(before[size]), reversed(after[size]), ratio.limits.get(size, (None, None))):
            bound = f"at most {float(share * one):.0f}" if share else ""
            if share and other > share * one:
                bound += " !"
                missed.append(size)
            line += f"{one:>11}{other:>11}{one / other:>12.2f}x   {bound:<18}"
        text += line.rstrip() + "\n"
    return text + "2M and 16M are whole tables; \"across\" begins and ends in the middle of one.\n", missed


def count_table(counts, before, after):
    """What the SMMU was told, likewise."""
    missed = []
    text = (f"{counts.what}\n{'':<12}{'invalidations':>22}{'syncs':>22}\n"
            f"{'size':<12}{'base':>11}{'series':>11}{'base':>11}{'series':>11}   limit\n")
    for size, one in before.items():
        other = after[size]
        line = f"{size:<12}{one.invalidations:>11}{other.invalidations:>11}{one.syncs:>11}{other.syncs:>11}"
        if size in counts.limits:
            line += f"   at most {counts.limits[size]}"
            if sum(other) > counts.limits[size]:
                missed.append(size)
                line += " !"
        text += f"{line}\n"
    return text + "From 2M on all but \"across\" are whole tables; 1G is aligned to 2M, 1G-aligned to 1G.\n", missed


class Runner:
    def __init__(self, table, top, base, work, base_name):
        self.table, self.top, self.base, self.work, self.base_name = table, top, base, work, base_name
        self.started = int(os.environ.get("STARTED", time.time()))
        self.step_number = self.steps = 0
        self.built = {}         # kernel name -> None, or why it could not be built
        self.results = {}       # case name -> "PASS", "FAIL" or "SKIP", and what is to be said about it
        self.told = {}          # case name -> what its log is to tell a person
        self.comparisons = []   # tables of before and after

    # What is said.

    def step(self, text):
        self.step_number += 1
        minutes, seconds = divmod(int(time.time()) - self.started, 60)
        print(f"[{self.step_number}/{self.steps} {minutes}:{seconds:02d}] {text}", flush=True)

    # Where things are.

    def object_dir(self, kernel):
        return f"{self.base}/obj/boot-{kernel.name}"

    def case_dir(self, case):
        return f"{self.base}/boot/{case.name}"

    def disk(self, case):
        return f"{self.case_dir(case)}/disk"

    # The kernels.

    def fragment(self, name):
        """Its file, and what of it this base alone needs."""
        own = f"{self.top}/boot/configs/{name}.{self.base_name}.config"
        return [f"{self.top}/boot/configs/{name}.config"] + ([own] if os.path.exists(own) else [])

    def build(self, kernel):
        log = f"{self.work}/log/build-{kernel.name}.log"
        os.makedirs(os.path.dirname(log), exist_ok=True)
        open(log, "w", encoding="utf-8").close()
        self.step(f"build kernel {kernel.name} (minutes when it is new; log: {log})")
        start = time.monotonic()
        fragments = [path for name in kernel.fragments for path in self.fragment(name)]
        status = run([f"{self.top}/boot/build", self.object_dir(kernel), kernel.revision, kernel.arch, kernel.image,
                      *fragments], log)
        if status != 0:
            print(errors(log), end="")
            print(f"kernel {kernel.name} does not build; log: {log}", flush=True)
            return Failure(f"kernel {kernel.name} does not build", log)
        print(f"    built in {time.monotonic() - start:.0f} s", flush=True)
        return None

    # One boot.

    def with_newer_qemu(self, case):
        """The case on a QEMU that is new enough for its machine."""
        log = f"{self.case_dir(case)}/newer-qemu"
        open(log, "w", encoding="utf-8").close()
        status = run([f"{self.top}/scripts/lib/newer-qemu", case.machine.version], log)
        said = (read_log(log) or [""])[-1]
        if status == NOT_HERE:
            raise Skip(f"{said}; it takes QEMU {case.machine.version}")
        if status != 0:
            raise Failure(f"newer-qemu ended with status {status}: {said}", log)
        return case._replace(machine=case.machine._replace(qemu=[said, *case.machine.qemu[1:]]))

    def overlay(self, case, log):
        """The machine's own device tree with the case's over it."""
        tree = f"{self.case_dir(case)}/dtb"
        for command in (
                [*case.machine.qemu, *NOTHING, "-serial", "none", "-machine", f"dumpdtb={tree}.qemu"],
                ["dtc", "-q", "-O", "dtb", "-o", f"{tree}.overlay", f"{self.top}/boot/dts/{case.machine.overlay}.dts"],
                ["fdtoverlay", "-i", f"{tree}.qemu", "-o", tree, f"{tree}.overlay"]):
            if run(command, log) != 0:
                print(tail(log), end="")
                raise Failure(f"no device tree with {case.machine.overlay}.dts over it: {command[0]} failed", log)
        return tree

    def qemu(self, case, log):
        directory = self.object_dir(case.kernel)
        command = [*case.machine.qemu, *NOTHING, "-serial", "stdio",
                   "-no-reboot", "-kernel", f"{directory}/boot-image", "-initrd", f"{directory}/boot-initramfs",
                   "-append", f"console={case.machine.console} panic=-1 printk.devkmsg=on {case.kernel.cmdline} {case.cmdline}"
                              f" -- {case.init}"]
        if case.machine.overlay:
            command += ["-dtb", self.overlay(case, log)]
        if case.machine.disk:
            readonly = "off" if case.machine.writable else "on"
            command += ["-drive", f"file={self.disk(case)},format=raw,if=none,id=disk,readonly={readonly}",
                        "-device", f"{case.machine.disk},drive=disk"]
        return command

    def boot(self, case, log):
        """Boots once, and judges the log's lines."""
        if case.machine.disk:
            make_disk(self.disk(case), case.machine.writable)
        open(log, "w", encoding="utf-8").close()
        command = self.qemu(case, log)
        with open(log, "w", encoding="utf-8") as file:
            print("$", shlex.join(command), file=file)
        status = run(command, log, case.timeout)
        log_lines = read_log(log)[1:]
        if status != 0:
            print(tail(log), end="")
        if status is None:
            raise Failure(f"no power-off within {case.timeout:g} s, QEMU killed", log)
        if status != 0:
            raise Failure(f"QEMU ended with status {status}", log)
        return self.judge(case, log_lines, log)

    def judge(self, case, log_lines, log):
        """The lines less what a test announced, when they are what the case wants."""
        log_lines, missing = without_expected_warnings(log_lines)
        if missing:
            raise Failure(f"{missing} of the warnings that a test expects did not come", log)
        wrong = None
        if case.events:
            log_lines, wrong = events.read(log_lines, *case.events)
        for pattern in case.forbid:
            line = found(pattern, log_lines)
            if line:
                raise Failure(f"the log must not have '{pattern}': {line}", log)
        # Of the disk as it is now: the guest may have written it.
        crc = checksum(self.disk(case)) if case.machine.disk else ""
        for pattern in case.kernel.expect + case.machine.expect + case.expect + case.tell:
            if not found(pattern.replace("@CRC32@", crc), log_lines):
                raise Failure(f"the log lacks '{pattern}'", log)
        if wrong:
            raise Failure(f"faults {wrong}", log)
        return log_lines

    def kunit(self, case, log):
        """How many KUnit tests passed, which is all of them, as the kernel's own tool reads the log."""
        report = f"{self.case_dir(case)}/kunit"
        open(report, "w", encoding="utf-8").close()
        status = run([sys.executable, f"{self.base}/src/tools/testing/kunit/kunit.py", "parse", log], report)
        text = COLOUR.sub("", "\n".join(read_log(report)))
        total = KUNIT_TOTAL.search(text)
        if not total or int(total[1]) == 0:
            raise Failure(f"no KUnit test ran (kunit.py's report: {report})", log)
        if status != 0 or "[ERROR]" in text or total[2] != "0" or total[3] != "0":
            raise Failure(f"KUnit: {total[0]} (kunit.py's report: {report})", log)
        for suite in case.kunit:
            if f"[PASSED] {suite} =" not in text:
                raise Failure(f"the KUnit suite {suite} did not run (kunit.py's report: {report})", log)
        return int(total[1])

    def invalidations(self, case, log):
        """How many unmaps told the SMMU of what they unmapped, no more and no less."""
        try:
            sizes = list(told(log, case.known))
        except tlbi.Wrong as wrong:
            raise Failure(f"TLB invalidation: {wrong}", log) from None
        if sizes != case.tlbi:
            raise Failure(f"unmaps in the log: {' '.join(sizes) or 'none'}; there should be: {' '.join(case.tlbi)}", log)
        return len(sizes)

    def ktap(self, case, log_lines, log):
        """How many tests of modules passed."""
        try:
            return sum(ktap.passed(log_lines, module) for module in case.ktap)
        except ktap.Wrong as wrong:
            raise Failure(str(wrong), log) from None

    def do_case(self, case):
        """Raises Failure, or returns what is worth saying about the success."""
        if self.built[case.kernel.name]:
            raise self.built[case.kernel.name]
        os.makedirs(self.case_dir(case), exist_ok=True)
        if case.machine.version:
            case = self.with_newer_qemu(case)
        log = f"{self.case_dir(case)}/log"
        first = self.boot(case, log)
        said = ""
        if case.kunit:
            said = f", {self.kunit(case, log)} KUnit tests"
        if case.ktap:
            said += f", {self.ktap(case, first, log)} tests"
        if case.tlbi:
            said += f", {self.invalidations(case, log)} unmaps"
        if case.repeat:
            again = self.boot(case, f"{log}-again")
            one, two = ([re.search(case.repeat, line)[0] for line in lines if re.search(case.repeat, line)]
                        for lines in (first, again))
            if not one or one != two:
                raise Failure(f"'{case.repeat}' is not the same in a second boot, {log}-again", log)
            said += ", the same in 2 boots"
        self.told[case.name] = [match[0] for line in first for pattern in case.tell if (match := re.search(pattern, line))]
        return said

    # Two cases side by side.

    def do_comparison(self, item):
        """Raises Failure, or returns what is worth saying, which is nothing: the table that it leaves says it."""
        log = f"{self.case_dir(item)}/log"
        os.makedirs(os.path.dirname(log), exist_ok=True)
        with open(log, "w", encoding="utf-8") as file:
            print("no comparison", file=file)
        for name in item.cases:
            if self.results[name][0] == "SKIP":
                raise Skip(f"{name} was skipped")
            if self.results[name][0] != "PASS":
                raise Failure(f"{name} failed", log)
        logs = [f"{self.case_dir(self.table[name])}/log" for name in item.cases]
        measured, table = (costs, cost_table) if isinstance(item, Ratio) else (told, count_table)
        before, after = (measured(log, self.table[name].known) for log, name in zip(logs, item.cases))
        if not before or before.keys() != after.keys() or not item.limits.keys() <= before.keys():
            raise Failure("the two cases did not measure the same sizes", log)
        text, missed = table(item, before, after)
        with open(log, "w", encoding="utf-8") as file:
            file.write(text)
        self.comparisons.append(text)
        if missed:
            raise Failure(f"iommu_unmap() misses its limit at {', '.join(missed)}", log)
        return ""

    # All of it.

    def do(self, name):
        item = self.table[name]
        boots = isinstance(item, Case)
        self.step(f"boot {name} (at most {item.timeout:g} s)" if boots else f"compare {name}")
        start = time.monotonic()
        try:
            said = self.do_case(item) if boots else self.do_comparison(item)
            self.results[name] = "PASS", f"{item.what}{said}"
            print(f"PASS {name} ({time.monotonic() - start:.1f} s{said})", flush=True)
        except Failure as failure:
            self.results[name] = "FAIL", str(failure)
            print(f"FAIL {name}: {failure}", flush=True)
        except Skip as skip:
            self.results[name] = "SKIP", f"{item.what}: not done: {skip}"
            print(f"SKIP {name}: {skip}", flush=True)

    def selection(self, names):
        """The cases of these names, and those that they compare, in the table's order.  Without names, all that are not too long."""
        unknown = [name for name in names if name not in self.table]
        if unknown:
            raise TableError(f"no such case: {' '.join(unknown)}.  There are: {' '.join(self.table)}")
        full = os.environ.get("FULL") == "1"
        wanted = set(names or (name for name, item in self.table.items() if full or not getattr(item, "full", False)))
        for name in list(wanted):
            if not isinstance(self.table[name], Case):
                wanted.update(self.table[name].cases)
        return [name for name in self.table if name in wanted]

    def at(self, commit):
        """The same cases, with kernels of another commit, in places of their own."""
        for name, case in self.table.items():
            if isinstance(case, Case):
                kernel = case.kernel._replace(name=case.kernel.name.rpartition("-")[0] + "-at", revision=commit)
                self.table[name] = case._replace(name=name + "-at", kernel=kernel)

    def prepare(self):
        for text, command in (("Debian packages", "boot/packages"), ("kernel source: the base, and the series on it",
                                                                     "scripts/tree")):
            self.step(text)
            if run([f"{self.top}/{command}"]) != 0:
                raise TableError(f"{command} failed, see above")

    def run(self, names):
        selected = self.selection(names)
        if not selected:
            raise TableError("the table has no case")
        kernels = {self.table[name].kernel.name: self.table[name].kernel
                   for name in selected if isinstance(self.table[name], Case)}
        self.steps = 2 + len(kernels) + len(selected)
        self.prepare()
        # One source tree serves all builds, so first all that want it at one revision.
        for kernel in sorted(kernels.values(), key=lambda kernel: kernel.revision):
            self.built[kernel.name] = self.build(kernel)
        for name in selected:
            self.do(name)
        self.summary()
        results = [result for result, _ in self.results.values()]
        passed, failed, skipped = map(results.count, ("PASS", "FAIL", "SKIP"))
        print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""), flush=True)
        return 0 if passed and not failed else 1

    def summary(self):
        width = max(len(name) for name in self.results)
        print("\nWhat ran:")
        for name, (result, said) in self.results.items():
            print(f"{result}  {name:<{width}}  {said}")
            for line in self.told.get(name, []):
                print(f"{'':<{width + 8}}{line}")
        for comparison in self.comparisons:
            print(f"\n{comparison}", end="")
        print(flush=True)


def interrupted(_signal, _frame):
    """Ctrl-C, a closed terminal and a kill leave the same: nothing.  Impatience does not disturb the clearing up."""
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.SIG_IGN)
    raise KeyboardInterrupt


def main(names):
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, interrupted)
    top, base, work, base_name = (os.environ[name] for name in ("top", "place", "work", "base"))
    try:
        table = lasting(read(f"{top}/boot/cases", base_name, os.environ["revisions"].split()), os.environ.get("SOAK"),
                        os.environ.get("SEED"))
        runner = Runner(table, top, base, work, base_name)
        if names[:1] == ["--at"]:
            if len(names) < 3:
                raise TableError("usage: boot/run --at COMMIT CASE...")
            runner.at(names[1])
            names = names[2:]
        return runner.run(names)
    except TableError as error:
        print(f"boot/run: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("boot/run: interrupted; the next run goes on from here", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
