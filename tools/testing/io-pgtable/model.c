// SPDX-License-Identifier: GPL-2.0
#include "model.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "runtime.h"
#include "walk.h"

#define MAX_TABLES	4096

/* For v7s, how many tables may wait for one flush */
#define V7S_TABLE_BATCH	64

/* What memory holds that was never cleaned */
#define GARBAGE		0x6b

/* How often we look at the tables in an operation: before it, and before each split but the first ones */
#define MAX_SEEN	8

struct mapping {
	uint64_t	iova, size;
	uint64_t	paddr;
	int		prot;
};

/* In the order of their addresses */
struct mappings {
	struct mapping	*at;
	unsigned int	num, max;
};

struct model {
	struct pt		*pt;
	const struct pt_kernel	*kernel;
	bool			contract;
	struct geometry		geometry;
	struct mappings		mappings, expected;
	/*
	 * What the device may have seen, from before the operation on: block splits install tables whose entries it may use
	 * before they, too, are split
	 */
	struct walk		seen[MAX_SEEN], after;
	unsigned int		num_seen;

	struct {
		uint64_t	addr, bytes;
	} live[MAX_TABLES];
	unsigned int		num_live;

	/* The operation at hand */
	enum { OP_ALLOC, OP_MAP, OP_UNMAP, OP_FREE } op;
	bool			gather;		/* leaves are to be gathered */
	bool			flushed_all;
	bool			undoes;		/* the core unmaps what it has mapped itself */
	char			name[160];
	unsigned int		allocs, frees, cleans, walk_flushes, leaf_flushes;
	unsigned int		adds, syncs;
	uint64_t		flushed_bytes;	/* by walk flushes */
	struct {
		uint64_t	iova, size;
		bool		mapped;		/* the last byte of it, by then */
	} last_flush;
	uint64_t		added_bytes;	/* since the last sync */
	unsigned int		warned;
	long			mm_live;	/* before there was anything */

	/* What it may take */
	unsigned int		may_clean, may_flush_walk, may_flush_leaf;
	unsigned int		may_add, may_sync, may_alloc;
	unsigned int		must_warn;
};

bool model_verbose;
void (*model_broken)(const char *text);

/* mm_watch has no cookie, and there is one at a time */
static struct model *the_model;

__attribute__((__noreturn__, __format__(__printf__, 2, 3)))
static void broken(struct model *m, const char *fmt, ...)
{
	char text[512];
	va_list args;
	int n;

	n = snprintf(text, sizeof(text), "%s: ", m->name);
	va_start(args, fmt);
	vsnprintf(text + n, sizeof(text) - n - 1, fmt, args);
	va_end(args);
	strcat(text, "\n");
	model_broken(text);
	abort();
}

/* Mappings */

static unsigned int find_mapping(const struct mappings *maps, uint64_t iova)
{
	unsigned int low = 0, high = maps->num;

	while (low < high) {
		unsigned int mid = (low + high) / 2;

		if (maps->at[mid].iova + maps->at[mid].size - 1 < iova)
			low = mid + 1;
		else
			high = mid;
	}

	return low;
}

static bool is_in(const struct mapping *map, uint64_t iova)
{
	return iova - map->iova < map->size;
}

/* Puts @num of @with in the place of @old mappings from @at */
static void replace(struct mappings *maps, unsigned int at, unsigned int old,
		    const struct mapping *with, unsigned int num)
{
	unsigned int after = maps->num - at - old;

	if (maps->num - old + num > maps->max) {
		maps->max = 2 * (maps->num - old + num);
		maps->at = realloc(maps->at, maps->max * sizeof(*maps->at));
		if (!maps->at)
			abort();
	}

	if (after)
		memmove(maps->at + at + num, maps->at + at + old,
			after * sizeof(*maps->at));
	if (with && num)
		memcpy(maps->at + at, with, num * sizeof(*maps->at));
	maps->num = at + num + after;
}

static void copy(struct mappings *to, const struct mappings *from)
{
	to->num = 0;
	replace(to, 0, 0, from->at, from->num);
}

/* How many mappings begin in [iova, iova + size); @first is the first of them, or the next */
static unsigned int count_in(const struct mappings *maps, uint64_t iova,
			     uint64_t size, unsigned int *first)
{
	unsigned int n = 0;

	*first = find_mapping(maps, iova);
	while (*first + n < maps->num &&
	       maps->at[*first + n].iova - iova < size)
		n++;

	return n;
}

/* Tables and memory */

static bool is_live(void *cookie, uint64_t addr, uint64_t bytes)
{
	struct model *m = cookie;
	unsigned int i;

	for (i = 0; i < m->num_live; i++)
		if (m->live[i].addr == addr)
			return m->live[i].bytes >= bytes;

	return false;
}

/* A device that does not snoop reads tables from there: what was cleaned. As large as the arena of mm.c, which is below that */
#define SHADOW_SIZE	0x50000000UL
static char *shadow_memory;

static void *shadow(uint64_t addr)
{
	return shadow_memory + addr;
}

/* What the device reads at @addr */
static uint64_t device_entry(struct model *m, uint64_t addr)
{
	uint64_t at = m->pt->config.coherent ? addr : (uintptr_t)shadow(addr);

	return read_entry(at, m->geometry.entry_size) &
	       ~software_bits(&m->pt->config);
}

static bool can_reach_table(struct model *m, const struct walk *seen,
			    const struct table *table)
{
	if (table->parent < 0)
		return true;

	return can_reach_table(m, seen, &seen->tables[table->parent]) &&
	       device_entry(m, table->slot) == table->entry;
}

static bool can_reach_leaf(struct model *m, const struct walk *seen,
			   const struct leaf *leaf)
{
	return can_reach_table(m, seen, &seen->tables[leaf->table]) &&
	       device_entry(m, leaf->slot) == leaf->entry;
}

#define for_each_seen(m, walk)						\
	for ((walk) = (m)->seen; (walk) < (m)->seen + (m)->num_seen; (walk)++)

#if defined(__clang__)
__attribute__((__no_sanitize__("address", "undefined")))
#else
__attribute__((__no_sanitize_address__))
#endif
static bool same_entries(uint64_t addr, uint64_t bytes, uint64_t ignored)
{
	const uint64_t *mem = (const uint64_t *)(uintptr_t)addr;
	const uint64_t *dev = shadow(addr);
	uint64_t i, differ = 0;

	for (i = 0; i < bytes / 8; i++)
		differ |= (mem[i] ^ dev[i]) & ~ignored;

	return !differ;
}

