// SPDX-License-Identifier: GPL-2.0
/* What a map should do: worked out on m->expected, page by page. */
#include "private.h"

#include <errno.h>

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
	if (m->contract && num)
		return -EEXIST;

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
unsigned int missing_tables(struct model *m, uint64_t iova,
			    uint64_t size, uint64_t pgsize)
{
	uint64_t at, span, lowest = table_span(m, pgsize);
	unsigned int i, num = 0;

	for (i = 0; lowest && size; i++) {
		span = 1ULL << m->geometry.level[i].shift;
		at = iova & ~(span - 1);
		/* In the middle of a table, the segment before needs it, too */
		if (at == iova || !m->list.on || iova == m->list.iova)
			num += !was_table(m, at, span);
		for (at += span; at - iova < size; at += span)
			num += !was_table(m, at, span);
		if (span == lowest)
			break;
	}

	return num;
}

/* Does one of the tables begin there that are side by side at the top? */
static bool starts_root(struct model *m, uint64_t iova, uint64_t pgsize)
{
	return m->pt->config.levels &&
	       !(iova & (pgsize * smallest_page(m) / 8 - 1));
}

/*
 * What it may take to map so many bytes, besides what is cleaned of a new table: a run of leaves ends with its table, and before
 * what has tables in its place. These go first, in one run, and the leaves go on behind them. MediaTek's address bits above 31 are
 * not beside the others; tables in the place of a page of 16 entries are of no other page's run. Segments of a list share a run of
 * leaves, of any size, as long as these are in the same table, of which several may be side by side at the top.
 */
static void allow_map(struct model *m, uint64_t iova, uint64_t paddr,
		      uint64_t pgsize, uint64_t size)
{
	const struct pt_config *config = &m->pt->config;
	bool new_run, of_16 = geometry_level(&m->geometry, pgsize) < 0;
	bool last_level = 1ULL << m->geometry.level[m->geometry.num_levels - 1].shift ==
			  (of_16 ? pgsize / 16 : pgsize);
	int level = geometry_level(&m->geometry, of_16 ? pgsize / 16 : pgsize);
	bool goes_on = m->list.on && m->list.level == level, new_leaves;
	bool flushes = !m->list.on || m->list.level < 0;
	unsigned int tables, run = 0;
	uint64_t at;

	for (at = 0; at < size; at += pgsize) {
		tables = last_level ? 0 : table_runs(m, iova + at, pgsize);
		new_run = !at || starts_table(m, iova + at, pgsize) ||
			  (config->mtk_ext && !(uint32_t)(paddr + at)) ||
			  (tables && (of_16 || !run)) ||
			  (is_v7s(config) && run == V7S_TABLE_BATCH);

		new_leaves = new_run;
		if (m->list.on)
			new_leaves = !goes_on ||
				     starts_table(m, iova + at, pgsize) ||
				     starts_root(m, iova + at, pgsize);
		goes_on = true;

		/* An entry of v7s does not say if it was cleaned: each run that finds its table there does it */
		if (new_leaves)
			m->may_clean += is_v7s(config) && last_level ? 2 : 1;
		if (new_run || of_16) {
			m->may_clean += tables;
			m->may_flush_walk += tables;
			run = 0;
		}
		run = tables ? run + 1 : 0;
	}

	m->may_alloc += missing_tables(m, iova, size, pgsize);
	if (config->tlbi_on_map && size && flushes)
		m->may_flush_walk++;
	if (size)
		m->list.level = level;
}

/* Why such a range cannot be unmapped, or mapped, whatever is there: as the contract has it. To unmap, @paddr is 0 */
int check_range(struct model *m, uint64_t iova, uint64_t paddr,
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
uint64_t expect_map(struct model *m, uint64_t iova, uint64_t paddr,
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
		m->silent = m->kernel->wants_access;
		*err = m->silent ? -EINVAL : 0;
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
