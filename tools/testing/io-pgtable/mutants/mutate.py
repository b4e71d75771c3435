# SPDX-License-Identifier: GPL-2.0
"""
mutate.py OUT KERNEL [NAME...]: started by run-mutants. Each mutant in the lists beside this file, and in
the folder of the kernel's base, is made in a copy of the kernel's
files (OUT/KERNEL/src), compiled, and run under KILLERS until one of them fails. ../README.md says what a list looks like.
KILLERS in the environment names those that are to try, if not all.
"""
import concurrent.futures
import fnmatch
import glob
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

LISTS = os.path.dirname(os.path.abspath(__file__))
HERE = os.path.dirname(LISTS)

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "..", "..", "..", "scripts", "lib"))
from mutants import ListError, apply, read_list

# What may notice a mutant, the cheapest first: its name, the objects that it is linked from, its program (a goal of Makefile),
# that program's arguments, and what the table of kernels must say that is tried of one. One line adds another.
ALL_KILLERS = [
    ("drivers", "gcc-plain", "driver-tlbs", [], "drivers"),
    ("selftest", "gcc-plain", "tests", ["selftest"], "selftest"),
    ("kunit", "gcc-plain", "tests", ["kunit"], "kunit"),
    ("interleave", "gcc-plain", "interleave", [], "interleave"),
    ("fuzz", "gcc-plain", "fuzz-run", ["-n", "10000", os.path.join(HERE, "corpus")], "corpus"),
    ("findings", "gcc-plain", "fuzz-run", [], "findings"),
    ("selftest-asan", "clang-asan", "tests", ["selftest"], "selftest"),
    ("kunit-asan", "clang-asan", "tests", ["kunit"], "kunit"),
    ("fuzz-asan", "clang-asan", "fuzz-run", [os.path.join(HERE, "corpus")], "corpus"),
]
# Only where KILLERS, of the environment, names them: what takes half a minute, and the tests of another kernel, which take its tree
EXHAUST = ("exhaust", "gcc-plain", "exhaust", [], "exhaust")
PEER_TESTS = ("peer-tests", "gcc-plain", "peer-tests", ["kunit"], "peer-tests")

ASKED = os.environ.get("KILLERS", "").split()

SANITIZE = {"plain": "", "asan": "address,undefined", "tsan": "thread"}

# Only a mutant with a line "threads" is looked at by this one, if no other has noticed it: it takes long. When threads meet is a
# matter of chance, so it has some tries.
THREADS = ("threads", "clang-tsan", "threads", [])
TRIES = 4

# Only a mutant with a line "object" is looked at by this one: it compiles for arm64 and arm.
CHECK_OBJECTS = os.path.join(HERE, "check-objects")

LOG_LIMIT = 16 << 20


def row_of(kernel):
    """Of the table of kernels."""
    return [words for words in map(str.split, open(os.path.join(HERE, "kernels"))) if words[:1] == [kernel]][0]


def tried_of(kernel):
    return row_of(kernel)[6].split(",")


def killers_of(kernel):
    tried = tried_of(kernel)
    return [k for k in ALL_KILLERS + [EXHAUST, PEER_TESTS] if k[4] in tried and (k[0] in ASKED if ASKED else k in ALL_KILLERS)]


def peer_kernel():
    """Whose tests peer-tests has."""
    return [words[0] for words in map(str.split, open(os.path.join(HERE, "kernels"))) if "peer-tests" in "".join(words[3:4])][0]


def core_function_names(kernel):
    names = []
    for files in row_of(kernel)[3].split(","):
        for line in open(os.path.join(HERE, "kernel", files + ".files")):
            kind, _, name = line.strip().partition(" ")
            if kind in ("f", "f?"):
                names.append(name.strip() + kind[1:])
    return names


