// SPDX-License-Identifier: GPL-2.0
/*
 * What a device can reach, and what not any more after an unmap: the device is QEMU's edu, and does
 * the DMA that tells.
 *
 * A test maps memory, has the device read and write it, which leaves what it needs in the TLB, and
 * unmaps a part.  From then on the device must not reach that part: neither memory nor what the
 * device has read may change.  All else must work as before, and at the end the memory must have
 * what was written to it, and nothing beside.  Between iommu_unmap_fast() and iommu_iotlb_sync(),
 * or an unmap of the DMA API and the flush of its queue, the device may still reach the old page.
 *
 * Each access that was refused is told in the log ("fault: ..."): boot/events.py compares that with
 * what the SMMU has logged, so that neither can be missing.
 *
 * Of large ranges only some pages are tried, the spots.  All of them together are fewer than 256,
 * the entries of a TLB in QEMU, which drops all of them when it has no room for one more.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/moduleparam.h>
#include <linux/random.h>
#include <linux/scatterlist.h>
#include "device.h"
#include "edu.h"
#include "ktap.h"
#include LAZY_H
#include ONE_H

#define PAGE	SZ_4K
#define TABLE	SZ_2M		/* what a table of pages maps, or a block */
#define HUGE	SZ_1G

#define CHUNK_PAGES	SZ_2M	/* of memory for pages, which is mapped by one call */
#define CHUNK_BLOCKS	SZ_4M	/* the page allocator has no larger ones */

#define MAX_CHUNKS	256
#define MAX_SPOTS	160
#define RANDOM_SPOTS	8
#define SCRATCH_IOVA	SZ_16M

enum kind {
	PAGES = 1,		/* physical addresses aligned to no more than a page */
	BLOCKS,			/* to blocks */
	IN_HUGE,		/* inside a block of 1G, whatever else is in that */
};

struct extent {
	unsigned long at;	/* from IOVA on; IN_HUGE: from the memory's place in the block */
	size_t size;
	enum kind kind;		/* of what is mapped */
};

struct test {
	const char *name;
	struct extent map[4];		/* up to one of size 0 */
	struct extent unmap[4];	/* likewise, one after the other */
	enum kind again;	/* what is mapped in its place, if anything */
	bool read_only;
	bool splits;		/* unmaps a part of a block */
};

