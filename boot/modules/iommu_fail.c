// SPDX-License-Identifier: GPL-2.0
/*
 * What is mapped, and what is lost, when a table cannot be allocated?
 *
 * Each call that needs tables is made with its first allocation failing, then on fresh tables
 * with the second, and so on until none is left that could fail.  The kernel's fault injection
 * does that (current->fail_nth); debugfs must let it fail allocations of one page, and those
 * that may wait.
 *
 * After each failure every page translates as the call said that it does, those beside the
 * range as before; the rest of the call then succeeds; and all is freed in the end.  This is
 * done through the IOMMU of a device, and with the formats alone, where each table that is made
 * and freed is counted, and what is cleaned for an IOMMU that does not snoop.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/scatterlist.h>
#include "device.h"
#include "ktap.h"
#include "tables.h"

/* The calls that are made, see make_calls() */
enum {
	MAP_PAGES, MAP_OVER_TABLES, MAP_BESIDE, MAP_BLOCKS,
	SPLIT, SPLIT_AFTER_PAGES, SPLIT_BESIDE,
	MAP_LIST, MAP_LIST_BESIDE,
	CALLS
};

#define MOST_FAILURES	100	/* of one call */
#define MOST_PAGES	8192	/* per block, for calls that map so many */
#define LEAK_ROUNDS	2000
#define LEAK_PAGES	250	/* that may be on lists of a CPU */

struct pages {
	unsigned long iova;
	size_t pgsize;
	size_t count;
};

/* A call, and what is mapped before it. */
struct call {
	const char *name;
	bool unmap;
	phys_addr_t offset;		/* of what is mapped, from its IOVA */
	struct pages range;
	struct pages before[3];
	bool list;			/* each page of what is mapped is a segment of a list */
};

/* Where the tables come from. */
struct source {
	const char *name;
	struct device *dev;		/* whose IOMMU's; or, if NULL: */
	enum io_pgtable_fmt fmt;
	unsigned long pgsize_bitmap;
	unsigned int ias, oas;
	/* What is mapped and unmapped: pages, and the blocks that are split into them */
	size_t page, block;
	/* How many tables the calls need, where they cannot be counted */
	unsigned int needs[CALLS];
};

static unsigned int failures, survived;
/* Of a format alone: */
static int tables_now;
static size_t cleaned;

static size_t range_size(const struct pages *range)
{
	return range->pgsize * range->count;
}

static bool is_in(const struct pages *range, unsigned long iova)
{
	return iova - range->iova < range_size(range);
}

/* Pages in one table and over several, beside others; whole blocks; parts of blocks. */
static void make_calls(const struct source *source, struct call calls[CALLS])
{
	size_t p = source->page, b = source->block, per_block = b / p;
	unsigned long at = b == SZ_1G ? SZ_2G : SZ_1G;
	/* The core takes no block where only one of the two addresses is aligned to it */
	phys_addr_t odd = SZ_1G + p, even = SZ_1G;
	const struct call all[CALLS] = {
		[MAP_PAGES] = { "map pages", false, odd, { at + 2 * p, p, 7 } },
		[MAP_OVER_TABLES] = { "map over several tables", false, odd,
			{ at + b - 3 * p, p, per_block + 6 } },
		[MAP_BESIDE] = { "map beside pages", false, odd,
			{ at + b - 3 * p, p, per_block + 6 },
			{ { at + b - 4 * p, p, 1 }, { at + 2 * b + 3 * p, p, 2 } } },
		[MAP_BLOCKS] = { "map blocks", false, even, { at, b, 2 } },
		[SPLIT] = { "split in the middle", true, even, { at + 2 * p, p, 3 },
			{ { at - p, p, 1 }, { at, b, 1 }, { at + b, p, 2 } } },
		[SPLIT_AFTER_PAGES] = { "split after pages", true, even, { at - 5 * p, p, 15 },
			{ { at - 5 * p, p, 5 }, { at, b, 1 } } },
		[SPLIT_BESIDE] = { "split beside a block", true, even,
			{ at + b - 2 * p, p, per_block + 5 },
			{ { at, b, 3 } } },
		[MAP_LIST] = { "map a list over several tables", .list = true, .offset = odd,
			.range = { at + b - 3 * p, p, per_block + 6 } },
		[MAP_LIST_BESIDE] = { "map a list beside pages", .list = true, .offset = odd,
			.range = { at + b - 3 * p, p, per_block + 6 },
			.before = { { at + b - 4 * p, p, 1 }, { at + 2 * b + 3 * p, p, 2 } } },
	};

	memcpy(calls, all, sizeof(all));
}