/* A device that does not snoop must see all that was stored, by now */
static void check_visible(struct model *m, const char *when)
{
	unsigned int i;

	if (m->pt->config.coherent)
		return;

	for (i = 0; i < m->num_live; i++)
		if (!same_entries(m->live[i].addr, m->live[i].bytes,
				  software_bits(&m->pt->config)))
			broken(m, "not all entries were cleaned before %s",
			       when);
}

static void look(struct model *m)
{
	struct walk *walk = &m->seen[m->num_seen++];

	walk_tables(walk, m->pt, &m->geometry, is_live, m);
	if (walk->error[0])
		broken(m, "%s", walk->error);
}

static void on_alloc(uint64_t addr, uint64_t bytes)
{
	struct model *m = the_model;

	if (m->num_live == MAX_TABLES)
		abort();

	/* A split, and another one before it in the same operation */
	if (m->op == OP_UNMAP && (m->allocs || m->leaf_flushes) &&
	    m->num_seen < MAX_SEEN)
		look(m);

	m->allocs++;
	m->live[m->num_live].addr = addr;
	m->live[m->num_live].bytes = bytes;
	m->num_live++;
	memset(shadow(addr), GARBAGE, bytes);
}

static void on_free(uint64_t addr, uint64_t bytes)
{
	struct model *m = the_model;
	const struct table *table;
	const struct walk *walk = &m->seen[0];
	bool found = false;
	unsigned int i;

	m->frees++;

	for (i = 0; i < m->num_live; i++)
		if (m->live[i].addr == addr)
			break;
	if (i == m->num_live || m->live[i].bytes > bytes)
		broken(m, "0x%" PRIx64 " is freed, which is no table", addr);

	m->live[i] = m->live[--m->num_live];
	if (m->op == OP_FREE && !m->flushed_all)
		broken(m, "tables are freed before TLBs are flushed");
	if (m->op == OP_FREE || m->op == OP_ALLOC)
		return;

	for (i = 0; i < walk->num_tables; i++) {
		table = &walk->tables[i];
		if (table->addr != addr)
			continue;

		found = true;
		if (can_reach_table(m, walk, table))
			broken(m, "the table of 0x%" PRIx64
			       " is freed while an entry leads to it",
			       table->iova);
		if (!table->flushed)
			broken(m, "the table of 0x%" PRIx64
			       " is freed before walk caches are flushed",
			       table->iova);
	}

	if (m->contract && m->op == OP_MAP && !m->undoes && !found)
		broken(m, "a table is allocated and freed again");
}

static const struct mm_watch model_mm_watch = {
	.alloc	= on_alloc,
	.free	= on_free,
};

/* What the driver and the device get to know */

static void on_flush_all(void *cookie)
{
	struct model *m = cookie;
	struct walk *walk;
	unsigned int i;

	m->flushed_all = true;
	check_visible(m, "a flush");
	for_each_seen(m, walk) {
		for (i = 0; i < walk->num_leaves; i++)
			if (!can_reach_leaf(m, walk, &walk->leaves[i]))
				walk->leaves[i].flushed = true;
		for (i = 0; i < walk->num_tables; i++)
			if (!can_reach_table(m, walk, &walk->tables[i]))
				walk->tables[i].flushed = true;
	}
}

static bool covers(uint64_t iova, uint64_t size, uint64_t start,
		   uint64_t bytes)
{
	return start - iova < size && bytes <= size - (start - iova);
}

/* What other kernels gather as 16 entries; those who read v7s tables look at addresses only, and never at the granule */
static bool takes_16(const struct model *m, const struct leaf *leaf,
		     uint64_t granule)
{
	return is_v7s(&m->pt->config) && !m->contract &&
	       leaf->size == 16 * granule;
}

/* A flush of leaves takes those of its granule, one of tables what is not smaller */
static void flush_leaves(struct model *m, uint64_t iova, uint64_t size,
			 uint64_t granule, bool tables)
{
	struct walk *walk;
	struct leaf *leaf;
	unsigned int i;

	for_each_seen(m, walk) {
		for (i = walk_find(walk, iova); i < walk->num_leaves; i++) {
			leaf = &walk->leaves[i];
			if (leaf->iova > iova && leaf->iova - iova >= size)
				break;

			if (covers(iova, size, leaf->iova, leaf->size) &&
			    (tables ? leaf->size >= granule :
				      leaf->size == granule ||
				      takes_16(m, leaf, granule)) &&
			    !can_reach_leaf(m, walk, leaf))
				leaf->flushed = true;
		}
	}
}

static void check_flush(struct model *m, const char *what, uint64_t iova,
			uint64_t size, uint64_t granule)
{
	if (!granule || (granule & (granule - 1)))
		broken(m, "%s has a granule of 0x%" PRIx64, what, granule);
	if (!size || (iova | size) & (granule - 1))
		broken(m, "%s is of 0x%" PRIx64 " bytes at 0x%" PRIx64
		       " in steps of 0x%" PRIx64, what, size, iova, granule);
}

static void on_flush_walk(void *cookie, uint64_t iova, uint64_t size,
			  uint64_t granule)
{
	struct model *m = cookie;
	struct walk *walk = &m->seen[0];
	struct table *table;
	uint64_t gone = 0;
	unsigned int i;

	m->walk_flushes++;
	m->flushed_bytes += size;
	check_flush(m, "a walk flush", iova, size, granule);
	check_visible(m, "a walk flush");
	flush_leaves(m, iova, size, granule, true);
	for (i = 0; i < walk->num_tables; i++) {
		table = &walk->tables[i];
		if (!covers(iova, size, table->iova, table->span) ||
		    can_reach_table(m, walk, table) || table->flushed)
			continue;

		/* Break before make: no walker may have the table and the leaf */
		if (m->contract && table->parent >= 0 &&
		    device_entry(m, table->slot) != table->entry &&
		    device_entry(m, table->slot))
			broken(m, "the table of 0x%" PRIx64
			       " is replaced before walk caches are flushed",
			       table->iova);
		if (table->parent >= 0 &&
		    can_reach_table(m, walk, &walk->tables[table->parent]))
			gone += table->span;
		table->flushed = true;
	}

	/* If of no table, then of what a walker keeps though it was not mapped */
	if (m->contract && !m->undoes && gone && gone != size)
		broken(m, "a walk flush is of 0x%" PRIx64 " bytes, where tables of 0x%"
		       PRIx64 " went", size, gone);

	m->last_flush.iova = iova;
	m->last_flush.size = size;
	m->last_flush.mapped = m->pt->config.tlbi_on_map &&
			       m->kernel->iova_to_phys(m->pt, iova + size - 1);
}

