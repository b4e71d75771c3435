// SPDX-License-Identifier: GPL-2.0
/* What iommu_map() and iommu_unmap() should do, which pick the sizes of pages. */
#include "private.h"

#include <errno.h>

/* The largest page that an address allows, as the core picks it */
static uint64_t core_pgsize(uint64_t sizes, uint64_t addr, uint64_t size)
{
	uint64_t pgsize = 1ULL << (63 - __builtin_clzll(sizes));

	while (!(sizes & pgsize) || pgsize > size || addr & (pgsize - 1))
		pgsize >>= 1;

	return pgsize;
}

/* That, and how many it picks of the same size: all at once, only for speed */
uint64_t pick_pages(uint64_t sizes, uint64_t iova, uint64_t paddr,
		    uint64_t size, uint64_t *pgcount)
{
	uint64_t pgsize = core_pgsize(sizes, iova | paddr, size), at = pgsize;

	while (at < size && core_pgsize(sizes, (iova + at) | (paddr + at),
					size - at) == pgsize)
		at += pgsize;

	*pgcount = at / pgsize;
	return pgsize;
}

/* How much of it is in the domain, where the core looks at that */
static uint64_t clip(const struct model *m, uint64_t iova, uint64_t size)
{
	uint64_t at = iova - m->geometry.start;

	if (!m->contract)
		return size;
	if (at >= m->geometry.size)
		return 0;

	return size < m->geometry.size - at ? size : m->geometry.size - at;
}

/* Addresses do not come round to 0 */
static bool wraps(uint64_t iova, uint64_t size)
{
	return iova && size > -iova;
}

uint64_t expect_core_unmap(struct model *m, uint64_t iova, uint64_t size,
			   unsigned int *warns)
{
	uint64_t pgsize, pgcount, some, left, done = 0;

	*warns = 0;
	if (m->kernel->looks_ahead && wraps(iova, size))
		size = -iova;

	while (done < size) {
		pgsize = pick_pages(m->pt->config.page_sizes, iova + done,
				    iova + done, size - done, &pgcount);
		some = 0;
		if (!m->contract ||
		    !check_range(m, iova + done, 0, pgsize, pgcount))
			some = expect_unmap(m, iova + done, pgsize, pgcount);
		done += some;
		if (m->contract && some && !(iova + done))
			break;
		if (some == pgsize * pgcount || (some && m->contract))
			continue;

		/* A hole, or pages of which the last is beyond the domain */
		++*warns;
		left = clip(m, iova + done, size - done);
		if (!left || done + left == size)
			break;
		size = done + left;
	}

	return done;
}

/* A map failed: returns how often unmapping what it mapped warns. Without access that is nothing, which 5.10's core does not know */
unsigned int expect_unroll(struct model *m, uint64_t iova, uint64_t size,
			   int prot)
{
	unsigned int warns = 0;

	if (!m->contract || prot & (PT_READ | PT_WRITE))
		expect_core_unmap(m, iova, size, &warns);

	return warns;
}

int expect_core_map(struct model *m, uint64_t iova, uint64_t paddr,
		    uint64_t size, int prot)
{
	uint64_t pgsize, pgcount, done = 0;
	unsigned int format_warns = 1;
	int ret = 0;

	if ((iova | paddr | size) & (smallest_page(m) - 1))
		return -EINVAL;

	/* The core itself says so, without a warning */
	if (m->kernel->looks_ahead && wraps(iova, size))
		return -ERANGE;

	while (done < size && !ret) {
		/* Here, too */
		if (m->contract && done && !(iova + done)) {
			ret = -ERANGE;
			format_warns = 0;
			break;
		}
		pgsize = pick_pages(m->pt->config.page_sizes, iova + done,
				    paddr + done, size - done, &pgcount);
		done += expect_map(m, iova + done, paddr + done, pgsize,
				   pgcount, prot, &ret);
	}
	if (ret)
		m->must_warn = (m->silent ? 0 : format_warns) +
			       expect_unroll(m, iova, done, prot);

	return ret;
}