#ifdef HAVE_MAP_PAGES

#include "no_snoop.h"
#include FLUSH_LEAF_H

static void table_made(void *table, size_t size)
{
	tables_now++;
}

static void table_freed(void *table, size_t size)
{
	tables_now--;
}

static void entries_cleaned(void *entry, size_t size)
{
	cleaned += size;
}

static struct device *no_snoop;

static void flush_all(void *cookie)
{
}

static void flush(unsigned long iova, size_t size, size_t granule, void *cookie)
{
}

static const struct iommu_flush_ops flush_ops = {
	.tlb_flush_all	= flush_all,
	.tlb_flush_walk	= flush,
	FLUSH_LEAF(flush)
};

static int open_format(const struct source *source, struct tables *tables)
{
	struct io_pgtable_cfg cfg = {
		.pgsize_bitmap = source->pgsize_bitmap,
		.ias = source->ias,
		.oas = source->oas,
		.tlb = &flush_ops,
		.iommu_dev = no_snoop,
	};

	tables->ops = alloc_io_pgtable_ops(source->fmt, &cfg, NULL);
	return tables->ops ? 0 : -ENOMEM;
}

static void close_format(struct tables *tables)
{
	free_io_pgtable_ops(tables->ops);
}

#else

static int open_format(const struct source *source, struct tables *tables)
{
	return -EINVAL;
}

static void close_format(struct tables *tables)
{
}

#endif

static int open_tables(const struct source *source, struct tables *tables)
{
	int ret;

	tables->domain = NULL;
	if (!source->dev)
		return open_format(source, tables);
	tables->domain = alloc_domain(source->dev);
	if (IS_ERR(tables->domain))
		return PTR_ERR(tables->domain);
	ret = iommu_attach_device(tables->domain, source->dev);
	if (ret)
		iommu_domain_free(tables->domain);
	return ret;
}

static void close_tables(const struct source *source, struct tables *tables)
{
	if (tables->domain)
		detach_domain(tables->domain, source->dev);
	else
		close_format(tables);
}

/* Lets the task's nth allocation from here on fail. */
static void let_fail(unsigned int nth)
{
	WRITE_ONCE(current->fail_nth, nth);
}

/* Did it come to that? No further one fails. */
static bool has_failed(void)
{
	bool failed = !READ_ONCE(current->fail_nth);

	WRITE_ONCE(current->fail_nth, 0);
	return failed;
}

static bool map_before(const struct tables *tables, const struct call *call)
{
	const struct pages *range;
	size_t mapped;

	for (range = call->before; range < call->before + ARRAY_SIZE(call->before); range++)
		if (range->count && map_pages(tables, range->iova, range->iova + call->offset,
					      range->pgsize, range->count, &mapped))
			return false;
	return true;
}

/* Pages of a list change places with their neighbours, so that none follows the one before it. */
static phys_addr_t mapped_to(const struct call *call, unsigned long iova)
{
	if (call->list && is_in(&call->range, iova))
		iova ^= call->range.pgsize;
	return iova + call->offset;
}

static size_t map_pages_of_list(const struct tables *tables, const struct call *call,
				unsigned long iova, size_t count, unsigned int nth, int *ret)
{
	struct scatterlist *sg;
	struct sg_table table;
	unsigned int i;
	size_t mapped;

	*ret = sg_alloc_table(&table, count, GFP_KERNEL);
	if (*ret)
		return 0;
	for_each_sg(table.sgl, sg, count, i)
		set_segment(sg, mapped_to(call, iova + i * call->range.pgsize), call->range.pgsize);
	let_fail(nth);
	*ret = map_sg(tables, iova, table.sgl, count, &mapped);
	sg_free_table(&table);
	return mapped;
}