static void on_flush_leaf(void *cookie, uint64_t iova, uint64_t size,
			  uint64_t granule)
{
	struct model *m = cookie;

	m->leaf_flushes++;
	check_flush(m, "a leaf flush", iova, size, granule);
	check_visible(m, "a leaf flush");
	flush_leaves(m, iova, size, granule, false);
}

/* What was mapped at @iova with that size, and is not gathered yet */
static struct leaf *find_seen(struct model *m, uint64_t iova, uint64_t size)
{
	struct leaf *leaf, *found = NULL;
	struct walk *walk;
	unsigned int i;

	for_each_seen(m, walk) {
		i = walk_find(walk, iova);
		leaf = &walk->leaves[i];
		if (i == walk->num_leaves || leaf->iova != iova ||
		    leaf->size != size)
			continue;

		if (can_reach_leaf(m, walk, leaf))
			broken(m, "0x%" PRIx64
			       " is gathered while the device can still read its entry",
			       iova);
		if (leaf->added)
			broken(m, "0x%" PRIx64 " is gathered twice", iova);

		found = leaf;
		leaf->added = true;
	}

	return found;
}

/* Was it mapped through a table that is no more? Between leaves, that may be gathered with them */
static bool is_dead_table(struct model *m, uint64_t iova, uint64_t size)
{
	const struct walk *walk = &m->seen[0];
	unsigned int i;

	for (i = 0; i < walk->num_tables; i++)
		if (walk->tables[i].iova == iova &&
		    walk->tables[i].span == size)
			return !can_reach_table(m, walk, &walk->tables[i]);

	return false;
}

/* Is it in something larger that was split? */
static bool is_piece(struct model *m, uint64_t iova, uint64_t size)
{
	const struct walk *walk = &m->seen[0];
	const struct leaf *leaf;
	unsigned int i = walk_find(walk, iova);

	leaf = &walk->leaves[i];
	return i < walk->num_leaves && leaf->size > size &&
	       covers(leaf->iova, leaf->size, iova, size) &&
	       !can_reach_leaf(m, walk, leaf);
}

static void on_add(void *cookie, uint64_t iova, uint64_t size,
		   uint64_t granule)
{
	struct model *m = cookie;

	check_flush(m, "a gather", iova, size, granule);
	if (m->undoes)
		return;
	if (m->op != OP_UNMAP || !m->gather)
		broken(m, "0x%" PRIx64 " is gathered, without a gather", iova);
	if (m->pt->config.non_strict)
		broken(m, "0x%" PRIx64 " is gathered, for tables that are not strict",
		       iova);

	m->adds++;
	m->added_bytes += size;
	for (; size; iova += granule, size -= granule)
		if (!find_seen(m, iova, granule) &&
		    !is_piece(m, iova, granule) &&
		    !(m->contract && is_dead_table(m, iova, granule)))
			broken(m, "0x%" PRIx64 " is gathered as 0x%" PRIx64
			       " bytes, as which it was not mapped", iova,
			       granule);
}

static void on_sync(void *cookie, uint64_t first, uint64_t last,
		    uint64_t granule)
{
	struct model *m = cookie;

	if (!granule)
		return;

	m->syncs++;
	check_flush(m, "a sync", first, last - first + 1, granule);
	/* Nothing is gathered twice: so it is just what was gathered */
	if (m->contract && !m->undoes && last - first + 1 != m->added_bytes)
		broken(m, "a sync is of 0x%" PRIx64 " bytes, where 0x%" PRIx64
		       " were gathered", last - first + 1, m->added_bytes);
	m->added_bytes = 0;
	check_visible(m, "a sync");
	flush_leaves(m, first, last - first + 1, granule, false);
}

static void on_clean(void *cookie, uint64_t addr, uint64_t bytes)
{
	struct model *m = cookie;
	unsigned int i;

	m->cleans++;
	if (m->pt && m->pt->config.coherent)
		broken(m, "0x%" PRIx64 " is cleaned for a device that snoops",
		       addr);

	for (i = 0; i < m->num_live; i++)
		if (covers(m->live[i].addr, m->live[i].bytes, addr, bytes))
			break;
	if (i == m->num_live)
		broken(m, "0x%" PRIx64 " bytes at 0x%" PRIx64
		       " are cleaned, which are not all of one table", bytes,
		       addr);

	memcpy(shadow(addr), (void *)(uintptr_t)addr, bytes);
}

static const struct pt_watch model_watch = {
	.flush_all	= on_flush_all,
	.flush_walk	= on_flush_walk,
	.flush_leaf	= on_flush_leaf,
	.add		= on_add,
	.sync		= on_sync,
	.clean		= on_clean,
};

/* What an operation should do: worked out on m->expected, page by page */

/* The runs of entries that are cleared one after the other, for the cleans and flushes that they may take */
struct runs {
	uint64_t	next;		/* the address that would go on with the run */
	uint64_t	size;		/* of what is cleared: a leaf of that size, or ... */
	bool		table;
	unsigned int	tables;		/* in this run */
	bool		added;		/* leaves, and what follows them is added along */
	uint64_t	granule;	/* of what is gathered */
	uint64_t	left_out;	/* to there, a split has left out the pages; from the first address */
};

/* Leaves are added, and synced with those before if they are of one size */
static void add_leaves(struct model *m, struct runs *runs, uint64_t granule)
{
	m->may_add++;
	if (granule != runs->granule)
		m->may_sync++;
	runs->granule = granule;
}

/*
 * LPAE: all pages of the call at once, and tables between them; a larger block is added on its own. v7s: each run in a table,
 * also of tables, if leaves came before.
 */
static void add_entry(struct model *m, struct runs *runs, uint64_t size,
		      bool table, uint64_t pgsize, bool new_run)
{
	if (is_v7s(&m->pt->config)) {
		if (table ? runs->added && new_run : new_run)
			add_leaves(m, runs, size);
		runs->added |= !table;
	} else if (size > pgsize) {
		add_leaves(m, runs, size);
		runs->added = false;
	} else if (!table && !runs->added) {
		add_leaves(m, runs, size);
		runs->added = true;
	}
}

/* What a table maps that has entries for @size bytes, or 16 for one of that size; 0 of the root, which goes all the way */
static uint64_t table_span(struct model *m, uint64_t size)
{
	unsigned int level = 0;

	while (level + 1 < m->geometry.num_levels &&
	       size < 1ULL << m->geometry.level[level].shift)
		level++;

	return level ? 1ULL << m->geometry.level[level - 1].shift : 0;
}

