/* SPDX-License-Identifier: GPL-2.0 */
/* What 5.10-series.c and 7.3.c share: a driver that is told of ranges. How its kernel gathers them, gather_range() says, defined before. */
#ifndef KERNEL_RANGES_H
#define KERNEL_RANGES_H

#include "domain.h"

static void silent_add_range(struct iommu_iotlb_gather *gather,
			     unsigned long iova, size_t size, size_t granule,
			     void *cookie)
{
	struct domain *domain = cookie;

	gather_range(&domain->iommu, gather, iova, size, granule);
}

static void watched_add_range(struct iommu_iotlb_gather *gather,
			      unsigned long iova, size_t size, size_t granule,
			      void *cookie)
{
	struct domain *domain = cookie;

	/* Its sync comes first, as for a page */
	silent_add_range(gather, iova, size, granule, cookie);
	domain->watch->add(domain->cookie, iova, size, granule);
}

#endif
