// SPDX-License-Identifier: GPL-2.0
/*
 * threads [SECONDS]: threads map and unmap side by side in the same tables, while a device reads them (walker.c); once, or over and
 * over for SECONDS. For ThreadSanitizer, whose first report ends the program. Else that ends in one line: N passed, N failed.
 *
 * Rounds are of three kinds. In the first each thread works on its own pages at random: in half of the tables every 16 pages belong to
 * another thread, the other half belong to one thread each, which then also frees them and puts blocks in their place. In the
 * second kind blocks are mapped, and all threads at once unmap their pages of each: one of them gets to split it. In the third each
 * thread maps and unmaps long runs, which begin and end in the middle of tables; the tables go, and it does so again.
 *
 * Before these, one thread alone: between any two accesses of an unmap that begins at a hole, the page before that hole is mapped.
 *
 * What the format promises: operations on ranges that do not overlap may run at the same time. A table is freed only by who
 * owns all that it maps.
 */
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pt.h"
#include "runtime.h"
#include "walker.h"

#define THREADS		4
#define AREAS		16		/* tables of the last level */
#define CHUNK		16		/* pages next to each other, of one thread */
#define ROUNDS		30
#define OPS		200		/* of a thread in a round */
#define MAX_PAGES	(1u << 19)
#define MAX_RUN		(1u << 12)	/* pages of a block that are unmapped */
#define MAX_BLOCK	(1u << 18)	/* pages */
#define MAX_PIECES	128		/* segments of a list */
#define STRIPES		(1u << 13)	/* pages that are mapped in runs, if these are some tables */
#define STRIPES_AGAIN	4		/* times in a round */

#define SZ_4K		(1ULL << 12)
#define SZ_64K		(1ULL << 16)
#define SZ_1M		(1ULL << 20)
#define SZ_2M		(1ULL << 21)
#define SZ_16M		(1ULL << 24)
#define SZ_512M		(1ULL << 29)
#define SZ_1G		(1ULL << 30)

static const struct format {
	const char	*name;
	struct pt_config config;
	uint64_t	page, span;	/* of the smallest page, of a table of them */
	uint64_t	middle;		/* where tables of all levels meet */
	uint64_t	offset;		/* in both halves of an entry */
	uint64_t	blocks[4];	/* to be split */
} formats[] = { {
	.name	= "lpae-s1-4k",
	.config	= { .fmt = PT_LPAE_64_S1, .ias = 48, .oas = 48,
		    .page_sizes = SZ_4K | SZ_2M | SZ_1G },
	.page	= SZ_4K, .span = SZ_2M,
	.middle	= 1ULL << 39,
	.offset	= 0x2a5000000000,
	.blocks	= { SZ_2M, SZ_2M, SZ_1G },
}, {
	.name	= "lpae-s1-64k",
	.config	= { .fmt = PT_LPAE_64_S1, .ias = 48, .oas = 52,
		    .page_sizes = SZ_64K | SZ_512M },
	.page	= SZ_64K, .span = SZ_512M,
	.middle	= 1ULL << 42,
	.offset	= 0x52a5000000000,
	.blocks	= { SZ_512M },
}, {
	/* Two tables side by side at the top, which meet in the middle */
	.name	= "lpae-s2-4k",
	.config	= { .fmt = PT_LPAE_64_S2, .ias = 40, .oas = 40,
		    .page_sizes = SZ_4K | SZ_2M | SZ_1G },
	.page	= SZ_4K, .span = SZ_2M,
	.middle	= 1ULL << 39,
	.offset	= 0x2500000000,
	.blocks	= { SZ_2M, SZ_2M, SZ_1G },
}, {
	.name	= "v7s",
	.config	= { .fmt = PT_V7S, .ias = 32, .oas = 32,
		    .page_sizes = SZ_4K | SZ_64K | SZ_1M | SZ_16M },
	.page	= SZ_4K, .span = SZ_1M,
	.middle	= SZ_1G,
	.offset	= 0x80000000,
	.blocks	= { SZ_64K, SZ_64K, SZ_1M, SZ_16M },
} };
#define NUM_FORMATS	(sizeof(formats) / sizeof(*formats))