static bool starts_table(struct model *m, uint64_t iova, uint64_t size)
{
	uint64_t span = table_span(m, size);

	return span && !(iova & (span - 1));
}

static void clear_entry(struct model *m, struct runs *runs, uint64_t iova,
			uint64_t size, bool table, uint64_t pgsize)
{
	/* Tables side by side in their parent share a flush, but for v7s as many as wait on the stack */
	bool new_run = runs->next != iova || runs->size != size ||
		       runs->table != table || size > pgsize ||
		       starts_table(m, iova, size) ||
		       (is_v7s(&m->pt->config) &&
			runs->tables == V7S_TABLE_BATCH);

	if (new_run) {
		m->may_clean++;
		m->may_flush_walk += table;
		runs->tables = 0;
	}
	runs->tables += table;

	/* What a split left out is gathered with the block */
	if (iova - m->geometry.start >= runs->left_out)
		add_entry(m, runs, size, table, pgsize, new_run);

	runs->next = iova + size;
	runs->size = size;
	runs->table = table;
}

static bool was_table(struct model *m, uint64_t iova, uint64_t span)
{
	unsigned int i;

	for (i = 1; i < m->seen[0].num_tables; i++)
		if (m->seen[0].tables[i].iova == iova &&
		    m->seen[0].tables[i].span == span)
			return true;

	return false;
}

/* The size of the mappings that a mapping is split into */
static uint64_t split_size(struct model *m, uint64_t size, uint64_t pgsize)
{
	int level = geometry_level(&m->geometry, size);

	if (is_v7s(&m->pt->config)) {
		if (level < 0)
			return size / 16;
		return pgsize;
	}

	return 1ULL << m->geometry.level[level + 1].shift;
}

static void split(struct model *m, struct runs *runs, unsigned int at,
		  uint64_t pgsize)
{
	struct mapping map = m->expected.at[at];
	uint64_t i, size = split_size(m, map.size, pgsize);
	unsigned int num = map.size / size;

	if (geometry_level(&m->geometry, map.size) < 0) {
		m->may_clean++;
		m->may_flush_leaf++;
	} else {
		/* The table when it is allocated, when it is filled, and the entry that leads to it */
		m->may_clean += 3;
		add_leaves(m, runs, map.size);
		runs->added = is_v7s(&m->pt->config);
		if (size == pgsize)
			runs->left_out = map.iova + map.size -
					 m->geometry.start;
	}

	replace(&m->expected, at, 1, NULL, num);
	for (i = 0; i < num; i++)
		m->expected.at[at + i] = (struct mapping) {
			.iova	= map.iova + i * size,
			.paddr	= map.paddr + i * size,
			.size	= size,
			.prot	= map.prot,
		};
}

/*
 * One page, in whose place there is no mapping of its size or larger. True if all of it is there: as a table, whatever that
 * holds, or as 16 entries.
 */
static bool expect_unmap_table(struct model *m, struct runs *runs,
			       uint64_t iova, uint64_t pgsize)
{
	bool of_16 = geometry_level(&m->geometry, pgsize) < 0;
	uint64_t i, entry = of_16 ? pgsize / 16 : pgsize;
	unsigned int at, num = count_in(&m->expected, iova, pgsize, &at);

	/* Nothing has this size */
	if (of_16 && !is_v7s(&m->pt->config))
		return false;

	if (!of_16) {
		if (!num && !was_table(m, iova, pgsize))
			return false;
		clear_entry(m, runs, iova, pgsize, true, pgsize);
		replace(&m->expected, at, num, NULL, 0);
		return true;
	}

	for (i = iova; i < iova + pgsize; i += entry)
		if (!count_in(&m->expected, i, entry, &at) &&
		    !was_table(m, i, entry))
			return false;

	for (i = iova; i < iova + pgsize; i += entry) {
		bool table;

		num = count_in(&m->expected, i, entry, &at);
		table = !num || m->expected.at[at].size != entry;
		clear_entry(m, runs, i, entry, table, pgsize);
		replace(&m->expected, at, num, NULL, 0);
	}

	return true;
}

/* Bytes that go away; less than all if there is a hole */
static uint64_t expect_unmap(struct model *m, uint64_t iova, uint64_t pgsize,
			     uint64_t pgcount)
{
	uint64_t done = 0, size = pgsize * pgcount;
	struct runs runs = { .tables = 0 };
	struct mapping *map;
	unsigned int i, num;

	while (done < size) {
		i = find_mapping(&m->expected, iova + done);
		map = &m->expected.at[i];

		if (i < m->expected.num && is_in(map, iova + done) &&
		    map->size > pgsize && m->kernel->no_split)
			break;

		if (i == m->expected.num || !is_in(map, iova + done) ||
		    map->size < pgsize) {
			if (!expect_unmap_table(m, &runs, iova + done, pgsize))
				break;
			done += pgsize;
		} else if (map->iova == iova + done &&
			   map->size <= size - done) {
			/* All that follow on each other, at once: only for speed */
			for (num = 0; i + num < m->expected.num; num++) {
				map = &m->expected.at[i + num];
				if (map->iova != iova + done ||
				    map->size < pgsize ||
				    map->size > size - done ||
				    (map->size > pgsize && m->kernel->no_split))
					break;

				clear_entry(m, &runs, map->iova, map->size,
					    false, pgsize);
				done += map->size;
			}
			replace(&m->expected, i, num, NULL, 0);
		} else {
			split(m, &runs, i, pgsize);
			runs.size = 0;
		}
	}

	return done;
}

static int expect_map_page(struct model *m, uint64_t iova, uint64_t paddr,
			   uint64_t size, int prot)
{
	struct mapping map = { iova, size, paddr, prot };
	unsigned int i, at, num;

	if (iova - m->geometry.start >= m->geometry.size ||
	    paddr >> m->pt->config.oas)
		return -ERANGE;

	at = find_mapping(&m->expected, iova);
	if (at < m->expected.num && is_in(&m->expected.at[at], iova) &&
	    m->expected.at[at].size >= size)
		return -EEXIST;

	num = count_in(&m->expected, iova, size, &at);

	/* In place of a table, and of all that it maps; but an entry that is no table must be 0 */
	if (geometry_level(&m->geometry, size) < 0)
		for (i = 0; i < num; i++)
			if (m->expected.at[at + i].size >= size / 16)
				return -EEXIST;

	replace(&m->expected, at, num, &map, 1);
	return 0;
}

