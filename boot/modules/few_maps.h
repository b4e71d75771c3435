/* SPDX-License-Identifier: GPL-2.0 */
/* Page tables that only so many more pages can be mapped in. */
#include <linux/io-pgtable.h>
#include <linux/kernel.h>
#include <linux/scatterlist.h>
#include MAP_SG_H

/* The tables' own ops, behind those that fail */
static struct io_pgtable_ops real_ops;
static unsigned int maps_left = UINT_MAX;

static int few_map(struct io_pgtable_ops *ops, unsigned long iova, phys_addr_t paddr,
		   size_t size, int prot, gfp_t gfp)
{
	if (!maps_left)
		return -ENOMEM;
	maps_left--;
	return real_ops.map(ops, iova, paddr, size, prot, gfp);
}

#ifdef HAVE_MAP_PAGES
static int few_map_pages(struct io_pgtable_ops *ops, unsigned long iova, phys_addr_t paddr,
			 size_t pgsize, size_t pgcount, int prot, gfp_t gfp, size_t *mapped)
{
	size_t count = min_t(size_t, pgcount, maps_left);
	int ret = 0;

	*mapped = 0;
	if (count)
		ret = real_ops.map_pages(ops, iova, paddr, pgsize, count, prot, gfp, mapped);
	maps_left -= count;
	return !ret && (count < pgcount || !pgcount) ? -ENOMEM : ret;
}
#endif

#ifdef HAVE_MAP_SG
/* As many segments as fit into what is left, by pages of one size */
static int few_map_sg(struct io_pgtable_ops *ops, unsigned long iova, unsigned long pgsize,
		      struct scatterlist *sgl, unsigned int nents, int prot, gfp_t gfp,
		      size_t *mapped)
{
	struct scatterlist *sg;
	unsigned int i, pages;
	int ret;

	for_each_sg(sgl, sg, nents, i) {
		pages = DIV_ROUND_UP(sg->length, pgsize);
		if (pages > maps_left)
			break;
		maps_left -= pages;
	}
	ret = real_ops.map_sg(ops, iova, pgsize, sgl, i, prot, gfp, mapped);
	return !ret && i < nents ? -ENOMEM : ret;
}
#endif

static void limit_maps(struct io_pgtable_ops *ops)
{
	real_ops = *ops;
	ops->map = few_map;
#ifdef HAVE_MAP_PAGES
	ops->map_pages = few_map_pages;
#endif
#ifdef HAVE_MAP_SG
	ops->map_sg = few_map_sg;
#endif
}
