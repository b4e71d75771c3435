// SPDX-License-Identifier: GPL-2.0
/*
 * The formats as the architecture describes them, nothing of the kernel's code. The device has a walk cache: it keeps the
 * pointer to the last table that it used until it is told to flush. And it has a TLB, whose entries know how large the leaf is that
 * they are of: an invalidation takes those of one size, as one with a level hint may.
 *
 * What it does not snoop it reads from a second memory, which has what was cleaned, and garbage before.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "walker.h"

/* Of mm.c: where tables are; the smallest is 1 KiB */
#define ARENA_START	0x10000000UL
#define ARENA_SIZE	0x40000000UL
#define UNIT		1024

#define MAX_PAGES	(1u << 19)
#define GARBAGE		0x6b6b6b6b6b6b6b6b	/* valid, and leads nowhere */
#define TLB_ENTRIES	64

static struct {
	enum pt_fmt	fmt;
	uint64_t	root, offset;
	uint64_t	start, pages;		/* what is known page by page */
	unsigned int	page_shift, bits, start_level, start_shift;
	uint64_t	snoop;			/* added to an address */

	uint64_t	look_iova, look_pages;
	uint64_t	changing;		/* what was announced last */

	/* The walk cache: the last level's table of @cached */
	uint64_t	cached, cached_table;
	unsigned long	cached_flushes;

	/* Written by the device; others clear the size */
	bool		has_tlb;
	bool		marks_tables;
	struct {
		uint64_t	iova, size;
	} tlb[TLB_ENTRIES];

	unsigned long	walks;			/* odd: in one */
	unsigned long	flushes;
	bool		stop;
	pthread_t	thread;
} dev;

/* Modulo 4: unmapped, to be mapped, mapped, to be unmapped */
static unsigned int state[MAX_PAGES];
static bool live[ARENA_SIZE / UNIT];
static unsigned char *cleaned;
static bool clean_lock;
static unsigned int errors;

__attribute__((__format__(__printf__, 1, 2)))
static void wrong(const char *fmt, ...)
{
	char text[256];
	va_list args;

	if (__atomic_fetch_add(&errors, 1, __ATOMIC_RELAXED) >= 10)
		return;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	printf("# walker: %s\n", text);
}

unsigned int walker_errors(void)
{
	return __atomic_load_n(&errors, __ATOMIC_RELAXED);
}

static bool is_live(uint64_t addr)
{
	uint64_t at = addr - ARENA_START;

	return at < ARENA_SIZE && __atomic_load_n(&live[at / UNIT],
						  __ATOMIC_ACQUIRE);
}

/* One read, as wide as the entry. A table is there until we are through */
static uint64_t read_entry(uint64_t table, uint64_t idx, uint64_t iova)
{
	unsigned int width = dev.fmt == PT_V7S ? 4 : 8;
	uint64_t addr = table + idx * width, entry;

	if (!is_live(addr)) {
		wrong("0x%llx: leads to 0x%llx, where no table is",
		      (unsigned long long)iova, (unsigned long long)table);
		return 0;
	}

	addr += dev.snoop;
	if (width == 4)
		entry = __atomic_load_n((uint32_t *)addr, __ATOMIC_ACQUIRE);
	else
		entry = __atomic_load_n((uint64_t *)addr, __ATOMIC_ACQUIRE);

	if (!is_live(addr - dev.snoop))
		wrong("0x%llx: the table at 0x%llx went away under the walk",
		      (unsigned long long)iova, (unsigned long long)table);

	return entry;
}

/* What an entry says: nothing, @table, or @size bytes at @addr */
struct entry {
	bool		table;
	uint64_t	addr, size;
};

static struct entry decode_lpae(uint64_t e, unsigned int level,
				unsigned int shift)
{
	struct entry r = { false, e & 0xfffffffff000, 0 };
	unsigned int type = e & 3;

	if (dev.page_shift == 16)
		r.addr = (e & 0xffffffff0000) | (e & 0xf000) << 36;

	r.table = type == 3 && level < 3;
	if (type == 3 && level == 3)
		r.size = 1ULL << shift;
	if (type == 1 && level < 3)
		r.size = 1ULL << shift;
	return r;
}

