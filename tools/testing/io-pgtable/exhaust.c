// SPDX-License-Identifier: GPL-2.0
/*
 * exhaust: all contents of some entries before and behind the end of a table, and for each content all ranges there. Each is unmapped, and
 * mapped: the call returns what the contract says, and exactly that has changed, also in the memory of a device that does not snoop.
 *
 * What should happen is worked out from what walk.c reads before the call, and compared with what it reads after the call. The order of
 * stores, cleans and flushes is left to the model.
 * Ends in one line: N passed, N failed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "runtime.h"
#include "walk.h"

#define SZ_4K		0x1000ULL
#define SZ_64K		0x10000ULL
#define SZ_1M		0x100000ULL
#define SZ_2M		0x200000ULL
#define SZ_16M		0x1000000ULL
#define SZ_1G		0x40000000ULL

#define OFFSET		SZ_1G		/* from an iova to its physical address */
#define OLD_PROT	(PT_READ | PT_WRITE)
#define NEW_PROT	PT_READ		/* of what the call maps */

#define MAX_ENTRIES	8		/* of a side */
#define MAX_POINTS	(2 * MAX_ENTRIES + 6)
#define MAX_MAP		2048		/* pages: more take too long */
#define MAX_FAILURES	3		/* of a window: enough to see why */

#define ARENA_END	0x50000000UL	/* of mm.c: where tables are */
#define UNIT		1024		/* the smallest table */
#define GARBAGE		0x6b

/*
 * A table ends at @at, and another one begins. Each of these sides maps @side bytes. Its @num entries next to @at have all @states, and
 * together with these, the rest of it has each state of @rest. Or it is no table, but one of @whole.
 *
 *   -  nothing				T  an empty table
 *   L  a leaf				p  a table, whose first entry is a page
 *
 * In the place of a page of 16 entries, also:
 *
 *   f  the page without its first	s  16 smaller pages
 *   l  without its last entry		e  15 of them: the last is missing
 */
static const struct window {
	const char		*name;
	struct pt_config	config;
	uint64_t		at, entry, side;
	unsigned int		num;
	const char		*states, *rest, *whole;
} windows[] = {
#define LPAE	{ .fmt = PT_LPAE_64_S1, .ias = 36, .oas = 36,		\
		  .page_sizes = SZ_4K | SZ_2M | SZ_1G }
	{ "lpae-pages", LPAE, SZ_1G + SZ_2M, SZ_4K, SZ_2M,
	  5, "-L", "-L", "-L" },
	{ "lpae-blocks", LPAE, 2 * SZ_1G, SZ_2M, SZ_1G,
	  2, "-LTp", "-L", "-L" },
#define V7S	{ .fmt = PT_V7S, .ias = 32, .oas = 32,			\
		  .page_sizes = SZ_4K | SZ_64K | SZ_1M | SZ_16M }
	{ "v7s-pages", V7S, SZ_16M + SZ_1M, SZ_4K, SZ_1M,
	  5, "-L", "-L", "-L" },
	{ "v7s-large-pages", V7S, SZ_16M + SZ_1M, SZ_64K, SZ_1M,
	  2, "-Lflse", "-L", "-L" },
	/* All sections are in the root: a side is 16 entries of it */
	{ "v7s-sections", V7S, 2 * SZ_16M, SZ_1M, SZ_16M,
	  2, "-LTp", "-LT", "Lfl" },
};

struct range {
	uint64_t	iova, size, pgsize;
};

/* The case at hand */
static const struct pt_kernel *kernel;
static const struct window *window;
static bool coherent;
static struct range range;
static bool unmaps;

/* Before the end of the table, and behind it: one of @whole; or '(', the rest, and the entries, from the one next to the end on */
static char sides[2][MAX_ENTRIES + 3];

static struct pt *pt;			/* with that content; NULL: to be made */
static struct geometry geometry;
static uint64_t page;			/* the smallest */
static uint64_t ignored;		/* what a walker ignores of an entry */
static struct walk before, after;
static bool watching, flushed;

