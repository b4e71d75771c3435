/* SPDX-License-Identifier: GPL-2.0 */
/* Page tables to try something on: those of an IOMMU's domain, or of a format alone. */
#include <linux/io-pgtable.h>
#include <linux/iommu.h>
#include "list.h"
#include MAP_H
#include MAP_SG_H
#include ONE_H

struct tables {
	struct iommu_domain *domain;	/* or, if NULL: */
	struct io_pgtable_ops *ops;
};

static inline phys_addr_t translate(const struct tables *tables, unsigned long iova)
{
	if (tables->domain)
		return iommu_iova_to_phys(tables->domain, iova);
	return tables->ops->iova_to_phys(tables->ops, iova);
}

#ifdef HAVE_MAP_PAGES

/*
 * One call, as the series does all in one.  Kernels that split no blocks end a call where a table
 * ends, and want another one.
 */
static inline int format_map(struct io_pgtable_ops *ops, unsigned long iova, phys_addr_t paddr,
			     size_t pgsize, size_t count, size_t *mapped)
{
	size_t done;
	int ret;

	*mapped = 0;
	do {
		done = 0;
		ret = ops->map_pages(ops, iova + *mapped, paddr + *mapped, pgsize,
				     count - *mapped / pgsize, IOMMU_READ | IOMMU_WRITE, GFP_KERNEL,
				     &done);
		*mapped += done;
	} while (!splits_blocks() && !ret && done && *mapped < pgsize * count);
	return ret;
}

static inline size_t format_unmap(struct io_pgtable_ops *ops, unsigned long iova, size_t pgsize,
				  size_t count)
{
	struct iommu_iotlb_gather gather;
	size_t unmapped = 0, done;

	iommu_iotlb_gather_init(&gather);
	do {
		done = ops->unmap_pages(ops, iova + unmapped, pgsize, count - unmapped / pgsize,
					&gather);
		unmapped += done;
	} while (!splits_blocks() && done && unmapped < pgsize * count);
	return unmapped;
}

#endif

/* The core takes back what it has mapped when it fails. */
static inline int map_pages(const struct tables *tables, unsigned long iova, phys_addr_t paddr,
			    size_t pgsize, size_t count, size_t *mapped)
{
	int ret;

#ifdef HAVE_MAP_PAGES
	if (!tables->domain)
		return format_map(tables->ops, iova, paddr, pgsize, count, mapped);
#endif
	ret = map_atomic(tables->domain, iova, paddr, pgsize * count, IOMMU_READ | IOMMU_WRITE);
	*mapped = ret ? 0 : pgsize * count;
	return ret;
}

static inline bool can_map_sg(const struct tables *tables)
{
	return can_list_any() && (tables->domain || has_map_sg(tables->ops));
}

/* Likewise.  The core of 5.10 does not say why it fails. */
static inline int map_sg(const struct tables *tables, unsigned long iova, struct scatterlist *list,
			 unsigned int nents, size_t *mapped)
{
	if (!tables->domain)
		return map_list(tables->ops, iova, list, nents, mapped);
	*mapped = map_list_atomic(tables->domain, iova, list, nents);
	return *mapped ? 0 : -ENOMEM;
}

static inline size_t unmap_pages(const struct tables *tables, unsigned long iova, size_t pgsize,
				 size_t count)
{
#ifdef HAVE_MAP_PAGES
	if (!tables->domain)
		return format_unmap(tables->ops, iova, pgsize, count);
#endif
	return iommu_unmap(tables->domain, iova, pgsize * count);
}