/* What all threads work on; written between barriers */
static const struct format *format;
static struct pt *pt;
static uint64_t first_iova;
static unsigned int seed, leader;
static bool finished, splits, can_split;
static pthread_barrier_t barrier;

/* The round at hand; pages are numbered from first_iova */
static enum { WORK, SPLIT, STRIPE } kind;
static uint64_t block, block_first, block_pages, block_chunk;
static uint64_t block_unmapped[THREADS];

/*
 * In 5.10, who meets a table that another thread has put in the place of a block clears its entries and returns, though the device
 * may not see the table yet, or have the block in its TLB. So with that the device's word counts once all threads are through.
 */
static bool device_is_late;

/* Touched by the owner of a page or area, and by who prepares and tidies up */
static bool mapped[MAX_PAGES];
static enum { NONE, BLOCK, TABLE } area_is[AREAS];

static unsigned int errors;
static unsigned long lost_splits, lost_installs;

__attribute__((__format__(__printf__, 1, 2)))
static void wrong(const char *fmt, ...)
{
	va_list args;

	if (__atomic_fetch_add(&errors, 1, __ATOMIC_RELAXED) >= 10)
		return;

	flockfile(stdout);
	printf("# ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	funlockfile(stdout);
}

/* ThreadSanitizer asks: the first race ends the program */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
	return "halt_on_error=1";
}

static __thread unsigned int random_state;

static unsigned int any(unsigned int num)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % num;
}

/* Let others come in between; one time of so many in earnest */
static void dawdle(unsigned int one_of)
{
	unsigned int i, times = any(4) ? 0 : any(2000);

	if (!any(one_of))
		sched_yield();
	for (i = 0; i < times; i++)
		__asm__ volatile("" : : : "memory");
}

/* The device behind these tables */

static void device_flush_all(void *cookie)
{
	(void)cookie;
	walker_flush();
}

static void device_flush_walk(void *cookie, uint64_t iova, uint64_t size,
			      uint64_t granule)
{
	(void)cookie, (void)granule;
	if (!size)
		wrong("flush of nothing at 0x%llx\n", (unsigned long long)iova);
	walker_flush();
	walker_flush_leaves(iova, size, 0);
}

static void device_flush_leaf(void *cookie, uint64_t iova, uint64_t size,
			      uint64_t granule)
{
	(void)cookie;
	if (!(granule & format->config.page_sizes))
		wrong("flush of leaves of 0x%llx bytes, which there are none of\n",
		      (unsigned long long)granule);
	dawdle(8);
	walker_flush_leaves(iova, size, granule);
}

static void device_add(void *cookie, uint64_t iova, uint64_t size,
		       uint64_t granule)
{
	(void)cookie, (void)iova, (void)size, (void)granule;
}

static void device_sync(void *cookie, uint64_t first, uint64_t last,
			uint64_t granule)
{
	(void)cookie;
	dawdle(8);
	if (granule)
		walker_flush_leaves(first, last - first + 1, granule);
}

static void device_clean(void *cookie, uint64_t addr, uint64_t size)
{
	(void)cookie;
	dawdle(32);
	walker_clean(addr, size);
	dawdle(32);
}

static const struct pt_watch device = {
	.flush_all	= device_flush_all,
	.flush_walk	= device_flush_walk,
	.flush_leaf	= device_flush_leaf,
	.add		= device_add,
	.sync		= device_sync,
	.clean		= device_clean,
};

/* The last table that this thread has allocated */
static __thread uint64_t newest;

static void table_comes(uint64_t addr, uint64_t size, unsigned int gfp)
{
	newest = addr;
	walker_table(addr, size, true);
	dawdle(2);
}

static void table_goes(uint64_t addr, uint64_t size)
{
	walker_table(addr, size, false);

	/* It was in no entry: another thread's was there first */
	if (addr == newest)
		__atomic_fetch_add(kind == SPLIT ? &lost_splits :
				   &lost_installs, 1, __ATOMIC_RELAXED);
}

static const struct mm_watch tables_watch = {
	.alloc	= table_comes,
	.free	= table_goes,
};

static uint64_t to_iova(uint64_t at)
{
	return first_iova + at * format->page;
}