/* Entries that are taken out of a page of 16 */
static struct {
	uint64_t		iova;
	unsigned int		idx;
	const struct leaf	*leaf;
} holes[2 * MAX_ENTRIES];
static unsigned int num_holes;

static uint64_t table_bytes[ARENA_END / UNIT];
static unsigned int num_tables;
static char *shadow;			/* what a device reads that does not snoop */

static uint64_t points[MAX_POINTS];
static unsigned int num_points;

static unsigned long cases, changes;
static unsigned int failures;		/* of this window */
static bool is_broken;

__attribute__((__format__(__printf__, 1, 2)))
static void broken(const char *fmt, ...)
{
	int64_t from = range.iova - window->at;
	va_list args;

	/* The first of a case says most */
	if (is_broken)
		return;

	is_broken = true;
	failures++;
	printf("# broken: ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("; %smap %" PRIu64 " x 0x%" PRIx64
	       " from %s0x%" PRIx64 ", %s and %s\n", unmaps ? "un" : "",
	       range.size / range.pgsize, range.pgsize, from < 0 ? "-" : "",
	       from < 0 ? -from : from, sides[0], sides[1]);
}

static bool meets(const struct range *r, uint64_t iova, uint64_t size)
{
	return r->size && iova < r->iova + r->size && r->iova < iova + size;
}

static bool is_in(const struct range *r, uint64_t iova, uint64_t size)
{
	return iova >= r->iova && iova + size <= r->iova + r->size;
}

/* Behind the last one is one at the end of all addresses */
static const struct leaf *get_leaf(const struct walk *walk, unsigned int i)
{
	static const struct leaf none = { .iova = UINT64_MAX };

	return i < walk->num_leaves ? &walk->leaves[i] : &none;
}

static uint64_t end_of(const struct leaf *leaf)
{
	return leaf->iova + leaf->size;
}

static const struct table *get_table(const struct walk *walk, uint64_t iova,
				     uint64_t span)
{
	unsigned int i;

	for (i = 1; i < walk->num_tables; i++)
		if (walk->tables[i].iova == iova && walk->tables[i].span == span)
			return &walk->tables[i];

	return NULL;
}

/* What the device is told */

/* No TLB has leaves of @granule any more; if that is 0, of any size */
static void flush(uint64_t iova, uint64_t size, uint64_t granule)
{
	unsigned int i;

	if (!watching)
		return;

	flushed = true;
	for (i = walk_find(&before, iova);
	     get_leaf(&before, i)->iova < iova + size; i++)
		if (!granule || before.leaves[i].size == granule)
			before.leaves[i].flushed = true;
}

static void on_flush_all(void *cookie)
{
}

static void on_flush_walk(void *cookie, uint64_t iova, uint64_t size,
			  uint64_t granule)
{
	flush(iova, size, 0);
}

static void on_flush_leaf(void *cookie, uint64_t iova, uint64_t size,
			  uint64_t granule)
{
	flush(iova, size, granule);
}

static void on_add(void *cookie, uint64_t iova, uint64_t size, uint64_t granule)
{
}

static void on_sync(void *cookie, uint64_t first, uint64_t last,
		    uint64_t granule)
{
	if (granule)
		flush(first, last - first + 1, granule);
}

static void on_clean(void *cookie, uint64_t addr, uint64_t size)
{
	memcpy(shadow + addr, (void *)(uintptr_t)addr, size);
}

static const struct pt_watch device = {
	.flush_all	= on_flush_all,
	.flush_walk	= on_flush_walk,
	.flush_leaf	= on_flush_leaf,
	.add		= on_add,
	.sync		= on_sync,
	.clean		= on_clean,
};

static void table_comes(uint64_t addr, uint64_t size, unsigned int gfp)
{
	num_tables++;
	table_bytes[addr / UNIT] = size;
	memset(shadow + addr, GARBAGE, size);
}