/* Into a hole, many at once: only for speed. How many it took */
static uint64_t expect_map_hole(struct model *m, uint64_t iova,
				uint64_t paddr, uint64_t size, uint64_t num,
				int prot)
{
	unsigned int at = find_mapping(&m->expected, iova);
	uint64_t i, room = m->geometry.start + m->geometry.size - iova;

	if (at < m->expected.num)
		room = is_in(&m->expected.at[at], iova) ? 0 :
		       m->expected.at[at].iova - iova;
	if (room > (1ULL << m->pt->config.oas) - paddr)
		room = (1ULL << m->pt->config.oas) - paddr;
	if (num > room / size)
		num = room / size;

	replace(&m->expected, at, 0, NULL, num);
	for (i = 0; i < num; i++)
		m->expected.at[at + i] = (struct mapping) {
			.iova	= iova + i * size,
			.paddr	= paddr + i * size,
			.size	= size,
			.prot	= prot,
		};

	return num;
}

/* How many tables there are in the place of a page: one at most, or of each run of them among 16 entries one */
static unsigned int table_runs(struct model *m, uint64_t iova, uint64_t pgsize)
{
	bool is, was = false, of_16 = geometry_level(&m->geometry, pgsize) < 0;
	uint64_t at, entry = of_16 ? pgsize / 16 : pgsize;
	unsigned int num = 0;

	for (at = 0; at < pgsize; at += entry, was = is) {
		is = was_table(m, iova + at, entry);
		num += is && !was;
	}

	return num;
}

/* Tables on the way to these pages that are not there yet */
static unsigned int missing_tables(struct model *m, uint64_t iova,
				   uint64_t size, uint64_t pgsize)
{
	uint64_t at, span, lowest = table_span(m, pgsize);
	unsigned int i, num = 0;

	for (i = 0; lowest && size; i++) {
		span = 1ULL << m->geometry.level[i].shift;
		at = iova & ~(span - 1);
		do {
			num += !was_table(m, at, span);
			at += span;
		} while (at - iova < size);
		if (span == lowest)
			break;
	}

	return num;
}

/*
 * What it may take to map so many bytes, besides what is cleaned of a new table: a run of leaves ends with its table, and before
 * what has tables in its place. These go first, in one run, and the leaves go on behind them. MediaTek's address bits above 31 are
 * not beside the others; tables in the place of a page of 16 entries are of no other page's run.
 */
static void allow_map(struct model *m, uint64_t iova, uint64_t paddr,
		      uint64_t pgsize, uint64_t size)
{
	const struct pt_config *config = &m->pt->config;
	bool new_run, of_16 = geometry_level(&m->geometry, pgsize) < 0;
	bool last_level = 1ULL << m->geometry.level[m->geometry.num_levels - 1].shift ==
			  (of_16 ? pgsize / 16 : pgsize);
	unsigned int tables, run = 0;
	uint64_t at;

	for (at = 0; at < size; at += pgsize) {
		tables = last_level ? 0 : table_runs(m, iova + at, pgsize);
		new_run = !at || starts_table(m, iova + at, pgsize) ||
			  (config->mtk_ext && !(uint32_t)(paddr + at)) ||
			  (tables && (of_16 || !run)) ||
			  (is_v7s(config) && run == V7S_TABLE_BATCH);

		/* An entry of v7s does not say if it was cleaned: each run that finds its table there does it */
		if (new_run)
			m->may_clean += is_v7s(config) && last_level ? 2 : 1;
		if (new_run || of_16) {
			m->may_clean += tables;
			m->may_flush_walk += tables;
			run = 0;
		}
		run = tables ? run + 1 : 0;
	}

	m->may_alloc += missing_tables(m, iova, size, pgsize);
	if (config->tlbi_on_map && size)
		m->may_flush_walk++;
}

/* Why such a range cannot be unmapped, or mapped, whatever is there: as the contract has it. To unmap, @paddr is 0 */
static int check_range(struct model *m, uint64_t iova, uint64_t paddr,
		       uint64_t pgsize, uint64_t pgcount)
{
	uint64_t offset = iova - m->geometry.start;

	if ((pgsize & (pgsize - 1)) || !(pgsize & m->pt->config.page_sizes) ||
	    !pgcount || (iova | paddr) & (pgsize - 1))
		return -EINVAL;

	if (offset >= m->geometry.size ||
	    pgcount > (m->geometry.size - offset) / pgsize)
		return -ERANGE;

	return 0;
}

/* Bytes that get mapped; if not all, why the next page does not */
static uint64_t expect_map(struct model *m, uint64_t iova, uint64_t paddr,
			   uint64_t size, uint64_t num, int prot, int *err)
{
	uint64_t n, done = 0, end = 1ULL << m->pt->config.oas;

	*err = m->contract ? check_range(m, iova, paddr, size, num) : 0;
	if (m->contract && !*err &&
	    (paddr >= end || num > (end - paddr) / size))
		*err = -ERANGE;
	if (*err)
		return 0;

	if (!(prot & (PT_READ | PT_WRITE))) {
		*err = m->kernel->map_gives_up ? -EINVAL : 0;
		return *err ? 0 : num * size;
	}

	while (done < num * size) {
		n = 0;
		if (iova + done - m->geometry.start < m->geometry.size &&
		    !((paddr + done) >> m->pt->config.oas))
			n = expect_map_hole(m, iova + done, paddr + done, size,
					    num - done / size, prot);
		if (!n) {
			*err = expect_map_page(m, iova + done, paddr + done,
					       size, prot);
			if (*err)
				break;
			n = 1;
		}
		done += n * size;
	}

	allow_map(m, iova, paddr, size, done);
	/* What is in the way may be cleaned on the way there: a table, as above, or a block */
	m->may_clean += *err != 0;
	return done;
}

static uint64_t smallest_page(struct model *m)
{
	return m->pt->config.page_sizes & -m->pt->config.page_sizes;
}

/* The largest page that an address allows, as the core picks it */
static uint64_t core_pgsize(struct model *m, uint64_t addr, uint64_t size)
{
	uint64_t sizes = m->pt->config.page_sizes;
	uint64_t pgsize = 1ULL << (63 - __builtin_clzll(sizes));

	while (!(sizes & pgsize) || pgsize > size || addr & (pgsize - 1))
		pgsize >>= 1;

	return pgsize;
}

/* How many it picks of the same size: all at once, only for speed */
static uint64_t core_pgcount(struct model *m, uint64_t iova, uint64_t paddr,
			     uint64_t size)
{
	uint64_t pgsize = core_pgsize(m, iova | paddr, size), at = pgsize;

	while (at < size && core_pgsize(m, (iova + at) | (paddr + at),
					size - at) == pgsize)
		at += pgsize;

	return at / pgsize;
}