/*
 * Makes the call, or what is left of it after @done bytes, with its nth allocation failing. Returns
 * how many bytes it did.
 */
static size_t make_call(const struct tables *tables, const struct call *call, size_t done,
			unsigned int nth, int *ret)
{
	const struct pages *range = &call->range;
	unsigned long iova = range->iova + done;
	size_t count = range->count - done / range->pgsize, mapped;

	if (call->list)
		return map_pages_of_list(tables, call, iova, count, nth, ret);
	*ret = 0;
	let_fail(nth);
	if (call->unmap)
		return unmap_pages(tables, iova, range->pgsize, count);
	*ret = map_pages(tables, iova, iova + call->offset, range->pgsize, count, &mapped);
	return mapped;
}

static phys_addr_t expected(const struct call *call, unsigned long iova, size_t done)
{
	const struct pages *range;

	if (iova - call->range.iova < done)
		return call->unmap ? 0 : mapped_to(call, iova);
	for (range = call->before; range < call->before + ARRAY_SIZE(call->before); range++)
		if (is_in(range, iova))
			return iova + call->offset;
	return 0;
}

/* What a map of the range writes to tables, with what leads to each new one. */
static size_t entries_size(const struct source *source, const struct pages *range, int new_tables)
{
	bool v7s = source->fmt == ARM_V7S;
	bool sixteen = v7s && (range->pgsize == SZ_64K || range->pgsize == SZ_16M);

	return (range->count * (sixteen ? 16 : 1) + new_tables) * (v7s ? sizeof(u32) : sizeof(u64));
}

/* Does each page of the call's, those mapped before and some beside translate as it should? */
static bool all_translate(const struct tables *tables, const struct source *source,
			  const struct call *call, size_t done)
{
	unsigned long start = call->range.iova, end = start + range_size(&call->range), iova;
	const struct pages *range;
	phys_addr_t phys;

	for (range = call->before; range < call->before + ARRAY_SIZE(call->before); range++) {
		if (range->count) {
			start = min(start, range->iova);
			end = max(end, range->iova + range_size(range));
		}
	}
	end += 8 * source->page;
	for (iova = start - 8 * source->page; iova != end; iova += source->page) {
		phys = translate(tables, iova);
		if (phys != expected(call, iova, done)) {
			pr_err("%s, %s: %#lx translates to %pa after %#zx bytes\n",
			       source->name, call->name, iova, &phys, done);
			return false;
		}
	}
	return true;
}

/* Unmaps what of a range is still there, as it was mapped, in which way ever it is mapped now. */
static void unmap_rest(const struct tables *tables, const struct pages *range, size_t page)
{
	unsigned long iova = range->iova;
	size_t i;

	for (i = 0; i < range->count; i++, iova += range->pgsize)
		if (translate(tables, iova) || translate(tables, iova + range->pgsize - page))
			unmap_pages(tables, iova, range->pgsize, 1);
}

static bool is_empty(const struct tables *tables, const struct source *source,
		     const struct call *call)
{
	const struct call nothing = { .name = call->name, .unmap = true, .range = call->range };
	const struct pages *range;

	for (range = call->before; range < call->before + ARRAY_SIZE(call->before); range++)
		unmap_rest(tables, range, source->page);
	if (!call->unmap)
		unmap_pages(tables, call->range.iova, call->range.pgsize, call->range.count);
	return all_translate(tables, source, &nothing, 0);
}

/*
 * One call on fresh tables with its nth allocation failing. Returns 1 when it failed, 0 when it
 * did not, even if an allocation did: slab finds another way.
 */
