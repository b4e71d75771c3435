// SPDX-License-Identifier: GPL-2.0
/*
 * bench count [PREFIX]|time: what a map and an unmap cost, in every kernel that is linked in, of the workloads whose names begin so;
 * and iova_to_phys() of one page, where instructions are counted.
 * Prints CSV: workload, kernel, figure, value.
 *
 * count: instructions of one call, under QEMU with icount.c, and events: cache cleans, TLB flushes. The same in every run.
 * time: nanoseconds of a call, the median of rounds in which the kernels take turns: ratios of one run can be compared.
 *
 * A call is that of the function in struct pt_kernel: a gather is set up, the op is called, as often as this kernel needs to, and
 * the gather is synced. The tables are there already, but where their being freed is what is measured.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mark.h"
#include "pt.h"
#include "runtime.h"

#define ROUNDS		101
#define IOVA		0x40000000ULL
#define PROT		(PT_READ | PT_WRITE)

#define SZ_4K		0x1000ULL
#define SZ_64K		0x10000ULL
#define SZ_1M		0x100000ULL
#define SZ_2M		0x200000ULL
#define SZ_16M		0x1000000ULL
#define SZ_256M		0x10000000ULL
#define SZ_1G		0x40000000ULL

struct workload {
	const char	*name;
	enum pt_fmt	fmt;
	uint64_t	map_size;	/* of the pages that are mapped */
	uint64_t	unmap_size;	/* of the pages they are unmapped as */
	size_t		num;		/* of these */
	uint64_t	segment;	/* a list of these, apart in memory; else 0 */
	bool		core;		/* iommu_map() and iommu_unmap() */
	bool		non_strict;
	bool		non_coherent;
	uint64_t	iova_at;	/* so far behind what is aligned */
	uint64_t	paddr_at;
};

