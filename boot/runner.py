# SPDX-License-Identifier: GPL-2.0
"""Builds the kernels that cases of boot/cases need, boots them under QEMU, and judges each by its log.

Started by boot/run, which says where things are: $top, $place, $work.
"""

import os
import re
import shlex
import signal
import sys
import threading
import time

import judge
import machine
import memory
from cases import Case, TableError, read
from compare import compare
from process import Failure, Skip, end_all, errors, interrupt, read_log, run, tail

SECONDS = "30"                  # for @SECONDS@, without $SOAK
SLOWEST = 5                     # are named at the end


def lasting(table, seconds, seed):
    """The table, with what boot/soak wants of the cases that it can tell how long to last."""
    def last(item):
        if "@SECONDS@" not in getattr(item, "init", ""):
            return item
        return item._replace(init=item.init.replace("@SECONDS@", seconds or SECONDS).replace("@SEED@", seed or "0"),
                             timeout=item.timeout + int(seconds or 0))
    return {name: last(item) for name, item in table.items()}


def say(text):
    """A line at a time, as cases boot beside each other."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class Room:
    """As many CPUs as there are, for those that boot beside each other; who wants more than there are waits for all."""

    def __init__(self, cpus):
        self.cpus = self.free = cpus
        self.changed = threading.Condition()

    def enter(self, wanted):
        with self.changed:
            wanted = min(wanted, self.cpus)
            self.changed.wait_for(lambda: self.free >= wanted)
            self.free -= wanted
        return wanted

    def leave(self, taken):
        with self.changed:
            self.free += taken
            self.changed.notify_all()


class Runner:
    def __init__(self, table, top, place, work, base):
        self.table, self.top, self.place, self.work, self.base = table, top, place, work, base
        self.started = int(os.environ.get("STARTED", time.time()))
        self.step_number = self.steps = 0
        self.counting = threading.Lock()
        self.remembers = False  # that a case passed, and does not boot it again
        self.built = {}         # kernel name -> None, or why it could not be built
        self.results = {}       # case name -> "PASS", "FAIL" or "SKIP", and what is to be said about it
        self.told = {}          # case name -> what its log is to tell a person
        self.took = {}          # kernel or case name -> seconds
        self.comparisons = []   # tables of before and after

    # What is said.

    def step(self, text):
        with self.counting:
            self.step_number += 1
            number = self.step_number
        minutes, seconds = divmod(int(time.time()) - self.started, 60)
        say(f"[{number}/{self.steps} {minutes}:{seconds:02d}] {text}")

    # Where things are.

    def object_dir(self, kernel):
        return f"{self.place}/obj/boot-{kernel.name}"

    def case_dir(self, case):
        return f"{self.place}/boot/{case.name}"

    # The kernels.

    def fragment(self, name):
        """Its file, and what of it this base alone needs."""
        own = f"{self.top}/boot/configs/{name}.{self.base}.config"
        return [f"{self.top}/boot/configs/{name}.config"] + ([own] if os.path.exists(own) else [])

    def build(self, kernel):
        log = f"{self.work}/log/build-{self.base}-{kernel.name}.log"
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
        self.took[f"building {kernel.name}"] = time.monotonic() - start
        print(f"    built in {time.monotonic() - start:.0f} s", flush=True)
        return None

    # One boot.

    def boot(self, case, log, tree):
        """Boots once, and judges the log's lines."""
        disk = f"{self.case_dir(case)}/disk"
        if case.machine.disk:
            machine.make_disk(disk, case.machine.writable)
        command = machine.command(case, self.object_dir(case.kernel), disk, tree)
        with open(log, "w", encoding="utf-8") as file:
            print("$", shlex.join(command), file=file)
        status = run(command, log, case.timeout)
        log_lines = read_log(log)[1:]
        if status != 0:
            say(tail(log).rstrip("\n"))
        if status is None:
            raise Failure(f"no power-off within {case.timeout:g} s, QEMU killed", log)
        if status != 0:
            raise Failure(f"QEMU ended with status {status}", log)
        return self.judge(case, log_lines, log)

    def judge(self, case, log_lines, log):
        return judge.judge(case, log_lines, log, f"{self.case_dir(case)}/disk")

    def do_case(self, case):
        """Raises Failure, or returns what is worth saying about the success."""
        if self.built[case.kernel.name]:
            raise self.built[case.kernel.name]
        directory = self.case_dir(case)
        os.makedirs(directory, exist_ok=True)
        case = machine.with_newer_qemu(case, self.top, f"{directory}/newer-qemu")
        log, passed = f"{directory}/log", f"{directory}/passed"
        source = case.machine.overlay and f"{self.top}/boot/dts/{case.machine.overlay}.dts"
        key = memory.key(case, self.object_dir(case.kernel), source)
        before = memory.recall(passed, key, log) if self.remembers else None
        if before:
            seconds, said, self.told[case.name] = before
            return f"{said}, remembered: {seconds:.1f} s then"
        memory.forget(passed)
        start = time.monotonic()
        tree = None
        if source:
            open(log, "w", encoding="utf-8").close()
            tree = machine.overlay(case, source, f"{directory}/dtb", log)
        first = self.boot(case, log, tree)
        said = self.findings(case, first, log)
        if case.repeat:
            again = self.boot(case, f"{log}-again", tree)
            one, two = ([re.search(case.repeat, line)[0] for line in lines if re.search(case.repeat, line)]
                        for lines in (first, again))
            if not one or one != two:
                raise Failure(f"'{case.repeat}' is not the same in a second boot, {log}-again", log)
            said += ", the same in 2 boots"
        self.told[case.name] = [match[0] for line in first for pattern in case.tell if (match := re.search(pattern, line))]
        self.took[case.name] = time.monotonic() - start
        memory.remember(passed, key, self.took[case.name], said, self.told[case.name])
        return said

    def findings(self, case, log_lines, log):
        """What its log has of tests and the like, all of which passed."""
        said = ""
        if case.kunit:
            tool = f"{self.place}/src/tools/testing/kunit/kunit.py"
            said = f", {judge.kunit(case, log, tool, f'{self.case_dir(case)}/kunit')} KUnit tests"
        if case.ktap:
            said += f", {judge.tests(case, log_lines, log)} tests"
        if case.tlbi:
            said += f", {judge.invalidations(case, log)} unmaps"
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
        cases = [self.table[name] for name in item.cases]
        text, missed = compare(item, cases, [f"{self.case_dir(case)}/log" for case in cases])
        with open(log, "w", encoding="utf-8") as file:
            file.write(text)
        self.comparisons.append(text)
        if missed:
            raise Failure(f"the series misses its limit at {', '.join(missed)}", log)
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
            say(f"PASS {name} ({time.monotonic() - start:.1f} s{said})")
        except Failure as failure:
            self.results[name] = "FAIL", str(failure)
            say("\n".join([f"FAIL {name}: {failure}", *(f"    {line}" for line in failure.lines)]))
        except Skip as skip:
            self.results[name] = "SKIP", f"{item.what}: not done: {skip}"
            say(f"SKIP {name}: {skip}")

    def boot_all(self, names):
        """Beside each other, as far as there are CPUs."""
        room = Room(os.cpu_count())

        def do_one(name, taken):
            try:
                self.do(name)
            except KeyboardInterrupt:           # the main thread's, which tells of it
                pass
            except Exception as error:          # of ours: a case that nobody judged must not look as if it were none
                self.results[name] = "FAIL", f"the runner failed: {error!r}"
                say(f"FAIL {name}: the runner failed: {error!r}")
            finally:
                room.leave(taken)

        threads = []
        for name in names:
            taken = room.enter(machine.cpus(self.table[name]))
            threads.append(threading.Thread(target=do_one, args=(name, taken), daemon=True))
            threads[-1].start()
        for thread in threads:
            thread.join()

    def selection(self, names):
        """The cases of these names, and those that they compare, in the table's order.  Without names, all that are not too long."""
        unknown = [name for name in names if name not in self.table]
        if unknown:
            raise TableError(f"no such case: {' '.join(unknown)}.  There are: {' '.join(self.table)}")
        full = os.environ.get("FULL") == "1"
        wanted = set(names or (name for name, item in self.table.items() if full or not item.full))
        for name in list(wanted):
            if not isinstance(self.table[name], Case):
                wanted.update(self.table[name].cases)
        return [name for name in self.table if name in wanted]

    def with_kernels(self, suffix, other):
        """The same cases, each with the kernel that is other(its own), in places of their own."""
        for name, case in self.table.items():
            if isinstance(case, Case):
                self.table[name] = case._replace(name=f"{name}-{suffix}", kernel=other(case.kernel))

    def at(self, commit):
        """With kernels of another commit."""
        self.with_kernels("at", lambda kernel: kernel._replace(name=kernel.name.rpartition("-")[0] + "-at", revision=commit))

    def rt(self):
        """With PREEMPT_RT."""
        self.with_kernels("rt", lambda kernel: kernel._replace(name=f"{kernel.name}-rt", fragments=[*kernel.fragments, "rt"],
                                                               expect=[*kernel.expect, r"Linux version .* PREEMPT_RT\b"]))

    def prepare(self):
        # Whoever has done this already may be building from the source meanwhile.
        if os.environ.get("PREPARED"):
            return
        for text, command in (("Debian packages", "boot/packages"), ("kernel source: the base, and the series on it",
                                                                     "scripts/tree")):
            self.step(text)
            if run([f"{self.top}/{command}"]) != 0:
                raise TableError(f"{command} failed, see above")

    def run(self, names):
        selected = self.selection(names)
        if not selected:
            raise TableError("the table has no case")
        boots = [name for name in selected if isinstance(self.table[name], Case)]
        kernels = {self.table[name].kernel.name: self.table[name].kernel for name in boots}
        self.steps = 2 + len(kernels) + len(selected)
        self.prepare()
        # One source tree serves all builds, so first all that want it at one revision.
        for kernel in sorted(kernels.values(), key=lambda kernel: kernel.revision):
            self.built[kernel.name] = self.build(kernel)
        self.boot_all(boots)
        for name in selected:
            if name not in boots:
                self.do(name)
        self.results = {name: self.results[name] for name in selected}
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
        if self.took:
            print("\nWhat took longest:")
        for name, seconds in sorted(self.took.items(), key=lambda item: -item[1])[:SLOWEST]:
            print(f"  {name}: {seconds:.0f} s")
        print(flush=True)


def interrupted(_signal, _frame):
    """Ctrl-C, a closed terminal and a kill leave the same: nothing.  Impatience does not disturb the clearing up."""
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.SIG_IGN)
    interrupt()


def main(names):
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, interrupted)
    top, place, work, base = (os.environ[name] for name in ("top", "place", "work", "base"))
    try:
        table = lasting(read(f"{top}/boot/cases", base, os.environ["revisions"].split()), os.environ.get("SOAK"),
                        os.environ.get("SEED"))
        runner = Runner(table, top, place, work, base)
        # Who names a case wants it booted.
        runner.remembers = not names and os.environ.get("FULL") != "1"
        if names[:1] == ["--at"]:
            if len(names) < 3:
                raise TableError("usage: boot/run --at COMMIT CASE...")
            runner.at(names[1])
            names = names[2:]
        if names[:1] == ["--rt"]:
            runner.rt()
            names = names[1:]
        return runner.run(names)
    except TableError as error:
        print(f"boot/run: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        end_all()
        print("boot/run: interrupted; the next run goes on from here", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
