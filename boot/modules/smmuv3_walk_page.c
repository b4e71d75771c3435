// SPDX-License-Identifier: GPL-2.0
/*
 * Has arm-smmu-v3 flush the walks of a single page.  No format asks for that today: what it frees is
 * a table of many pages.  QEMU's trace tells of the command.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/io-pgtable.h>
#include "arm-smmu-v3.h"
#include "device.h"

static int smmuv3_walk_page(struct device *dev)
{
	struct iommu_domain *domain = attach_domain(dev);
	struct arm_smmu_domain *smmu_domain;
	struct io_pgtable *iop;

	if (IS_ERR(domain))
		return PTR_ERR(domain);
	smmu_domain = container_of(domain, struct arm_smmu_domain, domain);
	iop = io_pgtable_ops_to_pgtable(smmu_domain->pgtbl_ops);

	pr_info("a page at %#lx\n", IOVA);
	iop->cfg.tlb->tlb_flush_walk(IOVA, SZ_4K, SZ_4K, iop->cookie);
	pr_info("flushed\n");

	detach_domain(domain, dev);
	return 0;
}

module_device_test(smmuv3_walk_page);

MODULE_DESCRIPTION("Flushes the walks of a single page through arm-smmu-v3");