static uint64_t expect_core_unmap(struct model *m, uint64_t iova,
				  uint64_t size)
{
	uint64_t pgsize, pgcount, some, done = 0;

	while (done < size) {
		pgsize = core_pgsize(m, iova + done, size - done);
		pgcount = core_pgcount(m, iova + done, iova + done,
				       size - done);
		some = expect_unmap(m, iova + done, pgsize, pgcount);
		done += some;
		if (some < pgsize * pgcount)
			break;
	}

	return done;
}

static int expect_core_map(struct model *m, uint64_t iova, uint64_t paddr,
			   uint64_t size, int prot)
{
	uint64_t pgsize, pgcount, done = 0;
	int ret = 0;

	if ((iova | paddr | size) & (smallest_page(m) - 1))
		return -EINVAL;

	while (done < size && !ret) {
		pgsize = core_pgsize(m, (iova + done) | (paddr + done),
				     size - done);
		pgcount = core_pgcount(m, iova + done, paddr + done,
				       size - done);
		done += expect_map(m, iova + done, paddr + done, pgsize,
				   pgcount, prot, &ret);
	}
	/* A map that failed has warned; to unmap what has no access, and so is not there, is one warning more */
	if (ret)
		m->must_warn = 1 + (expect_core_unmap(m, iova, done) < done);

	return ret;
}

/* Before and after */

static void begin(struct model *m, int op, bool gather)
{
	m->op = op;
	m->num_seen = 1;
	m->gather = gather;
	m->undoes = false;
	m->allocs = 0;
	m->frees = 0;
	m->cleans = 0;
	m->walk_flushes = 0;
	m->flushed_bytes = 0;
	m->leaf_flushes = 0;
	m->adds = 0;
	m->syncs = 0;
	m->added_bytes = 0;
	m->may_clean = 0;
	m->may_flush_walk = 0;
	m->may_flush_leaf = 0;
	m->may_add = 0;
	m->may_sync = 0;
	m->may_alloc = 0;
	m->must_warn = 0;
	m->warned = warnings;
	copy(&m->expected, &m->mappings);
	if (model_verbose)
		printf("%s", m->name);
}

/* All that is mapped must be so as expected, entry by entry */
static void check_leaves(struct model *m)
{
	const struct mapping *map;
	const struct leaf *leaf;
	unsigned int i;

	for (i = 0; i < m->expected.num && i < m->after.num_leaves; i++) {
		map = &m->expected.at[i];
		leaf = &m->after.leaves[i];
		if (leaf->iova != map->iova || leaf->size != map->size)
			break;
		if (leaf->paddr != map->paddr)
			broken(m, "0x%" PRIx64 " is mapped to 0x%" PRIx64
			       ", which should be 0x%" PRIx64, map->iova,
			       leaf->paddr, map->paddr);
		if (leaf->entry != leaf_entry(&m->pt->config, &m->geometry,
					      map->paddr, map->size, map->prot))
			broken(m, "the entry of 0x%" PRIx64 " is 0x%" PRIx64
			       ", which should be 0x%" PRIx64, map->iova,
			       leaf->entry,
			       leaf_entry(&m->pt->config, &m->geometry,
					  map->paddr, map->size, map->prot));
	}

	if (i < m->after.num_leaves &&
	    (i == m->expected.num ||
	     m->after.leaves[i].iova < m->expected.at[i].iova))
		broken(m, "0x%" PRIx64 " is mapped, which it should not be",
		       m->after.leaves[i].iova);
	if (i < m->expected.num &&
	    (i == m->after.num_leaves ||
	     m->expected.at[i].iova < m->after.leaves[i].iova))
		broken(m, "0x%" PRIx64 " is not mapped, which it should be",
		       m->expected.at[i].iova);
	if (i < m->expected.num)
		broken(m, "0x%" PRIx64 " is mapped by 0x%" PRIx64
		       " bytes, which should be 0x%" PRIx64,
		       m->expected.at[i].iova, m->after.leaves[i].size,
		       m->expected.at[i].size);
}

/* No device can use what is gone: neither a TLB entry nor a table is left */
static void check_tlb(struct model *m)
{
	const struct leaf *leaf, *now;
	const struct walk *walk;
	unsigned int i, at;

	if (m->pt->config.non_strict || (m->op == OP_UNMAP && !m->gather))
		return;

	for_each_seen(m, walk) {
		for (i = 0, at = 0; i < walk->num_leaves; i++) {
			leaf = &walk->leaves[i];
			while (at < m->after.num_leaves &&
			       m->after.leaves[at].iova < leaf->iova)
				at++;

			now = &m->after.leaves[at];
			if (at < m->after.num_leaves &&
			    now->iova == leaf->iova &&
			    now->size == leaf->size &&
			    now->entry == leaf->entry)
				continue;

			if (!leaf->flushed)
				broken(m, "a TLB may still have the leaf of 0x%"
				       PRIx64 " bytes at 0x%" PRIx64,
				       leaf->size, leaf->iova);
		}
	}
}

static void check_phys(struct model *m, uint64_t iova)
{
	unsigned int i = find_mapping(&m->mappings, iova);
	uint64_t is, want = 0;

	if (iova - m->geometry.start >= m->geometry.size)
		return;

	if (i < m->mappings.num && is_in(&m->mappings.at[i], iova))
		want = m->mappings.at[i].paddr + iova - m->mappings.at[i].iova;

	is = m->kernel->iova_to_phys(m->pt, iova);
	if (is != want)
		broken(m, "iova_to_phys(0x%" PRIx64 ") is 0x%" PRIx64
		       ", which should be 0x%" PRIx64, iova, is, want);
}

static void check_limits(struct model *m)
{
	if (m->cleans > m->may_clean)
		broken(m, "%u cleans, for which %u are enough", m->cleans,
		       m->may_clean);
	if (m->walk_flushes > m->may_flush_walk)
		broken(m, "%u walk flushes, for which %u are enough",
		       m->walk_flushes, m->may_flush_walk);
	if (m->leaf_flushes > m->may_flush_leaf)
		broken(m, "%u leaf flushes, for which %u are enough",
		       m->leaf_flushes, m->may_flush_leaf);
	/* MediaTek's driver takes pages one by one */
	if (m->adds > m->may_add && !m->pt->config.mtk_ext)
		broken(m, "leaves are gathered %u times, where %u are enough",
		       m->adds, m->may_add);
	/* What ends with all addresses is taken for disjoint: one more */
	if (m->syncs > m->may_sync + !(m->geometry.start + m->geometry.size))
		broken(m, "%u syncs, for which %u are enough", m->syncs,
		       m->may_sync);
}

