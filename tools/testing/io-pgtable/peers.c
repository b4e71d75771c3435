// SPDX-License-Identifier: GPL-2.0
/* peers: that every kernel linked in does the same work, beside the others, in the same few configurations. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pt.h"
#include "runtime.h"

#define SZ_4K	0x1000ULL
#define SZ_64K	0x10000ULL
#define SZ_1M	0x100000ULL
#define SZ_2M	0x200000ULL
#define SZ_512M	0x20000000ULL
#define SZ_1G	0x40000000ULL

#define NUM	512
#define RW	(PT_READ | PT_WRITE | PT_CACHE)

static const struct peer_config {
	const char		*name;
	uint64_t		page, block;
	struct pt_config	config;
} configs[] = {
	{ "lpae-32-s1", SZ_4K, SZ_2M,
	  { .fmt = PT_LPAE_32_S1, .ias = 32, .oas = 40, .coherent = true } },
	{ "lpae-32-s2", SZ_4K, SZ_2M,
	  { .fmt = PT_LPAE_32_S2, .ias = 40, .oas = 40, .coherent = true } },
	{ "lpae-64-s1", SZ_4K, SZ_2M,
	  { .fmt = PT_LPAE_64_S1, .ias = 48, .oas = 48, .coherent = true } },
	{ "lpae-64-s1-noncoherent", SZ_4K, SZ_2M,
	  { .fmt = PT_LPAE_64_S1, .ias = 48, .oas = 48 } },
	{ "lpae-64-s1-nonstrict", SZ_4K, SZ_2M,
	  { .fmt = PT_LPAE_64_S1, .ias = 48, .oas = 48, .coherent = true,
	    .non_strict = true } },
	{ "lpae-64-s1-ttbr1", SZ_4K, SZ_2M,
	  { .fmt = PT_LPAE_64_S1, .ias = 39, .oas = 48, .coherent = true,
	    .ttbr1 = true } },
	{ "lpae-64-s1-64K", SZ_64K, SZ_512M,
	  { .fmt = PT_LPAE_64_S1, .ias = 48, .oas = 48, .coherent = true } },
	{ "lpae-64-s2", SZ_4K, SZ_2M,
	  { .fmt = PT_LPAE_64_S2, .ias = 40, .oas = 44, .coherent = true } },
	{ "mali", SZ_4K, SZ_2M,
	  { .fmt = PT_MALI, .ias = 39, .oas = 40, .coherent = true } },
	{ "v7s", SZ_4K, SZ_1M,
	  { .fmt = PT_V7S, .ias = 32, .oas = 32, .coherent = true } },
	{ "v7s-noncoherent", SZ_4K, SZ_1M,
	  { .fmt = PT_V7S, .ias = 32, .oas = 32 } },
	{ "v7s-64K-16M", SZ_64K, 16 * SZ_1M,
	  { .fmt = PT_V7S, .ias = 32, .oas = 32, .coherent = true } },
	{ "v7s-nonstrict", SZ_4K, SZ_1M,
	  { .fmt = PT_V7S, .ias = 32, .oas = 32, .coherent = true,
	    .non_strict = true } },
	{ "v7s-mediatek", SZ_4K, SZ_1M,
	  { .fmt = PT_V7S, .ias = 32, .oas = 34, .arm_ns = true,
	    .no_perms = true, .mtk_ext = true } },
	{ "x86-64", SZ_4K, SZ_2M,
	  { .fmt = PT_X86_64, .ias = 48, .oas = 48, .coherent = true } },
	{ "x86-64-noncoherent", SZ_4K, SZ_2M,
	  { .fmt = PT_X86_64, .ias = 48, .oas = 48 } },
	{ "x86-64-nonstrict", SZ_4K, SZ_2M,
	  { .fmt = PT_X86_64, .ias = 57, .oas = 52, .coherent = true,
	    .non_strict = true } },
};

static struct {
	uint64_t added, synced, cleaned;
	unsigned int walks, early;
} seen;

static long tables_live;

static void see_flush_all(void *cookie)
{
	seen.walks++;
}

static void see_flush_walk(void *cookie, uint64_t iova, uint64_t size,
			   uint64_t granule)
{
	seen.walks++;
}

static void see_flush_leaf(void *cookie, uint64_t iova, uint64_t size,
			   uint64_t granule)
{
}

static void see_add(void *cookie, uint64_t iova, uint64_t size,
		    uint64_t granule)
{
	seen.added += size;
}

static void see_sync(void *cookie, uint64_t first, uint64_t last,
		     uint64_t granule)
{
	if (granule)
		seen.synced += last - first + 1;
}

static void see_clean(void *cookie, uint64_t addr, uint64_t size)
{
	seen.cleaned += size;
}

static const struct pt_watch watch = {
	.flush_all	= see_flush_all,
	.flush_walk	= see_flush_walk,
	.flush_leaf	= see_flush_leaf,
	.add		= see_add,
	.sync		= see_sync,
	.clean		= see_clean,
};

static void see_alloc(uint64_t addr, uint64_t size, unsigned int gfp)
{
	tables_live++;
}

static void see_free(uint64_t addr, uint64_t size)
{
	tables_live--;
	if (!seen.walks)
		seen.early++;
}

static const struct mm_watch tables = { see_alloc, see_free };

/* What goes wrong first is said, and ends the test */
static const char *failure;
static char text[128];

