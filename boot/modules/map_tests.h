/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What must hold of mapping and unmapping, whoever does it: iommu_map() or the ops of a format.
 *
 * After each step every page is asked where it translates to, and so are those beside them.
 * Nothing here makes a right kernel warn, as that stops one with panic_on_warn: no page is mapped
 * twice, none is unmapped that was not mapped.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include "ktap.h"
#include "list.h"

/* Where all tests are: aligned to every page size. */
#define START	((unsigned long)SZ_1G)

/* What is tested: something that maps and unmaps all of a range, with which pages is its affair. */
struct space {
	const char *name, *way;
	void *tables;
	unsigned long pgsizes;
	bool splits;	/* takes a page out of a block */
	/* Where there is map_list(), it maps in the place of map(), and returns how many bytes */
	int (*map)(const struct space *space, unsigned long iova, phys_addr_t paddr, size_t size);
	size_t (*map_list)(const struct space *space, unsigned long iova, struct scatterlist *list,
			   unsigned int nents);
	size_t (*unmap)(const struct space *space, unsigned long iova, phys_addr_t paddr,
			size_t size);
	phys_addr_t (*phys)(const struct space *space, unsigned long iova);
};

struct area {
	unsigned long iova;
	phys_addr_t paddr;
	size_t size;
};

/* The smallest block, which is what a last-level table maps. */
static inline size_t block_size(const struct space *space)
{
	unsigned long sizes = space->pgsizes & ~(SZ_1M - 1UL);

	return sizes & -sizes;
}

/* Of pages, as the physical address is aligned to nothing larger. */
static inline struct area pages(size_t offset, size_t size)
{
	return (struct area){ START + offset, (phys_addr_t)SZ_2G + SZ_4K + offset, size };
}

/* With blocks in it, wherever a whole one fits in. */
static inline struct area blocks(size_t offset, size_t size)
{
	return (struct area){ START + offset, (phys_addr_t)SZ_2G + offset, size };
}

static inline struct area part(struct area whole, size_t from, size_t size)
{
	return (struct area){ whole.iova + from, whole.paddr + from, size };
}

static inline bool is_mapped(const struct space *space, struct area area)
{
	size_t offset;

	for (offset = 0; offset < area.size; offset += SZ_4K) {
		if (space->phys(space, area.iova + offset) != area.paddr + offset)
			return false;
		cond_resched();
	}
	return true;
}

static inline bool is_free(const struct space *space, struct area area)
{
	size_t offset;

	for (offset = 0; offset < area.size; offset += SZ_4K) {
		if (space->phys(space, area.iova + offset))
			return false;
		cond_resched();
	}
	return true;
}

/* By pieces that follow each other in memory */
static inline bool map_as_list(const struct space *space, struct area area)
{
	struct sg_table table;
	size_t mapped;

	if (list_range(&table, area.paddr, area.size))
		return false;
	mapped = space->map_list(space, area.iova, table.sgl, table.orig_nents);
	sg_free_table(&table);
	return mapped == area.size;
}

static inline bool map(const struct space *space, struct area area)
{
	if (space->map_list ? !map_as_list(space, area) :
			      space->map(space, area.iova, area.paddr, area.size))
		return false;
	return is_mapped(space, area);
}

static inline bool unmap(const struct space *space, struct area area)
{
	return space->unmap(space, area.iova, area.paddr, area.size) == area.size &&
	       is_free(space, area);
}

/* Nothing is mapped in the 16 pages before it and the 16 behind it. */
static inline bool is_alone(const struct space *space, struct area area)
{
	return is_free(space, part(area, -SZ_64K, SZ_64K)) &&
	       is_free(space, part(area, area.size, SZ_64K));
}

static inline bool whole(const struct space *space, struct area area)
{
	return map(space, area) && is_alone(space, area) &&
	       unmap(space, area) && is_alone(space, area);
}

/* A piece out of an area, then what is left on both sides of it. */
static inline bool piece(const struct space *space, struct area area, size_t from, size_t size)
{
	struct area head = part(area, 0, from);
	struct area tail = part(area, from + size, area.size - from - size);

	return map(space, area) && unmap(space, part(area, from, size)) &&
	       is_mapped(space, head) && is_mapped(space, tail) && is_alone(space, area) &&
	       (!head.size || unmap(space, head)) && is_mapped(space, tail) &&
	       (!tail.size || unmap(space, tail)) && is_free(space, area);
}

static bool one_page(const struct space *space)
{
	return whole(space, pages(0, SZ_4K));
}

static bool some_pages(const struct space *space)
{
	return whole(space, pages(SZ_64K, SZ_64K));
}

static bool table_of_pages(const struct space *space)
{
	return whole(space, pages(0, block_size(space)));
}

static bool pages_across_tables(const struct space *space)
{
	return whole(space, pages(block_size(space) - SZ_32K, SZ_64K));
}

static bool several_tables(const struct space *space)
{
	return whole(space, pages(SZ_32K, 3 * block_size(space)));
}

static bool each_page_size(const struct space *space)
{
	unsigned long size;

	for (size = SZ_4K; size <= SZ_1G; size <<= 1)
		if (space->pgsizes & size && !whole(space, blocks(0, size)))
			return false;
	return true;
}