static void end(struct model *m, uint64_t iova, uint64_t size)
{
	uint64_t page = smallest_page(m);
	struct mappings maps;
	struct walk walk;

	check_visible(m, "the return");
	walk_tables(&m->after, m->pt, &m->geometry, is_live, m);
	if (m->after.error[0])
		broken(m, "%s", m->after.error);
	if (m->after.num_tables != m->num_live)
		broken(m, "%u tables are allocated, and %u in use",
		       m->num_live, m->after.num_tables);

	check_leaves(m);
	check_tlb(m);
	if (m->contract && warnings - m->warned != m->must_warn)
		broken(m, "%u warnings, which should be %u",
		       warnings - m->warned, m->must_warn);

	maps = m->mappings;
	m->mappings = m->expected;
	m->expected = maps;
	walk = m->seen[0];
	m->seen[0] = m->after;
	m->after = walk;

	check_phys(m, iova);
	check_phys(m, iova + size - 1);
	check_phys(m, iova + size / 2);
	check_phys(m, iova - page);
	check_phys(m, iova + size);
}

/* Was an allocation made to fail? No other is from now on */
static bool has_failed(void)
{
	bool failed = mm_fail_after == -1;

	mm_fail_after = -2;
	return failed;
}

/*
 * Without memory for a table, some of the range is gone and the rest is as it was, though perhaps in smaller pieces. Takes those
 * from the tables.
 */
static void expect_unmapped(struct model *m, uint64_t iova, uint64_t size)
{
	static struct mappings pieces;
	struct mappings maps;
	unsigned int i, at;

	walk_tables(&m->after, m->pt, &m->geometry, is_live, m);
	if (m->after.error[0])
		broken(m, "%s", m->after.error);

	pieces.num = 0;
	for (i = 0; i < m->after.num_leaves; i++) {
		const struct leaf *leaf = &m->after.leaves[i];
		const struct mapping *map;
		struct mapping piece;

		at = find_mapping(&m->mappings, leaf->iova);
		map = &m->mappings.at[at];
		if (at == m->mappings.num || !is_in(map, leaf->iova) ||
		    leaf->size > map->size)
			broken(m, "0x%" PRIx64 " is mapped, which it should not be",
			       leaf->iova);

		piece.iova = leaf->iova;
		piece.size = leaf->size;
		piece.paddr = map->paddr + leaf->iova - map->iova;
		piece.prot = map->prot;
		replace(&pieces, pieces.num, 0, &piece, 1);
	}

	/* All of what was mapped must be there, but for [iova, iova + size) */
	for (i = 0; i < m->mappings.num; i++) {
		const struct mapping *map = &m->mappings.at[i];
		uint64_t there, is = map->iova;

		while (is - map->iova < map->size) {
			at = find_mapping(&pieces, is);
			there = at < pieces.num && is_in(&pieces.at[at], is) ?
				pieces.at[at].size : 0;
			if (is - iova < size) {
				if (there)
					broken(m, "0x%" PRIx64
					       " is mapped, which it should not be",
					       is);
				/* To the end of the range, or of the mapping */
				there = size - (is - iova);
				if (there > map->size - (is - map->iova))
					break;
			} else if (!there) {
				broken(m, "0x%" PRIx64
				       " is not mapped, which it should be", is);
			}
			is += there;
		}
	}

	maps = m->expected;
	m->expected = pieces;
	pieces = maps;
}

void model_fail_after(unsigned int allocations)
{
	mm_fail_after = allocations;
	if (model_verbose)
		printf("fail the allocation after %u others; ", allocations);
}

bool model_is_hole(const struct model *m, uint64_t iova, uint64_t size)
{
	unsigned int first;

	return !count_in(&m->mappings, iova, size, &first) &&
	       (first == m->mappings.num ||
		!is_in(&m->mappings.at[first], iova));
}

static const char *const via_names[] = {
	[VIA_PAGES]		= "pages",
	[VIA_PAGES_NO_GATHER]	= "pages, no gather",
	[VIA_PAGE]		= "page",
	[VIA_CORE]		= "core",
};

void model_unmap(struct model *m, enum via via, uint64_t iova,
		 uint64_t pgsize, uint64_t pgcount)
{
	bool valid = !check_range(m, iova, 0, pgsize, pgcount);
	uint64_t want = 0, size = pgsize * pgcount;
	size_t got;

	snprintf(m->name, sizeof(m->name), "unmap 0x%" PRIx64 ": %" PRIu64
		 " of 0x%" PRIx64 " (%s)", iova, pgcount, pgsize,
		 via_names[via]);
	begin(m, OP_UNMAP, via != VIA_PAGES_NO_GATHER);

	/* The core has no other check than this one, and stops where a format refuses */
	if (via == VIA_CORE) {
		if (!((iova | size) & (smallest_page(m) - 1))) {
			want = expect_core_unmap(m, iova, size);
			m->must_warn = want < size;
		}
		got = m->kernel->core_unmap(m->pt, iova, size);
	} else {
		if (valid)
			want = expect_unmap(m, iova, pgsize, pgcount);
		m->must_warn = !want;
		if (via == VIA_PAGE && m->kernel->unmap_page)
			got = m->kernel->unmap_page(m->pt, iova, pgsize, true);
		else
			got = m->kernel->unmap(m->pt, iova, pgsize, pgcount,
					       m->gather);
	}
	if (model_verbose)
		printf(" = 0x%zx\n", got);

	if (has_failed()) {
		if (got > want || got % pgsize)
			broken(m, "returned 0x%zx, of 0x%" PRIx64, got, want);
		expect_unmapped(m, iova, got);
		/* Who stops for want of memory does not warn */
		m->must_warn = warnings - m->warned <= m->must_warn ?
			       warnings - m->warned : m->must_warn;
	} else if (got != want) {
		broken(m, "returned 0x%zx, which should be 0x%" PRIx64, got,
		       want);
	} else if (m->contract && via != VIA_CORE) {
		check_limits(m);
	}

	end(m, iova, size);
}