static uint64_t area_pages(void)
{
	return format->span / format->page;
}

static void check_page(uint64_t at)
{
	uint64_t iova = to_iova(at) + 42;
	uint64_t want = mapped[at] ? iova + format->offset : 0;
	uint64_t is = pt->kernel->iova_to_phys(pt, iova);

	if (is != want)
		wrong("0x%llx translates to 0x%llx, not 0x%llx\n",
		      (unsigned long long)iova, (unsigned long long)is,
		      (unsigned long long)want);
	if (!device_is_late)
		walker_check(iova);
}

static void check(uint64_t at, uint64_t num)
{
	uint64_t i, step = num / 16 + 1;

	for (i = 0; i < num; i += step)
		check_page(at + i);
	check_page(at + num - 1);
}

/* So many pages from there are as the first one is, mapped or not */
static uint64_t alike(uint64_t at, uint64_t num)
{
	uint64_t n = 1;

	while (n < num && mapped[at + n] == mapped[at])
		n++;
	return n;
}

/* The same pages as a list of segments, mostly of one page, which follow each other in memory */
static int map_list(uint64_t iova, uint64_t bytes, uint64_t size, size_t *done)
{
	struct pt_piece pieces[MAX_PIECES];
	int ret = 0, prot = PT_READ | PT_WRITE;
	unsigned int num = 0;
	uint64_t at, length;
	struct scatterlist *list;

	for (at = 0; at < bytes; at += length) {
		length = format->page * (any(4) ? 1 : 1 + any(CHUNK));
		if (length > bytes - at || num == MAX_PIECES - 1)
			length = bytes - at;
		pieces[num++] = (struct pt_piece) {
			.paddr	= iova + at + format->offset,
			.length	= length,
		};
	}

	list = pt_list(pieces, num, 2 + any(MAX_PIECES), any(2));
	if (!size)
		*done = pt->kernel->core_map_sg(pt, iova, list, num, prot);
	else
		ret = pt->kernel->map_sg(pt, iova, size, list, num, prot, done);
	pt_list_free(list);
	return ret;
}

/* @size 0: as the core chooses */
static void map(uint64_t at, uint64_t num, uint64_t size)
{
	uint64_t iova = to_iova(at), bytes = num * format->page;
	int ret, prot = PT_READ | PT_WRITE;
	size_t done = bytes;

	/* The core's pages may be larger than those that are unmapped */
	if (pt->kernel->no_split && num < area_pages())
		size = format->page;

	walker_change(iova, num);
	if (!any(3))
		ret = map_list(iova, bytes, size, &done);
	else if (!size)
		ret = pt->kernel->core_map(pt, iova, iova + format->offset,
					   bytes, prot);
	else
		ret = pt->kernel->map(pt, iova, iova + format->offset, size,
				      bytes / size, prot, &done);
	walker_change(iova, num);
	newest = 0;

	if (ret || done != bytes)
		wrong("map 0x%llx, 0x%llx bytes: %d, 0x%llx bytes\n",
		      (unsigned long long)iova, (unsigned long long)bytes, ret,
		      (unsigned long long)done);

	memset(mapped + at, true, num);
	check(at, num);
}

/* Those that are mapped */
static void change_mapped(uint64_t at, uint64_t num)
{
	uint64_t n;

	for (; num; at += n, num -= n) {
		n = alike(at, num);
		if (mapped[at])
			walker_change(to_iova(at), n);
	}
}

/* What is mapped there, or all of a table, whatever is in it. Returns bytes */
static uint64_t unmap(uint64_t at, uint64_t num, uint64_t size)
{
	uint64_t iova = to_iova(at), bytes = num * format->page, done;
	bool gather = any(4);

	change_mapped(at, num);
	if (!size)
		done = pt->kernel->core_unmap(pt, iova, bytes);
	else
		done = pt->kernel->unmap(pt, iova, size, bytes / size, gather);
	/* The caller's part: without a level hint, as it cannot know better */
	if (size && !gather)
		walker_flush_leaves(iova, bytes, 0);
	if (!device_is_late)
		change_mapped(at, num);
	newest = 0;

	if (done != bytes)
		wrong("unmap 0x%llx, 0x%llx bytes by 0x%llx: 0x%llx bytes\n",
		      (unsigned long long)iova, (unsigned long long)bytes,
		      (unsigned long long)size, (unsigned long long)done);

	memset(mapped + at, false, num);
	check(at, num);
	return done;
}