static const struct test tests[] = {
	{ "one page", { { 0, PAGE, PAGES } }, { { 0, PAGE } } },
	{ "16 pages", { { 0, 16 * PAGE, PAGES } }, { { 0, 16 * PAGE } } },
	{ "middle, head and tail of 16 pages", { { 0, 16 * PAGE, PAGES } },
	  { { 7 * PAGE, 3 * PAGE }, { 0, 2 * PAGE }, { 13 * PAGE, 3 * PAGE } } },
	{ "1M of pages", { { 0, SZ_1M, PAGES } }, { { 0, SZ_1M } } },
	{ "1M of pages in two tables", { { TABLE - SZ_512K, SZ_1M, PAGES } },
	  { { TABLE - SZ_512K, SZ_1M } } },
	{ "part of 1M of pages in two tables", { { TABLE - SZ_512K, SZ_1M, PAGES } },
	  { { TABLE - 3 * PAGE, 4 * PAGE } } },
	{ "a table of pages", { { 0, TABLE, PAGES } }, { { 0, TABLE } } },
	{ "a table of three", { { 0, 3 * TABLE, PAGES } }, { { TABLE, TABLE } } },
	{ "three tables", { { 0, 3 * TABLE, PAGES } }, { { 0, 3 * TABLE } } },
	{ "a table and pages on both sides", { { 0, 3 * TABLE, PAGES } },
	  { { TABLE - 3 * PAGE, TABLE + 8 * PAGE } } },
	{ "pages at the ends of tables", { { 0, 3 * TABLE, PAGES } },
	  { { TABLE - PAGE, 2 * PAGE }, { 2 * TABLE - PAGE, PAGE }, { 2 * TABLE, PAGE } } },
	{ "a block", { { 0, TABLE, BLOCKS } }, { { 0, TABLE } } },
	{ "blocks, one out of three", { { 0, 3 * TABLE, BLOCKS } },
	  { { TABLE, TABLE }, { 0, TABLE }, { 2 * TABLE, TABLE } } },
	{ "three blocks", { { 0, 3 * TABLE, BLOCKS } }, { { 0, 3 * TABLE } } },
	{ "a block and a part of the pages behind it",
	  { { 0, TABLE, BLOCKS }, { TABLE, SZ_1M, PAGES } }, { { 0, TABLE + 16 * PAGE } } },
	{ "pages and a part of the block behind them",
	  { { 0, TABLE, PAGES }, { TABLE, TABLE, BLOCKS } }, { { SZ_1M, TABLE } },
	  .splits = true },
	{ "pages, a block, pages",
	  { { 0, TABLE, PAGES }, { TABLE, TABLE, BLOCKS }, { 2 * TABLE, TABLE, PAGES } },
	  { { PAGE, 3 * TABLE - 2 * PAGE } } },
	{ "a page out of a block", { { 0, TABLE, BLOCKS } }, { { 37 * PAGE, PAGE } },
	  .splits = true },
	{ "first, last and middle pages of a block", { { 0, TABLE, BLOCKS } },
	  { { 0, PAGE }, { TABLE - PAGE, PAGE }, { SZ_1M, 16 * PAGE } }, .splits = true },
	{ "half of each of two blocks", { { 0, 2 * TABLE, BLOCKS } }, { { SZ_1M, TABLE } },
	  .splits = true },
	{ "a block and pages of those on both sides", { { 0, 3 * TABLE, BLOCKS } },
	  { { TABLE - 16 * PAGE, TABLE + 21 * PAGE } }, .splits = true },
	{ "a page out of 1G", { { 0, HUGE, IN_HUGE } }, { { TABLE + 5 * PAGE, PAGE } },
	  .splits = true },
	{ "2M out of 1G", { { 0, HUGE, IN_HUGE } }, { { TABLE, TABLE } }, .splits = true },
	{ "pages on both sides of 2M out of 1G", { { 0, HUGE, IN_HUGE } },
	  { { TABLE - 2 * PAGE, 5 * PAGE } }, .splits = true },
	{ "other pages in place of some", { { 0, 16 * PAGE, PAGES } },
	  { { 2 * PAGE, 3 * PAGE }, { 9 * PAGE, PAGE } }, PAGES },
	{ "other pages in place of a table's and more", { { 0, 2 * TABLE, PAGES } },
	  { { SZ_1M, TABLE } }, PAGES },
	{ "a block in place of a table of pages", { { 0, 2 * TABLE, PAGES } },
	  { { 0, TABLE } }, BLOCKS },
	{ "pages in place of a block", { { 0, 2 * TABLE, BLOCKS } }, { { TABLE, TABLE } }, PAGES },
	{ "other pages in place of a block's", { { 0, TABLE, BLOCKS } },
	  { { 100 * PAGE, 16 * PAGE } }, PAGES, .splits = true },
	{ "pages to be read only", { { 0, 16 * PAGE, PAGES } }, { { 4 * PAGE, 8 * PAGE } },
	  .read_only = true },
	{ "a page out of a block to be read only", { { 0, TABLE, BLOCKS } },
	  { { 4 * PAGE, PAGE } }, .read_only = true, .splits = true },
};

/* Of a list: memory of one kind, several times, each in pieces. */
struct runs {
	unsigned int times;
	size_t size, piece;
	enum kind kind;
};

struct list_test {
	const char *name;
	unsigned long at;		/* as of an extent */
	struct runs runs[4];		/* up to one of size 0 */
};

static const struct list_test list_tests[] = {
	{ "scattered pages", 0, { { 24, PAGE, PAGE, PAGES } } },
	{ "scattered pages in two tables", TABLE - 8 * PAGE, { { 24, PAGE, PAGE, PAGES } } },
	{ "200 scattered pages, in a list that is chained", TABLE - 100 * PAGE,
	  { { 200, PAGE, PAGE, PAGES } } },
	{ "pieces that make pages", 0, { { 8, 2 * PAGE, 0x600, PAGES } } },
	{ "pieces that make a block", 0, { { 1, TABLE, SZ_32K, BLOCKS } } },
	{ "pages, a block in pieces, pages", TABLE - 8 * PAGE,
	  { { 8, PAGE, PAGE, PAGES }, { 1, TABLE, 0x6600, BLOCKS }, { 8, PAGE, PAGE, PAGES } } },
	{ "segments of 64K in three tables", TABLE - SZ_64K - PAGE,
	  { { 1, SZ_64K, SZ_64K, PAGES }, { 1, TABLE, TABLE, PAGES },
	    { 2, SZ_64K, SZ_64K, PAGES } } },
};

/* Memory, and where the device is to find it. */
struct chunk {
	void *mem;
	size_t allocated;
	unsigned long iova;
	size_t offset;		/* of what the device is to find, in the memory */
	size_t size;
};

/* A word for the device to write, and one to read.  Both are told apart from all others. */
struct spot {
	dma_addr_t iova;
	u32 *mem;
	u32 word[2];		/* what is in the memory, as far as we know */
	bool mapped;
};

enum access { WRITE_IT, READ_IT };
enum outcome { REFUSED, THROUGH, WRONG };