static void table_goes(uint64_t addr, uint64_t size)
{
	num_tables--;
	table_bytes[addr / UNIT] = 0;
}

static const struct mm_watch tables_watch = {
	.alloc	= table_comes,
	.free	= table_goes,
};

static bool is_table(void *cookie, uint64_t addr, uint64_t bytes)
{
	return addr < ARENA_END && !(addr % UNIT) &&
	       table_bytes[addr / UNIT] >= bytes;
}

static void look(struct walk *walk)
{
	walk_tables(walk, pt, &geometry, is_table, NULL);
	if (walk->error[0])
		broken("%s", walk->error);
	if (walk->num_tables != num_tables)
		broken("%u tables are allocated, and %u in use", num_tables,
		       walk->num_tables);
}

/* The content */

static void put(uint64_t iova, uint64_t pgsize, uint64_t num)
{
	size_t mapped;

	if (kernel->map(pt, iova, iova + OFFSET, pgsize, num, OLD_PROT,
			&mapped) || mapped != num * pgsize)
		broken("the content is not mapped");
}

/* Below the root, the table stays */
static void put_and_take(uint64_t iova, uint64_t pgsize)
{
	put(iova, pgsize, 1);
	if (kernel->unmap(pt, iova, pgsize, 1, true) != pgsize)
		broken("the content is not unmapped");
}

static void put_entry(uint64_t iova, uint64_t size, char state)
{
	switch (state) {
	case 'f':
	case 'l':
		holes[num_holes].iova = iova;
		holes[num_holes++].idx = state == 'f' ? 0 : 15;
		/* fallthrough */
	case 'L':
		put(iova, size, 1);
		break;
	case 'T':
		put_and_take(iova, page);
		break;
	case 'p':
		put(iova, page, 1);
		break;
	case 's':
	case 'e':
		put(iova, size / 16, state == 's' ? 16 : 15);
		break;
	}
}

static void put_side(const char *side, bool behind)
{
	uint64_t i, entry = window->entry, num = window->side / entry;
	uint64_t from = window->at - (behind ? 0 : window->side);
	uint64_t rest = behind ? window->at + window->num * entry : from;
	uint64_t iova;

	if (*side != '(') {
		put_entry(from, window->side, *side);
		return;
	}

	put_and_take(from, entry);
	num -= window->num;
	if (side[1] == 'L')
		put(rest, entry, num);
	for (i = 0; i < num && side[1] == 'T'; i++)
		put_entry(rest + i * entry, entry, 'T');

	for (i = 0; i < window->num; i++) {
		iova = window->at + (behind ? i : -i - 1) * entry;
		put_entry(iova, entry, side[2 + i]);
	}
}

static void make_content(void)
{
	struct pt_config config = window->config;
	unsigned int i;

	/* Also if some of a case that was broken are left */
	num_tables = 0;
	config.coherent = coherent;
	pt = kernel->alloc(&config, &device, NULL);
	if (!pt)
		abort();

	geometry_init(&geometry, &pt->config);
	page = pt->config.page_sizes & -pt->config.page_sizes;
	ignored = software_bits(&pt->config);
	num_holes = 0;
	put_side(sides[0], false);
	put_side(sides[1], true);

	look(&before);
	for (i = 0; i < num_holes; i++)
		holes[i].leaf = get_leaf(&before,
					 walk_find(&before, holes[i].iova));
}

static uint32_t *hole_entry(unsigned int i)
{
	return (uint32_t *)(uintptr_t)holes[i].leaf->slot + holes[i].idx;
}

static void set_hole(unsigned int i, uint32_t entry)
{
	*hole_entry(i) = entry;
	on_clean(NULL, (uintptr_t)hole_entry(i), sizeof(entry));
}

static void make_holes(void)
{
	unsigned int i;

	for (i = 0; i < num_holes; i++)
		set_hole(i, 0);
}

