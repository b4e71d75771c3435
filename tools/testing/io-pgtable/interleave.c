// SPDX-License-Identifier: GPL-2.0
/*
 * interleave: one CPU unmaps a part of two blocks, and wherever the format calls the driver, the allocator or the DMA API, another CPU
 * unmaps another part and syncs. When an unmap has returned, the device must not reach what it unmapped: neither by a walk of what it
 * sees of the tables, nor by a TLB that has whatever was ever to be found, whose invalidations take entries of one size only.
 * All pairs, one after the other, each at each of these places. With pages of one size, the other CPU is stopped at each of them, too,
 * until the first one is through.
 * Ends in one line: N passed, N failed.
 */
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "runtime.h"
#include "walker.h"

#define SZ_4K		0x1000ULL
#define SZ_64K		0x10000ULL
#define SZ_1M		0x100000ULL
#define SZ_2M		0x200000ULL
#define SZ_16M		0x1000000ULL
#define SZ_1G		0x40000000ULL

#define IOVA		UINT64_C(0x40000000)	/* of two blocks */
#define SPAN		SZ_4K		/* nobody looks on his own */
#define TLB_ENTRIES	256
#define MAX_RANGES	32

static const struct shape {
	const char		*name;
	struct pt_config	config;
	uint64_t		block;
} shapes[] = {
	{ "lpae-2M",
	  { .fmt = PT_LPAE_64_S1, .ias = 48, .oas = 48,
	    .page_sizes = SZ_4K | SZ_2M | SZ_1G }, SZ_2M },
	{ "lpae-1G",
	  { .fmt = PT_LPAE_64_S1, .ias = 48, .oas = 48,
	    .page_sizes = SZ_4K | SZ_2M | SZ_1G }, SZ_1G },
	/* 2M blocks come to be, though nobody can map one */
	{ "lpae-1G-no-2M",
	  { .fmt = PT_LPAE_64_S1, .ias = 48, .oas = 48,
	    .page_sizes = SZ_4K | SZ_1G }, SZ_1G },
	{ "v7s-64K",
	  { .fmt = PT_V7S, .ias = 32, .oas = 32,
	    .page_sizes = SZ_4K | SZ_64K | SZ_1M | SZ_16M }, SZ_64K },
	{ "v7s-1M",
	  { .fmt = PT_V7S, .ias = 32, .oas = 32,
	    .page_sizes = SZ_4K | SZ_64K | SZ_1M | SZ_16M }, SZ_1M },
	{ "v7s-16M",
	  { .fmt = PT_V7S, .ias = 32, .oas = 32,
	    .page_sizes = SZ_4K | SZ_64K | SZ_1M | SZ_16M }, SZ_16M },
};

/* From the start of the blocks */
struct range {
	uint64_t	at, pgsize, num;
};

static uint64_t bytes_of_blocks;

/* Behind both blocks is a hole, at which an unmap stops */
static uint64_t bytes_of(const struct range *range)
{
	uint64_t size = range->pgsize * range->num;

	return size < bytes_of_blocks - range->at ? size :
						    bytes_of_blocks - range->at;
}

static struct range ranges[MAX_RANGES];
static unsigned int num_ranges;

/* The run at hand */
static struct pt *pt;
static const struct range *first, *second;
static unsigned int events, stop_at, second_events, pause_at;
static bool watching, stopped;
static pthread_t first_cpu;

static unsigned int stale;		/* runs in which the device reached what was unmapped */
static bool is_stale;

/* Whoever holds this may look at the device, and change it */
static pthread_mutex_t device_lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	uint64_t	iova, size;
} tlb[TLB_ENTRIES];
static unsigned int tlb_used;

static bool second_waits, second_done, second_paused, second_resumes;

static void remember(uint64_t iova, uint64_t size)
{
	unsigned int i;

	for (i = 0; i < tlb_used; i++)
		if (tlb[i].iova == (iova & -size) && tlb[i].size == size)
			return;

	if (tlb_used < TLB_ENTRIES) {
		tlb[tlb_used].iova = iova & -size;
		tlb[tlb_used++].size = size;
	}
}

/* The device uses the first and the last page of a range */
static void use(const struct range *range)
{
	uint64_t ends[] = { range->at, range->at + bytes_of(range) - SZ_4K };
	unsigned int i;
	uint64_t size;

	for (i = 0; i < 2; i++) {
		size = walker_find(IOVA + ends[i]);
		if (size)
			remember(IOVA + ends[i], size);
	}
}

static void use_both(void)
{
	use(first);
	use(second);
}

static void invalidate(uint64_t iova, uint64_t size, uint64_t granule)
{
	unsigned int i = 0;

	while (i < tlb_used) {
		if ((!granule || tlb[i].size == granule) &&
		    ranges_meet(iova, size, tlb[i].iova, tlb[i].size))
			tlb[i] = tlb[--tlb_used];
		else
			i++;
	}
}