static int try_call(const struct source *source, const struct call *call, unsigned int nth,
		    bool *injected, int *needed)
{
	size_t size = range_size(&call->range), done;
	struct tables tables;
	int ret, before, failed;

	ret = open_tables(source, &tables);
	if (ret)
		return ret;
	failed = -EFAULT;
	if (!map_before(&tables, call))
		goto out;
	before = tables_now;
	cleaned = 0;
	done = make_call(&tables, call, 0, nth, &ret);
	*injected = has_failed();
	*needed = tables_now - before;

	if (done > size || done % call->range.pgsize)
		goto out;
	if (!call->unmap && !ret && done != size)
		goto out;
	if (done != size && (!*injected || (!call->unmap && ret != -ENOMEM))) {
		pr_err("%s, %s: %#zx of %#zx bytes, error %d\n", source->name, call->name, done,
		       size, ret);
		goto out;
	}
	if (!source->dev && !call->unmap && done == size &&
	    cleaned < entries_size(source, &call->range, *needed)) {
		pr_err("%s, %s: %zu bytes of tables were cleaned\n", source->name, call->name,
		       cleaned);
		goto out;
	}
	if (!all_translate(&tables, source, call, done))
		goto out;
	failed = done != size;
	if (failed && make_call(&tables, call, done, 0, &ret) != size - done)
		failed = -EIO;
	if (!all_translate(&tables, source, call, size) || !is_empty(&tables, source, call))
		failed = -EFAULT;
out:
	close_tables(source, &tables);
	if (tables_now) {
		pr_err("%s, %s: %d tables are left\n", source->name, call->name, tables_now);
		tables_now = 0;
		failed = -ENOMEM;
	}
	return failed;
}

static bool can_list(const struct source *source)
{
	struct tables tables;
	bool can;

	if (open_tables(source, &tables))
		return false;
	can = can_map_sg(&tables);
	close_tables(source, &tables);
	return can;
}

/* Each allocation of each call fails once; there are as many as the call needs tables. */
static bool try_all(const struct source *source)
{
	unsigned int i, nth, failed, retried;
	struct call calls[CALLS];
	bool injected, ok = true;
	int ret, needed;

	make_calls(source, calls);
	for (i = 0; i < CALLS; i++) {
		if (calls[i].unmap ? !splits_blocks() : source->block / source->page > MOST_PAGES)
			continue;
		if (calls[i].list && !can_list(source))
			continue;
		failed = 0;
		retried = 0;
		nth = 0;
		do {
			ret = try_call(source, &calls[i], ++nth, &injected, &needed);
			failed += ret == 1;
			retried += injected && !ret;
		} while (ret >= 0 && injected && nth < MOST_FAILURES);
		if (source->dev)
			needed = source->needs[i];
		/* Where something was unmapped before the failure, the core tries again */
		if (source->dev && i == SPLIT_AFTER_PAGES && retried >= needed - failed)
			needed = failed;
		/* The largest block of all may need none */
		else if (!needed && calls[i].range.pgsize == source->page)
			ret = -EINVAL;
		if (ret || failed != needed) {
			pr_err("%s, %s: allocation %u: %d; %u made it fail, %d tables are needed\n",
			       source->name, calls[i].name, nth, ret, failed, needed);
			ok = false;
		}
		failures += failed;
		survived += retried;
	}
	return ok;
}

/* Is there a call to make?  Only splits are for blocks of so many pages. */
static bool is_possible(const struct source *source)
{
	return splits_blocks() || source->block / source->page <= MOST_PAGES;
}

/* In pages, when what is freed later has been freed. */
static long free_memory(void)
{
	struct sysinfo info;

	rcu_barrier();
	msleep(200);
	si_meminfo(&info);
	return info.freeram;
}

/* Does memory get lost with failures? Also that which no callback tells. */
static bool nothing_leaks(const struct source *source)
{
	unsigned int round, nth = 0, failed = 0;
	struct call calls[CALLS];
	long before = 0, lost;
	bool injected;
	int ret, needed;

	make_calls(source, calls);
	for (round = 0; round < LEAK_ROUNDS + LEAK_ROUNDS / 10; round++) {
		if (round == LEAK_ROUNDS / 10)
			before = free_memory();
		/* Each that can fail of a map, and the one of a split if there is any */
		nth = nth % source->needs[MAP_OVER_TABLES] + 1;
		ret = try_call(source, &calls[round % 2 ? MAP_LIST : MAP_OVER_TABLES], nth,
			       &injected, &needed);
		if (ret < 0)
			return false;
		failed += ret;
		if (!splits_blocks())
			continue;
		ret = try_call(source, &calls[SPLIT], 1, &injected, &needed);
		if (ret < 0)
			return false;
		failed += ret;
	}
	failures += failed;
	lost = before - free_memory();
	pr_info("%u failures in a row: %ld pages of memory less\n", failed, lost);
	return failed > LEAK_ROUNDS && lost < LEAK_PAGES;
}

