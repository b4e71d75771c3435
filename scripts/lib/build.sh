# SPDX-License-Identifier: GPL-2.0
# Sourced after common.sh by what builds patches one after another (check, bisect): a line per check, builds compared with the base's.
# Wants $log, where logs go, and $commits, the patches in order.

passed=0 failed=0 n=0
ok() { passed=$((passed + 1)); say "ok $*"; }
# fail NAME FILE: the first lines of FILE say why.
fail() { failed=$((failed + 1)); say "FAIL $1 (log: $2)"; head -n 12 "$2" | sed 's/^/    /'; }
# check NAME: passes if $log/NAME.bad is empty.
check() { if [ -s "$log/$1.bad" ]; then fail "$1" "$log/$1.bad"; else ok "$1"; fi; }
# next TEXT: the next of $steps.
next() { n=$((n + 1)); step $n $steps "$*"; }

# patch_of COMMIT: 0003, as its file is called.
patch_of() { printf '%s\n' $commits | awk -v c="$1" '$0 == c { printf "%04d", NR }'; }

# has_kunit: has the series' KUnit suite come at what $src is at?
has_kunit() { grep -qs '^config IOMMU_IO_PGTABLE_KUNIT_TEST' "$src"/drivers/iommu/Kconfig; }

# Warnings are compared without line numbers; those in headers once, however many files include them.
warnings() {
	sed -E -n -e "s,^($src|\./),," -e '/[Ww]arning:|WARNING:|[Ee]rror:|ERROR:/s/:[0-9]+(:[0-9]+)?: /: /p' "$@" |
		awk '!/^[^ ]*\.h:/ || !seen[$0]++' | sort
}

# new_warnings LOG: what of LOG's the base did not give.
new_warnings() { warnings "$1" | uniq >"$log/now.tmp"; sort -u "$obj/warnings.base" | comm -13 - "$log/now.tmp"; }

# kernel_for NAME: sets $name, $arch, $fragments and $obj to one of the kernels that the patches are compiled in.
kernel_for() {
	_conf=$top/scripts/check
	name=$1 arch=${1%-lpae}
	fragments="$_conf.config $_conf.$arch.config"
	[ "$name" = "$arch" ] || fragments="$fragments $_conf.$name.config"
	obj=$place/obj/check-$name
}

# build NAME FRAGMENT...: $obj becomes the kernel of what $src is at.
build() {
	_name=$1; shift
	quietly "$log/$_name.config.log" kconfig "$arch" "$obj" $fragments "$@" || return
	quietly "$log/$_name.log" kbuild "$arch" "$obj" vmlinux
}

# build_base: what the patches are compared with.  The base's warnings add up over interrupted runs.
build_base() {
	kind=$({ "$(triplet "$arch")-gcc" --version; kgit "$src" rev-parse 'base^{tree}'; cat $fragments; } | cksum)
	[ "$(cat "$obj/check.kind" 2>/dev/null)" = "$kind" ] || { rm -rf "$obj"; mkdir -p "$obj"; echo "$kind" >"$obj/check.kind"; }
	source_at base
	build "$name-base" || { echo "the base does not build" >"$log/build-$name.bad"; check "build-$name"; return 1; }
	warnings "$log/$name-base.log" >>"$obj/warnings.base"
}

# build_patch COMMIT: fails if it does not build; a new warning is a failed check, and no more.
build_patch() {
	p=$(patch_of "$1")
	source_at "$1"
	new=
	! has_kunit || new=$top/scripts/check.kunit.config
	if build "$name-$p" $new; then
		new_warnings "$log/$name-$p.log" >"$log/build-$name-$p.bad"
		check "build-$name-$p"
	else
		{ grep -hE 'error:|Error [0-9]|did not make it' "$log/$name-$p".*log ||
			echo "whole: $log/$name-$p.log"; } >"$log/build-$name-$p.bad"
		check "build-$name-$p"
		return 1
	fi
}
