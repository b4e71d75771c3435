#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Coccinelle 1.3.0 finds no call of kfree() in the rest of a C file, once a variable in it is declared with __free(kfree).
#
# Tools: coccinelle 1.3.0.deb-1 (Debian trixie), linux-source-7.3 7.3.4-1~bpo13+1 (trixie-backports).
# Input: a semantic patch that renames each kfree(), and two C files: one with such a declaration and two calls behind it, and Linux 7.3.4's
# drivers/gpio/gpio-virtuser.c. include/linux/cleanup.h says how __free() is to be used.
# Expected: each call is found, or an error or a warning.
# Seen: no call is found in either file, nothing is said, and the status is 0. With __free(kvfree) in the place of __free(kfree), both
# are found in the first file, and seven of eight in the second.
# --parse-c tells why: it takes kfree for the name of a type from the declaration on. It calls the first file 100% good.
# Coccinelle's issue 394 is about such a declaration. It was closed with an entry for __free in standard.h, which that of 1.3.0 has not.
#
# Some 240 C files of 7.3.4 have both. The kernel's scripts/coccinelle/free/kfree.cocci, for one, then does not report what is freed twice
# (tried by hand). scripts/check runs these rules on the patches here, none of which has a __free().

. "$(dirname "$0")/fetch.sh"

need xz=xz-utils dpkg-deb=dpkg
unpacked trixie coccinelle 1.3.0.deb-1
debian_start "$dir" spatch
export COCCINELLE_HOME="$dir/usr/lib/coccinelle"
say "$("$dir/spatch" --version | head -n 1)"
fetch trixie-backports linux-source-7.3 7.3.4-1~bpo13+1 "$dir/deb"
tar -xJf "$dir/deb/usr/src/linux-source-7.3.tar.xz" -C "$dir" --strip-components=1 --wildcards '*/drivers/gpio/gpio-virtuser.c'

cat >"$dir/rename.cocci" <<'END'
@@
expression e;
@@
- kfree(e)
+ renamed(e)
END
cat >"$dir/small.c" <<'END'
static int declares(int n)
{
	char *p __free(kfree) = kmalloc(n, GFP_KERNEL);

	return p ? 0 : -ENOMEM;
}

static int calls(void *p)
{
	kfree(p);
	kfree(p);
	return 0;
}
END
cp "$dir/drivers/gpio/gpio-virtuser.c" "$dir/large.c"
for file in small large; do sed 's/__free(kfree)/__free(kvfree)/' "$dir/$file.c" >"$dir/$file-kvfree.c"; done

# found NUMBER FILE: so many calls are renamed, and the status is 0
found() {
	"$dir/spatch" --very-quiet --sp-file "$dir/rename.cocci" "$dir/$2.c" >"$dir/diff" 2>"$dir/said" &&
		[ "$(grep -c '^+.*renamed(' "$dir/diff")" = "$1" ] && [ ! -s "$dir/said" ]
}
calls() { [ "$(grep -c '^	*kfree(' "$dir/$2.c")" = "$1" ]; }

seen "the small file has two calls" calls 2 small
seen "with __free(kvfree) both are found" found 2 small-kvfree
seen "with __free(kfree) none is found" found 0 small
seen "gpio-virtuser.c has eight calls" calls 8 large
seen "with __free(kvfree) seven are found" found 7 large-kvfree
seen "as it is, with __free(kfree), none is found" found 0 large
"$dir/spatch" --parse-c "$dir/small.c" >"$dir/said" 2>&1 || :
seen "kfree becomes a type at the declaration" grep -q 'CPP-TYPEDEF: promoting:.* kfree on line 3' "$dir/said"
seen "the file is said to be parsed as a whole" grep -q '100.00% good or passed' "$dir/said"