static struct entry decode_v7s(uint64_t e, unsigned int level)
{
	unsigned int type = e & 3;

	if (level == 2 && type == 1)
		return (struct entry){ false, e & 0xffff0000, 1 << 16 };
	if (level == 2 && type)
		return (struct entry){ false, e & 0xfffff000, 1 << 12 };
	if (level == 1 && type == 1)
		return (struct entry){ true, e & 0xfffffc00, 0 };
	if (level == 1 && type == 2 && e & 1 << 18)
		return (struct entry){ false, e & 0xff000000, 1 << 24 };
	if (level == 1 && type == 2)
		return (struct entry){ false, e & 0xfff00000, 1 << 20 };
	return (struct entry){ false, 0, 0 };
}

/* Now and then a walk takes its time */
static void dawdle(void)
{
	static unsigned int seed = 1;

	seed = seed * 1103515245 + 12345;
	if (!(seed >> 16 & 0xff))
		sched_yield();
}

/* Leaves of a size that a table maps, or a root, and pages are kept apart: a page does not push its block out */
static unsigned int tlb_entry(uint64_t iova, uint64_t size)
{
	bool page = size < 1ULL << (dev.page_shift + dev.bits);

	return (iova / size * 2 + page) % TLB_ENTRIES;
}

static void tlb_fill(uint64_t iova, uint64_t size)
{
	unsigned int i = tlb_entry(iova, size);

	__atomic_store_n(&dev.tlb[i].size, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&dev.tlb[i].iova, iova & -size, __ATOMIC_RELEASE);
	__atomic_store_n(&dev.tlb[i].size, size, __ATOMIC_RELEASE);
}

static bool tlb_has(uint64_t iova)
{
	unsigned int i;
	uint64_t size;

	for (i = 0; i < TLB_ENTRIES; i++) {
		size = __atomic_load_n(&dev.tlb[i].size, __ATOMIC_ACQUIRE);
		if (iova - __atomic_load_n(&dev.tlb[i].iova,
					   __ATOMIC_RELAXED) < size)
			return true;
	}

	return false;
}

/* Of the leaf that @iova is mapped by, 0 if it is not. Others than the device's own thread have no walk cache */
static uint64_t translate(uint64_t iova, bool cache)
{
	unsigned int level = dev.start_level, shift = dev.start_shift;
	unsigned int last = dev.fmt == PT_V7S ? 2 : 3;
	uint64_t span = 1ULL << (dev.page_shift + dev.bits);
	uint64_t table = dev.root, idx = iova >> shift, e, at;
	struct entry entry;

	if (cache && dev.cached_table && dev.cached == iova / span) {
		table = dev.cached_table;
		level = last;
	}

	for (;;) {
		if (level == last) {
			shift = dev.page_shift;
			idx = iova >> shift & ((1 << dev.bits) - 1);
		}

		e = read_entry(table, idx, iova);
		entry = dev.fmt == PT_V7S ? decode_v7s(e, level) :
					    decode_lpae(e, level, shift);
		if (!entry.table)
			break;

		table = entry.addr;
		if (cache)
			dawdle();
		level++;
		shift -= dev.bits;
		idx = iova >> shift & ((1 << dev.bits) - 1);
		if (cache && level == last) {
			dev.cached = iova / span;
			dev.cached_table = table;
		}
	}

	if (!entry.size) {
		/* Half of an entry is gone, or half of it is there; but the address of a table may be left */
		if (e && !(dev.marks_tables && !(e & 3)))
			wrong("0x%llx: entry 0x%llx of level %u is torn",
			      (unsigned long long)iova, (unsigned long long)e,
			      level);
		return 0;
	}

	at = entry.addr + (iova & (entry.size - 1));
	if (entry.addr & (entry.size - 1) || at != iova + dev.offset)
		wrong("0x%llx: leads to 0x%llx, entry 0x%llx of level %u",
		      (unsigned long long)iova, (unsigned long long)at,
		      (unsigned long long)e, level);
	if (cache && dev.has_tlb)
		tlb_fill(iova, entry.size);
	return entry.size;
}