/* What an unmap has promised when it returns */
static void check_gone(const struct range *range)
{
	unsigned int i;

	pthread_mutex_lock(&device_lock);
	use_both();
	for (i = 0; i < tlb_used; i++)
		if (ranges_meet(IOVA + range->at, bytes_of(range), tlb[i].iova,
				tlb[i].size))
			is_stale = true;
	pthread_mutex_unlock(&device_lock);
}

static void unmap(const struct range *range)
{
	size_t done = pt->kernel->unmap(pt, IOVA + range->at, range->pgsize,
					range->num, true);

	if (done != bytes_of(range)) {
		printf("# 0x%" PRIx64 " and on: 0x%zx bytes unmapped\n",
		       range->at, done);
		is_stale = true;
	}
	check_gone(range);
}

static void *second_cpu(void *arg)
{
	unmap(second);
	__atomic_store_n(&second_done, true, __ATOMIC_SEQ_CST);
	return arg;
}

static void on_wait(void)
{
	if (pthread_equal(pthread_self(), first_cpu))
		__atomic_store_n(&second_resumes, true, __ATOMIC_SEQ_CST);
	else
		__atomic_store_n(&second_waits, true, __ATOMIC_SEQ_CST);
}

/*
 * Of a second CPU that is to be stopped, and has waited for a lock until now: it comes to where that is, or to its end, before the first
 * one goes on.
 */
static void on_free(void)
{
	if (!watching || !stopped || pause_at == -1U ||
	    !pthread_equal(pthread_self(), first_cpu) ||
	    !__atomic_load_n(&second_waits, __ATOMIC_SEQ_CST))
		return;

	while (!__atomic_load_n(&second_done, __ATOMIC_SEQ_CST) &&
	       !__atomic_load_n(&second_paused, __ATOMIC_SEQ_CST))
		sched_yield();
}

/* The second CPU is at such a place, too: once, it lets the first one come to its end, unless that needs a lock that the second has */
static void pause_second(void)
{
	if (second_paused || second_events++ != pause_at)
		return;

	__atomic_store_n(&second_paused, true, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&second_resumes, __ATOMIC_SEQ_CST))
		sched_yield();
}

static pthread_t second_thread;

/* The first CPU is at a place where the second may do all of its work, unless it needs a lock that the first has */
static void event(void)
{
	if (!watching)
		return;

	pthread_mutex_lock(&device_lock);
	use_both();
	pthread_mutex_unlock(&device_lock);

	if (!pthread_equal(pthread_self(), first_cpu)) {
		pause_second();
		return;
	}

	if (stopped || events++ != stop_at)
		return;

	stopped = true;
	second_waits = false;
	second_done = false;
	second_events = 0;
	second_resumes = false;
	if (pthread_create(&second_thread, NULL, second_cpu, NULL)) {
		perror("pthread_create");
		is_stale = true;
		return;
	}
	while (!__atomic_load_n(&second_done, __ATOMIC_SEQ_CST) &&
	       !__atomic_load_n(&second_waits, __ATOMIC_SEQ_CST) &&
	       !__atomic_load_n(&second_paused, __ATOMIC_SEQ_CST))
		sched_yield();
}

static void flush(uint64_t iova, uint64_t size, uint64_t granule)
{
	event();
	pthread_mutex_lock(&device_lock);
	invalidate(iova, size, granule);
	use_both();
	pthread_mutex_unlock(&device_lock);
}

static void on_flush_all(void *cookie)
{
	(void)cookie;
}

static void on_flush_walk(void *cookie, uint64_t iova, uint64_t size,
			  uint64_t granule)
{
	(void)cookie, (void)granule;
	flush(iova, size, 0);
}

static void on_flush_leaf(void *cookie, uint64_t iova, uint64_t size,
			  uint64_t granule)
{
	(void)cookie;
	flush(iova, size, granule);
}

static void on_add(void *cookie, uint64_t iova, uint64_t size,
		   uint64_t granule)
{
	(void)cookie, (void)iova, (void)size, (void)granule;
	event();
}

static void on_sync(void *cookie, uint64_t from, uint64_t last,
		    uint64_t granule)
{
	(void)cookie;
	if (granule)
		flush(from, last - from + 1, granule);
}

static void on_clean(void *cookie, uint64_t addr, uint64_t size)
{
	(void)cookie;
	if (watching && pt->config.coherent)
		is_stale = true;
	event();
	walker_clean(addr, size);
	event();
}

static const struct pt_watch device = {
	.flush_all	= on_flush_all,
	.flush_walk	= on_flush_walk,
	.flush_leaf	= on_flush_leaf,
	.add		= on_add,
	.sync		= on_sync,
	.clean		= on_clean,
};

