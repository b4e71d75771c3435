// SPDX-License-Identifier: GPL-2.0
/*
 * What no page table can be faster than, as long as it looks at one PTE at a time: a flat table, each PTE read, checked and
 * stored once. No descent, no checks of the range, no TLB, no cache. It has neither a core nor tables to free.
 */
#include <linux/errno.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>

#include "host.h"
#include "pt.h"

#define NUM_PTES	(1 << 18)	/* 1 GiB of 4K pages */
#define VALID		3

struct lim {
	struct pt	pt;
	union {
		uint64_t	ptes64[NUM_PTES];
		uint32_t	ptes32[NUM_PTES];
	};
};

static const struct pt_kernel lim;

static struct pt *lim_alloc(const struct pt_config *config,
			    const struct pt_watch *watch, void *cookie)
{
	struct lim *table = host_alloc(sizeof(*table));

	if (!table)
		return NULL;

	memset(table, 0, sizeof(*table));
	table->pt.kernel = &lim;
	table->pt.config = *config;
	return &table->pt;
}

static void lim_free(struct pt *pt)
{
	host_free(pt);
}

/* Large pages and supersections of v7s are 16 PTEs each */
static size_t v7s_ptes(size_t pgsize)
{
	return pgsize == SZ_64K || pgsize == SZ_16M ? 16 : 1;
}

/* The same for both widths; volatile, as the kernel's READ_ONCE() and WRITE_ONCE() */
#define MAP(p, end, pte, step) do {					\
	for (; (p) < (end); (p)++, (pte) += (step)) {			\
		if (*(p))						\
			break;						\
		*(p) = (pte);						\
	}								\
} while (0)

#define MAP_RANGE(ptes, first, num, pte, step) do {			\
	volatile typeof((ptes)[0]) *p = (ptes) + (first);		\
	volatile typeof((ptes)[0]) *end = p + (num);			\
									\
	MAP(p, end, pte, step);						\
	done = p - (ptes) - (first);					\
} while (0)

/* Segments are 4K pages; one of 64K is one page, all of whose PTEs are the same, if it is @large */
#define MAP_LIST(ptes, first, list, num, large) do {			\
	volatile typeof((ptes)[0]) *p = (ptes) + (first), *end;		\
	struct scatterlist *sg;						\
	unsigned int i;							\
									\
	for_each_sg(list, sg, num, i) {					\
		typeof((ptes)[0]) pte = sg_phys(sg) | VALID;		\
		bool same = (large) && sg->length == SZ_64K;		\
		typeof((ptes)[0]) step = same ? 0 : SZ_4K;		\
									\
		end = p + sg->length / SZ_4K;				\
		MAP(p, end, pte, step);					\
		if (p < end)						\
			break;						\
	}								\
	failed = i < num;						\
	done = p - (ptes) - (first);					\
} while (0)

#define UNMAP(ptes, first, num) do {					\
	volatile typeof((ptes)[0]) *p = (ptes) + (first);		\
	volatile typeof((ptes)[0]) *end = p + (num);			\
									\
	for (; p < end; p++) {						\
		if ((*p & VALID) != VALID)				\
			break;						\
		*p = 0;							\
	}								\
	done = p - (ptes) - (first);					\
} while (0)

static int lim_map(struct pt *pt, uint64_t iova, uint64_t paddr, size_t pgsize,
		   size_t pgcount, int prot, size_t *mapped)
{
	struct lim *table = (struct lim *)pt;
	unsigned int shift = __builtin_ctzll(pgsize);
	size_t first = iova >> shift, done;

	if (pt->config.fmt == PT_V7S) {
		size_t ptes = v7s_ptes(pgsize);
		uint32_t pte = paddr | VALID;
		/* All 16 are the same */
		uint32_t step = ptes == 1 ? pgsize : 0;

		first = first * ptes % NUM_PTES;
		MAP_RANGE(table->ptes32, first, pgcount * ptes, pte, step);
		done /= ptes;
	} else {
		uint64_t pte = paddr | VALID;

		first %= NUM_PTES;
		MAP_RANGE(table->ptes64, first, pgcount, pte, pgsize);
	}

	*mapped = done << shift;
	return done == pgcount ? 0 : -EEXIST;
}

static int lim_map_sg(struct pt *pt, uint64_t iova, uint64_t page_sizes,
		      struct scatterlist *list, unsigned int num, int prot,
		      size_t *mapped)
{
	struct lim *table = (struct lim *)pt;
	size_t first = iova / SZ_4K % NUM_PTES, done;
	bool failed;

	if (pt->config.fmt == PT_V7S)
		MAP_LIST(table->ptes32, first, list, num, true);
	else
		MAP_LIST(table->ptes64, first, list, num, false);

	*mapped = done * SZ_4K;
	return failed ? -EEXIST : 0;
}

static size_t lim_unmap(struct pt *pt, uint64_t iova, size_t pgsize,
			size_t pgcount, bool gather)
{
	struct lim *table = (struct lim *)pt;
	unsigned int shift = __builtin_ctzll(pgsize);
	size_t first = iova >> shift, done;

	if (pt->config.fmt == PT_V7S) {
		size_t ptes = v7s_ptes(pgsize);

		first = first * ptes % NUM_PTES;
		UNMAP(table->ptes32, first, pgcount * ptes);
		done /= ptes;
	} else {
		first %= NUM_PTES;
		UNMAP(table->ptes64, first, pgcount);
	}

	return done << shift;
}

static const struct pt_kernel lim = {
	.name	= "lim",
	.alloc	= lim_alloc,
	.free	= lim_free,
	.map	= lim_map,
	.unmap	= lim_unmap,
	.map_sg	= lim_map_sg,
};
PT_KERNEL(lim);