/* If the table is still there, so should be the other entries of the page. walk.c takes none that is not whole, so make it whole again */
static void mend_holes(void)
{
	unsigned int i;

	for (i = 0; i < num_holes; i++) {
		const struct leaf *leaf = holes[i].leaf;

		if (!is_table(NULL, before.tables[leaf->table].addr, UNIT))
			continue;
		if (*hole_entry(i))
			broken("an entry comes where none was");
		set_hole(i, leaf->entry);
	}
}

static bool has_hole(const struct leaf *leaf)
{
	unsigned int i;

	for (i = 0; i < num_holes; i++)
		if (holes[i].leaf == leaf)
			return true;

	return false;
}

/* What should happen, as the contract has it */

/*
 * How much goes away at @at, of @left bytes: a leaf that is not too small, as far as the range has it; or all entries in the place of a
 * page. The leaf at @at, or else the next, is the @n-th.
 */
static uint64_t expect_step(uint64_t at, uint64_t left, unsigned int n)
{
	bool of_16 = geometry_level(&geometry, range.pgsize) < 0;
	uint64_t i, rest, entry = of_16 ? range.pgsize / 16 : range.pgsize;
	const struct leaf *leaf = get_leaf(&before, n);

	if (leaf->iova <= at && leaf->size >= range.pgsize) {
		if (has_hole(leaf) ||
		    (leaf->size > range.pgsize && kernel->no_split))
			return 0;
		rest = end_of(leaf) - at;
		return rest < left ? rest : left;
	}

	for (i = at; i < at + range.pgsize; i += entry) {
		for (; leaf->iova < i; leaf = get_leaf(&before, n))
			n++;
		if (!get_table(&before, i, entry) &&
		    (leaf->iova != i || leaf->size != entry))
			return 0;
	}

	return range.pgsize;
}

static uint64_t expect_unmap(void)
{
	unsigned int n = walk_find(&before, range.iova);
	uint64_t step, done = 0;

	do {
		while (end_of(get_leaf(&before, n)) <= range.iova + done)
			n++;
		step = expect_step(range.iova + done, range.size - done, n);
		done += step;
	} while (step && done < range.size);

	return done;
}

/* As many pages as have no leaf in their place */
static uint64_t expect_map(void)
{
	const struct leaf *leaf = get_leaf(&before,
					   walk_find(&before, range.iova));

	if (leaf->iova <= range.iova)
		return 0;
	if (leaf->iova >= range.iova + range.size)
		return range.size;
	return (leaf->iova - range.iova) & -range.pgsize;
}

/* What has happened: @done is what was unmapped, or mapped */

static bool is_right(const struct leaf *leaf, int prot)
{
	return leaf->entry == leaf_entry(&pt->config, &geometry,
					 leaf->iova + OFFSET, leaf->size, prot);
}

/* What is left of @old: all, or parts if @done has the others */
static void check_left(const struct leaf *leaf, const struct leaf *old,
		       const struct range *done)
{
	if (old->iova > leaf->iova || end_of(leaf) > end_of(old))
		broken("0x%" PRIx64 " is mapped, which it was not", leaf->iova);
	else if (leaf->size == old->size ? leaf->entry != old->entry :
					   !is_right(leaf, OLD_PROT))
		broken("the entry of 0x%" PRIx64 " is 0x%" PRIx64, leaf->iova,
		       leaf->entry);
	else if (leaf->size != old->size &&
		 (!unmaps || !meets(done, old->iova, old->size)))
		broken("the leaf of 0x%" PRIx64 " is split", old->iova);
}