static void table_comes(uint64_t addr, uint64_t size, unsigned int gfp)
{
	walker_table(addr, size, true);
	event();
}

static void table_goes(uint64_t addr, uint64_t size)
{
	walker_table(addr, size, false);
}

static const struct mm_watch tables_watch = {
	.alloc	= table_comes,
	.free	= table_goes,
};

/* Single pages, runs, the ends, both blocks, beyond: of each size that is smaller than those */
static void make_ranges(const struct shape *shape)
{
	uint64_t size, n;

	num_ranges = 0;
	bytes_of_blocks = 2 * shape->block;
	for (size = SZ_4K; size < shape->block; size <<= 1) {
		if (!(shape->config.page_sizes & size))
			continue;
		n = shape->block / size;
		ranges[num_ranges++] = (struct range){ 0, size, 1 };
		ranges[num_ranges++] = (struct range){ size, size, 2 };
		ranges[num_ranges++] = (struct range){ 4 * size, size,
						       n / 2 < 64 ? n / 2 : 64 };
		ranges[num_ranges++] = (struct range){ (n - 1) * size, size, 1 };
		ranges[num_ranges++] = (struct range){ (n - 1) * size, size, 2 };
		ranges[num_ranges++] = (struct range){ (n + 4) * size, size, 2 };
		ranges[num_ranges++] = (struct range){ (2 * n - 2) * size, size, 3 };
	}
}

/* Returns false if the first CPU came to no such place */
static bool run(const struct pt_kernel *kernel, const struct shape *shape,
		bool coherent)
{
	struct pt_config config = shape->config;
	size_t mapped;

	config.coherent = coherent;
	stopped = false;
	second_paused = false;
	pt = kernel->alloc(&config, &device, NULL);
	if (!pt) {
		printf("# no page tables\n");
		stale++;
		return false;
	}

	walker_open(pt, IOVA, SPAN / SZ_4K, 0);
	is_stale = false;
	tlb_used = 0;
	if (kernel->map(pt, IOVA, IOVA, shape->block, 2, PT_READ | PT_WRITE,
			&mapped))
		is_stale = true;

	use_both();
	events = 0;
	watching = true;
	unmap(first);
	__atomic_store_n(&second_resumes, true, __ATOMIC_SEQ_CST);
	if (stopped)
		pthread_join(second_thread, NULL);
	watching = false;

	/* No lock is left, nor is what nobody has unmapped */
	if (kernel->unmap(pt, IOVA + shape->block / 4 * 7, SZ_4K, 1, true) !=
	    SZ_4K)
		is_stale = true;
	kernel->free(pt);

	stale += is_stale;
	return stopped;
}

static bool all_pairs(const struct pt_kernel *kernel, const struct shape *shape,
		      bool coherent)
{
	unsigned int runs = 0, warned = warnings, i, j;

	stale = 0;
	make_ranges(shape);
	for (i = 0; i < num_ranges; i++) {
		for (j = 0; j < num_ranges; j++) {
			first = &ranges[i];
			second = &ranges[j];
			if (ranges_meet(first->at, bytes_of(first), second->at,
					bytes_of(second)))
				continue;

			/* Without a pause of the second, then with one at each of its places */
			pause_at = -1;
			for (stop_at = 0; run(kernel, shape, coherent); stop_at++) {
				runs++;
				if (first->pgsize != second->pgsize)
					continue;
				for (pause_at = 0; run(kernel, shape, coherent) &&
				     second_paused; pause_at++)
					runs++;
				pause_at = -1;
			}
		}
	}

	printf("# %u runs, %u in which the device reached what was unmapped\n",
	       runs, stale);
	if (warnings != warned)
		printf("# %u warnings\n", warnings - warned);
	return runs && !stale && warnings == warned && !walker_errors();
}

int main(void)
{
	unsigned int passed = 0, failed = 0, i;
	const struct pt_kernel *const *k;
	bool ok;

	setvbuf(stdout, NULL, _IOLBF, 0);
	first_cpu = pthread_self();
	mm_watch = &tables_watch;
	lock_waits = on_wait;
	lock_freed = on_free;
	for (k = __start_pt_kernels; k < __stop_pt_kernels; k++) {
		for (i = 0; i < 2 * sizeof(shapes) / sizeof(*shapes); i++) {
			ok = all_pairs(*k, &shapes[i / 2], i % 2);
			if (ok)
				passed++;
			else
				failed++;
			printf("%s %u - %s %s %s\n", ok ? "ok" : "not ok",
			       passed + failed, (*k)->name, shapes[i / 2].name,
			       i % 2 ? "coherent" : "non-coherent");
		}
	}

	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
