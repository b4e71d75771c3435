#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# QEMU 10.0.13 ignores how long its virtio devices' queues are to be: all have 1024 entries.
#
# Tools: qemu-system-arm 1:10.0.13+ds-0+deb13u1 (Debian trixie, or its updates).
# Input: -M virt with virtio-net-pci, rx_queue_size=512, and with virtio-blk-pci, queue-size=64; no guest runs.
# Expected: queues of 512, and of 64.
# Seen: the devices' properties are 512 and 64, their queues have 1024 entries, and that is what a guest is offered. The same holds for a
# device without such a property: virtio-rng-pci has 1024 in place of 8. 7.2.22 (bookworm) and 11.1.2 (forky) do as they are told. The
# changelog of 10.0.13 names "virtio-mmio: fix QUEUE_NUM_MAX"; whether that is the cause was not tried.
#
# So a ring can be longer than a test thinks; see qemu-used-ring-page.sh for what that does behind an IOMMU.

. "$(dirname "$0")/qemu.sh"

# queue DEVICE...: what the options say of the device with the id "it", and how long its first queue is.
queue() {
	printf 'info qtree\ninfo virtio-queue-status /machine/peripheral/it/virtio-backend 0\nquit\n' |
		"$qemu" -M virt -nic none -S -display none -serial none -monitor stdio "$@" 2>/dev/null |
		sed -n -e 's/^ *\(rx_queue_size\|queue-size\) = \([0-9]*\).*/property \2/p' -e 's/^ *num: *\([0-9]*\).*/queue \1/p' | paste -sd' '
}

# try EXPECTED DEVICE...
try() {
	expected=$1; shift
	as_before "${2%%,*}" "$expected" "$(queue "$@")"
}
try "property 512 queue 1024" -device virtio-net-pci,id=it,rx_queue_size=512,romfile=
try "property 64 queue 1024" -device virtio-blk-pci,id=it,queue-size=64,drive=disk -drive if=none,id=disk,driver=null-co
try "queue 1024" -device virtio-rng-pci,id=it
exit $failed
