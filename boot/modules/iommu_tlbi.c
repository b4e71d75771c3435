// SPDX-License-Identifier: GPL-2.0
/*
 * What an SMMU is told to invalidate by one iommu_unmap(), or by a map, where it may keep that an
 * address is not mapped, for boot/tlbi.py to read and judge.
 *
 * The log says when an unmap begins, when the core asks for a sync, and when the unmap has ended.
 * What stands between these is, for an SMMUv3, QEMU's trace of the commands that it takes.
 * arm-smmu has no model in QEMU: it drives RAM there, in which the ID registers were put.  But it
 * lets an implementation make its register accesses, so we are one: we do as the driver does, and
 * say so when it is a register of the TLB.  The other drivers have registers whose accesses QEMU
 * traces, see boot/dts/ipmmu-vmsa.dts.
 *
 * QEMU's trace is in the right place of the log on a machine with one CPU.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/interrupt.h>
#include <linux/pm_runtime.h>
#include <linux/workqueue.h>
#include "arm-smmu.h"
#include "list.h"
#include DOMAIN_OPS_H

/* As device.h has it, unless another one is asked for */
static unsigned long paddr = 0x80001000;
#define PADDR	((phys_addr_t)paddr)
#include "device.h"

module_param(paddr, ulong, 0);
MODULE_PARM_DESC(paddr, "physical address of what is mapped");

static const struct mapping mappings[] = {
	{ "4K", IOVA, SZ_4K },
	{ "64K", IOVA, SZ_64K },
	{ "1M", IOVA, SZ_1M },
	{ "2M", IOVA, SZ_2M },
	{ "16M", IOVA, SZ_16M },
	{ "16M-across", IOVA + SZ_64K, SZ_16M },
	{ "32M", IOVA, SZ_32M },
	{ "32M-across", IOVA + SZ_64K, SZ_32M },
	{ "1G", IOVA + SZ_2M, SZ_1G },
	{ "1G-aligned", IOVA, SZ_1G },
	{ "1G-across", IOVA + SZ_64K, SZ_1G },
};

static unsigned long largest = SZ_1G;
module_param(largest, ulong, 0);
MODULE_PARM_DESC(largest, "size of the largest unmap that is done");

static bool upper;
module_param(upper, bool, 0);
MODULE_PARM_DESC(upper, "in the upper half of the addresses, by arm-smmu's TTBR1");

static bool by_address;
module_param(by_address, bool, 0);
MODULE_PARM_DESC(by_address, "as an arm-smmu that is to be told each address, and not of a context");

static bool flush_all;
module_param(flush_all, bool, 0);
MODULE_PARM_DESC(flush_all, "in the end, flush_iotlb_all() is to do for what is unmapped");

static bool maps;
module_param(maps, bool, 0);
MODULE_PARM_DESC(maps, "tell what is invalidated by maps, too");

static unsigned int beside;
module_param(beside, uint, 0);
MODULE_PARM_DESC(beside, "so many unmaps, and nothing else, beside as many flushes of all by another CPU");

/* What is unmapped just now. */
static struct {
	struct iommu_domain *domain;
	const struct mapping *mapping;
	const struct domain_ops *ops;
	size_t done;
} unmapping;

/* Writes to the same register, of one page after the other, which are one line in the log. */
static struct {
	const char *name;
	u64 start;
	unsigned long pages;
} run;

static void end_run(void)
{
	if (run.pages)
		pr_info("%s %lu from %#llx\n", run.name, run.pages, run.start);
	run.pages = 0;
}

static void tell_page(const char *name, u64 iova)
{
	if (!run.pages || run.name != name || iova != run.start + run.pages * SZ_4K) {
		end_run();
		run.name = name;
		run.start = iova;
	}
	run.pages++;
}

static void tell(const char *name)
{
	end_run();
	pr_info("%s\n", name);
}

