// SPDX-License-Identifier: GPL-2.0
/* Linux 5.10 with the series; without HAVE_MAP_PAGES or HAVE_MAP_SG, with a part of it, whose formats alone are counted. */
#include "5.10.h"
#ifdef HAVE_MAP_PAGES
#include "pages.h"
#endif
#include "runtime.h"

#define gather_range iommu_iotlb_gather_add_range
#include "ranges.h"

/* Of a block that is split, or of tables: their granule is what is below them */
static void watched_flush(unsigned long iova, size_t size, size_t granule,
			  void *cookie)
{
	if (size == granule)
		watched_flush_leaf(iova, size, granule, cookie);
	else
		watched_flush_walk(iova, size, granule, cookie);
}

static const struct iommu_flush_ops silent_tlb = {
	.tlb_flush_all	= silent_flush_all,
	.tlb_flush_walk	= silent_flush,
	.tlb_add_page	= silent_add_page,
	.tlb_add_range	= silent_add_range,
};

/* One driver takes ranges only, the other, MediaTek's, pages only */
static const struct iommu_flush_ops watched_tlb = {
	.tlb_flush_all	= watched_flush_all,
	.tlb_flush_walk	= watched_flush,
	.tlb_add_range	= watched_add_range,
};

static const struct iommu_flush_ops watched_pages_tlb = {
	.tlb_flush_all	= watched_flush_all,
	.tlb_flush_walk	= watched_flush,
	.tlb_add_page	= watched_add_page,
};

static const struct iommu_ops series_domain_ops = {
#ifdef HAVE_MAP_PAGES
	.map_pages	= domain_map_pages,
	.unmap_pages	= domain_unmap_pages,
#endif
#ifdef HAVE_MAP_SG
	.map_sg		= domain_map_sg,
#endif
	.iotlb_sync	= domain_iotlb_sync,
};

static const struct pt_kernel series;

static struct pt *series_alloc(const struct pt_config *config,
			       const struct pt_watch *watch, void *cookie)
{
	const struct iommu_flush_ops *tlb = &silent_tlb;
	struct pt *pt;

	if (watch)
		tlb = config->mtk_ext ? &watched_pages_tlb : &watched_tlb;

	pt = pt_alloc(&series, &series_domain_ops, tlb, pt_quirks(config),
		      config, watch, cookie);
#ifdef HAVE_WARNINGS
	/* Each counts, also those that would not be printed */
	if (pt)
		io_pgtable_ops_to_pgtable(pt_to_domain(pt)->ops)->warnings =
			&warnings;
#endif

	return pt;
}

static int series_map(struct pt *pt, uint64_t iova, uint64_t paddr,
		      size_t pgsize, size_t pgcount, int prot, size_t *mapped)
{
#ifdef HAVE_MAP_PAGES
	struct io_pgtable_ops *ops = pt_to_domain(pt)->ops;

	return ops->map_pages(ops, iova, paddr, pgsize, pgcount, prot,
			      pt->gfp, mapped);
#else
	return pt_map_each(pt, iova, paddr, pgsize, pgcount, prot, mapped);
#endif
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
	.name		= KERNEL_NAME,
	.contract	= true,
	.alloc		= series_alloc,
	.free		= pt_free,
	.map		= series_map,
	.unmap		= series_unmap,
	.map_page	= pt_map_page,
	.unmap_page	= pt_unmap_page,
	.iova_to_phys	= pt_iova_to_phys,
#ifdef HAVE_MAP_PAGES
	.map_sg		= pt_map_list,
#else
	.map_sg		= pt_map_runs,
#endif
	.core_map	= pt_core_map,
	.core_unmap	= pt_core_unmap,
	.core_map_sg	= pt_core_map_sg,
};
PT_KERNEL(series);