static bool block_between_pages(const struct space *space)
{
	return whole(space, blocks(block_size(space) - SZ_32K, block_size(space) + SZ_64K));
}

static bool several_blocks(const struct space *space)
{
	return whole(space, blocks(block_size(space), 5 * block_size(space)));
}

static bool first_pages(const struct space *space)
{
	return piece(space, pages(0, SZ_64K), 0, SZ_32K);
}

static bool last_pages(const struct space *space)
{
	return piece(space, pages(0, SZ_64K), SZ_32K, SZ_32K);
}

static bool middle_page(const struct space *space)
{
	return piece(space, pages(0, SZ_64K), SZ_32K, SZ_4K);
}

static bool middle_across_tables(const struct space *space)
{
	return piece(space, pages(0, 2 * block_size(space)), SZ_32K, block_size(space));
}

static bool table_of_three(const struct space *space)
{
	return piece(space, pages(0, 3 * block_size(space)), block_size(space), block_size(space));
}

static bool block_of_three(const struct space *space)
{
	return piece(space, blocks(0, 3 * block_size(space)), block_size(space), block_size(space));
}

static bool page_by_page(const struct space *space)
{
	struct area area = pages(block_size(space) - SZ_32K, SZ_64K);
	size_t done;

	if (!map(space, area))
		return false;
	for (done = 0; done < area.size; done += SZ_4K)
		if (!unmap(space, part(area, done, SZ_4K)) ||
		    !is_mapped(space, part(area, done + SZ_4K, area.size - done - SZ_4K)))
			return false;
	return true;
}

static bool hole_is_filled(const struct space *space)
{
	struct area area = pages(block_size(space) - SZ_64K, SZ_128K);
	struct area hole = part(area, SZ_32K, SZ_64K);

	return map(space, part(area, 0, SZ_32K)) &&
	       map(space, part(area, SZ_32K + SZ_64K, SZ_32K)) && is_free(space, hole) &&
	       map(space, hole) && is_mapped(space, area) &&
	       unmap(space, area);
}

static bool another_page_after(const struct space *space)
{
	struct area area = pages(0, SZ_64K), other = area;

	other.paddr += SZ_16M;
	return whole(space, area) && whole(space, other);
}

/* As 5.10 does, a block is replaced by a table of what is left of it. */
static bool page_of_block(const struct space *space)
{
	return piece(space, blocks(0, block_size(space)), SZ_64K, SZ_4K);
}

static bool start_of_block(const struct space *space)
{
	return piece(space, blocks(0, block_size(space)), 0, SZ_4K);
}

static bool between_two_blocks(const struct space *space)
{
	return piece(space, blocks(0, 2 * block_size(space)), block_size(space) - SZ_32K, SZ_64K);
}

static bool page_of_largest_block(const struct space *space)
{
	unsigned long size = 1UL << __fls(space->pgsizes & GENMASK(30, 0));

	return piece(space, blocks(0, size), size / 2 + SZ_64K, SZ_4K);
}

static const struct map_test {
	const char *name;
	bool (*test)(const struct space *space);
	bool splits;
} map_tests[] = {
	{ "one page", one_page },
	{ "16 pages", some_pages },
	{ "a table's pages", table_of_pages },
	{ "pages across two tables", pages_across_tables },
	{ "pages of several tables", several_tables },
	{ "each page size", each_page_size },
	{ "a block between pages", block_between_pages },
	{ "several blocks", several_blocks },
	{ "the first pages of a range", first_pages },
	{ "the last pages of a range", last_pages },
	{ "a page out of a range", middle_page },
	{ "pages of two tables out of a range", middle_across_tables },
	{ "a table's pages out of three", table_of_three },
	{ "a block out of three", block_of_three },
	{ "page by page", page_by_page },
	{ "a hole is filled", hole_is_filled },
	{ "another page at the same address", another_page_after },
	{ "a page out of a block", page_of_block, true },
	{ "the first page out of a block", start_of_block, true },
	{ "pages out of two blocks", between_two_blocks, true },
	{ "a page out of the largest block", page_of_largest_block, true },
};

/* How many are for it? */
static unsigned int count_map_tests(const struct space *space)
{
	const struct map_test *test;
	unsigned int count = 0;

	for (test = map_tests; test < map_tests + ARRAY_SIZE(map_tests); test++)
		count += space->splits || !test->splits;
	return count;
}

static void test_space(const struct space *space)
{
	const struct map_test *test;
	char name[80];
	bool ok = true;

	if (!space->splits)
		pr_info("# %s%s: this kernel takes no page out of a block, so that is not tried\n",
			space->name, space->way);
	for (test = map_tests; test < map_tests + ARRAY_SIZE(map_tests); test++) {
		if (test->splits && !space->splits)
			continue;
		snprintf(name, sizeof(name), "%s%s: %s", space->name, space->way, test->name);
		if (!ok) {
			/* What it left mapped is in the way */
			ktap_skip(name, "after a failure");
		} else {
			ok = test->test(space);
			ktap_result(name, ok);
		}
	}
}

static int map_tests_result(void)
{
	if (!ktap_passed()) {
		pr_err("FAIL: %u of %u tests failed\n", ktap_failed, ktap_planned);
		return -EIO;
	}
	pr_info("no test failed\n");
	return 0;
}
