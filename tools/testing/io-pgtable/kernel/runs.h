/* SPDX-License-Identifier: GPL-2.0 */
/* A list as kernels without map_sg() map it: by a call for each run of segments that follow each other in memory. */
#ifndef KERNEL_RUNS_H
#define KERNEL_RUNS_H

#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/scatterlist.h>

#include "pt.h"

/* The next run of a list of which @nents segments from @sg on are left, and how much of it there is: 0 at the end */
static size_t pt_next_run(struct scatterlist **sg, unsigned int *nents,
			  uint64_t *paddr)
{
	size_t size = 0;

	while (*nents && (!size || !(*sg)->length ||
			  sg_phys(*sg) == *paddr + size)) {
		if (!size)
			*paddr = sg_phys(*sg);
		size += (*sg)->length;
		if (--*nents)
			*sg = sg_next(*sg);
	}

	return size;
}

/* As the core picks them: the largest page that fits, and all of that size before a larger one can begin. 0 if none fits */
static __maybe_unused size_t pt_run_pages(uint64_t page_sizes, uint64_t iova,
					  uint64_t paddr, size_t size,
					  size_t *pgcount)
{
	uint64_t merged = iova | paddr, fit, larger, ahead;
	size_t pgsize;

	fit = page_sizes & ((2ULL << (fls64(size) - 1)) - 1);
	if (merged)
		fit &= merged ^ (merged - 1);
	if (!fit)
		return 0;

	pgsize = 1ULL << (fls64(fit) - 1);
	larger = page_sizes & -(2 * pgsize);
	larger &= -larger;
	ahead = -iova & (larger - 1);
	if (larger && !((iova ^ paddr) & (larger - 1)) && ahead &&
	    ahead + larger <= size)
		size = ahead;

	*pgcount = size / pgsize;
	return pgsize;
}

static __maybe_unused int pt_map_runs(struct pt *pt, uint64_t iova,
				      uint64_t page_sizes,
				      struct scatterlist *sg,
				      unsigned int nents, int prot,
				      size_t *mapped)
{
	size_t left, pgsize, pgcount, done;
	uint64_t paddr;
	int ret;

	*mapped = 0;
	page_sizes &= pt->config.page_sizes;
	while ((left = pt_next_run(&sg, &nents, &paddr))) {
		do {
			pgsize = pt_run_pages(page_sizes, iova + *mapped,
					      paddr, left, &pgcount);
			if (!pgsize)
				return -EINVAL;

			ret = pt->kernel->map(pt, iova + *mapped, paddr,
					      pgsize, pgcount, prot, &done);
			*mapped += done;
			if (ret)
				return ret;

			paddr += done;
			left -= done;
		} while (left);
	}

	return 0;
}

#endif