/* A list has the same memory 3 times, so its parts are not contiguous. Before it is a page. */
static bool list_translates(const struct tables *tables, unsigned long iova, phys_addr_t phys,
			    size_t part, unsigned int parts)
{
	size_t offset;

	if (translate(tables, iova - SZ_4K) != phys)
		return false;
	for (offset = 0; offset < part * 3 + SZ_64K; offset += SZ_4K)
		if (translate(tables, iova + offset) !=
		    (offset < part * parts ? phys + offset % part : 0))
			return false;
	return true;
}

/* As try_call(), for iommu_map_sg(). */
static int try_list(const struct source *source, struct page *page, unsigned int nth,
		    bool *injected)
{
	unsigned long iova = SZ_1G + source->block - 3 * SZ_4K;
	phys_addr_t phys = page_to_phys(page);
	struct scatterlist parts[3];
	struct tables tables;
	int ret, failed;
	size_t mapped;

	sg_init_table(parts, ARRAY_SIZE(parts));
	for (mapped = 0; mapped < ARRAY_SIZE(parts); mapped++)
		sg_set_page(&parts[mapped], page, SZ_1M, 0);

	ret = open_tables(source, &tables);
	if (ret)
		return ret;
	failed = -EFAULT;
	if (map_atomic(tables.domain, iova - SZ_4K, phys, SZ_4K, IOMMU_READ | IOMMU_WRITE))
		goto out;
	let_fail(nth);
	mapped = map_list_atomic(tables.domain, iova, parts, 3);
	*injected = has_failed();
	if (!mapped && *injected) {
		if (!list_translates(&tables, iova, phys, SZ_1M, 0))
			goto out;
		mapped = map_list_atomic(tables.domain, iova, parts, 3);
		failed = 1;
	} else {
		failed = 0;
	}
	if (mapped != 3 * SZ_1M || !list_translates(&tables, iova, phys, SZ_1M, 3))
		failed = -EFAULT;
out:
	close_tables(source, &tables);
	return failed;
}

static bool try_lists(const struct source *source, unsigned int needed)
{
	struct page *page = alloc_pages(GFP_KERNEL, get_order(SZ_1M));
	unsigned int nth = 0, failed = 0;
	bool injected = false;
	int ret;

	if (!page)
		return false;
	do {
		ret = try_list(source, page, ++nth, &injected);
		failed += ret == 1;
		survived += injected && !ret;
	} while (ret >= 0 && injected && nth < MOST_FAILURES);
	__free_pages(page, get_order(SZ_1M));
	if (ret || failed != needed)
		pr_err("list, allocation %u: %d; %u made it fail, %u tables are needed\n", nth, ret,
		       failed, needed);
	failures += failed;
	return !ret && failed == needed;
}

/*
 * A list that is refused, as it leaves the domain or as a page of it is mapped already. The core
 * takes back what it has mapped. What is then left of the list is mapped as if nothing had been.
 */
static bool refuse_list(const struct source *source, struct call *call, size_t left)
{
	struct tables tables;
	bool ok = false;
	int ret;

	if (open_tables(source, &tables))
		return false;
	/* With the series there is one warning in 5 seconds */
	ssleep(6);
	pr_info("expect 1 warnings\n");
	if (!map_before(&tables, call) || make_call(&tables, call, 0, 0, &ret) || !ret ||
	    !all_translate(&tables, source, call, 0))
		goto out;
	call->range.count = left;
	ok = make_call(&tables, call, 0, 0, &ret) == left * source->page &&
	     all_translate(&tables, source, call, left * source->page) &&
	     is_empty(&tables, source, call);
out:
	close_tables(source, &tables);
	return ok;
}

