/* SPDX-License-Identifier: GPL-2.0 */
/* The drivers of 5.10, by the names that driver-tlbs.c has for them, which are those of 7.3. */
#ifndef KERNEL_5_10_DRIVERS_H
#define KERNEL_5_10_DRIVERS_H

#define iommu_domain_ops	iommu_ops
#define qcom_iommu_map		qcom_iommu_map_pages
#define qcom_iommu_unmap	qcom_iommu_unmap_pages
#define msm_iommu_map		msm_iommu_map_pages
#define msm_iommu_unmap		msm_iommu_unmap_pages

/* Where qcom_iommu keeps the context of an ASID */
#define QCOM_CTX(asid)		((asid) - 1)

/* What the tables map that v7s frees together */
#define V7S_TABLES		SZ_64M

/* How many more syncs stage 2 has: a TLBIVMID is waited for by a global one, and by the context bank's */
#define STAGE_2_SYNCS		1

static int core_map(struct iommu_domain *domain, unsigned long iova,
		    phys_addr_t paddr, size_t size, int prot)
{
	return iommu_map(domain, iova, paddr, size, prot);
}

#endif
