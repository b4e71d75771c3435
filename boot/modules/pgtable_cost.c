// SPDX-License-Identifier: GPL-2.0
/*
 * What the page table formats cost by themselves: no device, no IOMMU, no TLB.
 *
 * PAGES pages are mapped and unmapped, some at a time, with interrupts off: page by page through
 * map() and unmap(), and through map_pages() and unmap_pages(), as far as the kernel has them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ktime.h>
#include <linux/module.h>
#include "pgtable.h"
#include "times.h"

#define PAGES	512
#define IOVA	((unsigned long)SZ_1G)
#define PADDR	((phys_addr_t)SZ_2G)

static const unsigned int counts[] = { 1, 16, 256, 512 };

/* The times of each op that there is. */
enum { MAP, MAP_PAGES, UNMAP, UNMAP_PAGES, OPS };
static u64 times[OPS][ROUNDS];

static bool translates(struct io_pgtable_ops *ops, bool mapped)
{
	size_t offset;

	for (offset = 0; offset < PAGES * SZ_4K; offset += SZ_4K)
		if (ops->iova_to_phys(ops, IOVA + offset) != (mapped ? PADDR + offset : 0))
			return false;
	return true;
}

typedef int map_fn(struct io_pgtable_ops *ops, unsigned long iova, phys_addr_t paddr,
		   size_t pgsize, size_t pgcount);
typedef size_t unmap_fn(struct io_pgtable_ops *ops, unsigned long iova, size_t pgsize,
			size_t pgcount);

/* Inlined, so that a call is one of the op, and none through a pointer to ours. */
static __always_inline u64 time_map(struct io_pgtable_ops *ops, unsigned int count, map_fn *map)
{
	unsigned long flags;
	size_t offset;
	u64 start, end;
	int ret = 0;

	flags = begin_timing();
	start = ktime_get_ns();
	for (offset = 0; offset < PAGES * SZ_4K && !ret; offset += count * SZ_4K)
		ret = map(ops, IOVA + offset, PADDR + offset, SZ_4K, count);
	end = ktime_get_ns();
	end_timing(flags);
	return ret ? 0 : end - start;
}

static __always_inline u64 time_unmap(struct io_pgtable_ops *ops, unsigned int count,
				      unmap_fn *unmap)
{
	unsigned long flags;
	size_t offset, unmapped = 0;
	u64 start, end;

	flags = begin_timing();
	start = ktime_get_ns();
	for (offset = 0; offset < PAGES * SZ_4K; offset += count * SZ_4K)
		unmapped += unmap(ops, IOVA + offset, SZ_4K, count);
	end = ktime_get_ns();
	end_timing(flags);
	return unmapped == PAGES * SZ_4K ? end - start : 0;
}

/* One round for an old or a new op each; where the new one is missing, the old one stands in. */
static int measure(struct io_pgtable_ops *ops, unsigned int count, bool new, int round)
{
	u64 map, unmap;

	map = new && has_map_pages(ops) ? time_map(ops, count, map_all) :
					  time_map(ops, count, map_one_by_one);
	if (!map || !translates(ops, true))
		return -EFAULT;
	unmap = new && has_unmap_pages(ops) ? time_unmap(ops, count, unmap_all) :
					      time_unmap(ops, count, unmap_one_by_one);
	if (!unmap || !translates(ops, false))
		return -EFAULT;
	/* The first round allocates the tables that stay */
	if (round >= 0) {
		times[new ? MAP_PAGES : MAP][round] = map;
		times[new ? UNMAP_PAGES : UNMAP][round] = unmap;
	}
	return 0;
}

/* What a page takes by one op, "-" without it. */
static const char *a_page(char text[24], bool has, u64 *times)
{
	return has ? share(text, median(times), PAGES) : "-";
}

static int measure_all(const struct format *format, struct io_pgtable_ops *ops)
{
	bool old = has_one(ops), new = has_map_pages(ops) || has_unmap_pages(ops);
	char text[OPS][24];
	int i, round, ret = 0;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		for (round = -1; round < ROUNDS && !ret; round++) {
			if (old)
				ret = measure(ops, counts[i], false, round);
			if (new && !ret)
				ret = measure(ops, counts[i], true, round);
		}
		if (ret) {
			pr_err("FAIL: %s, %u pages: error %d\n", format->name, counts[i], ret);
			return ret;
		}
		pr_info("%-6s %9u %9s %11s %9s %13s\n", format->name, counts[i],
			a_page(text[0], old, times[MAP]),
			a_page(text[1], has_map_pages(ops), times[MAP_PAGES]),
			a_page(text[2], old, times[UNMAP]),
			a_page(text[3], has_unmap_pages(ops), times[UNMAP_PAGES]));
	}
	return 0;
}

static int __init pgtable_cost_init(void)
{
	struct platform_device *pdev = add_pgtable_device();
	struct io_pgtable_ops *ops;
	int i, ret = 0;

	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	pr_info("ns a page of 4 KiB, median of %d; \"-\": the kernel has no such op\n", ROUNDS);
	pr_info("%-6s %9s %9s %11s %9s %13s\n", "format", "at a time", "map()", "map_pages()",
		"unmap()", "unmap_pages()");
	for (i = 0; i < ARRAY_SIZE(formats) && !ret; i++) {
		ops = alloc_tables(&formats[i], &pdev->dev);
		if (!ops) {
			pr_info("%-6s not in this kernel\n", formats[i].name);
			continue;
		}
		ret = measure_all(&formats[i], ops);
		free_io_pgtable_ops(ops);
	}
	platform_device_unregister(pdev);
	return ret;
}
module_init(pgtable_cost_init);

static void __exit pgtable_cost_exit(void)
{
}
module_exit(pgtable_cost_exit);

MODULE_DESCRIPTION("What io-pgtable's map and unmap cost");
MODULE_LICENSE("GPL");
