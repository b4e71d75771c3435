// SPDX-License-Identifier: GPL-2.0
/* The newest kernel: several pages a call, TLB invalidation gathered by the core. */
#include <linux/device.h>
#include <linux/dma-map-ops.h>
#include <linux/io-pgtable.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "pt.h"

struct domain {
	struct pt		pt;
	struct iommu_domain	iommu;
	struct io_pgtable_cfg	cfg;
	struct io_pgtable_ops	*ops;
	struct device		dev;
	const struct pt_watch	*watch;
	void			*cookie;
};

#define pt_to_domain(p)		container_of(p, struct domain, pt)
#define iommu_to_domain(p)	container_of(p, struct domain, iommu)

/* The device's view of memory */

static dma_addr_t domain_dma_map(struct device *dev, struct page *page,
				 unsigned long offset, size_t size,
				 enum dma_data_direction dir,
				 unsigned long attrs)
{
	struct domain *domain = container_of(dev, struct domain, dev);
	phys_addr_t addr = page_to_phys(page) + offset;

	domain->watch->clean(domain->cookie, addr, size);
	return addr;
}

static void domain_dma_unmap(struct device *dev, dma_addr_t addr, size_t size,
			     enum dma_data_direction dir, unsigned long attrs)
{
}

static void domain_dma_sync(struct device *dev, dma_addr_t addr, size_t size,
			    enum dma_data_direction dir)
{
	struct domain *domain = container_of(dev, struct domain, dev);

	domain->watch->clean(domain->cookie, addr, size);
}

static const struct dma_map_ops domain_dma_ops = {
	.map_page		= domain_dma_map,
	.unmap_page		= domain_dma_unmap,
	.sync_single_for_device	= domain_dma_sync,
};

/* A driver that gathers as arm-smmu-v3 does, and a silent device */

static void silent_flush_all(void *cookie)
{
}

static void silent_flush_walk(unsigned long iova, size_t size, size_t granule,
			      void *cookie)
{
}

static void silent_add_page(struct iommu_iotlb_gather *gather,
			    unsigned long iova, size_t granule, void *cookie)
{
	struct domain *domain = cookie;

	iommu_iotlb_gather_add_page(&domain->iommu, gather, iova, granule);
}

static const struct iommu_flush_ops silent_tlb = {
	.tlb_flush_all	= silent_flush_all,
	.tlb_flush_walk	= silent_flush_walk,
	.tlb_add_page	= silent_add_page,
};

/* The same, and somebody who watches */

static void watched_flush_all(void *cookie)
{
	struct domain *domain = cookie;

	domain->watch->flush_all(domain->cookie);
}

static void watched_flush_walk(unsigned long iova, size_t size, size_t granule,
			       void *cookie)
{
	struct domain *domain = cookie;

	domain->watch->flush_walk(domain->cookie, iova, size, granule);
}

static void watched_add_page(struct iommu_iotlb_gather *gather,
			     unsigned long iova, size_t granule, void *cookie)
{
	struct domain *domain = cookie;

	domain->watch->add(domain->cookie, iova, granule, granule);
	/* v7s passes what it is given, NULL too: that is for the watch to say */
	if (gather)
		iommu_iotlb_gather_add_page(&domain->iommu, gather, iova,
					    granule);
}

static const struct iommu_flush_ops watched_tlb = {
	.tlb_flush_all	= watched_flush_all,
	.tlb_flush_walk	= watched_flush_walk,
	.tlb_add_page	= watched_add_page,
};

/* The core's side of a domain */

static int domain_map_pages(struct iommu_domain *iommu, unsigned long iova,
			    phys_addr_t paddr, size_t pgsize, size_t pgcount,
			    int prot, gfp_t gfp, size_t *mapped)
{
	struct io_pgtable_ops *ops = iommu_to_domain(iommu)->ops;

	return ops->map_pages(ops, iova, paddr, pgsize, pgcount, prot, gfp,
			      mapped);
}

static size_t domain_unmap_pages(struct iommu_domain *iommu,
				 unsigned long iova, size_t pgsize,
				 size_t pgcount,
				 struct iommu_iotlb_gather *gather)
{
	struct io_pgtable_ops *ops = iommu_to_domain(iommu)->ops;

	return ops->unmap_pages(ops, iova, pgsize, pgcount, gather);
}

static void domain_iotlb_sync(struct iommu_domain *iommu,
			      struct iommu_iotlb_gather *gather)
{
	struct domain *domain = iommu_to_domain(iommu);

