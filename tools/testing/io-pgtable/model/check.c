// SPDX-License-Identifier: GPL-2.0
/* Before and after an operation: the tables, the TLB and what it took are as they should be. */
#include "private.h"

#include <inttypes.h>
#include <stdio.h>

void begin_op(struct model *m, int op, bool gather)
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
	m->list.on = false;
	m->must_warn = 0;
	m->silent = false;
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

void check_limits(struct model *m)
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

void end_op(struct model *m, uint64_t iova, uint64_t size)
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