/*
 * arm-smmu-v3 of 7.3 tells of 10 faults in 5 seconds and no more.  So that all of them can be
 * compared there is a wait after each: where the clock counts instructions, that is free.
 */
static unsigned int wait_ms;
module_param(wait_ms, uint, 0);
MODULE_PARM_DESC(wait_ms, "milliseconds to wait after each fault");

static struct edu edu;
static bool lazy;		/* has the DMA API a queue of what is to be flushed? */
static bool read_only;		/* is all mapped only to be read? */

static struct chunk chunks[MAX_CHUNKS];
static unsigned int nr_chunks;
static struct spot spots[MAX_SPOTS];
static unsigned int nr_spots;

static struct {
	u64 bytes;
	u64 pages;
	unsigned int faults;
	unsigned int synced_late;	/* accesses that came to an unmapped page before the sync */
	unsigned int flushed_late;	/* before the flush of the queue */
	unsigned int met;		/* accesses that a DMA API's unmap was done in time for */
} count;

/* When the access that is to come after an unmap was started; it comes after 100 ms, not before this */
static ktime_t late_start;
#define LATE_US	99000

static bool complain(const struct spot *spot, const char *what)
{
	pr_info("# %#llx: %s\n", (u64)spot->iova, what);
	return false;
}

/* Memory */

static void *get_chunk(size_t allocate)
{
	struct chunk *chunk = &chunks[nr_chunks];

	if (WARN_ON(nr_chunks == MAX_CHUNKS))
		return NULL;
	memset(chunk, 0, sizeof(*chunk));
	chunk->mem = alloc_pages_exact(allocate, GFP_KERNEL | __GFP_ZERO);
	if (!chunk->mem)
		return NULL;
	chunk->allocated = allocate;
	nr_chunks++;
	return chunk->mem;
}

/* Forgets all memory and all spots, and says whether the memory had what it should and no more. */
static bool put_chunks(void)
{
	struct chunk *chunk;
	struct spot *spot;
	bool ok = true;
	int i;

	for (spot = spots; spot < spots + nr_spots; spot++)
		for (i = 0; i < ARRAY_SIZE(spot->word); i++) {
			if (spot->mem[i] != spot->word[i])
				ok = complain(spot, "its memory has changed");
			spot->mem[i] = 0;
		}
	for (chunk = chunks; chunk < chunks + nr_chunks; chunk++) {
		if (memchr_inv(chunk->mem, 0, chunk->allocated)) {
			pr_info("# %#lx: its memory has more than it should\n", chunk->iova);
			ok = false;
		}
		free_pages_exact(chunk->mem, chunk->allocated);
	}
	nr_chunks = 0;
	nr_spots = 0;
	return ok;
}

/* The memory that an address leads to: that which was mapped last. */
static void *memory_at(unsigned long iova)
{
	unsigned int i = nr_chunks;

	while (i--)
		if (iova - chunks[i].iova < chunks[i].size)
			return chunks[i].mem + chunks[i].offset + (iova - chunks[i].iova);
	return NULL;
}

static struct spot *add_spot(dma_addr_t iova, void *mem)
{
	struct spot *spot = &spots[nr_spots];

	if (WARN_ON(nr_spots == MAX_SPOTS))
		return NULL;
	nr_spots++;
	memset(spot, 0, sizeof(*spot));
	spot->iova = iova;
	spot->mem = mem;
	spot->mapped = true;
	return spot;
}

/* Accesses */

static enum outcome judge_write(struct spot *spot, u32 word)
{
	u32 now = READ_ONCE(spot->mem[WRITE_IT]);

	if (now == word) {
		spot->word[WRITE_IT] = word;
		return THROUGH;
	}
	return now == spot->word[WRITE_IT] ? REFUSED : WRONG;
}

static enum outcome let_write(struct spot *spot)
{
	u32 word = edu_fresh();

	if (edu_write(&edu, spot->iova, word))
		return WRONG;
	return judge_write(spot, word);
}

static enum outcome let_read(struct spot *spot)
{
	u32 word = 0;
	int ret;

	spot->word[READ_IT] = edu_fresh();
	WRITE_ONCE(spot->mem[READ_IT], spot->word[READ_IT]);
	ret = edu_read(&edu, spot->iova + READ_IT * sizeof(u32), &word);
	if (!ret)
		return REFUSED;
	return ret == 1 && word == spot->word[READ_IT] ? THROUGH : WRONG;
}

