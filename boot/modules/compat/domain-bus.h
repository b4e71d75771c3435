/* SPDX-License-Identifier: GPL-2.0 */
/* Up to 6.10: a domain is one for a bus. */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/iommu.h>

static inline struct iommu_domain *alloc_domain(struct device *dev)
{
	return iommu_domain_alloc(dev->bus) ?: ERR_PTR(-ENOMEM);
}