#define CHECK(cond, ...) do {						\
	if (!(cond)) {							\
		snprintf(text, sizeof(text), __VA_ARGS__);		\
		failure = text;						\
		return;							\
	}								\
} while (0)

static void translates(struct pt *pt, uint64_t iova, uint64_t paddr,
		       uint64_t size, uint64_t step)
{
	uint64_t at, to;

	for (at = 0; at < size; at += step) {
		/* Any byte of the page will do, so not the first */
		to = pt->kernel->iova_to_phys(pt, iova + at + 0x123);
		CHECK(to == (paddr ? paddr + at + 0x123 : 0),
		      "0x%" PRIx64 " translates to 0x%" PRIx64, iova + at, to);
	}
}

#define TRY(call) do {							\
	call;								\
	if (failure)							\
		return;							\
} while (0)

#define TRANSLATES(...)	TRY(translates(__VA_ARGS__))

/* Pages on both sides of a table's end */
static uint64_t pages_iova(const struct peer_config *peer)
{
	uint64_t base = peer->config.ttbr1 ? ~0ULL << peer->config.ias : 0;

	return base + 4 * peer->block - NUM / 2 * peer->page;
}

/* None of them makes a block */
static uint64_t pages_paddr(const struct peer_config *peer)
{
	return (peer->config.mtk_ext ? 5 : 1) * SZ_1G + peer->page;
}

/* Single pages in no order, some of some pages, one of them across the end of a table, and each fourth behind the one before in memory */
static unsigned int make_pieces(const struct peer_config *peer,
				struct pt_piece *pieces)
{
	uint64_t page = peer->page, left = NUM * page, length, paddr = 0;
	unsigned int num;

	for (num = 0; left; num++) {
		length = (num % 8 ? 1 : 1 + num / 8 % 4) * page;
		if (length > left)
			length = left;
		if (num % 4 != 3)
			paddr = pages_paddr(peer) + num * 37 % NUM * 8 * page;
		pieces[num] = (struct pt_piece) { paddr, length };
		paddr += length;
		left -= length;
	}

	return num;
}

static void translate_as(struct pt *pt, uint64_t iova,
			 const struct pt_piece *pieces, unsigned int num,
			 uint64_t page)
{
	for (; num--; iova += (pieces++)->length)
		TRANSLATES(pt, iova, pieces->paddr, pieces->length, page);
}

/* By a list whose segments are in arrays of some; @core: by iommu_map_sg(), which does not say what it failed of */
static int map_list(struct pt *pt, bool core, uint64_t iova,
		    const struct pt_piece *pieces, unsigned int num,
		    size_t *mapped)
{
	struct scatterlist *list = pt_list(pieces, num, 32, true);
	int ret;

	if (core) {
		*mapped = pt->kernel->core_map_sg(pt, iova, list, num, RW);
		ret = *mapped ? 0 : -ENOMEM;
	} else {
		ret = pt->kernel->map_sg(pt, iova, pt->config.page_sizes, list,
					 num, RW, mapped);
	}
	pt_list_free(list);
	return ret;
}

/* The driver is to invalidate what was @unmapped, and to clean the entries of NUM pages if the device does not snoop */
static void told(const struct peer_config *peer, uint64_t unmapped)
{
	uint64_t entries = NUM * (peer->config.fmt == PT_V7S ? 4 : 8);

	CHECK(seen.added == (peer->config.non_strict ? 0 : unmapped) &&
	      seen.synced == seen.added,
	      "TLB: 0x%" PRIx64 " bytes added, 0x%" PRIx64 " invalidated",
	      seen.added, seen.synced);
	CHECK(peer->config.coherent ? !seen.cleaned : seen.cleaned >= entries,
	      "0x%" PRIx64 " bytes cleaned", seen.cleaned);
}

