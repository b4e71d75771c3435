#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# QEMU's machine virt, from virt-9.2 on, ignores "-global arm-smmuv3.stage=" without a word.
#
# Tools: qemu-system-arm 1:10.0.13+ds-0+deb13u1 (Debian trixie, or its updates).
# Input: -M virt-9.1,iommu=smmuv3 and -M virt-9.2,iommu=smmuv3, both with -global arm-smmuv3.stage=2; no guest runs.
# Expected: an SMMUv3 of stage 2 alone, or an error or a warning.
# Seen: with virt-8.2 and virt-9.1 the device's property "stage" is "2". With virt-9.2 and virt-10.0 it is "nested", QEMU says nothing, and
# a guest's driver takes stage 1.
#
# So a test of stage 2 that moves on to a newer machine tests stage 1, and passes.

. "$(dirname "$0")/qemu.sh"

# stage MACHINE: the property of the device that it gets, and all that QEMU says beside its monitor.
stage() {
	printf 'info qtree\nquit\n' |
		"$qemu" -M "$1,iommu=smmuv3" -global arm-smmuv3.stage=2 -S -display none -serial none -monitor stdio 2>&1 |
		sed -n -e 's/^ *stage = "\(.*\)".*/\1/p' -e '/[Ww]arning\|[Ee]rror/p' | paste -sd' '
}

for expected in virt-8.2:2 virt-9.1:2 virt-9.2:nested virt-10.0:nested; do
	as_before "the stage of ${expected%:*}" "${expected#*:}" "$(stage "${expected%:*}")"
done
exit $failed
