/* SPDX-License-Identifier: GPL-2.0 */
/* Since 6.3: iommu_map() is told how it may allocate. */
#ifndef MAP_ATOMIC
#define MAP_ATOMIC

#include <linux/iommu.h>

static inline int map_atomic(struct iommu_domain *domain, unsigned long iova, phys_addr_t paddr,
			     size_t size, int prot)
{
	return iommu_map(domain, iova, paddr, size, prot, GFP_ATOMIC);
}

/* 0 for an error. */
static inline size_t map_list_atomic(struct iommu_domain *domain, unsigned long iova,
				     struct scatterlist *list, unsigned int nents)
{
	ssize_t mapped = iommu_map_sg(domain, iova, list, nents, IOMMU_READ | IOMMU_WRITE,
				      GFP_ATOMIC);

	return mapped < 0 ? 0 : mapped;
}

#endif
