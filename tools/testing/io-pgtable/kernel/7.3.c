// SPDX-License-Identifier: GPL-2.0
/* Linux 7.3: several pages a call, TLB invalidation gathered by the core. */
#include "domain.h"
#include "7.3.h"
#include "pages.h"

#ifdef HAVE_ADD_RANGE
#define gather_range iommu_iotlb_gather_add_pages
#include "ranges.h"
#endif

static const struct iommu_flush_ops silent_tlb = {
	.tlb_flush_all	= silent_flush_all,
	.tlb_flush_walk	= silent_flush,
	.tlb_add_page	= silent_add_page,
#ifdef HAVE_ADD_RANGE
	.tlb_add_range	= silent_add_range,
#endif
};

static const struct iommu_flush_ops watched_tlb = {
	.tlb_flush_all	= watched_flush_all,
	.tlb_flush_walk	= watched_flush_walk,
	.tlb_add_page	= watched_add_page,
#ifdef HAVE_ADD_RANGE
	.tlb_add_range	= watched_add_range,
#endif
};

static const struct iommu_domain_ops domain_ops = {
	.map_pages	= domain_map_pages,
#ifdef HAVE_MAP_SG
	.map_sg		= domain_map_sg,
#endif
	.unmap_pages	= domain_unmap_pages,
	.iotlb_sync	= domain_iotlb_sync,
};

/* As dma-iommu does it: what is queued is all invalidated later */
static void gather_sync(struct domain *domain,
			struct iommu_iotlb_gather *gather)
{
	if (!gather->queued)
		iommu_iotlb_sync(&domain->iommu, gather);
}

/* What all of the series does: a call goes on where a table ends */
#ifdef HAVE_LPAE_WALK
static const bool goes_on = true;
#else
static const bool goes_on;
#endif

/*
 * A call ends where a table ends. What is left is done as the core does it, and
 * out of line: what one call does is not to pay for that.
 */
static noinline int mainline_map_rest(struct pt *pt, uint64_t iova,
				      uint64_t paddr, size_t pgsize,
				      size_t pgcount, int prot, size_t *mapped)
{
	struct io_pgtable_ops *ops = pt_to_domain(pt)->ops;
	size_t size = pgsize * pgcount, done;
	int ret;

	do {
		done = 0;
		ret = ops->map_pages(ops, iova + *mapped, paddr + *mapped,
				     pgsize, (size - *mapped) / pgsize, prot,
				     pt->gfp, &done);
		*mapped += done;
	} while (!ret && done && *mapped < size);

	return ret;
}

static int mainline_map(struct pt *pt, uint64_t iova, uint64_t paddr,
			size_t pgsize, size_t pgcount, int prot, size_t *mapped)
{
	struct io_pgtable_ops *ops = pt_to_domain(pt)->ops;
	int ret;

	*mapped = 0;
	ret = ops->map_pages(ops, iova, paddr, pgsize, pgcount, prot,
			     pt->gfp, mapped);
	if (!ret && *mapped && *mapped / pgsize < pgcount)
		ret = mainline_map_rest(pt, iova, paddr, pgsize, pgcount, prot,
					mapped);

	return ret;
}

static int mainline_map_sg(struct pt *pt, uint64_t iova, uint64_t page_sizes,
			   struct scatterlist *sg, unsigned int nents, int prot,
			   size_t *mapped)
{
	/* The op adds to it */
	*mapped = 0;
	return pt_map_list(pt, iova, page_sizes, sg, nents, prot, mapped);
}

static noinline size_t mainline_unmap_rest(struct io_pgtable_ops *ops,
					   uint64_t iova, size_t pgsize,
					   size_t pgcount, size_t unmapped,
					   struct iommu_iotlb_gather *gather)
{
	size_t size = pgsize * pgcount, done;

	/* A hole, where the next call would warn. Not optimised: one call is to cost the same in both */
	if (READ_ONCE(goes_on))
		return unmapped;

	do {
		done = ops->unmap_pages(ops, iova + unmapped, pgsize,
					(size - unmapped) / pgsize, gather);
		unmapped += done;
	} while (done && unmapped < size);

	return unmapped;
}

static size_t mainline_unmap(struct pt *pt, uint64_t iova, size_t pgsize,
			     size_t pgcount, bool gather)
{
	struct domain *domain = pt_to_domain(pt);
	struct io_pgtable_ops *ops = domain->ops;
	struct iommu_iotlb_gather pages;
	size_t unmapped;

	gather_init(domain, &pages);
	unmapped = ops->unmap_pages(ops, iova, pgsize, pgcount,
				    gather ? &pages : NULL);
	if (unmapped && unmapped / pgsize < pgcount)
		unmapped = mainline_unmap_rest(ops, iova, pgsize, pgcount,
					       unmapped,
					       gather ? &pages : NULL);
	if (gather)
		gather_sync(domain, &pages);

	return unmapped;
}

static const struct pt_kernel mainline;

static struct pt *mainline_alloc(const struct pt_config *config,
				 const struct pt_watch *watch, void *cookie)
{
	/* It has left that to the driver's iotlb_sync_map() */
	if (config->tlbi_on_map)
		return NULL;

	return pt_alloc(&mainline, &domain_ops,
			watch ? &watched_tlb : &silent_tlb, 0, config, watch,
			cookie);
}

static const struct pt_kernel mainline = {
	.name		= KERNEL_NAME,
	.no_split	= true,
	.wants_access	= true,
#ifdef HAVE_LPAE_WALK
	.contract	= true,
	.looks_ahead	= true,
	.marks_tables	= true,
#else
	.map_gives_up	= true,
	.trusts_callers	= true,
#endif
#ifdef HAVE_MAP_SG
	.says_unaligned	= true,
#else
	.lists_are_runs	= true,
#endif
	.alloc		= mainline_alloc,
	.free		= pt_free,
	.map		= mainline_map,
	.unmap		= mainline_unmap,
	.iova_to_phys	= pt_iova_to_phys,
	.map_sg		= mainline_map_sg,
	.core_map	= pt_core_map,
	.core_unmap	= pt_core_unmap,
	.core_map_sg	= pt_core_map_sg,
};
PT_KERNEL(mainline);