static void unmap_pages(const struct peer_config *peer, struct pt *pt,
			bool watched)
{
	uint64_t iova = pages_iova(peer), size = NUM * peer->page;
	size_t unmapped;

	memset(&seen, 0, sizeof(seen));
	unmapped = pt->kernel->unmap(pt, iova, peer->page, NUM, true);
	CHECK(unmapped == size, "unmap: 0x%zx bytes", unmapped);
	if (watched)
		TRY(told(peer, size));
	TRANSLATES(pt, iova, 0, size, peer->page);
}

static void unmap_block(const struct peer_config *peer, struct pt *pt,
			uint64_t iova, const char *what)
{
	size_t unmapped = pt->kernel->unmap(pt, iova, peer->block, 1, true);

	CHECK(unmapped == peer->block, "unmap %s: 0x%zx bytes", what, unmapped);
	TRANSLATES(pt, iova, 0, peer->block, peer->block / 16);
}

static void work(const struct peer_config *peer, struct pt *pt, bool watched)
{
	const struct pt_kernel *kernel = pt->kernel;
	uint64_t page = peer->page, block = peer->block, size = NUM * page;
	uint64_t iova = pages_iova(peer), paddr = pages_paddr(peer);
	uint64_t block_iova = iova + size / 2 + 2 * block;
	uint64_t block_paddr = 2 * block;
	struct pt_piece pieces[NUM], halves[] = {
		{ block_paddr, block / 2 },
		{ block_paddr + block / 2, block / 2 },
	};
	unsigned int num = make_pieces(peer, pieces);
	size_t mapped, unmapped;
	long live;
	int ret;

	ret = kernel->map(pt, iova, paddr, page, NUM, RW, &mapped);
	CHECK(!ret && mapped == size, "map: %d, 0x%zx bytes", ret, mapped);
	TRANSLATES(pt, iova, paddr, size, page);

	live = tables_live;
	ret = kernel->map(pt, block_iova, block_paddr, block, 1, RW, &mapped);
	CHECK(!ret && mapped == block, "map a block: %d, 0x%zx bytes", ret,
	      mapped);
	CHECK(tables_live == live, "a block took %ld tables",
	      tables_live - live);
	TRANSLATES(pt, block_iova, block_paddr, block, block / 16);

	TRY(unmap_pages(peer, pt, watched));
	TRANSLATES(pt, block_iova, block_paddr, block, block / 16);
	TRY(unmap_block(peer, pt, block_iova, "a block"));

	memset(&seen, 0, sizeof(seen));
	ret = map_list(pt, false, iova, pieces, num, &mapped);
	CHECK(!ret && mapped == size, "map a list: %d, 0x%zx bytes", ret,
	      mapped);
	if (watched)
		TRY(told(peer, 0));
	TRY(translate_as(pt, iova, pieces, num, page));

	/* Segments that follow each other make one */
	live = tables_live;
	ret = map_list(pt, false, block_iova, halves, 2, &mapped);
	CHECK(!ret && mapped == block, "map halves: %d, 0x%zx bytes", ret,
	      mapped);
	CHECK(tables_live == live, "two halves of a block took %ld tables",
	      tables_live - live);
	TRANSLATES(pt, block_iova, block_paddr, block, block / 16);

	TRY(unmap_pages(peer, pt, watched));
	TRANSLATES(pt, block_iova, block_paddr, block, block / 16);
	TRY(unmap_block(peer, pt, block_iova, "halves"));

	/*
	 * They stay pages where a block would do. Unmapped as a block, they
	 * take their table with them.
	 */
	live = tables_live;
	ret = kernel->map(pt, block_iova, block_paddr, page, block / page, RW,
			  &mapped);
	CHECK(!ret && mapped == block, "map a table: %d, 0x%zx bytes", ret,
	      mapped);
	CHECK(tables_live > live, "pages took no table");
	live = tables_live;
	memset(&seen, 0, sizeof(seen));
	TRY(unmap_block(peer, pt, block_iova, "a table"));
	CHECK(tables_live < live, "no table was freed");
	CHECK(!watched || !seen.early,
	      "%u tables were freed before they were out of the TLB",
	      seen.early);

	if (kernel->map_page) {
		ret = kernel->map_page(pt, iova, paddr, page, RW);
		CHECK(!ret, "map_page: %d", ret);
		TRANSLATES(pt, iova, paddr, page, page);
		unmapped = kernel->unmap_page(pt, iova, page, true);
		CHECK(unmapped == page, "unmap_page: 0x%zx bytes", unmapped);
		TRANSLATES(pt, iova, 0, page, page);
	}

	ret = map_list(pt, true, iova, pieces, num, &mapped);
	CHECK(!ret && mapped == size, "core_map_sg: 0x%zx bytes", mapped);
	TRY(translate_as(pt, iova, pieces, num, page));
	unmapped = kernel->core_unmap(pt, iova, size);
	CHECK(unmapped == size, "core_unmap a list: 0x%zx bytes", unmapped);
	TRANSLATES(pt, iova, 0, size, page);

	/* Something is left, for free() */
	ret = kernel->core_map(pt, iova, paddr, size, RW);
	CHECK(!ret, "core_map: %d", ret);
	TRANSLATES(pt, iova, paddr, size, page);
	unmapped = kernel->core_unmap(pt, iova, size / 2);
	CHECK(unmapped == size / 2, "core_unmap: 0x%zx bytes", unmapped);
	TRANSLATES(pt, iova, 0, size / 2, page);
	TRANSLATES(pt, iova + size / 2, paddr + size / 2, size / 2, page);
}

