# SPDX-License-Identifier: GPL-2.0
# Sourced by common.sh: the patches as files and as commits.  In $linux, tag base is the kernel that they go on, a branch stands at
# each topic's end, and branch series at the end of all.

linux=$place/linux
src=$place/src

# as_series COMMAND...: commits under one fixed name, so that ids are the same everywhere.
as_series() {
	GIT_COMMITTER_NAME='io-pgtable series' GIT_COMMITTER_EMAIL=series@io-pgtable.invalid "$@"
}

# apply REPO PATCH...: plain git am (no fuzz, no 3-way) on what is checked out there.  Output stays in $work/log/am.log.
# When one does not apply: says which, and which file does not take it, and leaves no am in progress.
apply() {
	_repo=$1 _log=$work/log/am.log; shift
	mkdir -p "$work/log"
	: >"$_log"
	as_series kgit "$_repo" am --quit >/dev/null 2>&1 || :
	[ $# -gt 0 ] || return 0
	as_series kgit "$_repo" -c am.threeWay=false -c apply.whitespace=warn am -q --no-3way --no-scissors --no-gpg-sign \
		--committer-date-is-author-date "$@" >"$_log" 2>&1 </dev/null && return 0
	_n=$(sed -n 's/^Patch failed at 0*\([0-9]*\) .*/\1/p' "$_log")
	_files=$(sed -n -e 's/^error: patch failed: \(.*\):[0-9]*$/\1/p' \
		-e 's/^error: \(.*\): \(does not exist in index\|already exists in index\|patch does not apply\)$/\1/p' "$_log" |
		sort -u | names)
	# To abort takes a name, too.
	as_series kgit "$_repo" am --abort >/dev/null 2>&1 || :
	if [ -n "$_n" ] && [ -n "$_files" ]; then
		shift $((_n - 1))
		say "$me: error: $1 does not apply to this base; not taken by: $_files" >&2
	else
		say "$me: error: git am failed:" >&2
		tail -n 15 "$_log" >&2
	fi
	say "$me: log: $_log" >&2
	return 1
}

# export_patches REPO RANGE DIR: the patches as they are stored.  These options give the same bytes every time.
export_patches() {
	kgit "$1" -c diff.noprefix=false -c diff.mnemonicPrefix=false -c diff.algorithm=default -c diff.context=3 \
		-c diff.interHunkContext=0 -c diff.orderFile=/dev/null -c format.subjectPrefix=PATCH -c format.signOff=false \
		format-patch -q --zero-commit --no-signature --full-index -N --no-stat -o "$3" "$2" --
}

# topic_patches TOPIC: its files, in order, one in a line (their names hold no blanks).
topic_patches() {
	for _p in "$store/$1"/[0-9][0-9][0-9][0-9]-*.patch; do
		[ ! -f "$_p" ] || printf '%s\n' "$_p"
	done
}

# stored_patches: the whole series.
stored_patches() {
	for _topic in $(topics); do topic_patches "$_topic"; done
}

# cover_is_complete TOPIC: says what its cover letter lacks, and fails.
cover_is_complete() {
	_cover=$store/$1/cover-letter
	[ -s "$_cover" ] && [ -n "$(head -n 1 "$_cover")" ] && [ -z "$(sed -n 2p "$_cover")" ] && [ -n "$(sed -n '3,$p' "$_cover")" ] ||
		{ echo "series/$base/$1/cover-letter wants the subject in the first line, an empty line, the text"; return 1; }
}

# needs_of TOPIC: what its cover letter says in "Needs:" lines, as names.
needs_of() { sed -n 's/^Needs: *//p' "$store/$1/cover-letter" 2>/dev/null | tr ', ' '\n\n' | sed '/^$/d'; }

# check_store: the folder must be one that can be taken for a series.
check_store() {
	for _p in "$store"/*.patch; do
		[ ! -f "$_p" ] || die "series/$base/$(basename "$_p") is in no topic.  Move it into one of: $(topics | names)"
	done
	# What the scripts would pass over, and a person's 'git am' would not.
	_odd=$(cd "$store" && find . -name '*.patch' | grep -vE '^\./[0-9][^/ ]*-[^/ ]*/[0-9]{4}-[^/ ]*$' | head -n 1)
	[ -z "$_odd" ] || die "series/$base/${_odd#./} would be taken by nothing: patches are NUMBER-NAME/NNNN-NAME.patch, without blanks"
	for _t in "$store"/[0-9]*-*/; do
		_t=$(basename "$_t")
		[ "$_t" = '[0-9]*-*' ] || git check-ref-format "refs/heads/$_t" || die "series/$base/$_t cannot be a topic: its name cannot be a branch's"
	done
	_twice=$(topics | sed 's/^[0-9]*-//' | sort | uniq -d | head -n 1)
	[ -z "$_twice" ] || die "series/$base has two topics of the name $_twice: $(topics | grep -x "[0-9]*-$_twice" | names).  If one is left from before it got another number, remove it"
	_before=
	for _topic in $(topics); do
		_line=$(grep -isE '^[[:space:]]*needs[[:space:]]*:' "$store/$_topic/cover-letter" | grep -v '^Needs:' | head -n 1)
		[ -z "$_line" ] || die "series/$base/$_topic/cover-letter: '$_line' is taken for text.  Write 'Needs: NAME', from the line's beginning"
		for _name in $(needs_of "$_topic"); do
			_found=$(topic_of "$_name")
			[ -n "$_found" ] || die "series/$base/$_topic/cover-letter: Needs: $_name: no such topic.  There are: $(topics | names)"
			case " $_before " in
			*" $_found "*) ;;
			*) die "series/$base/$_topic/cover-letter: Needs: $_name: a topic needs only what comes before it, which is: ${_before:-none}" ;;
			esac
		done
		_before="$_before $_topic"
	done
}

