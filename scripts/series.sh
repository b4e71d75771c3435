# SPDX-License-Identifier: GPL-2.0
# Sourced by lib.sh: the patches as files and as commits.

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
		sort -u | tr '\n' ' ')
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
		-c diff.interHunkContext=0 -c diff.orderFile=/dev/null -c format.subjectPrefix=PATCH \
		format-patch -q --zero-commit --no-signature --full-index -N --no-stat -o "$3" "$2" --
}

# stored_patches: the series' files, in order, one in a line (their names hold no blanks).
stored_patches() {
	for _p in "$top/series/$series"/[0-9][0-9][0-9][0-9]-*.patch; do
		[ ! -f "$_p" ] || printf '%s\n' "$_p"
	done
}

# What scripts/tree imported: "HASH TIP", of the patch files and of the commit they ended in.
imported=$base/linux/.git/series-imported
imported_hash() { { kgit "$base/linux" rev-parse base; stored_patches | xargs -r cat; } | sha256sum | cut -d' ' -f1; }
imported_tip() { cut -d' ' -f2 "$imported"; }

# unexported REPO: in words, what a person has there that is not in the patches; empty when nothing.
unexported() {
	for _s in rebase-apply rebase-merge MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD; do
		[ ! -e "$1/.git/$_s" ] || { echo "a git operation in progress ($_s)"; return; }
	done
	[ -z "$(kgit "$1" status --porcelain | head -n 1)" ] || { echo "uncommitted changes"; return; }
	# 'git status' does not show these: the .gitignore of Debian's source ignores every new file.
	_new=$(kgit "$1" ls-files --others | head -n 3 | tr '\n' ' ')
	[ -z "$_new" ] || { echo "new files that git ignores: $_new"; return; }
	[ "$(kgit "$1" rev-parse -q --verify refs/heads/series)" = "$(imported_tip)" ] || echo "commits that are not in series/$series"
}