static bool list_meets_page(const struct source *source)
{
	size_t p = source->page, b = source->block;
	struct call call = {
		"a list with a page that is mapped", .list = true, .offset = SZ_1G + p,
		.range = { SZ_1G + b - 3 * p, p, b / p + 6 },
		.before = { { SZ_1G + b - 4 * p, p, 1 }, { SZ_1G + 2 * b - 3 * p, p, 1 } },
	};

	return refuse_list(source, &call, b / p);
}

static bool list_leaves_domain(const struct source *source, unsigned long last)
{
	size_t p = source->page, left = source->block / p + 3;
	unsigned long end = last + 1;
	struct call call = {
		"a list that leaves the domain", .list = true, .offset = SZ_2G + p - (phys_addr_t)end,
		.range = { end - left * p, p, left + 3 },
	};

	return refuse_list(source, &call, left);
}

/* What a domain has, by its smallest block; and the tables that a list needs. */
static const struct source lpae_domain[] = {
	{ "iommu_map() of 4K, 2M", .page = SZ_4K, .block = SZ_2M,
	  .needs = { 3, 5, 1, 2, 1, 1, 2, 5, 1 } },
#if BITS_PER_LONG == 64
	{ "iommu_map() of 2M, 1G", .page = SZ_2M, .block = SZ_1G,
	  .needs = { 2, 4, 1, 1, 1, 1, 2, 4, 1 } },
	{ "iommu_map() of 4K, 1G", .page = SZ_4K, .block = SZ_1G,
	  .needs = { 0, 0, 0, 0, 2, 2, 4 } },
#endif
};

static const struct source v7s_domain[] = {
	{ "iommu_map() of 4K, 1M", .page = SZ_4K, .block = SZ_1M,
	  .needs = { 1, 3, 1, 0, 1, 1, 2, 3, 1 } },
	{ "iommu_map() of 64K, 1M", .page = SZ_64K, .block = SZ_1M,
	  .needs = { 1, 3, 1, 0, 1, 1, 2, 3, 1 } },
	{ "iommu_map() of 4K, 16M", .page = SZ_4K, .block = SZ_16M,
	  .needs = { 1, 18, 16, 0, 1, 1, 2, 18, 16 } },
};

#define LIST_NEEDS_LPAE	2
#define LIST_NEEDS_V7S	3

#ifdef HAVE_MAP_PAGES

#define PAGES_4K	(SZ_4K | SZ_2M | SZ_1G)
#define PAGES_16K	(SZ_16K | SZ_32M)
#define PAGES_64K	(SZ_64K | SZ_512M)
#define PAGES_V7S	(SZ_4K | SZ_64K | SZ_1M | SZ_16M)

#define FORMAT(_name, _fmt, _sizes, _bits, _page, _block)				\
	{ .name = _name, .fmt = _fmt, .pgsize_bitmap = _sizes, .page = _page, .block = _block, \
	  .ias = _bits, .oas = _bits }