uint64_t walker_find(uint64_t iova)
{
	return translate(iova, false);
}

static void look_at(uint64_t iova, bool cache, bool tlb)
{
	unsigned int *now = &state[(iova - dev.start) >> dev.page_shift];
	unsigned int before = __atomic_load_n(now, __ATOMIC_ACQUIRE);
	bool mapped = (tlb && tlb_has(iova)) || translate(iova, cache);

	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (__atomic_load_n(now, __ATOMIC_RELAXED) != before)
		return;

	if (mapped && before % 4 == 0)
		wrong("0x%llx: still there after unmap returned",
		      (unsigned long long)iova);
	if (!mapped && before % 4 == 2)
		wrong("0x%llx: is mapped, and does not translate",
		      (unsigned long long)iova);
}

static void *walker_run(void *arg)
{
	uint64_t iova, first, pages, i = 0;

	while (!__atomic_load_n(&dev.stop, __ATOMIC_RELAXED)) {
		first = __atomic_load_n(&dev.look_iova, __ATOMIC_RELAXED);
		pages = __atomic_load_n(&dev.look_pages, __ATOMIC_RELAXED);
		iova = first + (i++ % pages << dev.page_shift);

		/* Most of the time stay where something happens */
		if (i % 4) {
			first = __atomic_load_n(&dev.changing, __ATOMIC_RELAXED);
			iova = first + (i / 4 % 4 << dev.page_shift);
		}

		/* Either a flush sees us in a walk, or we see the flush */
		__atomic_fetch_add(&dev.walks, 1, __ATOMIC_SEQ_CST);
		if (dev.cached_flushes != __atomic_load_n(&dev.flushes,
							  __ATOMIC_SEQ_CST)) {
			dev.cached_flushes = __atomic_load_n(&dev.flushes,
							     __ATOMIC_SEQ_CST);
			dev.cached_table = 0;
		}
		if (iova - dev.start < dev.pages << dev.page_shift)
			look_at(iova, true, i % 2);
		__atomic_fetch_add(&dev.walks, 1, __ATOMIC_SEQ_CST);
	}

	return arg;
}

/* Whatever the device has found before is in its caches when this returns */
static void wait_for_walk(void)
{
	unsigned long walk = __atomic_load_n(&dev.walks, __ATOMIC_SEQ_CST);

	while (walk % 2 && walk == __atomic_load_n(&dev.walks, __ATOMIC_SEQ_CST))
		sched_yield();
}

void walker_flush(void)
{
	__atomic_fetch_add(&dev.flushes, 1, __ATOMIC_SEQ_CST);
	wait_for_walk();
}

void walker_flush_leaves(uint64_t iova, uint64_t size, uint64_t granule)
{
	uint64_t at, bytes;
	unsigned int i;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	wait_for_walk();
	for (i = 0; i < TLB_ENTRIES; i++) {
		bytes = __atomic_load_n(&dev.tlb[i].size, __ATOMIC_ACQUIRE);
		at = __atomic_load_n(&dev.tlb[i].iova, __ATOMIC_RELAXED);
		if (!bytes || (granule && bytes != granule))
			continue;

		/* Any part of it will do */
		if (ranges_meet(iova, size, at, bytes))
			__atomic_store_n(&dev.tlb[i].size, 0, __ATOMIC_RELAXED);
	}
}

void walker_check(uint64_t iova)
{
	look_at(iova, false, false);
}

void walker_look(uint64_t iova, uint64_t pages)
{
	__atomic_store_n(&dev.look_iova, iova, __ATOMIC_RELAXED);
	__atomic_store_n(&dev.look_pages, pages, __ATOMIC_RELAXED);
}

void walker_change(uint64_t iova, uint64_t pages)
{
	uint64_t i = (iova - dev.start) >> dev.page_shift;

	__atomic_store_n(&dev.changing, iova, __ATOMIC_RELAXED);
	/* What was done before is to be seen by who sees this */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (; pages; pages--, i++)
		__atomic_fetch_add(&state[i], 1, __ATOMIC_SEQ_CST);
}

