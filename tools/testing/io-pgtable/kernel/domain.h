/* SPDX-License-Identifier: GPL-2.0 */
/* A domain with page tables of io-pgtable, and what the formats call back, in every kernel. */
#ifndef KERNEL_DOMAIN_H
#define KERNEL_DOMAIN_H

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

#include "dma.h"

/* A driver that gathers as arm-smmu-v3 does, and a silent device */

static void silent_flush_all(void *cookie)
{
}

static void silent_flush(unsigned long iova, size_t size, size_t granule,
			 void *cookie)
{
}

static void silent_add_page(struct iommu_iotlb_gather *gather,
			    unsigned long iova, size_t granule, void *cookie)
{
	struct domain *domain = cookie;

	iommu_iotlb_gather_add_page(&domain->iommu, gather, iova, granule);
}

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

	/*
	 * May sync what was gathered before, which is then not of it. Some
	 * kernels pass what they are given, NULL too: that is for the watch to
	 * say, not for a fault here
	 */
	if (gather)
		iommu_iotlb_gather_add_page(&domain->iommu, gather, iova,
					    granule);
	domain->watch->add(domain->cookie, iova, granule, granule);
}

static void domain_iotlb_sync(struct iommu_domain *iommu,
			      struct iommu_iotlb_gather *gather)
{
	struct domain *domain = iommu_to_domain(iommu);

	if (domain->watch)
		domain->watch->sync(domain->cookie, gather->start, gather->end,
				    gather->pgsize);
}

static uint64_t pt_iova_to_phys(struct pt *pt, uint64_t iova)
{
	struct io_pgtable_ops *ops = pt_to_domain(pt)->ops;

	return ops->iova_to_phys(ops, iova);
}

static const enum io_pgtable_fmt pt_fmts[PT_NUM_FMTS] = {
	[PT_LPAE_32_S1]	= ARM_32_LPAE_S1,
	[PT_LPAE_32_S2]	= ARM_32_LPAE_S2,
	[PT_LPAE_64_S1]	= ARM_64_LPAE_S1,
	[PT_LPAE_64_S2]	= ARM_64_LPAE_S2,
	[PT_V7S]	= ARM_V7S,
	[PT_MALI]	= ARM_MALI_LPAE,
	[PT_X86_64]	= IO_PGTABLE_NUM_FMTS,
};

/* VTCR.SL0: from 0, levels 3 to 0; for a 4K granule 2, 1, 0 and 3 */
static unsigned int pt_levels(const struct io_pgtable_cfg *cfg)
{
	unsigned int sl = cfg->arm_lpae_s2_cfg.vtcr.sl;

	return cfg->pgsize_bitmap & SZ_4K ? (sl + 1) % 4 + 1 : sl + 1;
}

static uint64_t pt_root(const struct domain *domain)
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

/* @quirks: those that not all kernels have */
static struct pt *pt_alloc(const struct pt_kernel *kernel,
			   typeof(((struct iommu_domain *)0)->ops) domain_ops,
			   const struct iommu_flush_ops *tlb,
			   unsigned long quirks, const struct pt_config *config,
			   const struct pt_watch *watch, void *cookie)
{
	struct domain *domain = kzalloc(sizeof(*domain), GFP_KERNEL);
	struct io_pgtable_cfg *cfg;

	if (!domain)
		return NULL;

	domain->pt.kernel = kernel;
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
	cfg->tlb = tlb;
	cfg->iommu_dev = &domain->dev;
	cfg->quirks = quirks |
		      (config->ttbr1 ? IO_PGTABLE_QUIRK_ARM_TTBR1 : 0) |
		      (config->arm_ns ? IO_PGTABLE_QUIRK_ARM_NS : 0) |
		      (config->no_perms ? IO_PGTABLE_QUIRK_NO_PERMS : 0) |
		      (config->mtk_ext ? IO_PGTABLE_QUIRK_ARM_MTK_EXT : 0);

	/* The core needs these, the format the rest of domain: it calls back */
	domain->iommu.type = IOMMU_DOMAIN_UNMANAGED;
	domain->iommu.ops = domain_ops;
	domain->ops = alloc_io_pgtable_ops(pt_fmts[config->fmt], cfg, domain);
	if (!domain->ops) {
		kfree(domain);
		return NULL;
	}

	domain->iommu.pgsize_bitmap = cfg->pgsize_bitmap;
	domain->iommu.geometry.aperture_start = config->ttbr1 ?
						~0UL << cfg->ias : 0;
	domain->iommu.geometry.aperture_end = config->ttbr1 ? ~0UL :
					      (1UL << cfg->ias) - 1;
	domain->iommu.geometry.force_aperture = true;
	domain->pt.config.page_sizes = cfg->pgsize_bitmap;
	domain->pt.config.ias = cfg->ias;
	domain->pt.config.oas = cfg->oas;
	if (config->fmt == PT_LPAE_32_S2 || config->fmt == PT_LPAE_64_S2)
		domain->pt.config.levels = pt_levels(cfg);
	domain->pt.root = pt_root(domain);
	domain->pt.gfp = GFP_KERNEL;
	return &domain->pt;
}

static void pt_free(struct pt *pt)
{
	struct domain *domain = pt_to_domain(pt);

	free_io_pgtable_ops(domain->ops);
	kfree(domain);
}

#endif
