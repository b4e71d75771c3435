// SPDX-License-Identifier: GPL-2.0
/*
 * What mapping and unmapping cost through a device's IOMMU driver, in nanoseconds, or with the
 * parameter "instructions" in instructions: iommu_map() and iommu_unmap(); "list", 256 pages that
 * are not side by side, by iommu_map_sg() and iommu_unmap(), "list-N", N such pages, "list-64K-N", N
 * such segments of 64 KiB; "dma", one page by dma_map_page() and dma_unmap_page(); "dma-list" and
 * the like, those lists by dma_map_sg() and dma_unmap_sg().  In a lazy domain of the DMA API the
 * invalidation comes later, and is not counted.
 *
 * Instructions are for a virtual machine whose clock counts them: with QEMU's -icount shift=4 one
 * tick of the architected counter is one instruction, and every boot gives the same numbers.  Each
 * size is mapped by one call and unmapped by one call, with interrupts off, and the least of COUNTS
 * is reported: the first ones allocate what the later ones find in place, and now and then one also
 * pays for the page allocator's moving pages between its lists.
 *
 * A clock that counts time ticks only every few tens of nanoseconds, so there small ranges are
 * mapped by several calls in a row, one range beside the other, and a call's share of the time is
 * reported: the least and the median of ROUNDS.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/ktime.h>
#include <linux/moduleparam.h>
#include <linux/scatterlist.h>
#include COUNTER_H
#include "device.h"
#include "times.h"

#define COUNTS		8
#define AT_A_TIME	SZ_256K
#define MOST_CALLS	(AT_A_TIME / SZ_4K)
#define CHUNK		SZ_128K	/* of which every second page, or the first half, is in a list */
#define CHUNKS		256
#define WARM_UP		32	/* until the DMA API has addresses that it can hand out again */

static bool instructions;
module_param(instructions, bool, 0444);
MODULE_PARM_DESC(instructions, "count instructions: for QEMU with -icount shift=4");

static const struct mapping ranges[] = {
	{ "4K", IOVA, SZ_4K },
	{ "64K", IOVA, SZ_64K },
	{ "1M", IOVA, SZ_1M },
	{ "2M", IOVA, SZ_2M },
	{ "2M-across", IOVA + SZ_1M, SZ_2M },
	{ "16M", IOVA, SZ_16M },
	{ "16M-across", IOVA + SZ_1M, SZ_16M },
};
static const struct mapping dma = { "dma", 0, SZ_4K };

static const struct list {
	struct mapping by_iommu, by_dma;
	size_t segment;
} lists[] = {
	{ { "list-1", IOVA, SZ_4K }, { "dma-list-1", 0, SZ_4K }, SZ_4K },
	{ { "list-16", IOVA, SZ_64K }, { "dma-list-16", 0, SZ_64K }, SZ_4K },
	{ { "list", IOVA, SZ_1M }, { "dma-list", 0, SZ_1M }, SZ_4K },
	{ { "list-4096", IOVA, SZ_16M }, { "dma-list-4096", 0, SZ_16M }, SZ_4K },
	{ { "list-64K-16", IOVA, SZ_1M }, { "dma-list-64K-16", 0, SZ_1M }, SZ_64K },
	{ { "list-64K-256", IOVA, SZ_16M }, { "dma-list-64K-256", 0, SZ_16M }, SZ_64K },
};

/* By what it is mapped and unmapped. */
enum way { RANGE, LIST, DMA, DMA_LIST };

static struct {
	struct device *dev;
	struct iommu_domain *domain;
	struct page *chunks[CHUNKS];
	struct sg_table table;		/* the list */
	dma_addr_t addr[MOST_CALLS];	/* that the DMA API gave */
} subject;

struct cost {
	u64 map;
	u64 unmap;
};

static __always_inline void map_it(enum way way, const struct mapping *mapping, unsigned int i,
				   int *ret)
{
	unsigned int nents = subject.table.orig_nents;
	struct scatterlist *sgl = subject.table.sgl;

	switch (way) {
	case RANGE:
		*ret = map_atomic(subject.domain, mapping->iova + i * mapping->size,
				  PADDR + i * mapping->size, mapping->size,
				  IOMMU_READ | IOMMU_WRITE);
		break;
	case LIST:
		*ret = map_list_atomic(subject.domain, mapping->iova + i * mapping->size, sgl,
				       nents) ? 0 : -ENOMEM;
		break;
	case DMA:
		subject.addr[i] = dma_map_page(subject.dev, subject.chunks[0], 0, mapping->size,
					       DMA_BIDIRECTIONAL);
		break;
	case DMA_LIST:
		*ret = dma_map_sg(subject.dev, sgl, nents, DMA_BIDIRECTIONAL) ? 0 : -ENOMEM;
		break;
	}
}

