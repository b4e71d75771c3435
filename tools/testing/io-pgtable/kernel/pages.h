/* SPDX-License-Identifier: GPL-2.0 */
/* What 5.10-series.c and 7.3.c share: the core's side of a domain whose format takes many pages at once. */
#ifndef KERNEL_PAGES_H
#define KERNEL_PAGES_H

#include "domain.h"

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

#endif
