// SPDX-License-Identifier: GPL-2.0
/* What a map of a list should do: a map for each run of segments that follow each other in memory. */
#include "private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

/* Bytes of the run that begins with *@at, which becomes the segment behind it */
static uint64_t next_run(const struct pt_piece *pieces, unsigned int nents,
			 unsigned int *at)
{
	uint64_t paddr = pieces[*at].paddr, size = 0;

	do
		size += pieces[(*at)++].length;
	while (*at < nents && pieces[*at].paddr == paddr + size);

	return size;
}

/* Why a run cannot be mapped, whatever is there */
static int check_run(struct model *m, uint64_t iova, uint64_t paddr,
		     uint64_t size, uint64_t smallest)
{
	uint64_t offset = iova - m->geometry.start;
	uint64_t end = 1ULL << m->pt->config.oas;

	if ((iova | paddr | size) & (smallest - 1))
		return -EINVAL;

	if (offset >= m->geometry.size || size > m->geometry.size - offset ||
	    paddr >= end || size > end - paddr)
		return -ERANGE;

	return 0;
}

/* Bytes that get mapped, of @limit at most; if not all, why the next page does not. @next: the size of the page behind @limit */
static uint64_t expect_map_sg(struct model *m, uint64_t iova,
			      uint64_t page_sizes,
			      const struct model_list *list, int prot,
			      uint64_t limit, uint64_t *next, int *err)
{
	uint64_t paddr, left, pgsize, pgcount, some, done = 0;
	unsigned int at = 0;

	m->list.on = true;
	m->list.iova = iova;
	m->list.level = -1;
	page_sizes &= m->pt->config.page_sizes;
	*err = page_sizes ? 0 : -EINVAL;
	while (!*err && at < list->nents) {
		paddr = list->pieces[at].paddr;
		left = next_run(list->pieces, list->nents, &at);
		if (left)
			*err = check_run(m, iova + done, paddr, left,
					 page_sizes & -page_sizes);
		if (*err == -EINVAL)
			m->silent = m->kernel->says_unaligned;
		while (left && !*err) {
			pgsize = pick_pages(page_sizes, iova + done, paddr,
					    left, &pgcount);
			if (pgcount > (limit - done) / pgsize)
				pgcount = (limit - done) / pgsize;
			if (!pgcount) {
				*next = pgsize;
				return done;
			}
			some = expect_map(m, iova + done, paddr, pgsize,
					  pgcount, prot, err);
			done += some;
			paddr += some;
			left -= some;
		}
	}

	return done;
}

/*
 * Neither a list nor a run is looked at as a whole: of a run that is refused, segments that are whole pages may be mapped before that
 * shows. Then it is as if the list ended with them, or, as what is mapped already may show first, with what is in the way
 */
static bool ends_early(struct model_list *list, uint64_t page, uint64_t want,
		       uint64_t got, bool in_the_way)
{
	uint64_t at = 0;
	unsigned int i;

	for (i = 0; i < list->nents && at < got + in_the_way; i++) {
		if (at >= want && list->pieces[i].length & (page - 1))
			return false;
		at += list->pieces[i].length;
	}

	list->nents = i;
	return in_the_way || at == got;
}

/* The core maps one segment as it maps any range, and of more takes back all if one fails */
static int expect_core_map_sg(struct model *m, uint64_t iova,
			      const struct model_list *list, int prot,
			      uint64_t *want)
{
	uint64_t done;
	int err;

	*want = 0;
	if (list->nents == 1) {
		if (!list->pieces->length)
			return 0;
		err = expect_core_map(m, iova, list->pieces->paddr,
				      list->pieces->length, prot);
		if (!err)
			*want = list->pieces->length;
		return err;
	}

	done = expect_map_sg(m, iova, -1ULL, list, prot, -1ULL, NULL, &err);
	if (!err) {
		*want = done;
		return 0;
	}

	/* Of a run that is not of whole pages, the core says so itself */
	if (m->kernel->lists_are_runs && err == -EINVAL)
		m->silent = true;
	m->must_warn = !m->silent + expect_unroll(m, iova, done, prot);
	return err;
}

