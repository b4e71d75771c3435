/* SPDX-License-Identifier: GPL-2.0 */
/* Up to 6.2: a map that does not sleep is a function of its own. */
#ifndef MAP_ATOMIC
#define MAP_ATOMIC

#include <linux/iommu.h>

static inline int map_atomic(struct iommu_domain *domain, unsigned long iova, phys_addr_t paddr,
			     size_t size, int prot)
{
	return iommu_map_atomic(domain, iova, paddr, size, prot);
}

/* 0 for an error, which kernels from 5.16 on tell. */
static inline size_t map_list_atomic(struct iommu_domain *domain, unsigned long iova,
				     struct scatterlist *list, unsigned int nents)
{
	ssize_t mapped = iommu_map_sg_atomic(domain, iova, list, nents, IOMMU_READ | IOMMU_WRITE);

	return mapped < 0 ? 0 : mapped;
}

#endif
