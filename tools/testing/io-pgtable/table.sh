# SPDX-License-Identifier: GPL-2.0
# Sourced after scripts/lib/common.sh: the table 'kernels', and where what is made of each goes.

here=$top/tools/testing/io-pgtable
# AT=COMMIT: of the series, what it is up to there; for its figures. LANE=N: in a place of its own, beside others.
out=$work/native${AT:+/at${LANE:-}}

# row NAME: sets k_base and the others to its columns.
row() {
	set -- $(sed -n "/^$(echo "$1" | sed 's/\./\\./g') /p" "$here/kernels")
	[ $# -gt 7 ] || die "no such kernel.  There are: $(sed -n 's/^\([^# ][^ ]*\) .*/\1/p' "$here/kernels" | names)"
	k_base=$2 k_revision=$3 k_files=$(echo "$4" | tr , ' ') k_tests=$7
}

# kernels [BASE]: the names of those that are there: of this base, or of the one that SERIES chooses, or of all.
kernels() {
	_of=${1:-${asked:+$base}}
	for _k in $(sed -n 's/^\([^# ][^ ]*\) .*/\1/p' "$here/kernels"); do
		row "$_k"
		[ "${_of:-$k_base}" = "$k_base" ] || continue
		[ "$k_revision" = base ] || [ -n "$(topics "$k_base")" ] || continue
		echo "$_k"
	done
}

# has NAME TEST: is it tried in this way?
has() {
	row "$1"
	case ,$k_tests, in *,"$2",*) ;; *) return 1 ;; esac
}

# kernel_of BASE REVISION: the name of the formats of io-pgtable there; none if they are not there.
kernel_of() {
	for _n in $(kernels "$1"); do
		row "$_n"
		[ "$k_revision" != "$2" ] || [ "$k_tests" = - ] || { echo "$_n"; return; }
	done
}

# series_kernel: the one that is fuzzed and mutated: of the base that SERIES chooses.
series_kernel() {
	_s=$(kernel_of "$base" series)
	[ -n "$_s" ] || die "series/$base has no patches yet, and what is tried here is a series"
	echo "$_s"
}

# optional TOOL WHAT: $tool, the command that scripts/lib/TOOL says. If there is none to be had, WHAT is skipped, which is all that is said.
optional() {
	_rc=0
	_said=$("$top/scripts/lib/$1") || _rc=$?
	case $_rc in
	0) tool=$(say "$_said" | tail -n 1) ;;
	3)
		say "$_said" | sed -n "s/^Note: /SKIP $2: /p"
		say "0 passed, 0 failed"
		exit ;;
	*) exit $_rc ;;
	esac
}

# peer_tests_of, peer_tests_on: the kernel that has the tests of peer-tests, and the one that they are tried on.
peer_tests_of() { awk '!/^#/ && $4 ~ /peer-tests/ { print $1 }' "$here/kernels"; }
peer_tests_on() { awk '!/^#/ && $7 ~ /peer-tests/ { print $1 }' "$here/kernels"; }
