#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# QEMU 10.0.13 ignores how long its virtio devices' queues are to be: all have 1024 entries.
#
# Tool: qemu-system-arm 1:10.0.13+ds-0+deb13u1 (Debian trixie, or its updates).
# Input: -M virt with virtio-net-pci, rx_queue_size=512, and with virtio-blk-pci, queue-size=64; no guest runs.
# Expected: queues of 512, and of 64.
# Seen: the devices' properties are 512 and 64, their queues have 1024 entries, and that is what a guest is offered. The same holds for a
# device without such a property: virtio-rng-pci has 1024 in place of 8. 7.2.22 (bookworm) and 11.1.2 (forky) do as they are told. The
# changelog of 10.0.13 names "virtio-mmio: fix QUEUE_NUM_MAX"; whether that is the cause was not tried.
#
# So a ring can be longer than a test thinks; see qemu-used-ring-page.sh for what that does behind an IOMMU.

. "$(dirname "$0")/../scripts/lib/common.sh"

pinned=10.0.13
qemu=$("$top/scripts/lib/newer-qemu" 10.0 | tail -n 1)
version=$("$qemu" --version 2>/dev/null | sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p')
[ "$version" = $pinned ] || die "QEMU $pinned is not to be had, but: ${version:-none}.  What is claimed here cannot be tried"
say "QEMU $version"

# queue DEVICE...: what the options say of the device with the id "it", and how long its first queue is.
queue() {
	printf 'info qtree\ninfo virtio-queue-status /machine/peripheral/it/virtio-backend 0\nquit\n' |
		"$qemu" -M virt -nic none -S -display none -serial none -monitor stdio "$@" 2>/dev/null |
		sed -n -e 's/^ *\(rx_queue_size\|queue-size\) = \([0-9]*\).*/property \2/p' -e 's/^ *num: *\([0-9]*\).*/queue \1/p' | paste -sd' '
}

failed=0
# as_before EXPECTED DEVICE...
as_before() {
	expected=$1; shift
	seen=$(queue "$@")
	if [ "$seen" = "$expected" ]; then
		say "As before: ${2%%,*}: $seen"
	else
		say "No longer so: ${2%%,*}: $seen; it was: $expected"
		failed=1
	fi
}
as_before "property 512 queue 1024" -device virtio-net-pci,id=it,rx_queue_size=512,romfile=
as_before "property 64 queue 1024" -device virtio-blk-pci,id=it,queue-size=64,drive=disk -drive if=none,id=disk,driver=null-co
as_before "queue 1024" -device virtio-rng-pci,id=it
exit $failed
