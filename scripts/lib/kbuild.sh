# SPDX-License-Identifier: GPL-2.0
# Sourced by common.sh: the tree that is built, compilers, configurations, the kernel's make.

# source_at REV: the tree that is built, $src, is put at REV.  Only files that differ get a new time.
source_at() {
	# We are the only run, so a lock there is one that a killed run left.
	rm -f "$linux/.git/worktrees/src/index.lock"
	kgit "$src" checkout -q -f --detach "$1" -- && kgit "$src" clean -q -ffdx
}

# triplet ARCH: the compiler's prefix, the same on every host (Debian's native compilers have it too).
triplet() {
	case $1 in
	arm64) echo aarch64-linux-gnu ;;
	arm) echo arm-linux-gnueabihf ;;
	x86) echo x86_64-linux-gnu ;;
	*) die "no such architecture here: $1" ;;
	esac
}

# need_kbuild ARCH...: what it takes to build a kernel for each.
need_kbuild() {
	_want=
	for _a in "$@"; do
		case $_a in
		arm64) _want="$_want aarch64-linux-gnu-gcc=gcc-aarch64-linux-gnu" ;;
		arm) _want="$_want arm-linux-gnueabihf-gcc=gcc-arm-linux-gnueabihf" ;;
		x86) _want="$_want x86_64-linux-gnu-gcc=gcc-x86-64-linux-gnu" ;;
		esac
	done
	# ccache only saves time, so its absence stops nobody.
	[ "$(id -u)" != 0 ] || _want="$_want ccache=ccache"
	need $_want git=git make=make gcc=gcc bc=bc bison=bison flex=flex perl=perl xz=xz-utils \
		/usr/include/stdlib.h=libc6-dev /usr/include/libelf.h=libelf-dev /usr/include/openssl/ssl.h=libssl-dev
}

# the_same_everywhere COMMAND...: paths relative to $place, fixed stamps: ccache serves all builds, of all clones.  It goes by the headers
# that kbuild's -MMD names: what is not in it is compiled once, and not preprocessed first, which is a fifth less work.  See lib/cached.
# No rustc and pahole: newer kernels put their versions into autoconf.h, which all objects include.
the_same_everywhere() {
	MAKEFLAGS="${MAKEFLAGS:-} RUSTC=false PAHOLE=false" \
	CCACHE_DIR=$cache/ccache CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=$place CCACHE_DEPEND=1 \
	KBUILD_BUILD_TIMESTAMP='2020-12-13 00:00:00 UTC' KBUILD_BUILD_USER=series KBUILD_BUILD_HOST=io-pgtable "$@"
}

# kbuild ARCH OBJDIR TARGET...: the kernel's make on $src.
kbuild() {
	_arch=$1 _obj=$2; shift 2
	_cross=$(triplet "$_arch")- || return
	_cc="$top/scripts/lib/cached ${_cross}gcc"
	mkdir -p "$_obj" || return
	LOCALVERSION='' the_same_everywhere make -C "$src" O="$_obj" ARCH="$_arch" CROSS_COMPILE="$_cross" CC="$_cc" -j"$(nproc)" "$@"
}

# with_tests_of TREE FRAGMENT...: the fragments, without the tests that this tree does not have: a patch may bring or replace one.
with_tests_of() {
	# Status 1 is none, 2 no such folder
	_have=$(grep -rh --include=Kconfig '^config IOMMU_.*TEST$' "$1/drivers/iommu" || [ $? = 1 ]) || return
	shift
	awk -v have=" $(echo $_have) " '
		/^CONFIG_IOMMU_.*TEST=y$/ && !index(have, " " substr($0, 8, length($0) - 9) " ") { next }
		{ print }' "$@"
}

# kconfig ARCH OBJDIR FRAGMENT...: tinyconfig with the fragments over it; what neither names is off, though it be "default y".  Every line of
# a fragment must have held, but for tests that the tree does not have.
# Left alone when neither the fragments nor the source's Kconfig files changed, and .config keeps its time when it comes out the same.
kconfig() {
	_karch=$1 _kobj=$2; shift 2
	mkdir -p "$_kobj" || return
	_want=$({ echo "$_karch"; "$(triplet "$_karch")-gcc" --version; cat "$top/scripts/lib/kbuild.sh" "$@"
		kgit "$src" ls-files -s '*Kconfig*' '*tiny*.config' scripts/kconfig; } | sha256sum) || return
	[ "$(cat "$_kobj/config.stamp" 2>/dev/null)" != "$_want" ] || [ ! -f "$_kobj/.config" ] || return 0
	rm -f "$_kobj/config.stamp"
	[ ! -f "$_kobj/.config" ] || cp -p "$_kobj/.config" "$_kobj/config.before" || return
	with_tests_of "$src" "$@" >"$_kobj/config.asked" || return
	# One pass of conf, where the kernel's own tinyconfig takes three
	for _tiny in kernel/configs/tiny-base kernel/configs/tiny "arch/$_karch/configs/tiny"; do
		[ ! -f "$src/$_tiny.config" ] || cat "$src/$_tiny.config"
	done | cat - "$_kobj/config.asked" >"$_kobj/config.all" || return
	KCONFIG_ALLCONFIG=$_kobj/config.all kbuild "$_karch" "$_kobj" allnoconfig || return
	_lost=$(config_lost "$_kobj/.config" <"$_kobj/config.asked")
	[ -z "$_lost" ] || { say "$me: these did not make it into $_kobj/.config (a dependency is not met, or no such symbol):" $_lost >&2
		return 1; }
	! cmp -s "$_kobj/config.before" "$_kobj/.config" || mv "$_kobj/config.before" "$_kobj/.config"
	echo "$_want" >"$_kobj/config.stamp"
}

# config_lost CONFIG <FRAGMENTS: the symbols whose last line in the fragments is not what CONFIG has.
config_lost() {
	awk '
	function symbol() { return /^#/ ? $2 : substr($0, 1, index($0, "=") - 1) }
	function value() { return /^#/ ? "n" : substr($0, index($0, "=") + 1) }
	!/^CONFIG_[A-Za-z0-9_]+=/ && !/^# CONFIG_[A-Za-z0-9_]+ is not set/ { next }
	FILENAME == "-" { want[symbol()] = value(); next }
	{ have[symbol()] = value() }
	END { for (s in want) if (want[s] != (s in have ? have[s] : "n")) print s }
	' - "$1"
}
