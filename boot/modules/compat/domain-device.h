/* SPDX-License-Identifier: GPL-2.0 */
/* Since 6.11: a domain is one for a device. */
#include <linux/iommu.h>

static inline struct iommu_domain *alloc_domain(struct device *dev)
{
	return iommu_paging_domain_alloc(dev);
}