/* Of pages that share a table with those of others */
static void work_on_chunk(uint64_t at)
{
	uint64_t start = any(CHUNK), num = 1 + any(CHUNK - start);
	uint64_t size = any(3) ? format->page : 0;
	uint64_t large = CHUNK * format->page;

	if (alike(at, CHUNK) == CHUNK && any(2)) {
		start = 0;
		num = CHUNK;
		if (pt->config.page_sizes & large &&
		    (mapped[at] || !pt->kernel->no_split))
			size = any(2) ? large : 0;
	}

	at += start;
	num = alike(at, num);
	if (mapped[at])
		unmap(at, num, size);
	else
		map(at, num, size);
}

/* Of all that a table maps, or of a block in its place */
static void work_on_area(unsigned int area)
{
	uint64_t all = area_pages(), at = area * all, num;

	if (!any(3) || (area_is[area] == BLOCK && !splits)) {
		if (area_is[area] == NONE ||
		    (any(2) && !mapped[at] && alike(at, all) == all)) {
			map(at, all, any(2) ? format->span : 0);
			area_is[area] = BLOCK;
		} else {
			unmap(at, all, format->span);
			area_is[area] = NONE;
		}
		return;
	}

	/* Never all of it, which would leave an entry that is empty */
	num = 1 + any(all - 1);
	at += num;
	num = alike(at, 1 + any(all - num));
	if (mapped[at])
		unmap(at, num, any(3) ? format->page : 0);
	else
		map(at, num, any(3) ? format->page : 0);
	area_is[area] = TABLE;
}

static void work(unsigned int me)
{
	unsigned int i, area, chunks = area_pages() / CHUNK / THREADS;

	for (i = 0; i < OPS; i++) {
		/* First one by one, so that all want to have the same table */
		area = i < AREAS ? i : any(AREAS);
		if (area % 2 == 0)
			work_on_chunk(area * area_pages() +
				      (any(chunks) * THREADS + me) * CHUNK);
		else if (area / 2 % THREADS == me)
			work_on_area(area);
	}
}

/* All threads, and the same blocks */
static void split(unsigned int me)
{
	uint64_t at, end = block_first + block_pages, done = 0;
	unsigned int i;

	/* Not all at the same time: some find it split, or about to be */
	for (i = any(8); i; i--)
		dawdle(8);

	for (at = block_first + me * block_chunk; at < end;
	     at += THREADS * block_chunk) {
		done += unmap(at, block_chunk, any(4) ? format->page : 0);
		if (at + block_chunk * THREADS < end)
			check_page(at + block_chunk * THREADS);
	}

	block_unmapped[me] = done;
}

static void wait_for_all(void)
{
	pthread_barrier_wait(&barrier);
}

/* Of the one that leads: all tables of the last level from there go */
static void unmap_tables(uint64_t at, uint64_t end)
{
	uint64_t i;

	/* So that there is something in each of them: an entry may be empty */
	for (i = at; i < end; i += area_pages())
		if (!mapped[i])
			map(i, 1, format->page);
	unmap(at, end - at, format->span);
}

/* How many tables' pages are mapped in runs: those around the middle, where tables of all levels meet */
static unsigned int stripe_areas(void)
{
	uint64_t num = STRIPES / area_pages();

	return num < 4 ? 4 : num > AREAS ? AREAS : num;
}

/*
 * Runs of all threads in turn, next to each other: each ends where the next one begins, mostly in the middle of a table. Where one
 * thread maps a run, others map what is before and behind it, so that all want to have the same tables.
 */
