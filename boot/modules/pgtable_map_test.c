// SPDX-License-Identifier: GPL-2.0
/*
 * Do the page table formats map and unmap as they should, through the old ops page by page, and
 * through map_pages() and unmap_pages(), those of them that the kernel has?
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include "pgtable.h"
#include "map_tests.h"

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

#define SPACES	(2 * ARRAY_SIZE(formats))

/* Tables of their own for each format and each way to fill them that the kernel has. */
static unsigned int alloc_spaces(struct space *spaces, struct device *dev)
{
	unsigned int i, n = 0;

	for (i = 0; i < SPACES; i++) {
		const struct format *format = &formats[i / 2];
		struct io_pgtable_ops *ops = alloc_tables(format, dev);
		bool new = i % 2;

		if (!ops) {
			pr_info("%s is not in this kernel\n", format->name);
			i++;
		} else if (new ? has_map_pages(ops) && has_unmap_pages(ops) : has_one(ops)) {
			spaces[n++] = (struct space){
				.name = format->name,
				.way = new ? ", many at once" : ", one by one",
				.tables = ops,
				.pgsizes = format->pgsizes,
				.splits = splits_blocks(),
				.map = new ? new_map : old_map,
				.unmap = new ? new_unmap : old_unmap,
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