size_t model_map(struct model *m, enum via via, uint64_t iova, uint64_t paddr,
		 uint64_t pgsize, uint64_t pgcount, int prot)
{
	uint64_t want = 0, size = pgsize * pgcount;
	/* To be set, whatever is returned */
	size_t got = 0xa5a5a5a5a5a5a5a5;
	int ret, err = 0;

	snprintf(m->name, sizeof(m->name), "map 0x%" PRIx64 ": %" PRIu64
		 " of 0x%" PRIx64 " to 0x%" PRIx64 ", prot 0x%x (%s)", iova,
		 pgcount, pgsize, paddr, prot, via_names[via]);
	begin(m, OP_MAP, false);

	if (via == VIA_CORE) {
		err = expect_core_map(m, iova, paddr, size, prot);
		m->undoes = err || mm_fail_after >= 0;
		ret = m->kernel->core_map(m->pt, iova, paddr, size, prot);
		got = 0;
	} else {
		want = expect_map(m, iova, paddr, pgsize, pgcount, prot, &err);
		m->must_warn = err != 0;
		if (via == VIA_PAGE && m->kernel->map_page) {
			ret = m->kernel->map_page(m->pt, iova, paddr, pgsize,
						  prot);
			got = ret ? 0 : pgsize;
		} else {
			ret = m->kernel->map(m->pt, iova, paddr, pgsize,
					     pgcount, prot, &got);
		}
	}
	if (model_verbose)
		printf(" = %d, 0x%zx\n", ret, got);

	if (has_failed()) {
		if (ret != -ENOMEM || got > want || got % pgsize)
			broken(m, "returned %d and 0x%zx, of 0x%" PRIx64, ret,
			       got, want);
		if (m->contract && via != VIA_CORE &&
		    !missing_tables(m, iova + got, pgsize, pgsize))
			broken(m, "returned 0x%zx, though nothing has to be allocated for the next page",
			       got);
		/* What was done until then; the core undoes it */
		m->must_warn = 0;
		m->may_clean = 0;
		m->may_flush_walk = 0;
		m->may_alloc = m->geometry.num_levels;
		copy(&m->expected, &m->mappings);
		if (got)
			expect_map(m, iova, paddr, pgsize, got / pgsize, prot,
				   &err);
	} else if (m->kernel->map_gives_up && via != VIA_CORE && err &&
		   ret == err && got < want && !(got % pgsize)) {
		copy(&m->expected, &m->mappings);
		if (got)
			expect_map(m, iova, paddr, pgsize, got / pgsize, prot,
				   &err);
	} else if (ret != err || (via != VIA_CORE && got != want)) {
		broken(m, "returned %d and 0x%zx, which should be %d and 0x%"
		       PRIx64, ret, got, err, want);
	}

	/* A walker that keeps what was not mapped must hear of it */
	if (m->pt->config.tlbi_on_map && (prot & (PT_READ | PT_WRITE)) && got) {
		if (m->flushed_bytes < got)
			broken(m, "walk flushes of 0x%" PRIx64
			       " bytes, not 0x%zx", m->flushed_bytes, got);
		if (m->contract &&
		    (m->last_flush.iova != iova || m->last_flush.size != got ||
		     !m->last_flush.mapped))
			broken(m, "the last walk flush is not of what is mapped");
	}

	/* A new table is cleaned, and the entry that leads there; v7s does that for any table on its way */
	m->may_clean += (is_v7s(&m->pt->config) ? 1 : 2) * m->allocs;
	if (m->contract && !m->undoes) {
		check_limits(m);
		if (m->allocs > m->may_alloc)
			broken(m, "%u tables are allocated, where %u are missing",
			       m->allocs, m->may_alloc);
	}

	end(m, iova, size);
	return got;
}

struct model *model_new(const struct pt_kernel *kernel,
			const struct pt_config *config, bool contract)
{
	static struct model model;
	struct model *m = &model;

	if (!shadow_memory) {
		shadow_memory = mmap(NULL, SHADOW_SIZE, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS |
				     MAP_NORESERVE, -1, 0);
		if (shadow_memory == MAP_FAILED)
			abort();
	}

	/* Lists keep their room */
	m->mappings.num = 0;
	m->num_live = 0;
	m->seen[0].num_tables = 0;
	m->seen[0].num_leaves = 0;
	m->kernel = kernel;
	m->contract = contract;
	m->mm_live = mm_live;
	the_model = m;
	mm_watch = &model_mm_watch;
	snprintf(m->name, sizeof(m->name), "%s, ias %u, oas %u, pages 0x%"
		 PRIx64 "%s%s%s%s%s%s%s", pt_fmt_name(config->fmt), config->ias,
		 config->oas,
		 config->page_sizes,
		 config->coherent ? ", coherent" : "",
		 config->non_strict ? ", non-strict" : "",
		 config->ttbr1 ? ", TTBR1" : "", config->arm_ns ? ", NS" : "",
		 config->no_perms ? ", no permissions" : "",
		 config->mtk_ext ? ", MediaTek" : "",
		 config->tlbi_on_map ? ", TLBI on map" : "");
	if (model_verbose)
		printf("%s", m->name);

	m->op = OP_ALLOC;
	m->pt = NULL;
	m->pt = kernel->alloc(config, &model_watch, m);
	if (model_verbose)
		printf(" = %s\n", m->pt ? "made" : "refused");

	mm_fail_after = -2;
	if (!m->pt) {
		if (mm_live != m->mm_live || m->num_live)
			broken(m, "refused, and leaks");
		mm_watch = NULL;
		return NULL;
	}

	if (!is_v7s(config) &&
	    m->pt->config.ias <=
	    (unsigned int)__builtin_ctzll(m->pt->config.page_sizes))
		broken(m, "made, of addresses that are not more than a page");

	geometry_init(&m->geometry, &m->pt->config);
	if (is_v7s(config) && kernel->trusts_callers && !contract)
		m->geometry.level[0].entries =
			1u << (m->pt->config.ias - m->geometry.level[0].shift);
	/* It may have less entries than fit into its page */
	m->live[0].bytes = (uint64_t)m->geometry.entry_size *
			   m->geometry.level[0].entries;
	begin(m, OP_ALLOC, false);
	if (model_verbose)
		printf("\n");
	end(m, m->geometry.start, 0);
	return m;
}

void model_free(struct model *m)
{
	snprintf(m->name, sizeof(m->name), "free");
	m->op = OP_FREE;
	m->flushed_all = false;
	m->kernel->free(m->pt);
	if (m->num_live || mm_live != m->mm_live)
		broken(m, "%u tables leaked, %ld allocations", m->num_live,
		       mm_live - m->mm_live);
	mm_watch = NULL;
}

const struct pt_config *model_config(const struct model *m)
{
	return &m->pt->config;
}

unsigned int model_num_mappings(const struct model *m)
{
	return m->mappings.num;
}
