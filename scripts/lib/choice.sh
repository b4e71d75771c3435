# SPDX-License-Identifier: GPL-2.0
# Sourced by common.sh: SERIES=BASE[/TOPIC] says what a command works on.  Without it, that is the first base.
# Sets base and topic, the names; store, where the patches are; place, where the base's tree and all that is made of it go;
# own, a person's own tree of this base, and own_name, the variable that gives it.

# bases: the names of all, one in a line, the oldest kernel first.
bases() {
	for _b in "$top"/series/*/base; do
		[ ! -f "$_b" ] || basename "$(dirname "$_b")"
	done | sort -V
}

# topics [BASE]: the names of its topics, one in a line, in order.
topics() {
	for _t in "$top/series/${1:-$base}"/[0-9]*-*/; do
		[ ! -d "$_t" ] || basename "$_t"
	done | sort -V
}

# topic_of NAME: the topic's folder, which may be named without its number.
topic_of() { topics | awk -v name="$1" '{ short = $0; sub(/^[0-9]+-/, "", short) } name == $0 || name == short { print; exit }'; }

# record KEY [BASE]: what series/BASE/base has under it, one value in a line.
record() { sed -n "s/^$1 //p" "$top/series/${2:-$base}/base"; }

# names: a list on one line, for a message.
names() { paste -sd' '; }

_first=$(bases | head -n 1)
[ -n "$_first" ] || die "no base: series/ has no folder with a file 'base'"
asked=${SERIES:-}
base=${asked:-$_first}
base=${base%%/*} topic=
store=$top/series/$base
[ -n "$base" ] && [ -f "$store/base" ] || die "SERIES=$asked: no such base.  There are: $(bases | names)"
case $asked in */?*)
	topic=$(topic_of "${asked#*/}")
	[ -n "$topic" ] || die "SERIES=$asked: no such topic.  $base has: $(topics | names)" ;;
esac

# A person's own kernel gets a place of its own, so that it never mixes with the packaged one.
own_name=LINUX_$(printf %s "$base" | tr -c 'A-Za-z0-9' _)
eval "own=\${$own_name:-}"
place=$work/$base
if [ -n "$own" ]; then
	case $own in /*) ;; *) own=$PWD/$own ;; esac
	[ ! -d "$own" ] || own=$(cd "$own" && pwd)
	export "$own_name=$own"
	place=$place-$(printf %s "$own" | cksum | cut -d' ' -f1)
fi