/* All of a context is invalidated: so are the pages that are unmapped, not those that will be. */
static void tell_all(const char *name)
{
	const struct mapping *mapping = unmapping.mapping;

	while (unmapping.done < mapping->size &&
	       !iommu_iova_to_phys(unmapping.domain, mapping->iova + unmapping.done))
		unmapping.done += SZ_4K;
	end_run();
	pr_info("%s when unmapped to %#llx\n", name, (u64)mapping->iova + unmapping.done);
}

/* @iova is what was written, as an address: it stands where the register has it. */
static void tell_write(struct arm_smmu_device *smmu, int page, int offset, u64 iova)
{
	if (page == ARM_SMMU_GR0) {
		switch (offset) {
		case ARM_SMMU_GR0_TLBIVMID:
			return tell_all("TLBIVMID");
		case ARM_SMMU_GR0_TLBIALLNSNH:
			return tell_all("TLBIALLNSNH");
		case ARM_SMMU_GR0_TLBIALLH:
			return tell_all("TLBIALLH");
		case ARM_SMMU_GR0_sTLBGSYNC:
			return tell("sTLBGSYNC");
		}
	} else if (page >= smmu->numpage) {
		switch (offset) {
		case ARM_SMMU_CB_S1_TLBIVA:
			return tell_page("TLBIVA", iova);
		case ARM_SMMU_CB_S1_TLBIVAL:
			return tell_page("TLBIVAL", iova);
		case ARM_SMMU_CB_S1_TLBIASID:
			return tell_all("TLBIASID");
		case ARM_SMMU_CB_S2_TLBIIPAS2:
			return tell_page("TLBIIPAS2", iova);
		case ARM_SMMU_CB_S2_TLBIIPAS2L:
			return tell_page("TLBIIPAS2L", iova);
		case ARM_SMMU_CB_TLBSYNC:
			return tell("TLBSYNC");
		}
	}
}

static bool has_asid(int offset)
{
	return offset == ARM_SMMU_CB_S1_TLBIVA || offset == ARM_SMMU_CB_S1_TLBIVAL;
}

static void write_reg(struct arm_smmu_device *smmu, int page, int offset, u32 val)
{
	writel_relaxed(val, arm_smmu_page(smmu, page) + offset);
	/* The address stands at bit 12, beside the ASID; that of stage 2 at bit 0 */
	tell_write(smmu, page, offset, has_asid(offset) ? val & ~0xfffU : (u64)val << 12);
}

/* Bits 55:12 of the address stand at bit 0; the ASID at bit 48 of stage 1, where else is nothing */
static void write_reg64(struct arm_smmu_device *smmu, int page, int offset, u64 val)
{
	struct arm_smmu_domain *domain = container_of(unmapping.domain, struct arm_smmu_domain,
						      domain);
	u64 rest = has_asid(offset) ? (u64)domain->cfg.asid << 48 : 0;

	writeq_relaxed(val, arm_smmu_page(smmu, page) + offset);
	if (page >= smmu->numpage && (val & ~GENMASK_ULL(43, 0)) != rest)
		pr_info("%#llx is not of ASID %u\n", val, domain->cfg.asid);
	tell_write(smmu, page, offset, sign_extend64((val & GENMASK_ULL(43, 0)) << 12, 55));
}

/* The last one is when all is cleared. */
static void tell_sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather)
{
	end_run();
	pr_info("%s: sync\n", unmapping.mapping->name);
	unmapping.ops->iotlb_sync(domain, gather);
}

static const char *driver_of(struct device *dev)
{
	return dev_driver_string(dev->iommu->iommu_dev->dev->parent);
}

/* The arm-smmu that translates for the device, NULL when that is none. */
static struct arm_smmu_device *arm_smmu_of(struct device *dev)
{
	if (strcmp(driver_of(dev), "arm-smmu"))
		return NULL;
	return container_of(dev->iommu->iommu_dev, struct arm_smmu_device, iommu);
}

/*
 * What the core maps it by: the largest size that the addresses and the end are aligned to. That is so
 * as long as the two addresses are not aligned to each other by more.
 */
