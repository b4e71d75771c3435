/* SPDX-License-Identifier: GPL-2.0 */
/* What 5.10-series.c and 7.3.c share: the core's side of a domain whose format takes many pages at once. */
#ifndef KERNEL_PAGES_H
#define KERNEL_PAGES_H

#include "domain.h"
#include "runs.h"

static int domain_map_pages(struct iommu_domain *iommu, unsigned long iova,
			    phys_addr_t paddr, size_t pgsize, size_t pgcount,
			    int prot, gfp_t gfp, size_t *mapped)
{
	struct io_pgtable_ops *ops = iommu_to_domain(iommu)->ops;

	return ops->map_pages(ops, iova, paddr, pgsize, pgcount, prot, gfp,
			      mapped);
}

static size_t domain_unmap_pages(struct iommu_domain *iommu,
				 unsigned long iova, size_t pgsize,
				 size_t pgcount,
				 struct iommu_iotlb_gather *gather)
{
	struct io_pgtable_ops *ops = iommu_to_domain(iommu)->ops;

	return ops->unmap_pages(ops, iova, pgsize, pgcount, gather);
}

#ifdef HAVE_MAP_SG
static int domain_map_sg(struct iommu_domain *iommu, unsigned long iova,
			 struct scatterlist *sg, unsigned int nents, int prot,
			 gfp_t gfp, size_t *mapped)
{
	struct io_pgtable_ops *ops = iommu_to_domain(iommu)->ops;

	/* The op is there before each format has it */
	if (!ops->map_sg)
		return -EOPNOTSUPP;

	return ops->map_sg(ops, iova, iommu->pgsize_bitmap, sg, nents, prot,
			   gfp, mapped);
}
#endif

/* A list as the format maps it, or run by run if it has no op for that. The op may set @mapped or add to it, as its kernel has it */
static int pt_map_list(struct pt *pt, uint64_t iova, uint64_t page_sizes,
		       struct scatterlist *sg, unsigned int nents, int prot,
		       size_t *mapped)
{
#ifdef HAVE_MAP_SG
	struct io_pgtable_ops *ops = pt_to_domain(pt)->ops;

	if (ops->map_sg)
		return ops->map_sg(ops, iova, page_sizes, sg, nents, prot,
				   pt->gfp, mapped);
#endif
	return pt_map_runs(pt, iova, page_sizes, sg, nents, prot, mapped);
}

#endif