enum via { RANGE, LIST, CORE_LIST, NUM_VIAS };

/* Whatever allocation fails, nothing is lost. Was one left to fail? */
static bool starve(const struct pt_kernel *kernel,
		   const struct peer_config *peer,
		   const struct pt_config *config, long after, enum via via)
{
	uint64_t page = peer->page;
	/* In two tables, and in memory one behind the other, or, as a list, not */
	uint64_t iova = pages_iova(peer) + (NUM / 2 - 1) * page;
	struct pt_piece two[] = {
		{ page, page },
		{ (via == RANGE ? 2 : 9) * page, page },
	};
	struct pt *pt;
	size_t mapped;
	int ret = -ENOMEM;

	mm_fail_after = after;
	pt = kernel->alloc(config, NULL, NULL);
	if (pt) {
		if (via == RANGE)
			ret = kernel->map(pt, iova, page, page, 2, RW, &mapped);
		else
			ret = map_list(pt, via == CORE_LIST, iova, two, 2,
				       &mapped);
		translate_as(pt, iova, two, mapped / page, page);
		translates(pt, iova + mapped, 0, 2 * page - mapped, page);
		kernel->free(pt);
	}

	if (mm_fail_after >= 0) {
		mm_fail_after = -1;
		return false;
	}
	if (ret != -ENOMEM)
		failure = "an allocation failed, and map did not";
	return true;
}

static void test(const struct pt_kernel *kernel,
		 const struct peer_config *peer, bool watched)
{
	struct pt_config config = peer->config;
	unsigned int warned = warnings;
	long after, live = mm_live;
	enum via via;
	struct pt *pt;

	config.page_sizes = peer->page | peer->block;
	tables_live = 0;

	pt = kernel->alloc(&config, watched ? &watch : NULL, NULL);
	CHECK(pt, "alloc: refused");
	CHECK(tables_live, "mm_watch saw no table allocated");
	CHECK(pt->root, "no root");
	work(peer, pt, watched);
	kernel->free(pt);
	CHECK(failure || !tables_live, "%ld tables not freed", tables_live);

	for (via = RANGE; via < NUM_VIAS; via++) {
		for (after = 0; !failure && starve(kernel, peer, &config,
						   after, via); after++)
			;
		CHECK(failure || after > 1, "%ld allocations could fail",
		      after);
	}
	CHECK(failure || mm_live == live, "%ld allocations leaked",
	      mm_live - live);
	CHECK(failure || warnings == warned, "%u warnings", warnings - warned);
}

int main(void)
{
	const struct pt_kernel *const *k;
	unsigned int passed = 0, failed = 0, i;

	mm_watch = &tables;
	for (k = __start_pt_kernels; k < __stop_pt_kernels; k++) {
		/* A kernel has this format alone, or all of the others */
		struct pt_config x86 = { .fmt = PT_X86_64, .ias = 48,
			.oas = 48, .page_sizes = SZ_4K, .coherent = true };
		struct pt *pt = (*k)->alloc(&x86, NULL, NULL);
		bool is_x86 = pt;

		if (pt)
			(*k)->free(pt);

		for (i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
			if ((configs[i].config.fmt == PT_X86_64) != is_x86)
				continue;

			failure = NULL;
			test(*k, &configs[i], true);
			if (!failure)
				test(*k, &configs[i], false);
			if (failure)
				failed++;
			else
				passed++;
			printf("%s %u - %s: %s%s%s\n",
			       failure ? "not ok" : "ok", passed + failed,
			       (*k)->name, configs[i].name,
			       failure ? ": " : "", failure ? failure : "");
		}
	}

	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