static __always_inline size_t unmap_it(enum way way, const struct mapping *mapping, unsigned int i)
{
	switch (way) {
	case RANGE:
	case LIST:
		return iommu_unmap(subject.domain, mapping->iova + i * mapping->size, mapping->size);
	case DMA:
		dma_unmap_page(subject.dev, subject.addr[i], mapping->size, DMA_BIDIRECTIONAL);
		break;
	case DMA_LIST:
		dma_unmap_sg(subject.dev, subject.table.sgl, subject.table.orig_nents,
			     DMA_BIDIRECTIONAL);
		break;
	}
	return mapping->size;
}

/* As translates(), for the list. */
static bool list_translates(unsigned long iova, bool mapped)
{
	struct scatterlist *sg;
	unsigned int i, offset;
	phys_addr_t phys;

	for_each_sg(subject.table.sgl, sg, subject.table.orig_nents, i) {
		for (offset = 0; offset < sg->length; offset += SZ_4K, iova += SZ_4K) {
			phys = iommu_iova_to_phys(subject.domain, iova);
			if (phys != (mapped ? sg_phys(sg) + offset : 0))
				return false;
		}
	}
	return true;
}

static bool all_translates(enum way way, const struct mapping *mapping, unsigned int calls,
			   bool mapped)
{
	const struct mapping all = { mapping->name, mapping->iova, calls * mapping->size };
	unsigned int i;

	switch (way) {
	case RANGE:
		return translates(subject.domain, &all, mapped);
	case LIST:
		for (i = 0; i < calls; i++)
			if (!list_translates(mapping->iova + i * mapping->size, mapped))
				return false;
		return true;
	case DMA:
		for (i = 0; i < calls; i++)
			if (iommu_iova_to_phys(subject.domain, subject.addr[i]) !=
			    (mapped ? page_to_phys(subject.chunks[0]) : 0))
				return false;
		return true;
	case DMA_LIST:
		if (mapped)
			subject.addr[0] = sg_dma_address(subject.table.sgl);
		return list_translates(subject.addr[0], mapped);
	}
	return false;
}

/*
 * Maps and unmaps once, or by several @calls.  Inlined, so that nothing but the call itself stands
 * between two reads of the clock where there is one call.
 */
static __always_inline int measure(enum way way, const struct mapping *mapping, unsigned int calls,
				   u64 (*clock)(void), struct cost *cost)
{
	u64 start, end, reading;
	unsigned long flags;
	size_t unmapped = 0;
	unsigned int i;
	int ret = 0;

	flags = begin_timing();
	/* How many ticks lie between two reads with nothing between them */
	start = clock();
	reading = clock() - start;
	start = clock();
	for (i = 0; i < calls && !ret; i++)
		map_it(way, mapping, i, &ret);
	end = clock();
	end_timing(flags);
	cost->map = end - start - reading;
	if (ret)
		return ret;
	if (!all_translates(way, mapping, calls, true))
		return -EFAULT;

	flags = begin_timing();
	start = clock();
	for (i = 0; i < calls; i++)
		unmapped += unmap_it(way, mapping, i);
	end = clock();
	end_timing(flags);
	cost->unmap = end - start - reading;
	if (unmapped != calls * mapping->size || !all_translates(way, mapping, calls, false))
		return -EFAULT;
	return 0;
}

/* The DMA API's addresses, those of a lazy domain when its queue has been flushed. */
static __always_inline int warm_up(enum way way, const struct mapping *mapping)
{
	struct cost cost;
	int round, ret;

	if (way != DMA && way != DMA_LIST)
		return 0;
	for (round = 0; round < WARM_UP; round++) {
		ret = measure(way, mapping, 1, ktime_get_ns, &cost);
		if (ret)
			return ret;
	}
	msleep(100);
	return 0;
}

static __always_inline int count_instructions(enum way way, const struct mapping *mapping)
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

	ret = warm_up(way, mapping);
	if (ret)
		return ret;
	for (round = 0; round < COUNTS; round++) {
		ret = measure(way, mapping, 1, counter, &cost);
		if (ret)
			return ret;
		least.map = min(least.map, cost.map);
		least.unmap = min(least.unmap, cost.unmap);
	}
	pr_info("%s: map %llu unmap %llu instructions\n", mapping->name, least.map, least.unmap);
	return 0;
}