/* Counts the access, and tells of a fault, which the SMMU must tell of, too. */
static enum outcome noted(struct spot *spot, enum access access, enum outcome outcome)
{
	if (outcome == THROUGH)
		count.bytes += sizeof(u32);
	if (outcome == REFUSED) {
		count.faults++;
		pr_info("fault: %s at %#llx, not %s\n", access == READ_IT ? "read" : "write",
			(u64)spot->iova + access * sizeof(u32),
			spot->mapped ? "allowed" : "mapped");
		if (wait_ms)
			msleep(wait_ms);
	}
	return outcome;
}

static enum outcome let(struct spot *spot, enum access access)
{
	return noted(spot, access, access == READ_IT ? let_read(spot) : let_write(spot));
}

static bool check(struct spot *spot)
{
	if (let(spot, WRITE_IT) != (spot->mapped && !read_only ? THROUGH : REFUSED))
		return complain(spot, "write");
	if (let(spot, READ_IT) != (spot->mapped ? THROUGH : REFUSED))
		return complain(spot, "read");
	return true;
}

static bool check_all(void)
{
	struct spot *spot;

	for (spot = spots; spot < spots + nr_spots; spot++)
		if (!check(spot))
			return false;
	return true;
}

/* The page is unmapped, but the device may go on for a while. */
static bool check_late(struct spot *spot, enum access access, enum outcome outcome,
		       unsigned int *late)
{
	if (noted(spot, access, outcome) == WRONG)
		return complain(spot, "neither refused nor the old page");
	*late += outcome == THROUGH;
	return true;
}

static bool check_unsynced(struct spot *spot)
{
	return (read_only ||
		check_late(spot, WRITE_IT, let_write(spot), &count.synced_late)) &&
	       check_late(spot, READ_IT, let_read(spot), &count.synced_late);
}

/* The IOMMU API, in a domain of our own */

static bool in(const struct extent *extent, unsigned long origin, unsigned long iova)
{
	return iova - origin - extent->at < extent->size;
}

/* Before pages is one that is not mapped: so they follow nothing else, and are aligned to no more. */
static void *get_memory(unsigned long iova, size_t size, enum kind kind)
{
	size_t skip = kind == PAGES ? PAGE : 0;
	struct chunk *chunk = &chunks[nr_chunks];

	if (!get_chunk(size + skip))
		return NULL;
	chunk->iova = iova;
	chunk->offset = skip;
	chunk->size = size;
	return chunk->mem + skip;
}

static int map_chunk(struct iommu_domain *domain, unsigned long iova, size_t size, enum kind kind)
{
	void *mem = get_memory(iova, size, kind);

	if (!mem)
		return -ENOMEM;
	return map_atomic(domain, iova, virt_to_phys(mem), size,
			  IOMMU_READ | (read_only ? 0 : IOMMU_WRITE));
}

/* All of the 1G in which some memory is; sets *origin to where that is. */
static int map_huge(struct iommu_domain *domain, unsigned long *origin)
{
	struct chunk *chunk = &chunks[nr_chunks];
	phys_addr_t phys;

	if (!get_chunk(CHUNK_BLOCKS))
		return -ENOMEM;
	phys = virt_to_phys(chunk->mem);
	*origin = IOVA + (phys & (HUGE - 1));
	chunk->iova = *origin;
	chunk->size = CHUNK_BLOCKS;
	return map_atomic(domain, IOVA, phys & ~(phys_addr_t)(HUGE - 1), HUGE,
			  IOMMU_READ | IOMMU_WRITE);
}

static int map_range(struct iommu_domain *domain, const struct extent *extent, enum kind kind,
		     unsigned long *origin)
{
	size_t most = kind == PAGES ? CHUNK_PAGES : CHUNK_BLOCKS;
	size_t done, size;
	int ret;

	if (kind == IN_HUGE)
		return map_huge(domain, origin);
	for (done = 0; done < extent->size; done += size) {
		size = min(most, extent->size - done);
		ret = map_chunk(domain, *origin + extent->at + done, size, kind);
		if (ret)
			return ret;
	}
	return 0;
}

/* Tries the page there, if any is. */
static void spot_at(unsigned long iova)
{
	void *mem = memory_at(iova);
	unsigned int i;

	if (!mem)
		return;
	for (i = 0; i < nr_spots; i++)
		if (!((spots[i].iova ^ iova) & ~(PAGE - 1UL)))
			return;
	/* Anywhere in the page, even */
	iova += (nr_spots * 328) % PAGE;
	add_spot(iova, memory_at(iova));
}

/* Both sides of a border. */
static void spots_around(unsigned long iova)
{
	spot_at(iova - PAGE);
	spot_at(iova);
}

static void spots_of(const struct extent *extent, unsigned long origin)
{
	unsigned long start = origin + extent->at, end = start + extent->size, iova;

	spots_around(start);
	spots_around(end);
	if (extent->size <= 32 * PAGE)
		for (iova = start; iova < end; iova += PAGE)
			spot_at(iova);
	else if (extent->size < HUGE)
		for (iova = ALIGN(start, TABLE); iova < end; iova += TABLE)
			spots_around(iova);
}

