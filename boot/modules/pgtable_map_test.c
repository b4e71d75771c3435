// SPDX-License-Identifier: GPL-2.0
/*
 * Do the page table formats map and unmap as they should, through the old ops page by page, and
 * through map_pages(), map_sg() and unmap_pages(), those of them that the kernel has?
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include "pgtable.h"
#include "map_tests.h"
#include MAP_SG_H

/*
 * As the IOMMU core does it: the largest page that fits, and as many of them as there are before a
 * larger one does.
 */
static size_t largest_page(const struct space *space, unsigned long iova, phys_addr_t paddr,
			   size_t size, size_t *count)
{
	unsigned long aligned = iova | (unsigned long)paddr;
	unsigned long fits, pgsize, larger, before;

	fits = space->pgsizes & GENMASK(__fls(size), 0);
	if (aligned)
		fits &= GENMASK(__ffs(aligned), 0);
	pgsize = 1UL << __fls(fits);

	larger = space->pgsizes & ~(2 * pgsize - 1);
	larger &= -larger;
	before = -iova & (larger - 1);
	if (larger && before == (-(unsigned long)paddr & (larger - 1)) && size >= before + larger)
		size = before;
	*count = size / pgsize;
	return pgsize;
}

static int map_with(const struct space *space, unsigned long iova, phys_addr_t paddr, size_t size,
		    int (*map)(struct io_pgtable_ops *, unsigned long, phys_addr_t, size_t, size_t))
{
	size_t done, pgsize, count;
	int ret;

	for (done = 0; done < size; done += count * pgsize) {
		pgsize = largest_page(space, iova + done, paddr + done, size - done, &count);
		ret = map(space->tables, iova + done, paddr + done, pgsize, count);
		if (ret)
			return ret;
	}
	return 0;
}

static size_t unmap_with(const struct space *space, unsigned long iova, phys_addr_t paddr,
			 size_t size,
			 size_t (*unmap)(struct io_pgtable_ops *, unsigned long, size_t, size_t))
{
	size_t done, pgsize, count;

	for (done = 0; done < size; done += count * pgsize) {
		pgsize = largest_page(space, iova + done, paddr + done, size - done, &count);
		if (unmap(space->tables, iova + done, pgsize, count) != count * pgsize)
			break;
	}
	return done;
}

static int old_map(const struct space *space, unsigned long iova, phys_addr_t paddr, size_t size)
{
	return map_with(space, iova, paddr, size, map_one_by_one);
}

static size_t old_unmap(const struct space *space, unsigned long iova, phys_addr_t paddr,
			size_t size)
{
	return unmap_with(space, iova, paddr, size, unmap_one_by_one);
}

static int new_map(const struct space *space, unsigned long iova, phys_addr_t paddr, size_t size)
{
	return map_with(space, iova, paddr, size, map_all);
}

/* All of it by one call. */
static size_t new_map_list(const struct space *space, unsigned long iova, struct scatterlist *list,
			   unsigned int nents)
{
	size_t mapped;

	return map_list(space->tables, iova, list, nents, &mapped) ? 0 : mapped;
}

static size_t new_unmap(const struct space *space, unsigned long iova, phys_addr_t paddr,
			size_t size)
{
	return unmap_with(space, iova, paddr, size, unmap_all);
}

static phys_addr_t space_phys(const struct space *space, unsigned long iova)
{
	struct io_pgtable_ops *ops = space->tables;

	return ops->iova_to_phys(ops, iova);
}

static bool has_new(struct io_pgtable_ops *ops)
{
	return has_map_pages(ops) && has_unmap_pages(ops);
}

static bool has_lists(struct io_pgtable_ops *ops)
{
	return has_map_sg(ops) && has_unmap_pages(ops) && can_list_any();
}

/* How tables are filled. */
static const struct way {
	const char *name;
	bool (*has)(struct io_pgtable_ops *ops);
	int (*map)(const struct space *space, unsigned long iova, phys_addr_t paddr, size_t size);
	size_t (*map_list)(const struct space *space, unsigned long iova, struct scatterlist *list,
			   unsigned int nents);
	size_t (*unmap)(const struct space *space, unsigned long iova, phys_addr_t paddr,
			size_t size);
} ways[] = {
	{ ", one by one", has_one, .map = old_map, .unmap = old_unmap },
	{ ", many at once", has_new, .map = new_map, .unmap = new_unmap },
	{ ", as a list", has_lists, .map_list = new_map_list, .unmap = new_unmap },
};

#define WAYS	ARRAY_SIZE(ways)
#define SPACES	(WAYS * ARRAY_SIZE(formats))

/* Tables of their own for each format and each way to fill them that the kernel has. */
static unsigned int alloc_spaces(struct space *spaces, struct device *dev)
{
	unsigned int i, n = 0;

	for (i = 0; i < SPACES; i++) {
		const struct format *format = &formats[i / WAYS];
		struct io_pgtable_ops *ops = alloc_tables(format, dev);
		const struct way *way = &ways[i % WAYS];

		if (!ops) {
			if (way == ways)
				pr_info("%s is not in this kernel\n", format->name);
		} else if (way->has(ops)) {
			spaces[n++] = (struct space){
				.name = format->name,
				.way = way->name,
				.tables = ops,
				.pgsizes = format->pgsizes,
				.splits = splits_blocks(),
				.map = way->map,
				.map_list = way->map_list,
				.unmap = way->unmap,
				.phys = space_phys,
			};
		} else {
			free_io_pgtable_ops(ops);
		}
	}
	return n;
}

static int __init pgtable_map_test_init(void)
{
	struct platform_device *pdev = add_pgtable_device();
	struct space spaces[SPACES];
	unsigned int i, n, tests = 0;

	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	n = alloc_spaces(spaces, &pdev->dev);
	for (i = 0; i < n; i++)
		tests += count_map_tests(&spaces[i]);
	if (n)
		ktap_plan(tests);
	else
		ktap_skip_all("the kernel has no format that is tested here");
	for (i = 0; i < n; i++) {
		test_space(&spaces[i]);
		free_io_pgtable_ops(spaces[i].tables);
	}
	platform_device_unregister(pdev);
	return n ? map_tests_result() : 0;
}
module_init(pgtable_map_test_init);

static void __exit pgtable_map_test_exit(void)
{
}
module_exit(pgtable_map_test_exit);

MODULE_DESCRIPTION("Tests of io-pgtable's map and unmap");
MODULE_LICENSE("GPL");
