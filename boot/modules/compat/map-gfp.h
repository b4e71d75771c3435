/* SPDX-License-Identifier: GPL-2.0 */
/* Since 6.3: iommu_map() is told how it may allocate. */
#ifndef MAP_ATOMIC
#define MAP_ATOMIC

#include <linux/iommu.h>

static inline int map_atomic(struct iommu_domain *domain, unsigned long iova, phys_addr_t paddr,
			     size_t size)
{
	return iommu_map(domain, iova, paddr, size, IOMMU_READ | IOMMU_WRITE, GFP_ATOMIC);
}

#endif