static void make_spots(const struct test *test, unsigned long origin)
{
	static u32 seed = 1;
	const struct extent *extent;
	struct chunk *chunk;
	int i;

	for (extent = test->map; extent->size; extent++)
		spots_of(extent, origin);
	for (extent = test->unmap; extent->size; extent++)
		spots_of(extent, origin);
	for (chunk = chunks; chunk < chunks + nr_chunks; chunk++)
		for (i = 0; i < RANDOM_SPOTS; i++) {
			seed = 1664525 * seed + 1013904223;
			spot_at(chunk->iova + (seed % (u32)chunk->size & ~(PAGE - 1)));
		}
}

static bool unmap_range(struct iommu_domain *domain, const struct extent *extent,
			unsigned long origin, bool fast)
{
	unsigned long start = origin + extent->at;
	struct iommu_iotlb_gather gather;
	struct spot *spot;
	size_t unmapped;
	bool ok = true;

	for (spot = spots; spot < spots + nr_spots; spot++)
		if (in(extent, origin, spot->iova))
			spot->mapped = false;
	if (fast) {
		iommu_iotlb_gather_init(&gather);
		unmapped = iommu_unmap_fast(domain, start, extent->size, &gather);
		for (spot = spots; ok && spot < spots + nr_spots; spot++)
			if (in(extent, origin, spot->iova))
				ok = check_unsynced(spot);
		iommu_iotlb_sync(domain, &gather);
	} else {
		unmapped = iommu_unmap(domain, start, extent->size);
	}
	count.pages += unmapped / PAGE;
	if (unmapped != extent->size) {
		pr_info("# unmapped %#zx of %#zx at %#lx\n", unmapped, extent->size, start);
		return false;
	}
	return ok;
}

/* Other memory in a place: what was there must not change any more. */
static bool map_again(struct iommu_domain *domain, const struct test *test, unsigned long origin)
{
	const struct extent *extent;
	struct spot *spot;
	int i;

	for (extent = test->unmap; extent->size; extent++) {
		if (map_range(domain, extent, test->again, &origin))
			return false;
		for (spot = spots; spot < spots + nr_spots; spot++) {
			if (!in(extent, origin, spot->iova))
				continue;
			for (i = 0; i < ARRAY_SIZE(spot->word); i++) {
				if (spot->mem[i] != spot->word[i])
					return complain(spot, "its memory has changed");
				spot->mem[i] = 0;
				spot->word[i] = 0;
			}
			spot->mem = memory_at(spot->iova);
			spot->mapped = true;
		}
	}
	return true;
}

/* Whatever is still mapped, each run of pages by one call. */
static bool unmap_rest(struct iommu_domain *domain, const struct extent *extent)
{
	unsigned long end = IOVA + extent->at + extent->size;
	unsigned long iova, start = 0;
	struct spot *spot;
	bool ok = true;

	for (iova = IOVA + extent->at; iova <= end; iova += PAGE) {
		if (iova < end && iommu_iova_to_phys(domain, iova)) {
			start = start ?: iova;
		} else if (start) {
			ok &= iommu_unmap(domain, start, iova - start) == iova - start;
			count.pages += (iova - start) / PAGE;
			start = 0;
		}
	}
	for (spot = spots; spot < spots + nr_spots; spot++)
		if (in(extent, IOVA, spot->iova))
			spot->mapped = false;
	return ok;
}

static bool run_steps(struct iommu_domain *domain, const struct test *test, bool fast)
{
	unsigned long origin = IOVA;
	const struct extent *extent;

	for (extent = test->map; extent->size; extent++)
		if (map_range(domain, extent, extent->kind, &origin))
			return false;
	make_spots(test, origin);
	if (!check_all())
		return false;
	for (extent = test->unmap; extent->size; extent++)
		if (!unmap_range(domain, extent, origin, fast) || !check_all())
			return false;
	return !test->again || (map_again(domain, test, origin) && check_all());
}

static void run_test(struct iommu_domain *domain, const struct test *test, bool fast)
{
	const struct extent *extent;
	char name[80];
	bool ok;

	snprintf(name, sizeof(name), "iommu_unmap%s: %s", fast ? "_fast" : "", test->name);
	if (test->map[0].kind == IN_HUGE && !(domain->pgsize_bitmap & HUGE))
		return ktap_skip(name, "no blocks of 1G");

	read_only = test->read_only;
	ok = run_steps(domain, test, fast);
	for (extent = test->map; extent->size; extent++)
		ok &= unmap_rest(domain, extent);
	ok = ok && check_all();
	read_only = false;
	/* What is left in the TLB is no concern of the next test */
	if (!ok)
		iommu_flush_iotlb_all(domain);
	ok &= put_chunks();
	ktap_result(name, ok);
}

