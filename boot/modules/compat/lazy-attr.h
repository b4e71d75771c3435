/* SPDX-License-Identifier: GPL-2.0 */
/* Up to 5.12: a domain's attribute tells whether what is unmapped is invalidated later. */
#include <linux/iommu.h>

static inline bool is_lazy(struct iommu_domain *domain)
{
	int lazy;

	return !iommu_domain_get_attr(domain, DOMAIN_ATTR_DMA_USE_FLUSH_QUEUE, &lazy) && lazy;
}