static void stripe(unsigned int me)
{
	uint64_t first = (AREAS - stripe_areas()) / 2 * area_pages();
	uint64_t end = first + stripe_areas() * area_pages();
	uint64_t at, num, length = area_pages() / 2 + seed * 37 % area_pages();
	uint64_t large = CHUNK * format->page, size = format->page;
	unsigned int i, n;

	if (pt->config.page_sizes & large && splits && seed % 2) {
		length &= -CHUNK;
		size = large;
	}

	for (i = 0; i < STRIPES_AGAIN; i++) {
		for (n = 0, at = first; at < end; at += length, n++) {
			num = end - at < length ? end - at : length;
			if (n % THREADS == me)
				map(at, num, any(4) || !splits ? size : 0);
		}
		for (n = 0, at = first; at < end; at += length, n++) {
			num = end - at < length ? end - at : length;
			if (n % THREADS == me)
				unmap(at, num, any(4) ? size : 0);
		}

		wait_for_all();
		if (me == leader)
			unmap_tables(first, end);
		wait_for_all();
	}
}

/* Of the one that leads this round */

/* One block, or so many of them as make a long enough run */
static uint64_t all_blocks(void)
{
	uint64_t pages = block / format->page;

	return pages > MAX_RUN ? pages : MAX_RUN;
}

static void prepare(void)
{
	uint64_t first = (format->middle - first_iova) / format->page;
	uint64_t pages = all_blocks();

	if (kind != SPLIT) {
		walker_look(first_iova, AREAS * area_pages());
		return;
	}

	map(first, pages, block);
	block_pages = MAX_RUN;
	block_first = first + any((pages - block_pages) / CHUNK + 1) * CHUNK;
	block_chunk = 1 << any(block / format->page == CHUNK ? 3 : 5);
	walker_look(to_iova(block_first), block_pages);
	device_is_late = !pt->kernel->contract;
}

static void tidy(void)
{
	uint64_t first = (format->middle - first_iova) / format->page;
	uint64_t at, pages = all_blocks(), done = 0;
	unsigned int i;

	if (kind == STRIPE)
		return;

	if (kind == WORK) {
		unmap_tables(0, AREAS * area_pages());
		memset(area_is, 0, sizeof(area_is));
		return;
	}

	if (device_is_late)
		walker_change(to_iova(block_first), block_pages);
	device_is_late = false;

	for (i = 0; i < THREADS; i++)
		done += block_unmapped[i];
	if (done != block_pages * format->page)
		wrong("0x%llx bytes of blocks were unmapped, not 0x%llx\n",
		      (unsigned long long)done,
		      (unsigned long long)(block_pages * format->page));

	for (at = first; at < first + pages; at++)
		if (at - block_first < block_pages || any(64) == 0)
			check_page(at);

	unmap(first, pages, format->span);
}

static bool do_round(unsigned int me)
{
	wait_for_all();
	if (finished)
		return false;

	random_state = seed * THREADS + me;
	if (me == leader)
		prepare();
	wait_for_all();
	if (kind == SPLIT)
		split(me);
	else if (kind == STRIPE)
		stripe(me);
	else
		work(me);
	wait_for_all();
	if (me == leader)
		tidy();
	wait_for_all();
	return true;
}

static void *thread_run(void *arg)
{
	while (do_round((unsigned long)arg))
		;
	return NULL;
}

static bool run(const struct pt_kernel *kernel, const struct format *f,
		bool coherent, bool non_strict)
{
	unsigned int warned = warnings, wrong_before = walker_errors() + errors;
	unsigned int round, num_blocks = 0;
	unsigned long had_splits = lost_splits, had_installs = lost_installs, walks;
	struct pt_config config = f->config;
	long live = mm_live;

	config.coherent = coherent;
	config.non_strict = non_strict;
	while (num_blocks < 4 && f->blocks[num_blocks])
		num_blocks++;

	/*
	 * 5.10's v7s forgets where a section leads to when it splits it, and splits a large page by stores that need not be
	 * atomic while others read.
	 */
	splits = !kernel->no_split && (kernel->contract || config.fmt != PT_V7S);
	can_split |= splits;

	format = f;
	first_iova = f->middle - AREAS / 2 * f->span;
	pt = kernel->alloc(&config, &device, NULL);
	if (!pt) {
		printf("# no page tables\n");
		return false;
	}

	walker_start(pt, first_iova, AREAS / 2 * f->span / f->page + MAX_BLOCK,
		     f->offset);
	for (round = 0; round < ROUNDS; round++) {
		seed++;
		leader = round % THREADS;
		kind = round % 3;
		if (kind == SPLIT && !splits)
			kind = WORK;
		block = f->blocks[round / 3 % num_blocks];
		do_round(0);
	}
	walks = walker_stop();
	kernel->free(pt);

	if (warnings != warned)
		wrong("%u warnings\n", warnings - warned);
	if (mm_live != live)
		wrong("%ld allocations leaked\n", mm_live - live);
	printf("# %lu translations; %lu splits and %lu installs lost\n", walks,
	       lost_splits - had_splits, lost_installs - had_installs);
	return wrong_before == walker_errors() + errors;
}