/* Lists */

static unsigned int count_pieces(const struct list_test *test)
{
	const struct runs *runs;
	unsigned int num = 0;

	for (runs = test->runs; runs->size; runs++)
		num += runs->times * DIV_ROUND_UP(runs->size, runs->piece);
	return num;
}

/* Gets the memory of a list, and returns how much that is, or 0. */
static size_t fill_list(const struct list_test *test, struct scatterlist *sg)
{
	size_t total = 0, done, piece;
	const struct runs *runs;
	unsigned int i;
	void *mem;

	for (runs = test->runs; runs->size; runs++) {
		for (i = 0; i < runs->times; i++, total += runs->size) {
			mem = get_memory(IOVA + test->at + total, runs->size, runs->kind);
			if (!mem)
				return 0;
			for (done = 0; done < runs->size; done += piece, sg = sg_next(sg)) {
				piece = min(runs->piece, runs->size - done);
				sg_set_buf(sg, mem + done, piece);
			}
		}
	}
	return total;
}

static void list_spots(const struct extent *extent)
{
	unsigned int step = DIV_ROUND_UP(nr_chunks, 32), i;

	spots_of(extent, IOVA);
	for (i = 0; i < nr_chunks; i += step) {
		spot_at(chunks[i].iova);
		spot_at(chunks[i].iova + chunks[i].size / 2);
	}
}

static bool run_list(struct iommu_domain *domain, const struct list_test *test,
		     struct sg_table *table, bool fast)
{
	struct extent extent = { test->at, fill_list(test, table->sgl) };
	bool ok;

	if (!extent.size)
		return false;
	if (map_list_atomic(domain, IOVA + test->at, table->sgl, table->orig_nents) != extent.size)
		return false;
	list_spots(&extent);
	ok = check_all() && unmap_range(domain, &extent, IOVA, fast) && check_all();
	return unmap_rest(domain, &extent) && ok;
}

static void test_list(struct iommu_domain *domain, const struct list_test *test, bool fast)
{
	struct sg_table table;
	char name[80];
	bool ok;

	snprintf(name, sizeof(name), "iommu_map_sg, iommu_unmap%s: %s", fast ? "_fast" : "",
		 test->name);
	ok = !sg_alloc_table(&table, count_pieces(test), GFP_KERNEL);
	if (ok) {
		ok = run_list(domain, test, &table, fast);
		sg_free_table(&table);
	}
	if (!ok)
		iommu_flush_iotlb_all(domain);
	ok &= put_chunks();
	ktap_result(name, ok);
}

static bool is_possible(const struct test *test)
{
	return !test->splits || splits_blocks();
}

static void test_iommu_api(struct iommu_domain *domain)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		if (!is_possible(&tests[i]))
			continue;
		run_test(domain, &tests[i], false);
		run_test(domain, &tests[i], true);
	}
	for (i = 0; i < ARRAY_SIZE(list_tests); i++) {
		test_list(domain, &list_tests[i], false);
		test_list(domain, &list_tests[i], true);
	}
}

/* The DMA API, in the device's default domain */

/*
 * Starts an access that comes when the memory has just been unmapped: 100 ms after it was started,
 * 5 ms after this returns.  The DMA API's queue is flushed after 10 ms.
 */
static bool begin_late(struct spot *spot, u32 *word)
{
	*word = edu_fresh();
	if (edu_start_write(&edu, spot->iova, *word))
		return false;
	late_start = ktime_get();
	msleep(80);
	while (ktime_ms_delta(ktime_get(), late_start) < 95)
		cpu_relax();
	return true;
}

/*
 * After an unmap of all that has a spot.  On a machine that is busy the unmap may end after the
 * access: then that may come through, and says nothing.
 */
static bool end_late(struct spot *late, u32 word)
{
	s64 took = ktime_us_delta(ktime_get(), late_start);
	struct spot *spot;

	for (spot = spots; spot < spots + nr_spots; spot++)
		spot->mapped = false;
	if (edu_wait(&edu) ||
	    !check_late(late, WRITE_IT, judge_write(late, word), &count.flushed_late))
		return false;
	if (took >= LATE_US)
		pr_info("# %#llx: the unmap ended %lld us after the access was started, too late to say anything\n",
			(u64)late->iova, took);
	else
		count.met++;
	if (lazy)
		msleep(20);
	else if (took < LATE_US && late->word[WRITE_IT] == word)
		return complain(late, "write after the unmap");
	return check_all();
}

