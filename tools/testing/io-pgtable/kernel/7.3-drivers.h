/* SPDX-License-Identifier: GPL-2.0 */
/* The drivers of 7.3, as driver-tlbs.c has them. */
#ifndef KERNEL_7_3_DRIVERS_H
#define KERNEL_7_3_DRIVERS_H

/* Where qcom_iommu keeps the context of an ASID */
#define QCOM_CTX(asid)		(asid)

/* What the tables map that v7s frees together */
#define V7S_TABLES		SZ_4G

/* How many more syncs stage 2 has: a TLBIVMID is waited for by a global one alone */
#define STAGE_2_SYNCS		0

static int core_map(struct iommu_domain *domain, unsigned long iova,
		    phys_addr_t paddr, size_t size, int prot)
{
	return iommu_map(domain, iova, paddr, size, prot, GFP_KERNEL);
}

#endif