void walker_table(uint64_t addr, uint64_t size, bool is)
{
	uint64_t at = addr - ARENA_START, end = at + size, i;

	if (end > ARENA_SIZE) {
		fprintf(stderr, "walker: a table at 0x%llx, where none can be\n",
			(unsigned long long)addr);
		exit(1);
	}

	if (!cleaned) {
		cleaned = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			       -1, 0);
		if (cleaned == MAP_FAILED) {
			perror("mmap");
			exit(1);
		}
	}

	/* No memset(): ThreadSanitizer watches that one here too */
	for (i = at; i < end; i += 8)
		__atomic_store_n((uint64_t *)(cleaned + i), GARBAGE,
				 __ATOMIC_RELAXED);
	for (i = at; i < end; i += UNIT)
		__atomic_store_n(&live[i / UNIT], is, __ATOMIC_SEQ_CST);
}

void walker_clean(uint64_t addr, uint64_t size)
{
	unsigned char *to = cleaned + (addr - ARENA_START);

	/* Else one who has read an entry early could write it late */
	while (__atomic_test_and_set(&clean_lock, __ATOMIC_ACQUIRE))
		sched_yield();

	/* Entries are 4 or 8 bytes, and aligned */
	for (; size >= 8 && !(addr & 7); addr += 8, to += 8, size -= 8)
		__atomic_store_n((uint64_t *)to, __atomic_load_n(
				 (uint64_t *)addr, __ATOMIC_ACQUIRE),
				 __ATOMIC_RELEASE);
	for (; size; addr += 4, to += 4, size -= 4)
		__atomic_store_n((uint32_t *)to, __atomic_load_n(
				 (uint32_t *)addr, __ATOMIC_ACQUIRE),
				 __ATOMIC_RELEASE);

	__atomic_clear(&clean_lock, __ATOMIC_RELEASE);
}

void walker_open(const struct pt *pt, uint64_t iova, uint64_t pages,
		 uint64_t offset)
{
	unsigned int levels, va_bits, pgd_bits;
	bool stage2 = pt->config.fmt == PT_LPAE_64_S2 ||
		      pt->config.fmt == PT_LPAE_32_S2;

	if (pages > MAX_PAGES) {
		fprintf(stderr, "walker: more than %u pages\n", MAX_PAGES);
		exit(1);
	}

	memset(&dev, 0, sizeof(dev));
	memset(state, 0, pages * sizeof(*state));
	dev.fmt = pt->config.fmt;
	dev.root = pt->root;
	dev.start = iova;
	dev.pages = pages;
	dev.offset = offset;
	dev.has_tlb = pt->kernel->contract && !pt->config.non_strict;
	dev.marks_tables = pt->kernel->marks_tables;
	dev.snoop = pt->config.coherent ? 0 : (uint64_t)cleaned - ARENA_START;
	dev.page_shift = __builtin_ctzll(pt->config.page_sizes);
	walker_look(iova, pages);

	if (dev.fmt == PT_V7S) {
		dev.bits = 8;
		dev.start_level = 1;
		dev.start_shift = 20;
	} else {
		dev.bits = dev.page_shift - 3;
		va_bits = pt->config.ias - dev.page_shift;
		levels = (va_bits + dev.bits - 1) / dev.bits;
		pgd_bits = va_bits - dev.bits * (levels - 1);
		/* Up to 16 tables of the next level stand side by side instead */
		if (stage2 && levels == 4 && pgd_bits <= 4)
			levels--;
		dev.start_level = 4 - levels;
		dev.start_shift = dev.page_shift + dev.bits * (levels - 1);
	}
}

void walker_start(const struct pt *pt, uint64_t iova, uint64_t pages,
		  uint64_t offset)
{
	walker_open(pt, iova, pages, offset);
	if (pthread_create(&dev.thread, NULL, walker_run, NULL)) {
		perror("pthread_create");
		exit(1);
	}
}

unsigned long walker_stop(void)
{
	__atomic_store_n(&dev.stop, true, __ATOMIC_RELAXED);
	pthread_join(dev.thread, NULL);
	return dev.walks / 2;
}