# closure TOPIC: the topics that it needs, and those that these need, in order, and itself.
closure() {
	_wanted=" $1 " _closure=
	for _topic in $(topics | sort -rV); do
		case $_wanted in *" $_topic "*)
			_closure="$_topic $_closure"
			for _name in $(needs_of "$_topic"); do _wanted="$_wanted$(topic_of "$_name") "; done ;;
		esac
	done
	printf '%s\n' $_closure
}

# before TOPIC: the revision that it begins at, in the branches.
before() { topics | awk -v topic="$1" 'BEGIN { last = "base" } $0 == topic { print last; exit } { last = $0 }'; }

# needs_all_before TOPIC: then its branch is what it stands on.
needs_all_before() { [ "$(closure "$1")" = "$(topics | sed "/^$1\$/q")" ]; }

# stack TOPIC: the commit that the topic ends in, on the base and what it needs alone.  Puts $src somewhere else.
# Fails, and says why, if it cannot be taken so.
stack() {
	if needs_all_before "$1"; then
		kgit "$linux" rev-parse "refs/heads/$1"
		return
	fi
	_patches=$(for _t in $(closure "$1"); do topic_patches "$_t"; done)
	source_at base
	apply "$src" $_patches || { say "$me: it was tried on the base and: $(closure "$1" | names)" >&2; return 1; }
	_tip=$(kgit "$src" rev-parse HEAD)
	# So that no gc takes it.
	kgit "$linux" update-ref "refs/stack/$1" "$_tip"
	echo "$_tip"
}

# is_recorded: what "make tree" made the trees of is the base that is recorded, and no other.
is_recorded() { head -n 2 "$linux/.git/series-base" | grep -q verified; }

# has_symbol COMMIT SYMBOL: has it come there?
has_symbol() { kgit "$linux" grep -q "^config $2\$" "$1" -- drivers/iommu; }