static unsigned long mapped_by(struct iommu_domain *domain, const struct mapping *mapping)
{
	unsigned long ends = mapping->iova | (unsigned long)PADDR | mapping->size;
	unsigned long sizes = domain->pgsize_bitmap & ((ends ^ (ends - 1)));

	return BIT(__fls(sizes));
}

/*
 * What a table maps that is freed with such pages: the next size, of a higher level. 0: there is none,
 * as qcom_iommu offers 4 KiB alone, so that no table is ever freed.
 */
static unsigned long table_size(struct iommu_domain *domain, unsigned long page)
{
	unsigned long sizes = domain->pgsize_bitmap & ~(max(2 * page, (unsigned long)SZ_1M) - 1);

	return sizes & -sizes;
}

static void tell_begin(struct device *dev, struct iommu_domain *domain, const struct mapping *mapping)
{
	unsigned long page = mapped_by(domain, mapping);

	pr_info("%s: unmap %#zx bytes at %#lx, pages of %#lx, tables of %#lx, driver %s, IDs %u\n",
		mapping->name, mapping->size, mapping->iova, page, table_size(domain, page),
		driver_of(dev), dev_iommu_fwspec_get(dev)->num_ids);
}

static int unmap(struct device *dev, struct iommu_domain *domain, const struct mapping *mapping,
		 struct arm_smmu_device *smmu, const struct arm_smmu_impl *impl)
{
	const struct arm_smmu_impl *before;
	static struct domain_ops ops;
	size_t unmapped;
	int ret;

	ret = map_atomic(domain, mapping->iova, PADDR, mapping->size, IOMMU_READ | IOMMU_WRITE);
	if (ret)
		return ret;
	if (!translates(domain, mapping, true))
		return -EFAULT;

	unmapping.domain = domain;
	unmapping.mapping = mapping;
	unmapping.done = 0;
	tell_begin(dev, domain, mapping);
	if (smmu) {
		before = smmu->impl;
		smmu->impl = impl;
	}
	ops = *domain->ops;
	ops.iotlb_sync = tell_sync;
	unmapping.ops = domain->ops;
	domain->ops = &ops;
	unmapped = iommu_unmap(domain, mapping->iova, mapping->size);
	domain->ops = unmapping.ops;
	if (smmu)
		smmu->impl = before;
	end_run();
	pr_info("%s: unmapped\n", mapping->name);

	if (unmapped != mapping->size || !translates(domain, mapping, false))
		return -EFAULT;
	return 0;
}

/* As the caller does that has no gather: nothing of what the unmap itself asks for counts */
static int flush(struct device *dev, struct iommu_domain *domain)
{
	const struct mapping mapping = { "flush-all", IOVA, SZ_2M };
	int ret;

	ret = map_atomic(domain, mapping.iova, PADDR, mapping.size, IOMMU_READ | IOMMU_WRITE);
	if (ret)
		return ret;
	if (iommu_unmap(domain, mapping.iova, mapping.size) != mapping.size)
		return -EFAULT;

	tell_begin(dev, domain, &mapping);
	pr_info("%s: sync\n", mapping.name);
	iommu_flush_iotlb_all(domain);
	pr_info("%s: unmapped\n", mapping.name);
	return 0;
}

static void begin_map(struct device *dev, struct iommu_domain *domain,
		      const struct mapping *mapping, struct arm_smmu_device *smmu,
		      const struct arm_smmu_impl **impl)
{
	unmapping.domain = domain;
	unmapping.mapping = mapping;
	unmapping.done = 0;
	pr_info("%s: map %#zx bytes at %#lx, driver %s\n", mapping->name, mapping->size,
		mapping->iova, driver_of(dev));
	if (smmu)
		swap(smmu->impl, *impl);
}

static void end_map(const struct mapping *mapping, struct arm_smmu_device *smmu,
		    const struct arm_smmu_impl **impl)
{
	if (smmu)
		swap(smmu->impl, *impl);
	end_run();
	pr_info("%s: mapped\n", mapping->name);
}

static const struct mapping runs[] = {
	{ "map-4K", IOVA, SZ_4K },
	{ "map-1M", IOVA, SZ_1M },
};