#define WORK(name_, fmt_, map, unmap, num_, ...)				\
	{ .name = name_, .fmt = fmt_, .map_size = SZ_##map,		\
	  .unmap_size = SZ_##unmap, .num = num_, ##__VA_ARGS__ }

#define LPAE(size, num)							\
	WORK("lpae-" #size "-" #num, PT_LPAE_64_S1, size, size, num)
#define LPAE_NON_STRICT(size, num)					\
	WORK("lpae-nonstrict-" #size "-" #num, PT_LPAE_64_S1, size, size, num, \
	     .non_strict = true)
#define LPAE_NON_COHERENT(size, num)					\
	WORK("lpae-noncoherent-" #size "-" #num, PT_LPAE_64_S1, size, size, \
	     num, .non_coherent = true)
/* Tables of 4K pages, unmapped as the pages that a table stands for */
#define LPAE_TABLE(num)							\
	WORK("lpae-table-2M-" #num, PT_LPAE_64_S1, 4K, 2M, num)
#define LPAE_TABLE_NON_COHERENT(num)					\
	WORK("lpae-noncoherent-table-2M-" #num, PT_LPAE_64_S1, 4K, 2M, num, \
	     .non_coherent = true)

/* From the last page of a table on: into the next */
#define LPAE_ACROSS(num)						\
	WORK("lpae-across-4K-" #num, PT_LPAE_64_S1, 4K, 4K, num,	\
	     .iova_at = SZ_2M - SZ_4K)

#define V7S(size, num)							\
	WORK("v7s-" #size "-" #num, PT_V7S, size, size, num)
#define V7S_NON_STRICT(size, num)					\
	WORK("v7s-nonstrict-" #size "-" #num, PT_V7S, size, size, num,	\
	     .non_strict = true)
#define V7S_NON_COHERENT(size, num)					\
	WORK("v7s-noncoherent-" #size "-" #num, PT_V7S, size, size, num, \
	     .non_coherent = true)
#define V7S_ACROSS(num)							\
	WORK("v7s-across-4K-" #num, PT_V7S, 4K, 4K, num,		\
	     .iova_at = SZ_1M - SZ_4K)
#define V7S_TABLE(num)							\
	WORK("v7s-table-1M-" #num, PT_V7S, 4K, 1M, num)

/* The largest pages that fit; 4K pages, whose tables go when they are unmapped; 4K pages from the middle of a table on */
#define CORE(size, page)						\
	WORK("core-" #size, PT_LPAE_64_S1, page, size, 1, .core = true)
#define CORE_TABLE(size)						\
	WORK("core-table-" #size, PT_LPAE_64_S1, 4K, size, 1, .core = true, \
	     .paddr_at = SZ_4K)
#define CORE_ACROSS(size)						\
	WORK("core-across-" #size, PT_LPAE_64_S1, 4K, size, 1, .core = true, \
	     .iova_at = SZ_1M, .paddr_at = SZ_4K)

/* Lists: what unmaps them is measured by the others */
#define LPAE_SG(size, num)						\
	WORK("lpae-sg-" #size "-" #num, PT_LPAE_64_S1, 4K, 4K,		\
	     num * SZ_##size / SZ_4K, .segment = SZ_##size)
#define LPAE_NON_COHERENT_SG(size, num)					\
	WORK("lpae-noncoherent-sg-" #size "-" #num, PT_LPAE_64_S1, 4K, 4K, \
	     num * SZ_##size / SZ_4K, .segment = SZ_##size,		\
	     .non_coherent = true)
#define V7S_SG(size, num)						\
	WORK("v7s-sg-" #size "-" #num, PT_V7S, size, size, num,		\
	     .segment = SZ_##size)
#define V7S_NON_COHERENT_SG(size, num)					\
	WORK("v7s-noncoherent-sg-" #size "-" #num, PT_V7S, size, size, num, \
	     .segment = SZ_##size, .non_coherent = true)
#define CORE_SG(size, num)						\
	WORK("core-sg-" #size "-" #num, PT_LPAE_64_S1, 4K, 4K,		\
	     num * SZ_##size / SZ_4K, .segment = SZ_##size, .core = true)

#define SG(WORKLOAD)							\
	WORKLOAD(4K, 1), WORKLOAD(4K, 2), WORKLOAD(4K, 16),		\
	WORKLOAD(4K, 256), WORKLOAD(4K, 512), WORKLOAD(4K, 4096),	\
	WORKLOAD(64K, 1), WORKLOAD(64K, 16), WORKLOAD(64K, 256),	\
	WORKLOAD(64K, 4096)

#define TO_16(WORKLOAD, size)						\
	WORKLOAD(size, 1), WORKLOAD(size, 2), WORKLOAD(size, 4),	\
	WORKLOAD(size, 8), WORKLOAD(size, 16)
#define TO_256(WORKLOAD, size)						\
	TO_16(WORKLOAD, size), WORKLOAD(size, 32), WORKLOAD(size, 64),	\
	WORKLOAD(size, 128), WORKLOAD(size, 256)
#define TO_512(WORKLOAD, size)						\
	TO_256(WORKLOAD, size), WORKLOAD(size, 512)
/* 16, 64, 256 MiB, and 1 GiB */
#define LARGE_4K(WORKLOAD)						\
	WORKLOAD(4K, 4096), WORKLOAD(4K, 16384), WORKLOAD(4K, 65536),	\
	WORKLOAD(4K, 262144)

/* FORMAT-[VARIANT-]SIZE-NUMBER: strict and coherent where the name does not say otherwise */
static const struct workload workloads[] = {
	TO_512(LPAE, 4K),
	LARGE_4K(LPAE),
	TO_512(LPAE, 2M),
	LPAE_TABLE(1),
	LPAE_TABLE(8),
	LPAE_TABLE(512),
	LPAE_ACROSS(2),

	TO_512(LPAE_NON_STRICT, 4K),
	LARGE_4K(LPAE_NON_STRICT),
	LPAE_NON_STRICT(2M, 1),
	LPAE_NON_STRICT(2M, 512),

	TO_512(LPAE_NON_COHERENT, 4K),
	LARGE_4K(LPAE_NON_COHERENT),
	LPAE_NON_COHERENT(2M, 1),
	LPAE_NON_COHERENT(2M, 512),
	LPAE_TABLE_NON_COHERENT(1),
	LPAE_TABLE_NON_COHERENT(512),

	TO_256(V7S, 4K),	/* a table has 256 */
	V7S(4K, 4096),
	TO_16(V7S, 64K),
	TO_256(V7S, 1M),
	TO_16(V7S, 16M),
	V7S_TABLE(1),
	V7S_TABLE(64),
	V7S_ACROSS(2),
	V7S_NON_STRICT(4K, 1),
	V7S_NON_STRICT(4K, 256),
	TO_256(V7S_NON_COHERENT, 4K),
	V7S_NON_COHERENT(64K, 16),
	V7S_NON_COHERENT(16M, 16),

	CORE(4K, 4K),
	CORE(64K, 4K),
	CORE(1M, 4K),
	CORE(2M, 2M),
	CORE(16M, 2M),
	CORE(256M, 2M),
	CORE(1G, 1G),
	CORE_TABLE(2M),
	CORE_TABLE(16M),
	CORE_TABLE(256M),
	CORE_TABLE(1G),
	CORE_ACROSS(2M),
	CORE_ACROSS(16M),
	CORE_ACROSS(256M),
	CORE_ACROSS(1G),

	SG(LPAE_SG),
	LPAE_NON_COHERENT_SG(4K, 256),
	SG(V7S_SG),
	V7S_NON_COHERENT_SG(4K, 256),
	SG(CORE_SG),
};

#define NUM_WORKLOADS	(sizeof(workloads) / sizeof(workloads[0]))
#define MAX_KERNELS	16
#define MAX_SEGMENTS	4096

/* What one kernel has for a workload */
struct run {
	const struct pt_kernel	*kernel;
	const struct workload	*workload;
	uint64_t		size;		/* of all pages of a call */
	uint64_t		step;		/* from one call to the next */
	size_t			map_num;	/* pages it maps */
	struct scatterlist	*list;
	unsigned int		nents;
	struct pt		*pt;
	unsigned int		warned;
	double			map_ns[ROUNDS], unmap_ns[ROUNDS];
};

static void die(const struct run *run, const char *what)
{
	fflush(stdout);
	fprintf(stderr, "bench: error: %s, %s: %s\n", run->workload->name,
		run->kernel->name, what);
	exit(1);
}

/* Bytes mapped, by the @nth call of some */
static uint64_t map(const struct run *run, uint64_t nth)
{
	const struct workload *workload = run->workload;
	uint64_t iova = IOVA + nth * run->step + workload->iova_at;
	uint64_t paddr = IOVA + nth * run->step + workload->paddr_at;
	size_t mapped;

	if (workload->segment && workload->core)
		return run->kernel->core_map_sg(run->pt, iova, run->list,
						run->nents, PROT);
	if (workload->segment) {
		run->kernel->map_sg(run->pt, iova, run->pt->config.page_sizes,
				    run->list, run->nents, PROT, &mapped);
		return mapped;
	}
	if (workload->core)
		return run->kernel->core_map(run->pt, iova, paddr, run->size,
					     PROT) ? 0 : run->size;

	run->kernel->map(run->pt, iova, paddr, workload->map_size,
			 run->map_num, PROT, &mapped);
	return mapped;
}

/* Bytes unmapped */
static uint64_t unmap(const struct run *run, uint64_t nth)
{
	const struct workload *workload = run->workload;
	uint64_t iova = IOVA + nth * run->step + workload->iova_at;

	if (workload->core)
		return run->kernel->core_unmap(run->pt, iova, run->size);

	return run->kernel->unmap(run->pt, iova, workload->unmap_size,
				  workload->num, true);
}

/* The physical address of the last byte */
static uint64_t phys(const struct run *run, uint64_t nth)
{
	return run->kernel->iova_to_phys(run->pt, IOVA + nth * run->step +
					 run->size - 1);
}

/*
 * A list of the segments of a call, in no order and none beside another in memory: 1597 has no factor in common with MAX_SEGMENTS. The
 * kernel allocates arrays of a page
 */
static struct scatterlist *new_list(const struct workload *workload,
				    unsigned int nents)
{
	static struct pt_piece pieces[MAX_SEGMENTS];
	unsigned int i;

	for (i = 0; i < nents; i++)
		pieces[i] = (struct pt_piece) {
			.paddr	= IOVA + i * 1597 % MAX_SEGMENTS * 2 *
				  workload->segment,
			.length	= workload->segment,
		};

	return pt_list(pieces, nents, 128, true);
}

/* Whether this kernel has what it takes; if so, maps and unmaps @batch times, after which all tables are there that stay */
static bool begin(struct run *run, const struct pt_watch *watch, void *cookie,
		  uint64_t batch)
{
	const struct workload *workload = run->workload;
	const struct pt_kernel *kernel = run->kernel;
	bool v7s = workload->fmt == PT_V7S;
	struct pt_config config = {
		.fmt		= workload->fmt,
		.ias		= v7s ? 32 : 48,
		.oas		= v7s ? 32 : 48,
		.page_sizes	= v7s ? SZ_4K | SZ_64K | SZ_1M | SZ_16M :
					SZ_4K | SZ_2M | SZ_1G,
		.coherent	= !workload->non_coherent,
		.non_strict	= workload->non_strict,
	};
	uint64_t nth;

	/* Who has no core has no tables either: lim */
	if (!kernel->core_map &&
	    (workload->core || workload->map_size != workload->unmap_size))
		return false;

	run->pt = kernel->alloc(&config, watch, cookie);
	if (!run->pt && !v7s) {
		/* The nearest to LPAE that a kernel without it has */
		config.fmt = PT_X86_64;
		run->pt = kernel->alloc(&config, watch, cookie);
	}
	if (!run->pt)
		return false;

	/* What a refused format says is not counted */
	run->warned = warnings;
	for (nth = 0; nth < batch; nth++)
		if (map(run, nth) != run->size)
			die(run, "does not map");
	for (nth = 0; nth < batch; nth++)
		if (unmap(run, nth) != run->size)
			die(run, "does not unmap");
	return true;
}

static void end(struct run *run)
{
	run->kernel->free(run->pt);
	if (warnings != run->warned)
		die(run, "warned");
}

/* Counting */

/* What calls this takes that much more than nothing, and so does what calls a kernel */
static int none_map(struct pt *pt, uint64_t iova, uint64_t paddr, size_t pgsize,
		    size_t pgcount, int prot, size_t *mapped)
{
	return 0;
}

static size_t none_unmap(struct pt *pt, uint64_t iova, size_t pgsize,
			 size_t pgcount, bool gather)
{
	return 0;
}

static uint64_t none_iova_to_phys(struct pt *pt, uint64_t iova)
{
	return 0;
}

static int none_map_sg(struct pt *pt, uint64_t iova, uint64_t page_sizes,
		       struct scatterlist *sg, unsigned int nents, int prot,
		       size_t *mapped)
{
	return 0;
}

static int none_core_map(struct pt *pt, uint64_t iova, uint64_t paddr,
			 size_t size, int prot)
{
	return 0;
}

static size_t none_core_unmap(struct pt *pt, uint64_t iova, size_t size)
{
	return 0;
}

static size_t none_core_map_sg(struct pt *pt, uint64_t iova,
			       struct scatterlist *sg, unsigned int nents,
			       int prot)
{
	return 0;
}

static const struct pt_kernel none = {
	.map		= none_map,
	.unmap		= none_unmap,
	.iova_to_phys	= none_iova_to_phys,
	.map_sg		= none_map_sg,
	.core_map	= none_core_map,
	.core_unmap	= none_core_unmap,
	.core_map_sg	= none_core_map_sg,
};

static __attribute__((__noinline__)) void mark(enum mark what)
{
	syscall(MARK_SYSCALL, what);
}

static uint64_t counted(const struct run *run, const char *name,
			uint64_t (*op)(const struct run *run, uint64_t nth))
{
	struct run nothing = *run;
	uint64_t size;

	nothing.kernel = &none;
	mark(MARK_START);
	op(&nothing, 0);
	mark(MARK_NOTHING);

	printf("%s-%s,%s,instructions,", run->workload->name, name,
	       run->kernel->name);
	fflush(stdout);

	mark(MARK_START);
	size = op(run, 0);
	mark(MARK_STOP);	/* the plugin ends the line */
	return size;
}

/* iova_to_phys() depends on the size of the page, and on nothing else */
static bool translates(const struct run *run)
{
	const struct workload *workload = run->workload;

	return run->kernel->iova_to_phys && workload->num == 1 &&
	       workload->map_size == workload->unmap_size &&
	       !workload->core && !workload->segment &&
	       !workload->non_strict && !workload->non_coherent;
}

static void count_instructions(struct run *run)
{
	if (!begin(run, NULL, NULL, 1))
		return;

	if (counted(run, "map", map) != run->size ||
	    (translates(run) &&
	     counted(run, "phys", phys) != IOVA + run->size - 1) ||
	    (!run->list && counted(run, "unmap", unmap) != run->size))
		die(run, "does not do it again");
	end(run);
}

struct events {
	unsigned long clean, flush_all, flush_walk, flush_leaf, add, sync;
};

static void on_flush_all(void *cookie)
{
	((struct events *)cookie)->flush_all++;
}

static void on_flush_walk(void *cookie, uint64_t iova, uint64_t size,
			  uint64_t granule)
{
	((struct events *)cookie)->flush_walk++;
}

static void on_flush_leaf(void *cookie, uint64_t iova, uint64_t size,
			  uint64_t granule)
{
	((struct events *)cookie)->flush_leaf++;
}

static void on_add(void *cookie, uint64_t iova, uint64_t size,
		   uint64_t granule)
{
	((struct events *)cookie)->add++;
}

static void on_sync(void *cookie, uint64_t first, uint64_t last,
		    uint64_t granule)
{
	/* A sync with nothing gathered is no work for the hardware */
	((struct events *)cookie)->sync += granule != 0;
}

static void on_clean(void *cookie, uint64_t addr, uint64_t size)
{
	((struct events *)cookie)->clean++;
}

static const struct pt_watch watch = {
	.flush_all	= on_flush_all,
	.flush_walk	= on_flush_walk,
	.flush_leaf	= on_flush_leaf,
	.add		= on_add,
	.sync		= on_sync,
	.clean		= on_clean,
};

static void print_events(const struct run *run, const char *name,
			 struct events *events)
{
	const struct {
		const char	*name;
		unsigned long	num;
	} rows[] = {
		{ "clean",	events->clean },
		{ "flush_all",	events->flush_all },
		{ "flush_walk",	events->flush_walk },
		{ "flush_leaf",	events->flush_leaf },
		{ "add",	events->add },
		{ "sync",	events->sync },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].num)
			printf("%s-%s,%s,%s,%lu\n", run->workload->name, name,
			       run->kernel->name, rows[i].name, rows[i].num);
	memset(events, 0, sizeof(*events));
}

static void count_events(struct run *run)
{
	struct events events;

	if (!begin(run, &watch, &events, 1))
		return;

	memset(&events, 0, sizeof(events));
	map(run, 0);
	print_events(run, "map", &events);
	if (!run->list) {
		unmap(run, 0);
		print_events(run, "unmap", &events);
	}
	end(run);
}

/* Timing */

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

/* So many calls that the clock does not count, but all in the first levels of the CPU's cache, and in the address space */
static uint64_t batch_of(const struct run *run)
{
	const struct workload *workload = run->workload;
	bool v7s = workload->fmt == PT_V7S;
	bool large = v7s && (workload->map_size == SZ_64K ||
			     workload->map_size == SZ_16M);
	uint64_t room = (v7s ? SZ_1G : 8 * SZ_1G) / run->step;
	uint64_t batch = 4096 / (run->map_num * (large ? 16 : 1));

	/* Each in tables of its own */
	if (run->step != run->size && batch > 64)
		batch = 64;
	if (batch > room)
		batch = room;
	return batch ? batch : 1;
}

static void take_time(struct run *run, unsigned int round, uint64_t batch)
{
	uint64_t nth, mapped = 0, unmapped = 0;
	double start, between;

	start = now();
	for (nth = 0; nth < batch; nth++)
		mapped += map(run, nth);
	between = now();
	for (nth = 0; nth < batch; nth++)
		unmapped += unmap(run, nth);
	run->unmap_ns[round] = (now() - between) / batch;
	run->map_ns[round] = (between - start) / batch;

	if (mapped != batch * run->size || unmapped != mapped)
		die(run, "does not do it again");
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *ns)
{
	qsort(ns, ROUNDS, sizeof(*ns), compare);
	return ns[ROUNDS / 2];
}

static void time_all(struct run *runs, unsigned int num)
{
	const struct workload *workload = runs->workload;
	uint64_t batch = batch_of(runs);
	unsigned int i, round;

	for (i = 0; i < num; i++)
		if (!begin(&runs[i], NULL, NULL, batch))
			runs[i].pt = NULL;

	/* Each has each of the others before it as often */
	for (round = 0; round < ROUNDS; round++)
		for (i = 0; i < num; i++) {
			struct run *run = &runs[(i + round) % num];

			if (run->pt)
				take_time(run, round, batch);
		}

	for (i = 0; i < num; i++) {
		if (!runs[i].pt)
			continue;

		printf("%s-map,%s,ns,%.2f\n", workload->name,
		       runs[i].kernel->name, median(runs[i].map_ns));
		if (!runs[i].list)
			printf("%s-unmap,%s,ns,%.2f\n", workload->name,
			       runs[i].kernel->name, median(runs[i].unmap_ns));
		end(&runs[i]);
	}
}

int main(int argc, char **argv)
{
	const struct pt_kernel *const *kernel;
	static struct run runs[MAX_KERNELS];
	bool count = argc > 1 && argc < 4 && !strcmp(argv[1], "count");
	const char *prefix = argc == 3 ? argv[2] : "";
	struct scatterlist *list;
	unsigned int i, num, nents;
	size_t w;

	if (!count && !(argc == 2 && !strcmp(argv[1], "time"))) {
		fprintf(stderr, "usage: %s count [PREFIX]|time\n", argv[0]);
		return 2;
	}

	quiet = true;
	mm_fast = true;
	for (w = 0; w < NUM_WORKLOADS; w++) {
		if (strncmp(workloads[w].name, prefix, strlen(prefix)))
			continue;

		nents = 0;
		list = NULL;
		if (workloads[w].segment) {
			nents = workloads[w].num * workloads[w].unmap_size /
				workloads[w].segment;
			list = new_list(&workloads[w], nents);
		}

		num = 0;
		for (kernel = __start_pt_kernels; kernel < __stop_pt_kernels &&
		     num < MAX_KERNELS; kernel++) {
			struct run *run = &runs[num++];

			run->kernel = *kernel;
			run->workload = &workloads[w];
			run->size = run->workload->num *
				    run->workload->unmap_size;
			run->step = run->size;
			if (run->workload->iova_at && run->step < SZ_2M)
				run->step = SZ_2M;
			run->map_num = run->size / run->workload->map_size;
			run->list = list;
			run->nents = nents;
		}

		for (i = 0; count && i < num; i++)
			count_instructions(&runs[i]);
		for (i = 0; count && i < num; i++)
			count_events(&runs[i]);
		if (!count)
			time_all(runs, num);
		if (list)
			pt_list_free(list);
	}

	return 0;
}
