// SPDX-License-Identifier: GPL-2.0
/* Linux 5.10 with the series. */
#include "5.10.h"

static size_t domain_unmap_pages(struct iommu_domain *iommu,
				 unsigned long iova, size_t pgsize,
				 size_t pgcount,
				 struct iommu_iotlb_gather *gather)
{
	struct io_pgtable_ops *ops = iommu_to_domain(iommu)->ops;

	return ops->unmap_pages(ops, iova, pgsize, pgcount, gather);
}

static const struct iommu_ops series_domain_ops = {
	.map		= domain_map,
	.unmap		= domain_unmap,
	.unmap_pages	= domain_unmap_pages,
	.iotlb_sync	= domain_iotlb_sync,
};

static const struct pt_kernel series;

static struct pt *series_alloc(const struct pt_config *config,
			       const struct pt_watch *watch, void *cookie)
{
	return pt_alloc(&series, &series_domain_ops, config, watch, cookie);
}

static size_t series_unmap(struct pt *pt, uint64_t iova, size_t pgsize,
			   size_t pgcount, bool gather)
{
	struct domain *domain = pt_to_domain(pt);
	struct io_pgtable_ops *ops = domain->ops;
	struct iommu_iotlb_gather pages;
	size_t unmapped;

	iommu_iotlb_gather_init(&pages);
	unmapped = ops->unmap_pages(ops, iova, pgsize, pgcount,
				    gather ? &pages : NULL);
	if (gather)
		iommu_iotlb_sync(&domain->iommu, &pages);

	return unmapped;
}

static const struct pt_kernel series = {
	.name		= "series",
	.contract	= true,
	.alloc		= series_alloc,
	.free		= pt_free,
	.map		= pt_map_each,
	.unmap		= series_unmap,
	.map_page	= pt_map_page,
	.unmap_page	= pt_unmap_page,
	.iova_to_phys	= pt_iova_to_phys,
	.core_map	= pt_core_map,
	.core_unmap	= pt_core_unmap,
};
PT_KERNEL(series);
