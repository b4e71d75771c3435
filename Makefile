# SPDX-License-Identifier: GPL-2.0
# Thin: one script per target; they also run by themselves.

help:
	@echo "make boot      build Linux 5.10 with and without the series, boot it on arm64 and arm, show what a map and an unmap cost"
	@echo "make test      the checks and boots of all bases, but for the long ones; ends in one line: N passed, N failed"
	@echo "make test-all  what takes long too: debug kernels, long runs, the series on arm and x86; hours"
	@echo
	@echo "SERIES=BASE[/TOPIC] chooses a folder of series/, as in make test SERIES=5.10 or make mail SERIES=5.10/fixes; without it: 5.10;"
	@echo "make test, harness and bench take all bases then"
	@echo
	@echo "make tree      the series as git branches on tag 'base', to be edited in .work/5.10/linux"
	@echo "make refresh   write the branches' commits back to series/5.10/TOPIC/*.patch"
	@echo "make check     apply, checkpatch, spelling, build every topic for arm64, sparse, W=1, kernel-doc, figures; FULL=1: every patch, arm, x86, Coccinelle"
	@echo "make bisect    build every patch for arm64, arm and x86, boot it on arm64 and arm; goes on where it was stopped"
	@echo "make oldest    the series on the oldest 5.10.y that Debian has, built and booted on arm64 and arm"
	@echo "make rt        the series with PREEMPT_RT, booted: selftests, KUnit, DMA, load, races, failures"
	@echo "make fits      TREE=/path/to/your/kernel: which patches apply to it, which by a merge, what stands in the way; no build, only read"
	@echo "make harness   the formats as a program: selftests, KUnit, inputs against a model; gcc and clang, with sanitizers"
	@echo "make peer-tests  the tests that 7.3 has of its page tables, as they are, with those of 5.10 with the series"
	@echo "make kunit     SERIES=7.3: the formats' KUnit suites of .work/7.3/linux as it is, by kunit.py on UML, arm64 and arm"
	@echo "make red       SERIES=7.3/fixes: takes one patch of the topic out at a time, and says which KUnit tests fail"
	@echo "make soak      races with DMA, then disk and network under load, strict and lazy, arm64 with an SMMUv3: T minutes (2) each"
	@echo "make fuzz      looks for inputs that break a rule of the model, for T seconds (60)"
	@echo "make bench     what map and unmap cost beside 5.10, 7.3, generic_pt and the least possible: table, data, plots"
	@echo "make bench-check  arm64 instructions against the committed baseline: fails at 2 % more"
	@echo "make mutants   break the series in many small ways, see whether the harness notices each"
	@echo "make prove     the range checks, for all arguments and configurations, by CBMC; and that it refutes each mutant of them"
	@echo "make litmus    which barriers the formats and the SMMUv3's queue rest on, by herd7; a part of make harness, too"
	@echo "make faults    boots the series with mistakes made on purpose: which case notices each; T names some of them"
	@echo "make mail      the topics, and what was sent of each; with SERIES=5.10/TOPIC its files for git send-email, with your Signed-off-by;"
	@echo "               TO=addr,addr instead of the maintainers; SEND=1 sends"
	@echo "make modules   KDIR=/path/to/built/kernel: tests and benchmarks for a board's kernel, 5.10 or later; ARCH, CROSS_COMPILE as for it"
	@echo "make clean     remove .work"
	@echo
	@echo "LINUX_5_10=/path   your own 5.10 kernel, a directory or a tarball (only read); default: Debian's linux-source-5.10"
	@echo "LINUX_7_3=/path    your own 7.3 kernel, likewise"
	@echo "WORK=/path         where trees, objects and logs go; default: .work"

boot:
	@boot/demo

tree refresh check red bisect oldest rt fits mail clean:
	@scripts/$@

test:
	@scripts/run-tests

test-all:
	@FULL=1 scripts/run-tests

harness:
	@tools/testing/io-pgtable/run

soak:
	@boot/soak $(T)

fuzz:
	@tools/testing/io-pgtable/run-fuzz $(T)

bench:
	@tools/testing/io-pgtable/run-bench

bench-check:
	@tools/testing/io-pgtable/run-bench check

faults:
	@boot/faults $(T)

kunit:
	@boot/kunit

modules:
	@boot/modules-for "$(KDIR)"

peer-tests:
	@tools/testing/io-pgtable/run-peer-tests

mutants:
	@tools/testing/io-pgtable/run-mutants

prove:
	@tools/testing/io-pgtable/run-prove

litmus:
	@tools/testing/io-pgtable/run-litmus

export SERIES LINUX_5_10 LINUX_7_3 WORK FULL TO SEND TREE
.PHONY: help boot test test-all soak harness fuzz bench bench-check mutants prove litmus peer-tests faults kunit modules tree refresh check red bisect oldest rt fits mail clean
