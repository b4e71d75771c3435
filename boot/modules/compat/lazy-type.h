/* SPDX-License-Identifier: GPL-2.0 */
/* Since 5.15: a domain whose invalidations come later is of a type of its own. */
#include <linux/iommu.h>

static inline bool is_lazy(struct iommu_domain *domain)
{
	return domain->type == IOMMU_DOMAIN_DMA_FQ;
}