/* As if the operation had not been worked out yet */
static void expect_nothing(struct model *m)
{
	m->must_warn = 0;
	m->silent = false;
	m->may_clean = 0;
	m->may_flush_walk = 0;
	m->may_alloc = 0;
	copy(&m->expected, &m->mappings);
}

static void say_list(const struct model_list *list)
{
	unsigned int i;

	for (i = 0; i < list->num; i++)
		printf("%s 0x%" PRIx64 "+0x%x", i == list->nents ? ";" : "",
		       list->pieces[i].paddr, list->pieces[i].length);
	printf(" (in arrays of %u%s)", list->per_array,
	       list->end ? "" : ", no end");
}

size_t model_map_sg(struct model *m, enum via via, uint64_t iova,
		    uint64_t page_sizes, const struct model_list *list,
		    int prot, bool atomic)
{
	uint64_t sizes = page_sizes & m->pt->config.page_sizes;
	struct model_list part = *list;
	uint64_t want, size = 0, next = 0;
	size_t got = 0xa5a5a5a5a5a5a5a5;
	struct scatterlist *sg;
	int ret, why, err = 0;
	unsigned int i;

	for (i = 0; i < list->nents; i++)
		size += list->pieces[i].length;

	snprintf(m->name, sizeof(m->name), "map 0x%" PRIx64 ": %u segments of 0x%"
		 PRIx64 " bytes by 0x%" PRIx64 ", prot 0x%x (%s%s)", iova,
		 list->nents, size, page_sizes, prot, via_names[via],
		 atomic ? ", atomic" : "");
	m->pt->gfp = atomic ? gfp_atomic : gfp_kernel;
	begin_op(m, OP_MAP, false);
	if (model_verbose)
		say_list(list);

	sg = pt_list(list->pieces, list->num, list->per_array, list->end);
	if (via == VIA_CORE) {
		err = expect_core_map_sg(m, iova, list, prot, &want);
		m->undoes = err || mm_fail_after >= 0;
		got = m->kernel->core_map_sg(m->pt, iova, sg, list->nents,
					     prot);
		/* It does not say why. What is in the way may show first: of that it warns */
		ret = got || !err ? 0 : err;
		if (err == -EINVAL && m->kernel->says_unaligned)
			m->must_warn += warnings - m->warned > m->must_warn;
	} else {
		want = expect_map_sg(m, iova, page_sizes, list, prot, -1ULL,
				     NULL, &err);
		m->must_warn = err && !m->silent;
		ret = m->kernel->map_sg(m->pt, iova, page_sizes, sg,
					list->nents, prot, &got);
	}
	pt_list_free(sg);
	if (model_verbose)
		printf(" = %d, 0x%zx\n", ret, got);

	if (!has_failed()) {
		if ((err == -EINVAL || err == -ERANGE) && sizes &&
		    (ret == err ? got > want : ret == -EEXIST && got >= want) &&
		    ends_early(&part, sizes & -sizes, want, got, ret != err)) {
			expect_nothing(m);
			m->must_warn = ret != -EINVAL || !m->kernel->says_unaligned;
			want = expect_map_sg(m, iova, page_sizes, &part, prot,
					     -1ULL, NULL, &why);
			if (why || ret != err)
				err = why;
		}
		if (ret != err || got != want)
			broken(m, "returned %d and 0x%zx, which should be %d and 0x%"
			       PRIx64, ret, got, err, want);
	} else if (via == VIA_CORE) {
		if (got)
			broken(m, "returned 0x%zx, though an allocation failed",
			       got);
		expect_nothing(m);
	} else {
		if (ret != -ENOMEM || got > want)
			broken(m, "returned %d and 0x%zx, of 0x%" PRIx64, ret,
			       got, want);
		/* What was done until then */
		expect_nothing(m);
		m->may_alloc = m->geometry.num_levels;
		want = expect_map_sg(m, iova, page_sizes, list, prot, got,
				     &next, &err);
		if (want != got || !next ||
		    !missing_tables(m, iova + got, next, next))
			broken(m, "returned 0x%zx, though nothing has to be allocated for the next page",
			       got);
	}

	end_map(m, iova, size, got, prot);
	return got;
}