/* A few words in memory that is not page aligned */
static bool test_single(struct device *dev)
{
	void *mem = get_chunk(PAGE);
	dma_addr_t iova;
	u32 word;
	bool ok;

	if (!mem)
		return false;
	iova = dma_map_single(dev, mem + 0x200, 0x400, DMA_BIDIRECTIONAL);
	if (dma_mapping_error(dev, iova))
		return false;
	add_spot(iova, mem + 0x200);
	add_spot(iova + 0x3f8, mem + 0x5f8);
	ok = check_all() && begin_late(&spots[1], &word);
	dma_unmap_single(dev, iova, 0x400, DMA_BIDIRECTIONAL);
	count.pages++;
	return ok && end_late(&spots[1], word);
}

static bool test_page(struct device *dev)
{
	void *mem = get_chunk(SZ_64K);
	dma_addr_t iova;
	size_t offset;
	u32 word;
	bool ok;

	if (!mem)
		return false;
	iova = dma_map_page(dev, virt_to_page(mem), 0, SZ_64K, DMA_BIDIRECTIONAL);
	if (dma_mapping_error(dev, iova))
		return false;
	for (offset = 0; offset < SZ_64K; offset += PAGE)
		add_spot(iova + offset, mem + offset);
	ok = check_all() && begin_late(&spots[15], &word);
	dma_unmap_page(dev, iova, SZ_64K, DMA_BIDIRECTIONAL);
	count.pages += SZ_64K / PAGE;
	return ok && end_late(&spots[15], word);
}

static bool test_read_only(struct device *dev)
{
	void *mem = get_chunk(PAGE);
	dma_addr_t iova;
	bool ok;

	if (!mem)
		return false;
	iova = dma_map_single(dev, mem, PAGE, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, iova))
		return false;
	add_spot(iova, mem);
	read_only = true;
	ok = check_all();
	dma_unmap_single(dev, iova, PAGE, DMA_TO_DEVICE);
	count.pages++;
	spots[0].mapped = false;
	if (lazy)
		msleep(20);
	ok = ok && check_all();
	read_only = false;
	return ok;
}

/* Memory of several places, in one list, which the IOMMU may put together. */
static bool test_sg(struct device *dev)
{
	static const size_t sizes[] = { PAGE, 3 * PAGE, PAGE, 16 * PAGE, PAGE, SZ_32K };
	struct scatterlist list[ARRAY_SIZE(sizes)], *sg;
	int i, nr, page = 0;
	unsigned int offset;
	u32 word;
	bool ok;

	sg_init_table(list, ARRAY_SIZE(sizes));
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		void *mem = get_chunk(sizes[i]);

		if (!mem)
			return false;
		sg_set_buf(&list[i], mem, sizes[i]);
		for (offset = 0; offset < sizes[i]; offset += PAGE)
			add_spot(0, mem + offset);
		count.pages += sizes[i] / PAGE;
	}
	nr = dma_map_sg(dev, list, ARRAY_SIZE(sizes), DMA_BIDIRECTIONAL);
	for_each_sg(list, sg, nr, i)
		for (offset = 0; offset < sg_dma_len(sg); offset += PAGE)
			spots[page++].iova = sg_dma_address(sg) + offset;
	if (!nr || page != nr_spots)
		return false;
	ok = check_all() && begin_late(&spots[page - 1], &word);
	dma_unmap_sg(dev, list, ARRAY_SIZE(sizes), DMA_BIDIRECTIONAL);
	return ok && end_late(&spots[page - 1], word);
}

/* Its pages are kept until the device is known not to reach them, so that it cannot do harm. */
static bool test_coherent(struct device *dev)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(dev);
	struct page *pages[16];
	size_t size = sizeof(pages) / sizeof(*pages) * PAGE;
	dma_addr_t iova;
	void *mem;
	u32 word;
	bool ok;
	int i;

	mem = dma_alloc_coherent(dev, size, &iova, GFP_KERNEL);
	if (!mem)
		return false;
	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		pages[i] = phys_to_page(iommu_iova_to_phys(domain, iova + i * PAGE));
		get_page(pages[i]);
		add_spot(iova + i * PAGE, page_address(pages[i]));
	}
	ok = check_all() && begin_late(&spots[0], &word);
	dma_free_coherent(dev, size, mem, iova);
	count.pages += ARRAY_SIZE(pages);
	ok = ok && end_late(&spots[0], word);
	ok &= put_chunks();
	for (i = 0; i < ARRAY_SIZE(pages); i++)
		put_page(pages[i]);
	return ok;
}

/*
 * What was unmapped is not handed out again before the flush: a device that goes on with the old
 * page must not find itself in the new one.
 */
