# SPDX-License-Identifier: GPL-2.0
# Sourced by the findings about QEMU: $qemu, a qemu-system-aarch64 of the version that they are about.

. "$(dirname "$0")/../scripts/lib/common.sh"

pinned=10.0.13
qemu=$("$top/scripts/lib/newer-qemu" 10.0 | tail -n 1)
version=$("$qemu" --version 2>/dev/null | sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p')
[ "$version" = $pinned ] || die "QEMU $pinned is not to be had, but: ${version:-none}.  What is claimed here cannot be tried"
say "QEMU $version"

failed=0
# as_before WHAT EXPECTED SEEN: goes on when it is no longer so; "exit $failed" stands at the end.
as_before() {
	if [ "$3" = "$2" ]; then
		say "As before: $1: $3"
	else
		say "No longer so: $1: $3; it was: $2"
		failed=1
	fi
}
