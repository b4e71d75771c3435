// SPDX-License-Identifier: GPL-2.0
/* What the driver and the device get to know. */
#include "private.h"

#include <inttypes.h>
#include <string.h>

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
	/* What a list maps may be cleaned later, before the flush that is for it */
	if (!is_visible(m, m->list.on))
		broken(m, "not all entries were cleaned before a walk flush");
	flush_leaves(m, iova, size, granule, true);
	for (i = 0; i < walk->num_tables; i++) {
		table = &walk->tables[i];
		if (!covers(iova, size, table->iova, table->span) ||
		    can_reach_table(m, walk, table) || table->flushed)
			continue;

		/* Break before make: no walker may have the table and the leaf */
		if (m->contract && table->parent >= 0 &&
		    device_entry(m, table->slot) != table->entry &&
		    device_entry(m, table->slot) & 3)
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
			       is_visible(m, false) &&
			       m->kernel->iova_to_phys(m->pt, iova + size - 1);
}

static void on_flush_leaf(void *cookie, uint64_t iova, uint64_t size,
			  uint64_t granule)
{
	struct model *m = cookie;

	/* A map splits nothing: it is of a page that the walker keeps as not mapped */
	if (m->pt->config.tlbi_on_map && !m->may_flush_leaf) {
		on_flush_walk(cookie, iova, size, granule);
		return;
	}

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

/* Was it mapped through a table that is no more? */
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
	uint64_t first = iova, last = iova + size - granule;
	bool between;

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
	for (; size; iova += granule, size -= granule) {
		/* LPAE: so that what is around a table stays one run */
		between = m->contract && iova != first && iova != last &&
			  !is_v7s(&m->pt->config);
		if (!find_seen(m, iova, granule) &&
		    !is_piece(m, iova, granule) &&
		    !(between && is_dead_table(m, iova, granule)))
			broken(m, "0x%" PRIx64 " is gathered as 0x%" PRIx64
			       " bytes, as which it was not mapped", iova,
			       granule);
	}
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

const struct pt_watch model_watch = {
	.flush_all	= on_flush_all,
	.flush_walk	= on_flush_walk,
	.flush_leaf	= on_flush_leaf,
	.add		= on_add,
	.sync		= on_sync,
	.clean		= on_clean,
};
