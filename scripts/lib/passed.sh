# SPDX-License-Identifier: GPL-2.0
# Sourced by common.sh: what passed is remembered in $work/passed, by the hash of all that it depends on, and is not done again.
# FULL=1 does everything anew.

# hash_of PATH...: of all files there, names and contents; standard input counts too.
hash_of() {
	{ cat; find "$@" -type f ! -name '*.pyc' | sort | xargs -r sha256sum; } | sha256sum | cut -d' ' -f1
}

# versions COMMAND...: what each says of itself, one line each; one that is not there says nothing.
versions() {
	for _command in "$@"; do "$_command" --version 2>/dev/null | head -n 1 || :; done
}

# passed_before HASH
passed_before() { [ "${FULL:-}" != 1 ] && grep -qsxF "$1" "$work/passed"; }

# remember HASH: that it passed.
remember() { passed_before "$1" || echo "$1" >>"$work/passed"; }
