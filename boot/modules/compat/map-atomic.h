/* SPDX-License-Identifier: GPL-2.0 */
/* Up to 6.2: a map that does not sleep is a function of its own. */
#ifndef MAP_ATOMIC
#define MAP_ATOMIC

#include <linux/iommu.h>

static inline int map_atomic(struct iommu_domain *domain, unsigned long iova, phys_addr_t paddr,
			     size_t size)
{
	return iommu_map_atomic(domain, iova, paddr, size, IOMMU_READ | IOMMU_WRITE);
}

#endif
