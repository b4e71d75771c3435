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

#define TRANSLATES(...) do {						\
	translates(__VA_ARGS__);					\
	if (failure)							\
		return;							\
} while (0)

static void work(const struct peer_config *peer, struct pt *pt, bool watched)
{
	const struct pt_kernel *kernel = pt->kernel;
	uint64_t page = peer->page, block = peer->block, size = NUM * page;
	uint64_t base = peer->config.ttbr1 ? ~0ULL << peer->config.ias : 0;
	/* Pages on both sides of a table's end; none of them makes a block */
	uint64_t iova = base + 4 * block - size / 2;
	uint64_t paddr = (peer->config.mtk_ext ? 5 : 1) * SZ_1G + page;
	uint64_t block_iova = base + 6 * block, block_paddr = 2 * block;
	bool strict = !peer->config.non_strict;
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

	memset(&seen, 0, sizeof(seen));
	unmapped = kernel->unmap(pt, iova, page, NUM, true);
	CHECK(unmapped == size, "unmap: 0x%zx bytes", unmapped);
	CHECK(!watched || (seen.added == (strict ? size : 0) &&
			   seen.synced == seen.added),
	      "TLB: 0x%" PRIx64 " bytes added, 0x%" PRIx64 " invalidated",
	      seen.added, seen.synced);
	CHECK(!watched || !seen.cleaned == peer->config.coherent,
	      "0x%" PRIx64 " bytes cleaned", seen.cleaned);
	TRANSLATES(pt, iova, 0, size, page);
	TRANSLATES(pt, block_iova, block_paddr, block, block / 16);

	unmapped = kernel->unmap(pt, block_iova, block, 1, true);
	CHECK(unmapped == block, "unmap a block: 0x%zx bytes", unmapped);
	TRANSLATES(pt, block_iova, 0, block, block / 16);

	/*
	 * They stay pages where a block would do. Unmapped as a block, they
	 * take their table with them.
	 */
	ret = kernel->map(pt, block_iova, block_paddr, page, block / page, RW,
			  &mapped);
	CHECK(!ret && mapped == block, "map a table: %d, 0x%zx bytes", ret,
	      mapped);
	CHECK(tables_live > live, "pages took no table");
	live = tables_live;
	memset(&seen, 0, sizeof(seen));
	unmapped = kernel->unmap(pt, block_iova, block, 1, true);
	CHECK(unmapped == block, "unmap a table: 0x%zx bytes", unmapped);
	CHECK(tables_live < live, "no table was freed");
	CHECK(!watched || !seen.early,
	      "%u tables were freed before they were out of the TLB",
	      seen.early);
	TRANSLATES(pt, block_iova, 0, block, block / 16);

	if (kernel->map_page) {
		ret = kernel->map_page(pt, iova, paddr, page, RW);
		CHECK(!ret, "map_page: %d", ret);
		TRANSLATES(pt, iova, paddr, page, page);
		unmapped = kernel->unmap_page(pt, iova, page, true);
		CHECK(unmapped == page, "unmap_page: 0x%zx bytes", unmapped);
		TRANSLATES(pt, iova, 0, page, page);
	}

	/* Something is left, for free() */
	ret = kernel->core_map(pt, iova, paddr, size, RW);
	CHECK(!ret, "core_map: %d", ret);
	TRANSLATES(pt, iova, paddr, size, page);
	unmapped = kernel->core_unmap(pt, iova, size / 2);
	CHECK(unmapped == size / 2, "core_unmap: 0x%zx bytes", unmapped);
	TRANSLATES(pt, iova, 0, size / 2, page);
	TRANSLATES(pt, iova + size / 2, paddr + size / 2, size / 2, page);
}

/* Whatever allocation fails, nothing is lost. Was one left to fail? */
static bool starve(const struct pt_kernel *kernel,
		   const struct peer_config *peer,
		   const struct pt_config *config, long after)
{
	struct pt *pt;
	size_t mapped;
	int ret = -ENOMEM;

	mm_fail_after = after;
	pt = kernel->alloc(config, NULL, NULL);
	if (pt) {
		uint64_t base = config->ttbr1 ? ~0ULL << config->ias : 0;

		ret = kernel->map(pt, base + 4 * peer->block - peer->page,
				  peer->page, peer->page, 2, RW, &mapped);
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

	for (after = 0; !failure && starve(kernel, peer, &config, after);
	     after++)
		;
	CHECK(failure || after > 1, "%ld allocations could fail", after);
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