	if (domain->watch)
		domain->watch->sync(domain->cookie, gather->start, gather->end,
				    gather->pgsize);
}

static const struct iommu_domain_ops domain_ops = {
	.map_pages	= domain_map_pages,
	.unmap_pages	= domain_unmap_pages,
	.iotlb_sync	= domain_iotlb_sync,
};

/* Non-strict is no property of the tables here, but of what is gathered */
static void gather_init(const struct domain *domain,
			struct iommu_iotlb_gather *gather)
{
	iommu_iotlb_gather_init(gather);
	gather->queued = domain->pt.config.non_strict;
}

/* As dma-iommu does it: what is queued is all invalidated later */
static void gather_sync(struct domain *domain,
			struct iommu_iotlb_gather *gather)
{
	if (!gather->queued)
		iommu_iotlb_sync(&domain->iommu, gather);
}

/*
 * A call ends where a table ends. What is left is done as the core does it, and
 * out of line: what one call does is not to pay for that.
 */
static noinline int newest_map_rest(struct io_pgtable_ops *ops, uint64_t iova,
				    uint64_t paddr, size_t pgsize,
				    size_t pgcount, int prot, size_t *mapped)
{
	size_t size = pgsize * pgcount, done;
	int ret;

	do {
		done = 0;
		ret = ops->map_pages(ops, iova + *mapped, paddr + *mapped,
				     pgsize, (size - *mapped) / pgsize, prot,
				     GFP_KERNEL, &done);
		*mapped += done;
	} while (!ret && done && *mapped < size);

	return ret;
}

static int newest_map(struct pt *pt, uint64_t iova, uint64_t paddr,
		      size_t pgsize, size_t pgcount, int prot, size_t *mapped)
{
	struct io_pgtable_ops *ops = pt_to_domain(pt)->ops;
	int ret;

	*mapped = 0;
	ret = ops->map_pages(ops, iova, paddr, pgsize, pgcount, prot,
			     GFP_KERNEL, mapped);
	if (!ret && *mapped && *mapped / pgsize < pgcount)
		ret = newest_map_rest(ops, iova, paddr, pgsize, pgcount, prot,
				      mapped);

	return ret;
}

static noinline size_t newest_unmap_rest(struct io_pgtable_ops *ops,
					 uint64_t iova, size_t pgsize,
					 size_t pgcount, size_t unmapped,
					 struct iommu_iotlb_gather *gather)
{
	size_t size = pgsize * pgcount, done;

	do {
		done = ops->unmap_pages(ops, iova + unmapped, pgsize,
					(size - unmapped) / pgsize, gather);
		unmapped += done;
	} while (done && unmapped < size);

	return unmapped;
}

static size_t newest_unmap(struct pt *pt, uint64_t iova, size_t pgsize,
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
		unmapped = newest_unmap_rest(ops, iova, pgsize, pgcount,
					     unmapped, gather ? &pages : NULL);
	if (gather)
		gather_sync(domain, &pages);

	return unmapped;
}

static uint64_t newest_iova_to_phys(struct pt *pt, uint64_t iova)
{
	struct io_pgtable_ops *ops = pt_to_domain(pt)->ops;

	return ops->iova_to_phys(ops, iova);
}

static int newest_core_map(struct pt *pt, uint64_t iova, uint64_t paddr,
			   size_t size, int prot)
{
	return iommu_map(&pt_to_domain(pt)->iommu, iova, paddr, size, prot,
			 GFP_KERNEL);
}

static size_t newest_core_unmap(struct pt *pt, uint64_t iova, size_t size)
{
	struct domain *domain = pt_to_domain(pt);
	struct iommu_iotlb_gather pages;
	size_t unmapped;

	if (!domain->pt.config.non_strict)
		return iommu_unmap(&domain->iommu, iova, size);

	gather_init(domain, &pages);
	unmapped = iommu_unmap_fast(&domain->iommu, iova, size, &pages);
	gather_sync(domain, &pages);
	return unmapped;
}

static const enum io_pgtable_fmt fmts[PT_NUM_FMTS] = {
	[PT_LPAE_32_S1]	= ARM_32_LPAE_S1,
	[PT_LPAE_32_S2]	= ARM_32_LPAE_S2,
	[PT_LPAE_64_S1]	= ARM_64_LPAE_S1,
	[PT_LPAE_64_S2]	= ARM_64_LPAE_S2,
	[PT_V7S]	= ARM_V7S,
	[PT_MALI]	= ARM_MALI_LPAE,
	[PT_X86_64]	= IO_PGTABLE_NUM_FMTS,
};

