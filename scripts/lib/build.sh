# SPDX-License-Identifier: GPL-2.0
# Sourced after common.sh by what builds patches one after another (check, bisect): a line per check, builds compared with the base's.
# Wants $log, where logs go.

passed=0 failed=0 n=0
ok() { passed=$((passed + 1)); say "ok $*"; }
# fail NAME FILE: the first lines of FILE say why.
fail() { failed=$((failed + 1)); say "FAIL $1 (log: $2)"; head -n 12 "$2" | sed 's/^/    /'; }
# check NAME: passes if $log/NAME.bad is empty.
check() { if [ -s "$log/$1.bad" ]; then fail "$1" "$log/$1.bad"; else ok "$1"; fi; }
# next TEXT: the next of $steps.
next() { n=$((n + 1)); step $n $steps "$*"; }

# choose_patches: sets $files and $commits to the patches of the base, or of the one topic on the base and what it needs, $start to
# the commit that they are applied to, and $end to the last of theirs.
choose_patches() {
	if [ -z "$topic" ]; then
		end=$(kgit "$linux" rev-parse series)
		files=$(stored_patches)
	else
		end=$(stack "$topic") || exit 1
		files=$(topic_patches "$topic")
	fi
	[ -n "$files" ] || die "series/$base${topic:+/$topic} has no patches yet"
	commits=$(kgit "$linux" rev-list --reverse -n "$(echo "$files" | wc -l)" "$end")
	start=$(kgit "$linux" rev-parse "$(echo "$commits" | head -n 1)^")
	echo "$commits" >"$log/commits"
	echo "$files" | paste -d' ' "$log/commits" - >"$log/patches"
}

# patch_of COMMIT: its topic and the number that its file has there, as 1-fixes-0003.
patch_of() { sed -n "s,^$1 .*/\([^/]*\)/\([0-9]*\)-[^/]*$,\1-\2,p" "$log/patches"; }

# Warnings are compared without line numbers; those in headers once, however many files include them.  What comes from ccache names the
# tree in which it was compiled.
warnings() {
	sed -E -n -e "s,^(/[^:]*/|(\.\./)+)src/|^\./,," -e '/[Ww]arning:|WARNING:|[Ee]rror:|ERROR:/s/:[0-9]+(:[0-9]+)?: /: /p' "$@" |
		awk '!/^[^ ]*\.h:/ || !seen[$0]++' | sort
}

# new_warnings LOG: what of LOG's the base did not give.
new_warnings() { warnings "$1" | uniq >"$log/now.tmp"; sort -u "$obj/warnings.base" | comm -13 - "$log/now.tmp"; }

# kernel_for NAME: sets $name, $arch, $fragments and $obj to one of the kernels that the patches are compiled in.
kernel_for() {
	_conf=$top/scripts/configs
	name=$1 arch=${1%-lpae}
	_parts="common $arch"
	[ "$name" = "$arch" ] || _parts="$_parts $name"
	fragments=$_conf/kunit.config
	for _part in $_parts; do
		fragments="$fragments $_conf/$_part.config"
		# What one base has beside that
		[ ! -f "$_conf/$_part.$base.config" ] || fragments="$fragments $_conf/$_part.$base.config"
	done
	obj=$place/obj/check-$name
}

# build NAME [TARGET...]: $obj becomes the kernel of what $src is at, or these parts of it do.
build() {
	_called=$1; shift
	[ $# -gt 0 ] || set -- vmlinux
	quietly "$log/$_called.config.log" kconfig "$arch" "$obj" $fragments || return
	quietly "$log/$_called.log" kbuild "$arch" "$obj" "$@"
}

# build_base [TARGET...]: what the patches are compared with.  The base's warnings add up over interrupted runs.
build_base() {
	kind=$({ "$(triplet "$arch")-gcc" --version; kgit "$src" rev-parse 'base^{tree}'; cat $fragments; } | cksum)
	[ "$(cat "$obj/check.kind" 2>/dev/null)" = "$kind" ] || { rm -rf "$obj"; mkdir -p "$obj"; echo "$kind" >"$obj/check.kind"; }
	source_at base
	build "$name-base" "$@" || { echo "the base does not build" >"$log/build-$name.bad"; check "build-$name"; return 1; }
	warnings "$log/$name-base.log" >>"$obj/warnings.base"
}

# conditions PATH...: the hash of what decides, beside its tree, whether a patch passes: compilers, base, configurations, scripts.
conditions() {
	{ for _a in arm64 arm x86; do versions "$(triplet $_a)-gcc"; done; kgit "$linux" rev-parse 'base^{tree}'; } |
		(cd "$top" && hash_of scripts/lib/common.sh scripts/lib/kbuild.sh scripts/lib/cached scripts/lib/build.sh $(configs_of scripts/configs) "$@")
}

# configs_of FOLDER: its files, but for those of other bases.
configs_of() {
	for _config in "$1"/*; do
		case $_config in *."$base".config) ;; *.*.config) continue ;; esac
		echo "$_config"
	done
}

# key COMMIT WHAT...: of what was tried of it, under the same $conditions.
key() { _c=$1; shift; echo "$* $(kgit "$linux" rev-parse "$_c^{tree}") $conditions"; }

# folders_of FROM TO: what is built where the whole kernel is not: the folders of what changes between the two.
folders_of() {
	echo drivers/iommu/
	kgit "$linux" diff --name-only "$1" "$2" -- '*.[ch]' | sed -n '/^drivers\/iommu\//d; /^include\//d; s,/[^/]*$,/,p' | sort -u
}

# build_commit COMMIT NAME [TARGET...]: builds it, for $name, and judges that.
build_commit() {
	_commit=$1 _as=$2 _status=0; shift 2
	source_at "$_commit"
	build "$name-$_as" "$@" || _status=$?
	judge_build "$_commit" "$_as" $_status "$@"
}

# judge_build COMMIT NAME STATUS [TARGET...]: a check of that name, of a build that ended so; a new warning is a failed one, and no more.
# Fails if it did not build.
judge_build() {
	_commit=$1 _as=$name-$2 _status=$3; shift 3
	if [ "$_status" = 0 ]; then
		new_warnings "$log/$_as.log" >"$log/build-$_as.bad"
		check "build-$_as"
		[ -s "$log/build-$_as.bad" ] || remember "$(key "$_commit" "$name" "$@")"
	else
		{ grep -hE 'error:|Error [0-9]|did not make it' "$log/$_as".*log ||
			echo "whole: $log/$_as.log"; } >"$log/build-$_as.bad"
		check "build-$_as"
		return 1
	fi
}

# built_before COMMIT [TARGET...]: for $name, in an earlier run.
built_before() {
	_commit=$1; shift
	passed_before "$(key "$_commit" "$name" "$@")"
}