static bool test_queue(struct device *dev)
{
	dma_addr_t iova[2];
	void *mem[2];
	u32 word;
	bool ok;
	int i;

	for (i = 0; i < 2; i++) {
		mem[i] = get_chunk(PAGE);
		if (!mem[i])
			return false;
	}
	iova[0] = dma_map_single(dev, mem[0], PAGE, DMA_BIDIRECTIONAL);
	if (dma_mapping_error(dev, iova[0]))
		return false;
	add_spot(iova[0], mem[0]);
	ok = check_all() && begin_late(&spots[0], &word);
	dma_unmap_single(dev, iova[0], PAGE, DMA_BIDIRECTIONAL);
	iova[1] = dma_map_single(dev, mem[1], PAGE, DMA_BIDIRECTIONAL);
	if (dma_mapping_error(dev, iova[1]))
		return false;
	count.pages += 2;
	if (iova[1] == iova[0])
		ok = complain(&spots[0], "handed out again");
	ok = ok && end_late(&spots[0], word);
	add_spot(iova[1], mem[1]);
	ok = ok && check_all();
	dma_unmap_single(dev, iova[1], PAGE, DMA_BIDIRECTIONAL);
	return ok;
}

static const struct {
	const char *name;
	bool (*run)(struct device *dev);
	bool lazy;			/* only where there is a queue */
} dma_tests[] = {
	{ "dma_unmap_single: part of a page", test_single },
	{ "dma_unmap_page: 64K", test_page },
	{ "dma_unmap_sg: 30 pages in 6 places", test_sg },
	{ "dma_free_coherent: 64K", test_coherent },
	{ "dma_unmap_single: a page to be read only", test_read_only },
	{ "dma_map_single: no address that waits for its flush", test_queue, true },
};

static void test_dma_api(struct device *dev)
{
	int i;
	bool ok;

	for (i = 0; i < ARRAY_SIZE(dma_tests); i++) {
		if (dma_tests[i].lazy && !lazy)
			continue;
		ok = dma_tests[i].run(dev);
		/* In a test that failed, an access may still be under way */
		ok &= !edu_wait(&edu);
		ok &= put_chunks();
		ktap_result(dma_tests[i].name, ok);
	}
}

static int run_dma_api(struct device *dev)
{
	edu.scratch_iova = dma_map_single(dev, edu.scratch, PAGE, DMA_BIDIRECTIONAL);
	if (dma_mapping_error(dev, edu.scratch_iova))
		return -ENOMEM;
	test_dma_api(dev);
	dma_unmap_single(dev, edu.scratch_iova, PAGE, DMA_BIDIRECTIONAL);
	return 0;
}

static int run_iommu_api(struct device *dev)
{
	struct iommu_domain *domain = attach_domain(dev);
	int ret;

	if (IS_ERR(domain))
		return PTR_ERR(domain);
	edu.scratch_iova = SCRATCH_IOVA;
	ret = map_atomic(domain, SCRATCH_IOVA, virt_to_phys(edu.scratch), PAGE,
			 IOMMU_READ | IOMMU_WRITE);
	if (!ret)
		test_iommu_api(domain);
	detach_domain(domain, dev);
	return ret;
}

static int iommu_dma(struct device *dev)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(dev);
	bool dma_api = domain && is_dma_domain(domain);
	unsigned int i, num = 0;
	int ret;

	if (edu_init(&edu, dev)) {
		ktap_skip_all("not an edu device");
		return -ENODEV;
	}
	edu.scratch = (u32 *)get_zeroed_page(GFP_KERNEL);
	if (!edu.scratch)
		return -ENOMEM;
	lazy = dma_api && is_lazy(domain);

	for (i = 0; i < ARRAY_SIZE(tests); i++)
		num += 2 * is_possible(&tests[i]);
	num += 2 * ARRAY_SIZE(list_tests);
	/* One of dma_tests is of the queue */
	ktap_plan((dma_api ? ARRAY_SIZE(dma_tests) - !lazy : 0) + num);
	ret = dma_api ? run_dma_api(dev) : 0;
	if (!ret && dma_api && !count.met) {
		pr_err("FAIL: no unmap ended before the access that was to come after it\n");
		ret = -ETIME;
	}
	if (!ret)
		ret = run_iommu_api(dev);
	free_page((unsigned long)edu.scratch);
	/* The SMMU's driver may still have to tell of the last fault */
	msleep(100);
	pr_info("%llu bytes by DMA, %llu pages unmapped, %u faults, accesses before a sync: %u, a flush: %u\n",
		count.bytes, count.pages, count.faults, count.synced_late, count.flushed_late);
	return ret ?: ktap_passed() ? 0 : -EIO;
}

module_device_test(iommu_dma);

MODULE_DESCRIPTION("What a device can reach by DMA, before and after an unmap");
