// SPDX-License-Identifier: GPL-2.0
/*
 * What iommu_map() and iommu_unmap() cost, through a device's IOMMU driver: in nanoseconds, or with
 * the parameter "instructions" in instructions.
 *
 * Those are for a virtual machine whose clock counts them: with QEMU's -icount shift=4 one tick of
 * the architected counter is one instruction, and every boot gives the same numbers.  Each size is
 * mapped by one call and unmapped by one call, with interrupts off, and the least of COUNTS is
 * reported: the first ones allocate what the later ones find in place, and now and then one also
 * pays for the page allocator's moving pages between its lists.
 *
 * A clock that counts time ticks only every few tens of nanoseconds, so there small ranges are
 * mapped by several calls in a row, one range beside the other, and a call's share of the time is
 * reported: the least and the median of ROUNDS.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ktime.h>
#include <linux/moduleparam.h>
#include COUNTER_H
#include "device.h"
#include "times.h"

#define COUNTS		8
#define AT_A_TIME	SZ_256K

static bool instructions;
module_param(instructions, bool, 0444);
MODULE_PARM_DESC(instructions, "count instructions: for QEMU with -icount shift=4");

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

/*
 * Maps and unmaps once, or by several @calls.  Inlined, so that nothing but the call itself stands
 * between two reads of the clock where there is one call.
 */
static __always_inline int measure(struct iommu_domain *domain, const struct mapping *mapping,
				   unsigned int calls, u64 (*clock)(void), struct cost *cost)
{
	const struct mapping all = { mapping->name, mapping->iova, calls * mapping->size };
	u64 start, end, reading;
	unsigned long flags;
	size_t unmapped = 0;
	unsigned int i;
	int ret = 0;

	local_irq_save(flags);
	/* How many ticks lie between two reads with nothing between them */
	start = clock();
	reading = clock() - start;
	start = clock();
	for (i = 0; i < calls && !ret; i++)
		ret = map_atomic(domain, mapping->iova + i * mapping->size,
				 PADDR + i * mapping->size, mapping->size);
	end = clock();
	local_irq_restore(flags);
	cost->map = end - start - reading;
	if (ret)
		return ret;
	if (!translates(domain, &all, true))
		return -EFAULT;

	local_irq_save(flags);
	start = clock();
	for (i = 0; i < calls; i++)
		unmapped += iommu_unmap(domain, mapping->iova + i * mapping->size, mapping->size);
	end = clock();
	local_irq_restore(flags);
	cost->unmap = end - start - reading;
	if (unmapped != all.size || !translates(domain, &all, false))
		return -EFAULT;
	return 0;
}

static int count_instructions(struct iommu_domain *domain, const struct mapping *mapping)
{
	/*
	 * With each invalidation arm-smmu-v3 clears a kilobyte of its stack, which takes up to 21
	 * instructions more or less by how that lies to a line of 64 bytes.  So that this is always
	 * the same, whatever is changed here, the stack has a place of its own from here on.
	 */
	void *place = __builtin_alloca(current_stack_pointer % 64 + 16);
	struct cost cost, least = { U64_MAX, U64_MAX };
	int round, ret;

	barrier_data(place);

	for (round = 0; round < COUNTS; round++) {
		ret = measure(domain, mapping, 1, counter, &cost);
		if (ret)
			return ret;
		least.map = min(least.map, cost.map);
		least.unmap = min(least.unmap, cost.unmap);
	}
	pr_info("%s: map %llu unmap %llu instructions\n", mapping->name, least.map, least.unmap);
	return 0;
}

static int take_time(struct iommu_domain *domain, const struct mapping *mapping)
{
	unsigned int calls = max_t(size_t, AT_A_TIME / mapping->size, 1);
	unsigned int pages = calls * (mapping->size / SZ_4K);
	u64 map[ROUNDS], unmap[ROUNDS], map_median, unmap_median;
	char text[6][24];
	struct cost cost;
	int round, ret;

	/* One more, which allocates the tables that stay, comes first */
	for (round = -1; round < ROUNDS; round++) {
		ret = measure(domain, mapping, calls, ktime_get_ns, &cost);
		if (ret)
			return ret;
		if (round >= 0) {
			map[round] = cost.map;
			unmap[round] = cost.unmap;
		}
	}
	map_median = median(map);
	unmap_median = median(unmap);
	pr_info("%-12s %11s %11s %9s   %11s %11s %9s\n", mapping->name,
		share(text[0], map[0], calls), share(text[1], map_median, calls),
		share(text[2], map_median, pages),
		share(text[3], unmap[0], calls), share(text[4], unmap_median, calls),
		share(text[5], unmap_median, pages));
	return 0;
}

static int measure_all(struct iommu_domain *domain)
{
	int i, ret;

	if (!instructions) {
		pr_info("ns of one call, of 4 KiB pages; least and median of %d\n", ROUNDS);
		pr_info("%-12s %11s %11s %9s   %11s %11s %9s\n", "size", "map: least", "median",
			"a page", "unmap: least", "median", "a page");
	}
	for (i = 0; i < ARRAY_SIZE(mappings); i++) {
		ret = instructions ? count_instructions(domain, &mappings[i]) :
				     take_time(domain, &mappings[i]);
		if (ret) {
			pr_err("FAIL: %s: error %d\n", mappings[i].name, ret);
			return ret;
		}
	}
	return 0;
}

static int iommu_cost(struct device *dev)
{
	struct iommu_domain *domain;
	int ret;

	if (instructions && !has_counter()) {
		dev_err(dev, "nothing here counts instructions\n");
		return -ENODEV;
	}
	domain = attach_domain(dev);
	if (IS_ERR(domain))
		return PTR_ERR(domain);
	ret = measure_all(domain);
	detach_domain(domain, dev);
	return ret;
}

module_device_test(iommu_cost);

MODULE_DESCRIPTION("What iommu_map() and iommu_unmap() cost");