static bool was_between;

static void map_first_page(void)
{
	size_t done;

	was_between = true;
	if (pt->kernel->map(pt, first_iova, first_iova + format->offset,
			    format->page, 1, PT_READ | PT_WRITE, &done))
		wrong("the page before a hole is not mapped\n");
}

/* An unmap may warn of a hole. It has no say in what is in front of it, be that in a table which was not there when it began */
static bool meet_at_a_hole(const struct pt_kernel *kernel,
			   const struct format *f)
{
	uint64_t pages = 2 * f->span / f->page, done, is;
	unsigned int warned = warnings, wrong_before = errors, access = 0;

	format = f;
	first_iova = f->middle;
	warnings_counted = true;
	do {
		pt = kernel->alloc(&f->config, NULL, NULL);
		if (!pt) {
			wrong("no page tables\n");
			break;
		}

		was_between = false;
		tsan_stop_at(access++, map_first_page);
		done = kernel->unmap(pt, first_iova + CHUNK * f->page, f->page,
				     pages, true);
		tsan_stop_at(0, NULL);
		is = kernel->iova_to_phys(pt, first_iova);
		if (done || (was_between && is != first_iova + f->offset))
			wrong("access %u: unmapped 0x%llx bytes of a hole, and the page before it translates to 0x%llx\n",
			      access, (unsigned long long)done,
			      (unsigned long long)is);
		kernel->free(pt);
	} while (was_between);
	warnings_counted = false;
	warnings = warned;

	printf("# %u accesses\n", access - 1);
	return errors == wrong_before && access > 1;
}

static unsigned int passed, failed;

/* Prints the TAP line of a test, and counts it */
__attribute__((__format__(__printf__, 2, 3)))
static void result(bool ok, const char *fmt, ...)
{
	va_list args;

	if (ok)
		passed++;
	else
		failed++;
	printf("%s %u - ", ok ? "ok" : "not ok", passed + failed);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
}

int main(int argc, char **argv)
{
	time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 0);
	const struct pt_kernel *const *k;
	pthread_t threads[THREADS];
	unsigned int i;
	bool ok;

	setvbuf(stdout, NULL, _IOLBF, 0);
	pthread_barrier_init(&barrier, NULL, THREADS);
	for (i = 1; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, thread_run,
				   (void *)(unsigned long)i))
			wrong("a thread cannot be made\n");

	for (k = __start_pt_kernels; k < __stop_pt_kernels; k++) {
		for (i = 0; i < NUM_FORMATS; i++) {
			ok = meet_at_a_hole(*k, &formats[i]);
			result(ok, "%s %s, a page in front of a hole",
			       (*k)->name, formats[i].name);
		}
	}

	mm_watch = &tables_watch;
	do {
		for (k = __start_pt_kernels; k < __stop_pt_kernels; k++) {
			for (i = 0; i < NUM_FORMATS * 4; i++) {
				ok = run(*k, &formats[i / 4], i / 2 % 2, i % 2);
				result(ok, "%s %s %s, %s",
				       (*k)->name, formats[i / 4].name,
				       i / 2 % 2 ? "coherent" : "non-coherent",
				       i % 2 ? "non-strict" : "strict");
			}
		}
	} while (time(NULL) < end);

	finished = true;
	wait_for_all();
	for (i = 1; i < THREADS; i++)
		pthread_join(threads[i], NULL);

	/* Else nothing was tried */
	result((lost_splits || !can_split) && lost_installs,
	       "threads got in each other's way");
	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
