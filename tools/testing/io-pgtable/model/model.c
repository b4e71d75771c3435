// SPDX-License-Identifier: GPL-2.0
/* An operation is done on the list of mappings and on a kernel's page tables, and both are compared. */
#include "private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool model_verbose;
void (*model_broken)(const char *text);

__attribute__((__noreturn__, __format__(__printf__, 2, 3)))
void broken(struct model *m, const char *fmt, ...)
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

/* Was an allocation made to fail? No other is from now on */
bool has_failed(void)
{
	bool failed = mm_fail_after == -1;

	mm_fail_after = -2;
	return failed;
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

const char *const via_names[] = {
	[VIA_PAGES]		= "pages",
	[VIA_PAGES_NO_GATHER]	= "pages, no gather",
	[VIA_PAGE]		= "page",
	[VIA_SG]		= "list",
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
	begin_op(m, OP_UNMAP, via != VIA_PAGES_NO_GATHER);

	/* The core looks at alignment and at the end of the domain, and stops where a format refuses */
	if (via == VIA_CORE) {
		if (!((iova | size) & (smallest_page(m) - 1)))
			want = expect_core_unmap(m, iova, size, &m->must_warn);
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

	end_op(m, iova, size);
}

/* What holds of each map that has mapped @got bytes */
void end_map(struct model *m, uint64_t iova, uint64_t size, size_t got,
	     int prot)
{
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
	if (m->contract && !m->undoes &&
	    !(m->list.on && m->kernel->lists_are_runs)) {
		check_limits(m);
		if (m->allocs > m->may_alloc)
			broken(m, "%u tables are allocated, where %u are missing",
			       m->allocs, m->may_alloc);
	}

	end_op(m, iova, size);
}

size_t model_map(struct model *m, enum via via, uint64_t iova, uint64_t paddr,
		 uint64_t pgsize, uint64_t pgcount, int prot, bool atomic)
{
	uint64_t want = 0, size = pgsize * pgcount;
	/* To be set, whatever is returned */
	size_t got = 0xa5a5a5a5a5a5a5a5;
	int ret, err = 0;

	snprintf(m->name, sizeof(m->name), "map 0x%" PRIx64 ": %" PRIu64
		 " of 0x%" PRIx64 " to 0x%" PRIx64 ", prot 0x%x (%s%s)", iova,
		 pgcount, pgsize, paddr, prot, via_names[via],
		 atomic ? ", atomic" : "");
	m->pt->gfp = atomic ? gfp_atomic : gfp_kernel;
	begin_op(m, OP_MAP, false);

	if (via == VIA_CORE) {
		err = expect_core_map(m, iova, paddr, size, prot);
		m->undoes = err || mm_fail_after >= 0;
		ret = m->kernel->core_map(m->pt, iova, paddr, size, prot);
		got = 0;
	} else {
		want = expect_map(m, iova, paddr, pgsize, pgcount, prot, &err);
		m->must_warn = err && !m->silent;
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

	end_map(m, iova, size, got, prot);
	return got;
}

/*
 * Of which level a table at the root may be in stage 2: an IOMMU has no more than its output addresses take (Arm ARM, R_SRKBC). 40 bits
 * may come in whatever they are, of AArch32; with more, nothing says what a translation does
 */
static void check_first_level(struct model *m)
{
	const struct pt_config *config = &m->pt->config;
	unsigned int page_shift = __builtin_ctzll(config->page_sizes);
	unsigned int level = WALK_LEVELS - config->levels, first;

	switch (page_shift) {
	case 12:
		first = config->oas >= 44 ? 0 : 1;
		break;
	case 14:
		first = config->oas >= 42 ? 1 : 2;
		break;
	default:
		first = config->oas >= 44 ? 1 : 2;
		break;
	}

	if (level < first && (config->ias <= 40 || config->ias <= config->oas))
		broken(m, "begins at level %u, where there may be none below %u",
		       level, first);
}

struct model *model_new(const struct pt_kernel *kernel,
			const struct pt_config *config, bool contract)
{
	static struct model model;
	struct model *m = &model;

	shadow_init();

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

	if (m->pt->config.levels)
		check_first_level(m);

	geometry_init(&m->geometry, &m->pt->config);
	if (is_v7s(config) && kernel->trusts_callers && !contract)
		m->geometry.level[0].entries =
			1u << (m->pt->config.ias - m->geometry.level[0].shift);
	/* It may have less entries than fit into its page */
	m->live[0].bytes = (uint64_t)m->geometry.entry_size *
			   m->geometry.level[0].entries;
	begin_op(m, OP_ALLOC, false);
	if (model_verbose)
		printf("\n");
	end_op(m, m->geometry.start, 0);
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
