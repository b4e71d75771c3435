// SPDX-License-Identifier: GPL-2.0
/* Linux 5.10: one page a call. */
#include "5.10.h"

static const struct iommu_flush_ops silent_tlb = {
	.tlb_flush_all	= silent_flush_all,
	.tlb_flush_walk	= silent_flush,
	.tlb_flush_leaf	= silent_flush,
	.tlb_add_page	= silent_add_page,
};

static const struct iommu_flush_ops watched_tlb = {
	.tlb_flush_all	= watched_flush_all,
	.tlb_flush_walk	= watched_flush_walk,
	.tlb_flush_leaf	= watched_flush_leaf,
	.tlb_add_page	= watched_add_page,
};

/* The core's side of a domain */

static int domain_map(struct iommu_domain *iommu, unsigned long iova,
		      phys_addr_t paddr, size_t size, int prot, gfp_t gfp)
{
	struct io_pgtable_ops *ops = iommu_to_domain(iommu)->ops;

	return ops->map(ops, iova, paddr, size, prot, gfp);
}

static size_t domain_unmap(struct iommu_domain *iommu, unsigned long iova,
			   size_t size, struct iommu_iotlb_gather *gather)
{
	struct io_pgtable_ops *ops = iommu_to_domain(iommu)->ops;

	return ops->unmap(ops, iova, size, gather);
}

static const struct iommu_ops base_domain_ops = {
	.map		= domain_map,
	.unmap		= domain_unmap,
	.iotlb_sync	= domain_iotlb_sync,
};

static const struct pt_kernel base;

static struct pt *base_alloc(const struct pt_config *config,
			     const struct pt_watch *watch, void *cookie)
{
	return pt_alloc(&base, &base_domain_ops,
			watch ? &watched_tlb : &silent_tlb, pt_quirks(config),
			config, watch, cookie);
}

/* As the core does it */
static noinline size_t base_unmap_each(struct pt *pt, uint64_t iova,
				       size_t pgsize, size_t pgcount,
				       bool gather)
{
	struct domain *domain = pt_to_domain(pt);
	struct io_pgtable_ops *ops = domain->ops;
	struct iommu_iotlb_gather pages;
	size_t done, unmapped = 0;

	iommu_iotlb_gather_init(&pages);
	while (pgcount--) {
		done = ops->unmap(ops, iova, pgsize, gather ? &pages : NULL);
		unmapped += done;
		iova += done;
		if (!done)
			break;
	}
	if (gather)
		iommu_iotlb_sync(&domain->iommu, &pages);

	return unmapped;
}

/* One page is what the op is for: no loop is to be in what it costs */
static size_t base_unmap(struct pt *pt, uint64_t iova, size_t pgsize,
			 size_t pgcount, bool gather)
{
	if (pgcount == 1)
		return pt_unmap_page(pt, iova, pgsize, gather);

	return base_unmap_each(pt, iova, pgsize, pgcount, gather);
}

static const struct pt_kernel base = {
	.name		= KERNEL_NAME,
	.alloc		= base_alloc,
	.free		= pt_free,
	.map		= pt_map_each,
	.unmap		= base_unmap,
	.map_page	= pt_map_page,
	.unmap_page	= pt_unmap_page,
	.iova_to_phys	= pt_iova_to_phys,
	.map_sg		= pt_map_runs,
	.core_map	= pt_core_map,
	.core_unmap	= pt_core_unmap,
	.core_map_sg	= pt_core_map_sg,
};
PT_KERNEL(base);