static void check_leaves(const struct range *done)
{
	uint64_t is = 0, want = unmaps ? 0 : done->size, from, to;
	const struct leaf *leaf;
	unsigned int i, old = 0;

	for (i = 0; i < after.num_leaves; i++) {
		leaf = &after.leaves[i];
		is += leaf->size;
		if (!meets(done, leaf->iova, leaf->size)) {
			while (end_of(get_leaf(&before, old)) <= leaf->iova)
				old++;
			check_left(leaf, get_leaf(&before, old), done);
		} else if (unmaps) {
			broken("0x%" PRIx64 " is still mapped", leaf->iova);
		} else if (leaf->size != range.pgsize ||
			   !is_right(leaf, NEW_PROT)) {
			broken("0x%" PRIx64 " is not mapped as it should be",
			       leaf->iova);
		}
	}

	/* There is nothing that should not be. So the sum tells if all is there that should be */
	for (i = 0; i < before.num_leaves; i++) {
		leaf = &before.leaves[i];
		want += leaf->size;
		if (!unmaps || !meets(done, leaf->iova, leaf->size))
			continue;

		from = leaf->iova > done->iova ? leaf->iova : done->iova;
		to = done->iova + done->size;
		want -= (end_of(leaf) < to ? end_of(leaf) : to) - from;
		if (!leaf->flushed)
			broken("a TLB may still have the leaf of 0x%" PRIx64,
			       leaf->iova);
	}
	if (is != want)
		broken("0x%" PRIx64 " bytes are mapped, which should be 0x%"
		       PRIx64, is, want);
}

/* Pages take the place of tables that are not larger. A table comes for what is mapped, or for the rest of a block */
static void check_tables(const struct range *done)
{
	const struct table *t;
	bool goes;

	for (t = before.tables + 1; t < before.tables + before.num_tables; t++) {
		goes = is_in(done, t->iova, t->span) && t->span <= range.pgsize;
		if (goes == !!get_table(&after, t->iova, t->span))
			broken("the table of 0x%" PRIx64 " is %s", t->iova,
			       goes ? "still there" : "gone");
	}

	for (t = after.tables + 1; t < after.tables + after.num_tables; t++)
		if (!get_table(&before, t->iova, t->span) &&
		    (!meets(done, t->iova, t->span) ||
		     (unmaps && is_in(done, t->iova, t->span))))
			broken("there is a new table of 0x%" PRIx64, t->iova);
}

/* All that was stored is cleaned, but for an entry without a type, which a walker ignores */
static void check_visible(const struct table *table)
{
	unsigned int i, size = geometry.entry_size;
	uint64_t is, seen;

	/* For speed */
	if (!memcmp(shadow + table->addr, (void *)(uintptr_t)table->addr,
		    table->bytes))
		return;

	for (i = 0; i < table->bytes; i += size) {
		is = read_entry(table->addr + i, size) & ~ignored;
		seen = read_entry((uintptr_t)shadow + table->addr + i, size) &
		       ~ignored;
		if (is != seen && (is | seen) & 3)
			broken("entry 0x%" PRIx64 " is not cleaned", is);
	}
}

static void try(void)
{
	unsigned int i, must_warn, warned = warnings;
	struct range done = range;
	static long memory;
	uint64_t want;
	int ret = 0;

	is_broken = false;
	flushed = false;
	if (!pt) {
		memory = mm_live;
		make_content();
		if (is_broken)
			goto out;
	}

	want = unmaps ? expect_unmap() : expect_map();
	must_warn = unmaps ? !want : want != range.size;
	make_holes();
	watching = true;
	if (unmaps)
		done.size = kernel->unmap(pt, range.iova, range.pgsize,
					  range.size / range.pgsize, true);
	else
		ret = kernel->map(pt, range.iova, range.iova + OFFSET,
				  range.pgsize, range.size / range.pgsize,
				  NEW_PROT, &done.size);
	watching = false;
	mend_holes();
	cases++;
	changes += want != 0;

	if (done.size != want)
		broken("0x%" PRIx64 " bytes, which should be 0x%" PRIx64,
		       done.size, want);
	if (ret != (unmaps || want == range.size ? 0 : -EEXIST))
		broken("it returns %d", ret);
	if (warnings - warned != must_warn)
		broken("%u warnings, which should be %u", warnings - warned,
		       must_warn);

	look(&after);
	for (i = 0; !coherent && i < after.num_tables; i++)
		check_visible(&after.tables[i]);
	check_leaves(&done);
	check_tables(&done);

	/* For speed: what has not changed is used again */
	if (!want && !flushed && !is_broken)
		return;
out:
	kernel->free(pt);
	pt = NULL;
	if (mm_live != memory)
		broken("%ld allocations are left", mm_live - memory);
}

