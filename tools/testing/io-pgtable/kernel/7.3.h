/* SPDX-License-Identifier: GPL-2.0 */
/* What 7.3.c and generic_pt.c share: the core of 7.3, on a struct domain that is defined before. */
#ifndef KERNEL_7_3_H
#define KERNEL_7_3_H

#include "runs.h"

/* Non-strict is no property of the tables here, but of what is gathered */
static void gather_init(const struct domain *domain,
			struct iommu_iotlb_gather *gather)
{
	iommu_iotlb_gather_init(gather);
	gather->queued = domain->pt.config.non_strict;
}

/* What becomes of it is for each to say */
static void gather_sync(struct domain *domain,
			struct iommu_iotlb_gather *gather);

static int pt_core_map(struct pt *pt, uint64_t iova, uint64_t paddr,
		       size_t size, int prot)
{
	return iommu_map(&pt_to_domain(pt)->iommu, iova, paddr, size, prot,
			 pt->gfp);
}

static size_t pt_core_unmap(struct pt *pt, uint64_t iova, size_t size)
{
	struct domain *domain = pt_to_domain(pt);
	struct iommu_iotlb_gather gather;
	size_t unmapped;

	if (!domain->pt.config.non_strict)
		return iommu_unmap(&domain->iommu, iova, size);

	gather_init(domain, &gather);
	unmapped = iommu_unmap_fast(&domain->iommu, iova, size, &gather);
	gather_sync(domain, &gather);
	return unmapped;
}

static size_t pt_core_map_sg(struct pt *pt, uint64_t iova,
			     struct scatterlist *sg, unsigned int nents,
			     int prot)
{
	ssize_t ret = iommu_map_sg(&pt_to_domain(pt)->iommu, iova, sg, nents,
				   prot, pt->gfp);

	return ret < 0 ? 0 : ret;
}

#endif