static const struct source formats[] = {
	FORMAT("LPAE stage 1, 4K, 2M", ARM_64_LPAE_S1, PAGES_4K, 48, SZ_4K, SZ_2M),
	FORMAT("LPAE stage 1, 16K, 32M", ARM_64_LPAE_S1, PAGES_16K, 48, SZ_16K, SZ_32M),
	FORMAT("LPAE stage 1, 64K, 512M", ARM_64_LPAE_S1, PAGES_64K, 48, SZ_64K, SZ_512M),
	FORMAT("LPAE stage 2, 4K, 2M", ARM_64_LPAE_S2, PAGES_4K, 40, SZ_4K, SZ_2M),
	FORMAT("LPAE stage 2, 16K, 32M", ARM_64_LPAE_S2, PAGES_16K, 40, SZ_16K, SZ_32M),
	FORMAT("LPAE stage 2, 64K, 512M", ARM_64_LPAE_S2, PAGES_64K, 40, SZ_64K, SZ_512M),
	FORMAT("32-bit LPAE stage 1, 4K, 2M", ARM_32_LPAE_S1, PAGES_4K, 32, SZ_4K, SZ_2M),
	FORMAT("Mali, 4K, 2M", ARM_MALI_LPAE, PAGES_4K, 40, SZ_4K, SZ_2M),
#if BITS_PER_LONG == 64
	FORMAT("LPAE stage 1, 2M, 1G", ARM_64_LPAE_S1, PAGES_4K, 48, SZ_2M, SZ_1G),
	FORMAT("LPAE stage 1, 4K, 1G", ARM_64_LPAE_S1, PAGES_4K, 48, SZ_4K, SZ_1G),
	FORMAT("LPAE stage 2, 4K, 1G", ARM_64_LPAE_S2, PAGES_4K, 40, SZ_4K, SZ_1G),
#endif
	FORMAT("v7s, 4K, 1M", ARM_V7S, PAGES_V7S, 32, SZ_4K, SZ_1M),
	FORMAT("v7s, 64K, 1M", ARM_V7S, PAGES_V7S, 32, SZ_64K, SZ_1M),
	FORMAT("v7s, 4K, 16M", ARM_V7S, PAGES_V7S, 32, SZ_4K, SZ_16M),
	FORMAT("v7s, 64K, 16M", ARM_V7S, PAGES_V7S, 32, SZ_64K, SZ_16M),
};

#define FORMATS	ARRAY_SIZE(formats)

static unsigned int count_formats(void)
{
	unsigned int i, num = 0;

	for (i = 0; i < FORMATS; i++)
		num += is_possible(&formats[i]);
	return num;
}

static void try_formats(void)
{
	unsigned int i;

	no_snoop = tables_device();
	for (i = 0; i < FORMATS; i++)
		if (is_possible(&formats[i]))
			ktap_result(formats[i].name, !IS_ERR(no_snoop) && try_all(&formats[i]));
	if (!IS_ERR(no_snoop))
		root_device_unregister(no_snoop);
}

#else

static unsigned int count_formats(void)
{
	return 0;
}

static void try_formats(void)
{
}

#endif

static int iommu_fail(struct device *dev)
{
	struct iommu_domain *domain = attach_domain(dev);
	const struct source *domains = lpae_domain;
	unsigned int i, num = ARRAY_SIZE(lpae_domain);
	unsigned long last;
	struct source source;
	bool v7s, can_leave;

	if (IS_ERR(domain))
		return PTR_ERR(domain);
	v7s = domain->pgsize_bitmap & SZ_1M;
	last = domain->geometry.aperture_end;
	detach_domain(domain, dev);
	if (v7s) {
		domains = v7s_domain;
		num = ARRAY_SIZE(v7s_domain);
	}

	failures = 0;
	survived = 0;
	/* The last may be one of splits alone */
	num -= !is_possible(&domains[num - 1]);
	/* Without the series what is behind the last address is the first one */
	can_leave = last != ULONG_MAX || splits_blocks();
	ktap_plan(num + 3 + can_leave + count_formats());
	for (i = 0; i < num; i++) {
		source = domains[i];
		source.dev = dev;
		ktap_result(source.name, try_all(&source));
	}
	source = domains[0];
	source.dev = dev;
	ktap_result("iommu_map_sg()", try_lists(&source, v7s ? LIST_NEEDS_V7S : LIST_NEEDS_LPAE));
	ktap_result("iommu_map_sg() with a page that is mapped", list_meets_page(&source));
	if (can_leave)
		ktap_result("iommu_map_sg() that leaves the domain",
			    list_leaves_domain(&source, last));
	ktap_result("nothing leaks", nothing_leaks(&source));
	try_formats();
	pr_info("%u failures of an allocation made a call fail, %u did not\n", failures, survived);
	return ktap_passed() ? 0 : -EFAULT;
}

module_device_test(iommu_fail);

MODULE_DESCRIPTION("Allocations that fail, in iommu_map(), iommu_unmap() and the page table formats");
