// SPDX-License-Identifier: GPL-2.0
/* What iommu_map() and iommu_unmap() should do, which pick the sizes of pages. */
#include "private.h"

#include <errno.h>

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

uint64_t expect_core_unmap(struct model *m, uint64_t iova,
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

int expect_core_map(struct model *m, uint64_t iova, uint64_t paddr,
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
