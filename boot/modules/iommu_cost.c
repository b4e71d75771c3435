// SPDX-License-Identifier: GPL-2.0
/*
 * What iommu_map() and iommu_unmap() cost in instructions, through a device's IOMMU driver.
 *
 * For a virtual machine whose clock counts instructions: with QEMU's -icount shift=4 one tick of
 * the architected counter is one instruction, and every boot gives the same numbers.  On a real
 * machine the numbers mean nothing.
 *
 * Each size is mapped by one call and unmapped by one call, with interrupts off.  The smallest of
 * ROUNDS is reported: the first ones allocate what the later ones find in place, and now and then
 * one also pays for the page allocator's moving pages between its lists.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <asm/arch_timer.h>
#include "device.h"

#define ROUNDS	8

static const struct mapping mappings[] = {
	{ "4K", IOVA, SZ_4K },
	{ "64K", IOVA, SZ_64K },
	{ "1M", IOVA, SZ_1M },
	{ "2M", IOVA, SZ_2M },
	{ "2M-across", IOVA + SZ_1M, SZ_2M },
	{ "16M", IOVA, SZ_16M },
	{ "16M-across", IOVA + SZ_1M, SZ_16M },
};

struct cost {
	u64 map;
	u64 unmap;
};

/* How many ticks lie between two reads of the counter with nothing between them. */
static u64 cost_of_reading(void)
{
	u64 start = __arch_counter_get_cntvct();

	return __arch_counter_get_cntvct() - start;
}

static int measure(struct iommu_domain *domain, const struct mapping *mapping, struct cost *cost)
{
	u64 start, end, reading;
	unsigned long flags;
	size_t unmapped;
	int ret;

	local_irq_save(flags);
	reading = cost_of_reading();
	start = __arch_counter_get_cntvct();
	ret = iommu_map_atomic(domain, mapping->iova, PADDR, mapping->size,
			       IOMMU_READ | IOMMU_WRITE);
	end = __arch_counter_get_cntvct();
	local_irq_restore(flags);
	cost->map = end - start - reading;
	if (ret)
		return ret;
	if (!translates(domain, mapping, true))
		return -EFAULT;

	local_irq_save(flags);
	start = __arch_counter_get_cntvct();
	unmapped = iommu_unmap(domain, mapping->iova, mapping->size);
	end = __arch_counter_get_cntvct();
	local_irq_restore(flags);
	cost->unmap = end - start - reading;
	if (unmapped != mapping->size || !translates(domain, mapping, false))
		return -EFAULT;
	return 0;
}

static int measure_all(struct iommu_domain *domain)
{
	struct cost cost, least;
	int i, round, ret;

	for (i = 0; i < ARRAY_SIZE(mappings); i++) {
		least.map = U64_MAX;
		least.unmap = U64_MAX;
		for (round = 0; round < ROUNDS; round++) {
			ret = measure(domain, &mappings[i], &cost);
			if (ret) {
				pr_err("FAIL: %s: error %d\n", mappings[i].name, ret);
				return ret;
			}
			least.map = min(least.map, cost.map);
			least.unmap = min(least.unmap, cost.unmap);
		}
		pr_info("%s: map %llu unmap %llu instructions\n",
			mappings[i].name, least.map, least.unmap);
	}
	return 0;
}

static int iommu_cost(struct device *dev)
{
	struct iommu_domain *domain = attach_domain(dev);
	int ret;

	if (IS_ERR(domain))
		return PTR_ERR(domain);
	ret = measure_all(domain);
	detach_domain(domain, dev);
	return ret;
}

module_device_test(iommu_cost);

MODULE_DESCRIPTION("Instructions per iommu_map() and iommu_unmap()");
