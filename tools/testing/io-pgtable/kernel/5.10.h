/* SPDX-License-Identifier: GPL-2.0 */
/* What 5.10.c and 5.10-series.c share. */
#ifndef KERNEL_5_10_H
#define KERNEL_5_10_H

#include "domain.h"
#include "runs.h"

static void watched_flush_leaf(unsigned long iova, size_t size, size_t granule,
			       void *cookie)
{
	struct domain *domain = cookie;

	domain->watch->flush_leaf(domain->cookie, iova, size, granule);
}

/* The ops for one page */

static int pt_map_page(struct pt *pt, uint64_t iova, uint64_t paddr,
		       size_t size, int prot)
{
	struct io_pgtable_ops *ops = pt_to_domain(pt)->ops;

	return ops->map(ops, iova, paddr, size, prot, pt->gfp);
}

static noinline size_t pt_unmap_page(struct pt *pt, uint64_t iova, size_t size,
				     bool gather)
{
	struct domain *domain = pt_to_domain(pt);
	struct io_pgtable_ops *ops = domain->ops;
	struct iommu_iotlb_gather pages;
	size_t unmapped;

	iommu_iotlb_gather_init(&pages);
	unmapped = ops->unmap(ops, iova, size, gather ? &pages : NULL);
	if (gather)
		iommu_iotlb_sync(&domain->iommu, &pages);

	return unmapped;
}

/* As the core does it with these ops, but that it unmaps nothing when it fails */
static __maybe_unused int pt_map_each(struct pt *pt, uint64_t iova,
				      uint64_t paddr, size_t pgsize,
				      size_t pgcount, int prot, size_t *mapped)
{
	struct io_pgtable_ops *ops = pt_to_domain(pt)->ops;
	int ret = 0;

	*mapped = 0;
	/* One page is what the op is for: no loop is to be in what it costs */
	if (pgcount == 1) {
		ret = ops->map(ops, iova, paddr, pgsize, prot, pt->gfp);
		if (!ret)
			*mapped = pgsize;
		return ret;
	}

	while (pgcount--) {
		ret = ops->map(ops, iova, paddr, pgsize, prot, pt->gfp);
		if (ret)
			break;

		iova += pgsize;
		paddr += pgsize;
		*mapped += pgsize;
	}

	return ret;
}

static int pt_core_map(struct pt *pt, uint64_t iova, uint64_t paddr,
		       size_t size, int prot)
{
	struct iommu_domain *iommu = &pt_to_domain(pt)->iommu;

	if (pt->gfp == GFP_KERNEL)
		return iommu_map(iommu, iova, paddr, size, prot);

	return iommu_map_atomic(iommu, iova, paddr, size, prot);
}

static size_t pt_core_unmap(struct pt *pt, uint64_t iova, size_t size)
{
	return iommu_unmap(&pt_to_domain(pt)->iommu, iova, size);
}

static size_t pt_core_map_sg(struct pt *pt, uint64_t iova,
			     struct scatterlist *sg, unsigned int nents,
			     int prot)
{
	struct iommu_domain *iommu = &pt_to_domain(pt)->iommu;

	if (pt->gfp == GFP_KERNEL)
		return iommu_map_sg(iommu, iova, sg, nents, prot);

	return iommu_map_sg_atomic(iommu, iova, sg, nents, prot);
}

static unsigned long pt_quirks(const struct pt_config *config)
{
	return (config->non_strict ? IO_PGTABLE_QUIRK_NON_STRICT : 0) |
	       (config->tlbi_on_map ? IO_PGTABLE_QUIRK_TLBI_ON_MAP : 0);
}

#endif
