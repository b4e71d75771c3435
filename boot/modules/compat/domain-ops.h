/* SPDX-License-Identifier: GPL-2.0 */
/* Since 5.18: what a domain can do is apart from what an IOMMU can. */
#define domain_ops	iommu_domain_ops