# boot_cases COMMIT: those of boot/cases that show that it works, whatever of the series it has: as the base has them until the last KUnit suite comes.
boot_cases() {
	if has_symbol "$1" IOMMU_IO_PGTABLE_SG_FLUSH_KUNIT_TEST; then
		echo arm64-smmuv3 arm-v7s arm-lpae
	else
		echo arm64-smmuv3-base arm-v7s-base arm-lpae-base
	fi
}

# What scripts/tree imported: the hash of the patch files, then each branch with the commit that it was put at.
imported=$linux/.git/series-imported
# imported_hash [TOPIC...]: with the patches of these.
imported_hash() {
	{ kgit "$linux" rev-parse base; for _t in "$@"; do echo "$_t"; topic_patches "$_t" | xargs -r cat; done; } |
		sha256sum | cut -d' ' -f1
}
branches() {
	kgit "$linux" for-each-ref --format='%(refname:short) %(objectname)' refs/heads/series 'refs/heads/[0-9]*-*' | sort
}
# place_branches TIP: each topic's where its patches end, series at TIP.  What is to be is written down first, so that the next run
# can tell a run that was killed from a person's edits.  The patch files must be those that the commits are of.
place_branches() {
	commits=$(kgit "$linux" rev-list --reverse "base..$1")
	count=0
	places=$(for t in $(topics); do
		count=$((count + $(topic_patches "$t" | wc -l)))
		echo "$t $( (kgit "$linux" rev-parse 'base^{commit}'; echo "$commits") | sed -n "$((count + 1))p")"
	done)
	{ branches; [ -z "$places" ] || echo "$places"; echo "series $1"; } >"$imported.now"
	mv "$imported.now" "$imported.new"
	[ -z "$places" ] || echo "$places" | while read -r t place_of_t; do
		kgit "$linux" update-ref -m tree "refs/heads/$t" "$place_of_t"
	done
	for gone in $(branches | cut -d' ' -f1); do
		[ "$gone" = series ] || [ -d "$store/$gone" ] || kgit "$linux" update-ref -d "refs/heads/$gone"
	done
	kgit "$linux" checkout -q -B series "$1"
	imported_as "$(imported_hash $(topics))" >"$imported.now"
	rm -f "$refreshing"
	mv "$imported.now" "$imported"
	rm "$imported.new"
}

# imported_as HASH: what that file is to be for the branches as they are.
imported_as() { echo "$1"; branches; }

# Is there while a refresh writes patch files.
refreshing=$linux/.git/series-refresh

# unexported REPO: in words, what a person has there that is not in the patches; empty when nothing.
unexported() {
	for _s in rebase-apply rebase-merge MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD; do
		[ ! -e "$1/.git/$_s" ] || { echo "a git operation in progress ($_s)"; return; }
	done
	[ -z "$(kgit "$1" status --porcelain | head -n 1)" ] || { echo "uncommitted changes"; return; }
	# 'git status' does not show these: the .gitignore of Debian's source ignores every new file.
	_new=$(kgit "$1" ls-files --others | head -n 3 | names)
	[ -z "$_new" ] || { echo "new files that git ignores: $_new"; return; }
	branches_are_ours || { echo "commits that are not in series/$base"; return; }
	head_is_on_a_branch "$1" || echo "commits that are on no branch (git log -1 HEAD)"
}

# head_is_on_a_branch REPO: or a branch or tag has all its commits.
head_is_on_a_branch() { [ -z "$(kgit "$1" rev-list -n 1 HEAD --not --branches --tags)" ]; }

# branches_are_ours: each where it was put; or, when that was interrupted, where it was or was to be put.
branches_are_ours() {
	[ "$(branches)" != "$(sed 1d "$imported")" ] || return 0
	[ -f "$imported.new" ] && [ -z "$(branches | grep -vxF -f "$imported.new")" ]
}

# more_than_series REPO: what a person has there that no patch can be made of: branches of other names, a stash.
# (Not what a make mail that was killed has left.)
more_than_series() {
	kgit "$1" for-each-ref --format='%(refname:short)' refs/heads refs/stash | grep -vxE 'series|series-mail|[0-9]+-.*' | names || :
}