/* VTCR.SL0: from 0, levels 3 to 0; for a 4K granule 2, 1, 0 and 3 */
static unsigned int levels(const struct io_pgtable_cfg *cfg)
{
	unsigned int sl = cfg->arm_lpae_s2_cfg.vtcr.sl;

	return cfg->pgsize_bitmap & SZ_4K ? (sl + 1) % 4 + 1 : sl + 1;
}

static uint64_t root(const struct domain *domain)
{
	const struct io_pgtable_cfg *cfg = &domain->cfg;

	/* The low bits of some are attributes; tables are aligned to more */
	switch (domain->pt.config.fmt) {
	case PT_LPAE_32_S1:
	case PT_LPAE_64_S1:
		return cfg->arm_lpae_s1_cfg.ttbr & ~0xfffULL;
	case PT_LPAE_32_S2:
	case PT_LPAE_64_S2:
		return cfg->arm_lpae_s2_cfg.vttbr & ~0xfffULL;
	case PT_V7S:
		return cfg->arm_v7s_cfg.ttbr & ~0xfffULL;
	default:
		return cfg->arm_mali_lpae_cfg.transtab & ~0xfffULL;
	}
}

static const struct pt_kernel newest;

static struct pt *newest_alloc(const struct pt_config *config,
			       const struct pt_watch *watch, void *cookie)
{
	struct domain *domain;
	struct io_pgtable_cfg *cfg;

	/* It has left that to the driver's iotlb_sync_map() */
	if (config->tlbi_on_map)
		return NULL;

	domain = kzalloc(sizeof(*domain), GFP_KERNEL);
	if (!domain)
		return NULL;

	domain->pt.kernel = &newest;
	domain->pt.config = *config;
	domain->watch = watch;
	domain->cookie = cookie;
	if (watch)
		set_dma_ops(&domain->dev, &domain_dma_ops);

	cfg = &domain->cfg;
	cfg->pgsize_bitmap = config->page_sizes;
	cfg->ias = config->ias;
	cfg->oas = config->oas;
	cfg->coherent_walk = config->coherent;
	cfg->tlb = watch ? &watched_tlb : &silent_tlb;
	cfg->iommu_dev = &domain->dev;
	cfg->quirks = (config->ttbr1 ? IO_PGTABLE_QUIRK_ARM_TTBR1 : 0) |
		      (config->arm_ns ? IO_PGTABLE_QUIRK_ARM_NS : 0) |
		      (config->no_perms ? IO_PGTABLE_QUIRK_NO_PERMS : 0) |
		      (config->mtk_ext ? IO_PGTABLE_QUIRK_ARM_MTK_EXT : 0);

	/* The core needs these, the format the rest of domain: it calls back */
	domain->iommu.type = IOMMU_DOMAIN_UNMANAGED;
	domain->iommu.ops = &domain_ops;
	domain->ops = alloc_io_pgtable_ops(fmts[config->fmt], cfg, domain);
	if (!domain->ops) {
		kfree(domain);
		return NULL;
	}

	domain->iommu.pgsize_bitmap = cfg->pgsize_bitmap;
	domain->pt.config.page_sizes = cfg->pgsize_bitmap;
	domain->pt.config.ias = cfg->ias;
	domain->pt.config.oas = cfg->oas;
	if (config->fmt == PT_LPAE_32_S2 || config->fmt == PT_LPAE_64_S2)
		domain->pt.config.levels = levels(cfg);
	domain->pt.root = root(domain);
	return &domain->pt;
}

static void newest_free(struct pt *pt)
{
	struct domain *domain = pt_to_domain(pt);

	free_io_pgtable_ops(domain->ops);
	kfree(domain);
}

static const struct pt_kernel newest = {
	.name		= VERSION,
	.no_split	= true,
	.map_gives_up	= true,
	.trusts_callers	= true,
	.alloc		= newest_alloc,
	.free		= newest_free,
	.map		= newest_map,
	.unmap		= newest_unmap,
	.iova_to_phys	= newest_iova_to_phys,
	.core_map	= newest_core_map,
	.core_unmap	= newest_core_unmap,
};
PT_KERNEL(newest);