def limits():
    resource.setrlimit(resource.RLIMIT_FSIZE, (LOG_LIMIT, LOG_LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def is_ours(mutant):
    """One of the harness itself: that the model is right is seen by what it says of the series."""
    return os.path.exists(os.path.join(HERE, mutant.file))


class Run:
    def __init__(self, out, kernel):
        self.out = out
        self.kernel = kernel
        self.killers = killers_of(kernel)
        self.series = os.path.join(out, kernel)
        self.dir = os.path.join(out, "mutants")
        self.core = core_function_names(kernel)
        self.timeouts = {}
        self.peer = os.path.join(out, peer_kernel(), "src")

    def execute(self, killer, objects, log):
        """Returns None if the tests pass, else what they said."""
        name, _, program, args = killer[:4]
        command = [os.path.join(objects, program)] + args
        if name == "findings":
            command = [os.path.join(HERE, "run-findings"), self.kernel, command[0], log + ".input"]
        if killer is PEER_TESTS:
            command = [os.path.join(HERE, "judge-peer-tests"), log + ".all"] + command
        with open(log, "w") as f:
            try:
                rc = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=f, stderr=f,
                                    timeout=self.timeouts.get(name, 300), preexec_fn=limits).returncode
            except subprocess.TimeoutExpired:
                return "hangs"
        if not rc:
            return None
        said = open(log, errors="replace").read()
        found = re.search(r"^ *not ok \d+ - (\S+)", said, re.M) or \
            re.search(r"((?:BUG at|runtime error: |(?:Address|Thread)Sanitizer: |broken: )[^\n]{0,70})", said)
        if found:
            return found.group(1)
        if rc == -signal.SIGXFSZ:
            return "talks without end"
        return "signal %d" % -rc if rc < 0 else "exit %d" % rc

    def check_original(self, mutants):
        """A test that fails without a mutant kills all of them. How long it takes is also what a hang is measured by."""
        os.makedirs(self.dir, exist_ok=True)
        for killer in self.killers + [THREADS] * any(m.threads for m in mutants):
            self.make(os.path.join(self.series, killer[1]), os.path.join(self.series, "src"), killer,
                      os.path.join(self.dir, killer[0] + "-build.log"))
            started = time.time()
            said = self.execute(killer, os.path.join(self.series, killer[1]), os.path.join(self.dir, killer[0] + ".log"))
            if said:
                raise ListError("the series fails %s without a mutant: %s; log: %s" %
                                (killer[0], said, os.path.join(self.dir, killer[0] + ".log")))
            self.timeouts[killer[0]] = 5 + 10 * (time.time() - started)
        if any(m.object for m in mutants):
            log = os.path.join(self.dir, "object.log")
            if not self.check_objects(os.path.join(self.series, "src"), os.path.join(self.dir, "objects"), log):
                raise ListError("the series fails check-objects without a mutant; log: " + log)

    def check_objects(self, src, objects, log):
        with open(log, "w") as f:
            return not subprocess.run([CHECK_OBJECTS, self.kernel, src, objects], stdin=subprocess.DEVNULL, stdout=f, stderr=f).returncode

    def make_source(self, mutant, src):
        """Links to the series' files, but for what the mutant changes. Returns a part of the name by which objects depend on
        that."""
        if is_ours(mutant):
            # All of the harness, which is then made from there
            here = os.path.join(os.path.dirname(src), "here")
            shutil.copytree(HERE, here, copy_function=os.link)
            path = os.path.join(here, mutant.file)
            text = apply(mutant, open(path).read())
            os.unlink(path)
            with open(path, "w") as f:
                f.write(text)
            return " " + mutant.file
        shutil.copytree(os.path.join(self.series, "src"), src, copy_function=os.link)
        path = os.path.join(src, mutant.file)
        text = apply(mutant, open(path).read())
        os.unlink(path)
        with open(path, "w") as f:
            f.write(text)
        # Only parts of a driver are, too
        parts = os.path.splitext(os.path.basename(mutant.file))[0].replace("_", "-") + "-parts.h"
        if os.path.exists(os.path.join(src, parts)):
            for header in glob.glob(os.path.join(src, "*-parts.h")):
                os.unlink(header)
            subprocess.run([os.path.join(HERE, "driver-parts"), src], check=True)
            return "/%s/src/%s" % (self.kernel, parts)
        if mutant.file != "drivers/iommu/iommu.c":
            return "/%s/src/%s" % (self.kernel, mutant.file)
        # Only some functions of this one are compiled
        header = os.path.join(src, "core-functions.h")
        os.unlink(header)
        with open(header, "w") as f:
            subprocess.run([os.path.join(HERE, "core-functions"), path] + self.core, stdout=f, check=True)
        return "/%s/src/core-functions.h" % self.kernel

    def make(self, objects, src, killer, log, here=HERE):
        compiler, _, kind = killer[1].partition("-")
        with open(log, "a") as f:
            if subprocess.run(["make", "-C", here, "OUT=", "O=" + objects, "KERNEL=" + self.kernel, "SRC=" + src, "CC=" + compiler,
                               "SANITIZE=" + SANITIZE[kind], "PEER=" + self.peer, killer[2]],
                              stdin=subprocess.DEVNULL, stdout=f, stderr=f).returncode:
                raise ListError("does not compile; log: " + log)

    def compile(self, mutant, killer, changed, home):
        """Objects that do not depend on what is changed are the series' own, copied with their times."""
        original, objects = os.path.join(self.series, killer[1]), os.path.join(home, killer[1])
        if not os.path.isdir(objects):
            shutil.copytree(original, objects, ignore=shutil.ignore_patterns("*.log", *(k[2] for k in self.killers)))
            for folder, _, files in os.walk(objects):
                for name in files:
                    if name.endswith(".d") and changed in open(os.path.join(folder, name)).read():
                        os.unlink(os.path.join(folder, name[:-2] + ".o"))
                        os.unlink(os.path.join(folder, name))
        try:
            if is_ours(mutant):
                self.make(objects, os.path.join(self.series, "src"), killer, os.path.join(home, "build.log"),
                          os.path.join(home, "here"))
            else:
                self.make(objects, os.path.join(home, "src"), killer, os.path.join(home, "build.log"))
        except ListError as e:
            raise mutant.error(str(e))

    def run(self, mutant):
        """Returns (killer or None, what it said)."""
        home = os.path.join(self.dir, mutant.name)
        os.makedirs(home)
        src = os.path.join(home, "src")
        changed = self.make_source(mutant, src)
        killed = None
        for killer in [k for k in self.killers if not is_ours(mutant) or k[4] == "corpus"]:
            self.compile(mutant, killer, changed, home)
            said = self.execute(killer, os.path.join(home, killer[1]), os.path.join(home, killer[0] + ".log"))
            if said:
                killed = (killer[0], said)
                break
        if not killed and mutant.object and not ASKED:
            log = os.path.join(home, "object.log")
            if not self.check_objects(src, os.path.join(home, "objects"), log):
                said = open(log).read()
                found = re.search(r"^not ok (\S+)", said, re.M)
                if not found or "does not compile" in said:
                    raise mutant.error("its objects cannot be checked; log: " + log)
                killed = ("object", found.group(1))
        if not killed and mutant.threads and not ASKED:
            self.compile(mutant, THREADS, changed, home)
            for _ in range(TRIES):
                said = self.execute(THREADS, os.path.join(home, THREADS[1]), os.path.join(home, "threads.log"))
                if said:
                    killed = ("threads", said)
                    break
        # Of one that is killed only the logs and the changed file are of use
        if killed:
            kept = os.path.join(home, os.path.basename(mutant.file))
            os.rename(os.path.join(home, "here" if is_ours(mutant) else "src", mutant.file), kept)
            for name in os.listdir(home):
                if os.path.isdir(os.path.join(home, name)):
                    shutil.rmtree(os.path.join(home, name))
        return killed


def main(out, kernel, patterns):
    mutants = []
    # Those of the harness itself are for the kernel of which no rule is broken
    folders = [os.path.join(LISTS, row_of(kernel)[1])] + [LISTS] * ("corpus" in tried_of(kernel))
    for path in [path for folder in folders for path in sorted(glob.glob(os.path.join(folder, "*.list")))]:
        mutants += read_list(path)
    names = [m.name for m in mutants]
    for name in names:
        if names.count(name) > 1:
            raise ListError("two mutants are called " + name)
    if patterns:
        mutants = [m for m in mutants if any(fnmatch.fnmatch(m.name, p) for p in patterns)]
    if not mutants:
        raise ListError("no mutant is called that")

    run = Run(out, kernel)
    if not run.killers:
        raise ListError("no test of %s is called that: %s" % (kernel, " ".join(ASKED)))

    shutil.rmtree(run.dir, ignore_errors=True)
    run.check_original(mutants)
    # Of one that cannot be made, be told before the others have run
    for mutant in mutants:
        apply(mutant, open(os.path.join(HERE if is_ours(mutant) else os.path.join(run.series, "src"), mutant.file)).read())

    killed, survivors, explained, errors = 0, [], [], []
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for mutant, future in [(m, pool.submit(run.run, m)) for m in mutants]:
            try:
                by = future.result()
            except ListError as e:
                errors.append(str(e))
                print("error", mutant.name, flush=True)
                continue
            if by and mutant.survives:
                errors.append("%s: %s: is killed, so that it survives is no longer true" % (mutant.where, mutant.name))
            if by:
                killed += 1
                print("killed %s by %s (%s)" % (mutant.name, by[0], by[1]), flush=True)
            elif mutant.survives:
                explained.append(mutant)
                print("explained", mutant.name, flush=True)
            else:
                survivors.append(mutant)
                print("survived", mutant.name, flush=True)

    for mutant in explained:
        print("explained: %s: %s\n    %s" % (mutant.name, mutant.what, mutant.survives))
    for mutant in survivors:
        print("SURVIVED: %s: %s\n    %s, programs: %s" % (mutant.name, mutant.what, mutant.where,
                                                         os.path.join(run.dir, mutant.name)))
    for error in errors:
        print("error: " + error)
    print("%d of %d killed, %d explained, %d survived, %d errors" %
          (killed, len(mutants), len(explained), len(survivors), len(errors)))
    return bool(survivors or errors)


try:
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
except ListError as e:
    sys.exit("run-mutants: error: %s" % e)
