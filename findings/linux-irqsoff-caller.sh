#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# For arm64, gcc 12 splits Linux 7.3.4's trace_hardirqs_off(), so that the tracer names the function itself as its caller.
#
# Tools: linux-source-7.3 7.3.4-1~bpo13+1 (Debian trixie-backports), gcc-12 for arm64 and its objdump.
# Input: tinyconfig with IRQSOFF_TRACER, -O2, the kernel's own kernel/trace/trace_preemptirq.c. The function gives the address
# that it returns to (CALLER_ADDR0) to the tracer and the tracepoint "irq_disable", as the place where interrupts go off.
# Expected: the address in the function that turned them off, as in Linux 5.10.
# Seen: only the first lines are left in trace_hardirqs_off(). What asks for the return address is a function of its own,
# trace_hardirqs_off.part.0. It returns to trace_hardirqs_off(). With -fno-partial-inlining there is no such function.
#
# So all places where interrupts go off look like one: the tracer irqsoff, and whoever sorts them by place, as
# boot/modules/iommu_latency.c does. That module takes the next caller.

. "$(dirname "$0")/fetch.sh"

need make=make gcc=gcc flex=flex bison=bison bc=bc xz=xz-utils dpkg-deb=dpkg aarch64-linux-gnu-gcc-12=gcc-12-aarch64-linux-gnu \
	aarch64-linux-gnu-objdump=binutils-aarch64-linux-gnu
fetch trixie-backports linux-source-7.3 7.3.4-1~bpo13+1 "$dir/deb"
mkdir "$dir/linux" "$dir/obj"
tar -xJf "$dir/deb/usr/src/linux-source-7.3.tar.xz" -C "$dir/linux" --strip-components=1
say "gcc: $(aarch64-linux-gnu-gcc-12 --version | head -n 1)"

kernel() {
	make -C "$dir/linux" O="$dir/obj" ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- CC=aarch64-linux-gnu-gcc-12 "$@" </dev/null >"$dir/log" 2>&1 ||
		{ tail "$dir/log"; die "make $* failed"; }
}
kernel tinyconfig
"$dir/linux/scripts/config" --file "$dir/obj/.config" -d CC_OPTIMIZE_FOR_SIZE -e CC_OPTIMIZE_FOR_PERFORMANCE -e FTRACE \
	-e IRQSOFF_TRACER
kernel olddefconfig
for option in IRQSOFF_TRACER CC_OPTIMIZE_FOR_PERFORMANCE; do
	grep -q "^CONFIG_$option=y" "$dir/obj/.config" || die "$option cannot be set"
done

object=kernel/trace/trace_preemptirq.o
code() { aarch64-linux-gnu-objdump -d "--disassemble=$1" "$dir/obj/$object"; }
kernel $object
calls_its_part() { code trace_hardirqs_off | grep -q 'bl.*<trace_hardirqs_off\.part\.0>'; }
# x30 is what a function returns to
takes_return_address() { code "$1" | grep -q 'mov	x[0-9]*, x30$'; }
does_not_take_it() { ! takes_return_address trace_hardirqs_off; }
seen "trace_hardirqs_off() calls a part of itself" calls_its_part
seen "the part takes the address that it returns to" takes_return_address trace_hardirqs_off.part.0
seen "trace_hardirqs_off() does not take its own" does_not_take_it

rm "$dir/obj/$object"
kernel KCFLAGS=-fno-partial-inlining $object
has_no_part() { ! calls_its_part; }
seen "with -fno-partial-inlining there is no part" has_no_part
seen "and trace_hardirqs_off() takes its own return address" takes_return_address trace_hardirqs_off