static int map_run(struct device *dev, struct iommu_domain *domain, const struct mapping *mapping,
		   struct arm_smmu_device *smmu, const struct arm_smmu_impl *impl)
{
	int ret;

	begin_map(dev, domain, mapping, smmu, &impl);
	ret = map_atomic(domain, mapping->iova, PADDR, mapping->size, IOMMU_READ | IOMMU_WRITE);
	end_map(mapping, smmu, &impl);
	if (ret)
		return ret;
	if (!translates(domain, mapping, true) ||
	    iommu_unmap(domain, mapping->iova, mapping->size) != mapping->size)
		return -EFAULT;
	return 0;
}

/* Pages of which none follows the one before, from the last one down to this */
#define SG_PAGES	1000
#define SG_PADDR	((phys_addr_t)SZ_16M)

/*
 * What an address is for the IOMMU, as a map of one page has it.  In its "4GB mode", mtk_iommu tells
 * of addresses below 1 GiB, where no memory is, what the tables have.
 */
static phys_addr_t iommu_address(struct iommu_domain *domain, phys_addr_t paddr)
{
	phys_addr_t address;

	if (map_atomic(domain, IOVA, paddr, SZ_4K, IOMMU_READ | IOMMU_WRITE))
		return 0;
	address = iommu_iova_to_phys(domain, IOVA);
	return iommu_unmap(domain, IOVA, SZ_4K) == SZ_4K ? address : 0;
}

static int map_scattered(struct device *dev, struct iommu_domain *domain,
			 struct arm_smmu_device *smmu, const struct arm_smmu_impl *impl)
{
	const struct mapping mapping = { "map-sg", IOVA, SG_PAGES * SZ_4K };
	phys_addr_t first = iommu_address(domain, SG_PADDR);
	struct scatterlist *sg;
	struct sg_table table;
	unsigned int i;
	size_t mapped;
	int ret;

	ret = sg_alloc_table(&table, SG_PAGES, GFP_KERNEL);
	if (ret)
		return ret;
	for_each_sg(table.sgl, sg, SG_PAGES, i)
		set_segment(sg, SG_PADDR + (SG_PAGES - 1 - i) * SZ_4K, SZ_4K);

	begin_map(dev, domain, &mapping, smmu, &impl);
	mapped = map_list_atomic(domain, mapping.iova, table.sgl, SG_PAGES);
	end_map(&mapping, smmu, &impl);
	if (!first || mapped != mapping.size)
		ret = -EFAULT;
	for (i = 0; i < SG_PAGES; i++)
		if (iommu_iova_to_phys(domain, mapping.iova + i * SZ_4K) !=
		    first + (SG_PAGES - 1 - i) * SZ_4K)
			ret = -EFAULT;
	if (iommu_unmap(domain, mapping.iova, mapping.size) != mapping.size)
		ret = -EFAULT;

	sg_free_table(&table);
	return ret;
}

/* What two CPUs do at once, with the domain of @dev */
struct two {
	struct work_struct unmap, flush;
	struct iommu_domain *domain;
	int irq, ret;
};

static void two_unmap(struct work_struct *work)
{
	struct two *two = container_of(work, struct two, unmap);
	unsigned int i;

	for (i = 0; i < beside && !two->ret; i++) {
		two->ret = map_atomic(two->domain, IOVA, PADDR, SZ_4K, IOMMU_READ | IOMMU_WRITE);
		if (!two->ret && iommu_unmap(two->domain, IOVA, SZ_4K) != SZ_4K)
			two->ret = -EFAULT;
	}
}

/* The IOMMU's interrupt comes here, on the first CPU: mtk_iommu flushes in its handler, too */
static void two_flush(struct work_struct *work)
{
	struct two *two = container_of(work, struct two, flush);
	unsigned int i;

	for (i = 0; i < beside; i++) {
		if (i % 2 && two->irq > 0)
			irq_set_irqchip_state(two->irq, IRQCHIP_STATE_PENDING, true);
		else
			iommu_flush_iotlb_all(two->domain);
	}
}