/* In the order of their addresses */
static void add_point(uint64_t iova)
{
	if (!num_points || iova > points[num_points - 1])
		points[num_points++] = iova;
}

/* Where ranges begin and end: at entries, one page beside the end of the table, at the ends of both sides, and beyond */
static void make_points(uint64_t pgsize)
{
	uint64_t side = window->side > pgsize ? window->side : pgsize;
	uint64_t step = window->entry > pgsize ? window->entry : pgsize;
	int i, num = step > window->entry ? 1 : window->num;
	uint64_t at = window->at & -pgsize;

	num_points = 0;
	add_point(at - side);
	for (i = -num; i <= num; i++) {
		if (!i)
			add_point(at - pgsize);
		add_point(at + i * step);
		if (!i)
			add_point(at + pgsize);
	}
	add_point(at + side);
	add_point(at + side + pgsize);
}

static void try_ranges(void)
{
	uint64_t sizes;
	unsigned int i, j;

	for (sizes = window->config.page_sizes; sizes; sizes &= sizes - 1) {
		range.pgsize = sizes & -sizes;
		make_points(range.pgsize);
		for (i = 0; i < num_points; i++) {
			for (j = i + 1; j < num_points &&
			     failures < MAX_FAILURES; j++) {
				range.iova = points[i];
				range.size = points[j] - points[i];
				if (unmaps ||
				    range.size / range.pgsize <= MAX_MAP)
					try();
			}
		}
	}

	if (pt)
		kernel->free(pt);
	pt = NULL;
}

/* The @n-th side, as long as there are so many */
static bool make_side(char *side, unsigned int n)
{
	unsigned int i, num = strlen(window->states);

	memset(side, 0, sizeof(*sides));
	if (n < strlen(window->whole)) {
		*side = window->whole[n];
		return true;
	}

	*side = '(';
	n -= strlen(window->whole);
	for (i = 0; i < window->num; i++, n /= num)
		side[2 + i] = window->states[n % num];
	if (n >= strlen(window->rest))
		return false;

	side[1] = window->rest[n];
	return true;
}

static bool all_contents(void)
{
	unsigned int contents = 0, i, j;

	cases = 0;
	changes = 0;
	failures = 0;
	for (i = 0; make_side(sides[0], i); i++) {
		for (j = 0; failures < MAX_FAILURES && make_side(sides[1], j);
		     j++) {
			contents++;
			unmaps = true;
			try_ranges();
			/* No map leaves a part of a page: the contract does not say what another map makes of it */
			unmaps = false;
			if (!num_holes)
				try_ranges();
		}
	}

	printf("# %u contents, %lu cases, of which %lu change something\n",
	       contents, cases, changes);
	return changes && !failures;
}

int main(void)
{
	unsigned int passed = 0, failed = 0, i;
	const struct pt_kernel *const *k;
	bool ok;

	setvbuf(stdout, NULL, _IOLBF, 0);
	shadow = mmap(NULL, ARENA_END, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (shadow == MAP_FAILED) {
		perror("mmap");
		return 1;
	}

	mm_watch = &tables_watch;
	quiet = true;
	for (k = __start_pt_kernels; k < __stop_pt_kernels; k++) {
		kernel = *k;
		for (i = 0; i < 2 * sizeof(windows) / sizeof(*windows); i++) {
			window = &windows[i / 2];
			coherent = i % 2;
			ok = all_contents();
			if (ok)
				passed++;
			else
				failed++;
			printf("%s %u - %s %s, %s\n", ok ? "ok" : "not ok",
			       passed + failed, window->name,
			       coherent ? "coherent" : "non-coherent",
			       kernel->name);
		}
	}

	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
