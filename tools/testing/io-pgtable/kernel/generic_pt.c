// SPDX-License-Identifier: GPL-2.0
/* generic_pt of 7.3, in the format of x86_64 and under a driver that does as the one for VT-d's first stage. */
#include <linux/device.h>
#include <linux/dma-map-ops.h>
#include <linux/generic_pt/iommu.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <drivers/iommu/iommu-pages.h>

#include "pt.h"

struct domain {
	union {
		struct iommu_domain	iommu;
		struct pt_iommu_x86_64	table;
	};
	struct pt		pt;
	struct device		dev;
	const struct pt_watch	*watch;
	void			*cookie;
};

PT_IOMMU_CHECK_DOMAIN(struct domain, table.iommu, iommu);

#define pt_to_domain(p)		container_of(p, struct domain, pt)
#define iommu_to_domain(p)	container_of(p, struct domain, iommu)

#include "dma.h"
#include "7.3.h"

/*
 * What was gathered is known here for the first time, so that it is both added
 * and done. Tables are freed when it is.
 */
static void domain_iotlb_sync(struct iommu_domain *iommu,
			      struct iommu_iotlb_gather *gather)
{
	struct domain *domain = iommu_to_domain(iommu);
	const struct pt_watch *watch = domain->watch;

	if (watch) {
		size_t size = gather->end - gather->start + 1;

		watch->add(domain->cookie, gather->start, size, PAGE_SIZE);
		if (!iommu_pages_list_empty(&gather->freelist))
			watch->flush_walk(domain->cookie, gather->start, size,
					  PAGE_SIZE);
		watch->sync(domain->cookie, gather->start, gather->end,
			    PAGE_SIZE);
	}

	iommu_put_pages_list(&gather->freelist);
}

static const struct iommu_domain_ops domain_ops = {
	IOMMU_PT_DOMAIN_OPS(x86_64),
	.iotlb_sync	= domain_iotlb_sync,
};

/*
 * As dma-iommu does it, but with a queue that a table fills: what is queued is
 * all invalidated before a table is freed.
 */
static void gather_sync(struct domain *domain,
			struct iommu_iotlb_gather *gather)
{
	if (!gather->queued) {
		iommu_iotlb_sync(&domain->iommu, gather);
	} else if (!iommu_pages_list_empty(&gather->freelist)) {
		if (domain->watch)
			domain->watch->flush_all(domain->cookie);
		iommu_put_pages_list(&gather->freelist);
	}
}

/*
 * It takes a range, and the largest pages of those that the domain has. Here it
 * is to take those that it is told, as the other kernels do.
 */
static int generic_pt_map(struct pt *pt, uint64_t iova, uint64_t paddr,
			  size_t pgsize, size_t pgcount, int prot,
			  size_t *mapped)
{
	struct domain *domain = pt_to_domain(pt);
	struct pt_iommu *table = &domain->table.iommu;
	int ret;

	*mapped = 0;
	domain->iommu.pgsize_bitmap = pgsize;
	ret = table->ops->map_range(table, iova, paddr, pgsize * pgcount, prot,
				    pt->gfp, mapped);
	domain->iommu.pgsize_bitmap = pt->config.page_sizes;
	return ret;
}

/* The sizes of pages are its own choice */
static int generic_pt_map_sg(struct pt *pt, uint64_t iova, uint64_t page_sizes,
			     struct scatterlist *sg, unsigned int nents,
			     int prot, size_t *mapped)
{
	struct domain *domain = pt_to_domain(pt);
	struct pt_iommu *table = &domain->table.iommu;
	uint64_t paddr;
	size_t size;
	int ret = 0;

	*mapped = 0;
	domain->iommu.pgsize_bitmap &= page_sizes;
	while (!ret && (size = pt_next_run(&sg, &nents, &paddr)))
		ret = table->ops->map_range(table, iova + *mapped, paddr, size,
					    prot, pt->gfp, mapped);
	domain->iommu.pgsize_bitmap = pt->config.page_sizes;
	return ret;
}

static size_t generic_pt_unmap(struct pt *pt, uint64_t iova, size_t pgsize,
			       size_t pgcount, bool gather)
{
	struct domain *domain = pt_to_domain(pt);
	struct pt_iommu *table = &domain->table.iommu;
	struct iommu_iotlb_gather range;
	size_t unmapped;

	gather_init(domain, &range);
	/* It knows no other way to say that the caller invalidates */
	if (!gather)
		range.queued = true;
	unmapped = table->ops->unmap_range(table, iova, pgsize * pgcount,
					   &range);
	gather_sync(domain, &range);
	return unmapped;
}

static uint64_t generic_pt_iova_to_phys(struct pt *pt, uint64_t iova)
{
	return pt_iommu_x86_64_iova_to_phys(&pt_to_domain(pt)->iommu, iova);
}

static const struct pt_kernel generic_pt;

static struct pt *generic_pt_alloc(const struct pt_config *config,
				   const struct pt_watch *watch, void *cookie)
{
	struct pt_iommu_x86_64_hw_info info;
	struct pt_iommu_x86_64_cfg cfg = {
		.common.hw_max_vasz_lg2	= config->ias,
		.common.hw_max_oasz_lg2	= config->oas,
		.common.features	= BIT(PT_FEAT_SIGN_EXTEND) |
					  BIT(PT_FEAT_FLUSH_RANGE),
		.top_level		= config->ias > 48 ? 4 : 3,
	};
	struct domain *domain;

	if (config->fmt != PT_X86_64 || config->ttbr1 || config->arm_ns ||
	    config->no_perms || config->mtk_ext || config->tlbi_on_map)
		return NULL;

	domain = kzalloc(sizeof(*domain), GFP_KERNEL);
	if (!domain)
		return NULL;

	domain->pt.kernel = &generic_pt;
	domain->pt.config = *config;
	domain->watch = watch;
	domain->cookie = cookie;
	if (watch)
		set_dma_ops(&domain->dev, &domain_dma_ops);
	if (!config->coherent)
		cfg.common.features |= BIT(PT_FEAT_DMA_INCOHERENT);

	domain->iommu.ops = &domain_ops;
	domain->table.iommu.iommu_device = &domain->dev;
	domain->table.iommu.nid = NUMA_NO_NODE;
	if (pt_iommu_x86_64_init(&domain->table, &cfg, GFP_KERNEL)) {
		kfree(domain);
		return NULL;
	}

	domain->iommu.pgsize_bitmap &= config->page_sizes;
	domain->pt.config.page_sizes = domain->iommu.pgsize_bitmap;
	pt_iommu_x86_64_hw_info(&domain->table, &info);
	domain->pt.root = info.gcr3_pt;
	domain->pt.gfp = GFP_KERNEL;
	return &domain->pt;
}

static void generic_pt_free(struct pt *pt)
{
	struct domain *domain = pt_to_domain(pt);

	pt_iommu_deinit(&domain->table.iommu);
	kfree(domain);
}

static const struct pt_kernel generic_pt = {
	.name		= KERNEL_NAME,
	.alloc		= generic_pt_alloc,
	.free		= generic_pt_free,
	.map		= generic_pt_map,
	.unmap		= generic_pt_unmap,
	.iova_to_phys	= generic_pt_iova_to_phys,
	.map_sg		= generic_pt_map_sg,
	.core_map	= pt_core_map,
	.core_unmap	= pt_core_unmap,
	.core_map_sg	= pt_core_map_sg,
};
PT_KERNEL(generic_pt);