static __always_inline int take_time(enum way way, const struct mapping *mapping)
{
	/* A list of the DMA API's has room for one call's addresses */
	unsigned int calls = way == DMA_LIST ? 1 : max_t(size_t, AT_A_TIME / mapping->size, 1);
	unsigned int pages = calls * (mapping->size / SZ_4K);
	u64 map[ROUNDS], unmap[ROUNDS], map_median, unmap_median;
	char text[6][24];
	struct cost cost;
	int round, ret;

	/* One more, which allocates the tables that stay, comes first */
	for (round = -1; round < ROUNDS; round++) {
		ret = measure(way, mapping, calls, ktime_get_ns, &cost);
		if (ret)
			return ret;
		if (round >= 0) {
			map[round] = cost.map;
			unmap[round] = cost.unmap;
		}
	}
	map_median = median(map);
	unmap_median = median(unmap);
	pr_info("%-16s %11s %11s %9s   %11s %11s %9s\n", mapping->name,
		share(text[0], map[0], calls), share(text[1], map_median, calls),
		share(text[2], map_median, pages),
		share(text[3], unmap[0], calls), share(text[4], unmap_median, calls),
		share(text[5], unmap_median, pages));
	return 0;
}

/* A function for each way, in which all that depends on it has been decided. */
#define DEFINE_WAY(function, way)							\
static noinline int function(const struct mapping *mapping)				\
{											\
	int ret = instructions ? count_instructions(way, mapping) : take_time(way, mapping);	\
											\
	if (ret)									\
		pr_err("FAIL: %s: error %d\n", mapping->name, ret);			\
	return ret;									\
}

DEFINE_WAY(measure_range, RANGE)
DEFINE_WAY(measure_list, LIST)
DEFINE_WAY(measure_dma, DMA)
DEFINE_WAY(measure_dma_list, DMA_LIST)

/* Segments that are not side by side: as many as the list's size takes. */
static int make_list(const struct list *list)
{
	unsigned int per_chunk = CHUNK / 2 / list->segment, i;
	struct scatterlist *sg;
	int ret;

	ret = sg_alloc_table(&subject.table, list->by_iommu.size / list->segment, GFP_KERNEL);
	if (ret)
		return ret;
	for_each_sg(subject.table.sgl, sg, subject.table.orig_nents, i)
		sg_set_buf(sg, page_address(subject.chunks[i / per_chunk]) +
			       i % per_chunk * 2 * list->segment, list->segment);
	return 0;
}

static int measure_lists(bool by_dma)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(lists) && !ret; i++) {
		ret = make_list(&lists[i]);
		if (ret)
			return ret;
		ret = by_dma ? measure_dma_list(&lists[i].by_dma) :
			       measure_list(&lists[i].by_iommu);
		sg_free_table(&subject.table);
	}
	return ret;
}

static int measure_iommu_api(struct device *dev)
{
	int i, ret = 0;

	subject.domain = attach_domain(dev);
	if (IS_ERR(subject.domain))
		return PTR_ERR(subject.domain);
	if (!instructions) {
		pr_info("ns of one call, of 4 KiB pages; least and median of %d\n", ROUNDS);
		pr_info("%-16s %11s %11s %9s   %11s %11s %9s\n", "size", "map: least", "median",
			"a page", "unmap: least", "median", "a page");
	}
	for (i = 0; i < ARRAY_SIZE(ranges) && !ret; i++)
		ret = measure_range(&ranges[i]);
	if (!ret)
		ret = measure_lists(false);
	detach_domain(subject.domain, dev);
	return ret;
}

static int measure_dma_api(struct device *dev)
{
	int ret;

	subject.domain = iommu_get_domain_for_dev(dev);
	if (!subject.domain || !is_dma_domain(subject.domain)) {
		dev_info(dev, "the DMA API does not translate for it\n");
		return 0;
	}
	ret = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(32));
	return ret ?: measure_dma(&dma) ?: measure_lists(true);
}

static void free_chunks(void)
{
	unsigned int i;

	for (i = 0; i < CHUNKS && subject.chunks[i]; i++)
		__free_pages(subject.chunks[i], get_order(CHUNK));
}

static int alloc_chunks(void)
{
	unsigned int i;

	for (i = 0; i < CHUNKS; i++) {
		subject.chunks[i] = alloc_pages(GFP_KERNEL, get_order(CHUNK));
		if (!subject.chunks[i]) {
			free_chunks();
			return -ENOMEM;
		}
	}
	return 0;
}

static int iommu_cost(struct device *dev)
{
	int ret;

	if (instructions && !has_counter()) {
		dev_err(dev, "nothing here counts instructions\n");
		return -ENODEV;
	}
	subject.dev = dev;
	ret = alloc_chunks();
	if (ret)
		return ret;
	ret = measure_iommu_api(dev) ?: measure_dma_api(dev);
	free_chunks();
	return ret;
}

module_device_test(iommu_cost);

MODULE_DESCRIPTION("What iommu_map(), iommu_unmap() and the DMA API cost");
