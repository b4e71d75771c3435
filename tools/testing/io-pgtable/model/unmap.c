// SPDX-License-Identifier: GPL-2.0
/* What an unmap should do: worked out on m->expected, page by page. */
#include "private.h"

#include <inttypes.h>

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

/* What follows is not next to what is gathered */
static void end_gathered(struct runs *runs)
{
	runs->granule = 0;
	runs->added = false;
}

/* LPAE: all pages of the call at once, and tables between them; a larger block is added on its own. v7s: each run in a table. */
static void add_entry(struct model *m, struct runs *runs, uint64_t size,
		      bool table, uint64_t pgsize, bool new_run)
{
	if (is_v7s(&m->pt->config)) {
		if (table)
			end_gathered(runs);
		else if (new_run)
			add_leaves(m, runs, size);
	} else if (size > pgsize) {
		add_leaves(m, runs, size);
		runs->added = false;
	} else if (!table && !runs->added) {
		add_leaves(m, runs, size);
		runs->added = true;
	}
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

	/* What a split left out went with the block, which was flushed */
	if (iova - m->geometry.start >= runs->left_out)
		add_entry(m, runs, size, table, pgsize, new_run);

	/* LPAE: tables between leaves are added along, but not those that end their parent */
	if (table && starts_table(m, iova + size, size) &&
	    !is_v7s(&m->pt->config))
		end_gathered(runs);

	runs->next = iova + size;
	runs->size = size;
	runs->table = table;
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
		if (!m->pt->config.non_strict)
			m->may_flush_leaf++;
		end_gathered(runs);
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
uint64_t expect_unmap(struct model *m, uint64_t iova, uint64_t pgsize,
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

/*
 * Without memory for a table, some of the range is gone and the rest is as it was, though perhaps in smaller pieces. Takes those
 * from the tables.
 */
void expect_unmapped(struct model *m, uint64_t iova, uint64_t size)
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