static int unmap_beside_flush(struct device *dev, struct iommu_domain *domain)
{
	struct device *iommu = dev->iommu->iommu_dev->dev->parent;
	struct two two = { .domain = domain };

	if (!cpu_online(1))
		return -ENODEV;
	if (!strcmp(driver_of(dev), "mtk-iommu"))
		two.irq = platform_get_irq(to_platform_device(iommu), 0);
	INIT_WORK_ONSTACK(&two.unmap, two_unmap);
	INIT_WORK_ONSTACK(&two.flush, two_flush);

	pr_info("beside: %u unmaps and flushes, driver %s\n", beside, driver_of(dev));
	schedule_work_on(1, &two.unmap);
	schedule_work_on(0, &two.flush);
	flush_work(&two.unmap);
	flush_work(&two.flush);
	pr_info("beside: unmapped\n");

	destroy_work_on_stack(&two.unmap);
	destroy_work_on_stack(&two.flush);
	return two.ret;
}

static int init_context(struct arm_smmu_domain *domain, struct io_pgtable_cfg *cfg, struct device *dev)
{
	if (upper)
		cfg->quirks |= IO_PGTABLE_QUIRK_ARM_TTBR1;
#ifdef HAVE_PREFER_TLBIASID
	if (by_address)
		domain->cfg.flush_walk_prefer_tlbiasid = false;
	return 0;
#else
	return by_address ? -EOPNOTSUPP : 0;
#endif
}

/* As the driver has it, or as an implementation that wants it otherwise */
static struct iommu_domain *attach_as(struct device *dev, struct arm_smmu_device *smmu,
				      const struct arm_smmu_impl *impl)
{
	const struct arm_smmu_impl *before;
	struct iommu_domain *domain;

	if (!upper && !by_address)
		return attach_domain(dev);
	if (!smmu)
		return ERR_PTR(-EINVAL);

	before = smmu->impl;
	smmu->impl = impl;
	domain = attach_domain(dev);
	smmu->impl = before;
	return domain;
}

static int iommu_tlbi(struct device *dev)
{
	struct arm_smmu_device *smmu = arm_smmu_of(dev);
	bool enable_pm = !pm_runtime_enabled(dev);
	struct arm_smmu_impl impl = {};
	struct iommu_domain *domain;
	struct mapping mapping;
	int i, ret = 0;

	if (smmu && smmu->impl)
		impl = *smmu->impl;
	impl.init_context = init_context;
	domain = attach_as(dev, smmu, &impl);
	if (IS_ERR(domain))
		return PTR_ERR(domain);
	impl.write_reg = write_reg;
	impl.write_reg64 = write_reg64;

	/* mtk_iommu of 7.3 leaves the TLB alone unless a device behind it is in use */
	if (enable_pm)
		pm_runtime_enable(dev);
	pm_runtime_get_sync(dev);

	if (beside)
		ret = unmap_beside_flush(dev, domain);
	for (i = 0; i < ARRAY_SIZE(mappings) && !beside && !ret; i++) {
		if (mappings[i].size > largest)
			continue;
		mapping = mappings[i];
		if (upper)
			mapping.iova += domain->geometry.aperture_start;
		ret = unmap(dev, domain, &mapping, smmu, &impl);
		if (ret)
			pr_err("FAIL: %s: error %d\n", mappings[i].name, ret);
	}

	if (flush_all && !ret)
		ret = flush(dev, domain);
	if (maps && !ret) {
		for (i = 0; i < ARRAY_SIZE(runs) && !ret; i++)
			ret = map_run(dev, domain, &runs[i], smmu, &impl);
		if (!ret)
			ret = map_scattered(dev, domain, smmu, &impl);
		if (ret)
			pr_err("FAIL: maps: error %d\n", ret);
	}

	pm_runtime_put_sync(dev);
	if (enable_pm)
		pm_runtime_disable(dev);
	detach_domain(domain, dev);
	return ret;
}

module_device_test(iommu_tlbi);

MODULE_DESCRIPTION("What an SMMU is told to invalidate by iommu_unmap(), and by maps");
