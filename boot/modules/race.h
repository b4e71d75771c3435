/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Threads that map and unmap ranges which lie beside each other in the same page tables, and
 * threads that translate, all at once.
 *
 * No two threads ever change the same page, nor does one translate what another may free a
 * table of: callers must not. But all else that tables have in common, they do: pages of
 * several threads are in one table, which all of them find missing at the same time; tables and
 * blocks of one thread come and go beside those of others, in tables of all levels; parts of
 * one block are unmapped by all at once.
 *
 * A thread looks at all of its pages after each step. Other threads translate pages that stay,
 * and pages that change: these are mapped to one of two addresses, or not at all.
 */
#include <linux/atomic.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/moduleparam.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include "ktap.h"
#include "tables.h"

#define START		((unsigned long)SZ_256M)		/* of all IOVAs */
#define MOST_WORKERS	16
#define SHARED_TABLES	32
#define SHARED_PAGES	8		/* of each thread in one */
#define OWN_TABLES	4		/* of each thread */
#define OWN_STEPS	16		/* in each round */
#define MOST_SEGMENTS	64
#define COMPLAINTS	10

static unsigned int seconds = 20;
module_param(seconds, uint, 0444);
static unsigned int seed;
module_param(seed, uint, 0444);

struct worker {
	struct task_struct *task;
	unsigned int index;
	struct rnd_state rnd;
	u64 maps, lists, unmaps, translations;
	struct scatterlist list[MOST_SEGMENTS];
	/* Of an unmap that is under way: */
	bool unmapping;
	bool may_lose;			/* a table to another thread that splits the same block */
	size_t flushed;
	unsigned int freed;
};

static struct race {
	struct tables tables;
	size_t page, table;		/* what a PTE of the last level maps, and its table */
	bool large;			/* are there pages of 16 entries? */
	bool huge;			/* 1G, made of tables? */
	bool splits;			/* can part of a block be unmapped? */
	bool lists;			/* can lists be mapped? */
	unsigned int mappers;
	struct worker workers[MOST_WORKERS];
	unsigned int nr_workers;

	unsigned long end;		/* in jiffies */
	bool go_on;
	atomic_t arrived;
	unsigned int phase;
	atomic_t wrong;
} race;

/*
 * In the order of their IOVAs: pages that stay and that change, a block that stays, one that is
 * parted, the shared tables, those of each thread.
 */
static unsigned long mixed_iova(void)
{
	return START;
}

static unsigned long block_iova(void)
{
	return START + race.table;
}

static unsigned long parted_iova(void)
{
	return START + 2 * race.table;
}

static unsigned long shared_iova(unsigned int i)
{
	return START + (3 + i) * race.table;
}

static unsigned long own_iova(const struct worker *worker, unsigned int i)
{
	return shared_iova(SHARED_TABLES) + (i * race.mappers + worker->index) * race.table;
}

static unsigned int pages_per_table(void)
{
	return race.table / race.page;
}

/* In the first table; the last of it are for a device. */
static unsigned int mixed_pages(void)
{
	return pages_per_table() - 8;
}

/* The physical address of pages is aligned to a page, no more, so that the core takes no block. */
static phys_addr_t page_phys(unsigned long iova, unsigned int which)
{
	return iova + SZ_1G * (phys_addr_t)(1 + which % 2) + race.page;
}

static phys_addr_t block_phys(unsigned long iova)
{
	return iova + SZ_1G;
}

static void complain(const char *what, unsigned long iova, phys_addr_t phys)
{
	if (atomic_inc_return(&race.wrong) <= COMPLAINTS)
		pr_err("%s: %#lx translates to %pa\n", what, iova, &phys);
}

static u32 below(struct worker *worker, u32 bound)
{
	return prandom_u32_state(&worker->rnd) % bound;
}

/* All threads that map meet here. */
static void meet(void)
{
	/* Pairs with the release by the last one */
	unsigned int phase = smp_load_acquire(&race.phase);

	if (atomic_inc_return(&race.arrived) == race.mappers) {
		atomic_set(&race.arrived, 0);
		/* What all have done until here is seen by all after it */
		smp_store_release(&race.phase, phase + 1);
	} else {
		/* Pairs with the release by the last one */
		while (smp_load_acquire(&race.phase) == phase)
			schedule();
	}
}

static void map(struct worker *worker, unsigned long iova, phys_addr_t phys, size_t pgsize,
		unsigned int count)
{
	size_t mapped;

	worker->maps++;
	if (map_pages(&race.tables, iova, phys, pgsize, count, &mapped) || mapped != pgsize * count)
		complain("not mapped", iova, phys);
}

/* Pages that lie one here, one there: each is a segment. */
static void map_scattered(struct worker *worker, unsigned long iova, unsigned int count)
{
	unsigned int i;
	size_t mapped;

	worker->lists++;
	sg_init_table(worker->list, count);
	for (i = 0; i < count; i++)
		set_segment(&worker->list[i], page_phys(iova + i * race.page, i), race.page);
	if (map_sg(&race.tables, iova, worker->list, count, &mapped) || mapped != count * race.page)
		complain("list not mapped", iova, page_phys(iova, 0));
}

static void unmap(struct worker *worker, unsigned long iova, size_t pgsize, unsigned int count)
{
	worker->unmaps++;
	worker->flushed = 0;
	worker->freed = 0;
	worker->unmapping = true;
	if (unmap_pages(&race.tables, iova, pgsize, count) != pgsize * count)
		complain("not unmapped", iova, 0);
	worker->unmapping = false;
}

/* Are these pages mapped from @phys on, or not at all if that is 0? Only their owner knows. */
static void look(struct worker *worker, const char *what, unsigned long iova, unsigned int count,
		 phys_addr_t phys)
{
	phys_addr_t is;

	for (; count--; iova += race.page) {
		is = translate(&race.tables, iova);
		if (is != phys)
			complain(what, iova, is);
		if (phys)
			phys += race.page;
	}
}

static void look_scattered(struct worker *worker, unsigned long iova, unsigned int from,
			   unsigned int to)
{
	for (; from < to; from++)
		look(worker, "page of a list", iova + from * race.page, 1,
		     page_phys(iova + from * race.page, from));
}

/* Every second thread maps its part of a shared table as a list. */
static bool by_lists(const struct worker *worker)
{
	return race.lists && worker->index % 2;
}

/* Pages of all threads in the same tables, which are missing in the beginning. */
static void shared_tables(struct worker *worker)
{
	unsigned long iova;
	unsigned int i, count = SHARED_PAGES;

	for (i = 0; i < SHARED_TABLES; i++) {
		iova = shared_iova(i) + worker->index * count * race.page;
		if (by_lists(worker))
			map_scattered(worker, iova, count);
		else
			map(worker, iova, page_phys(iova, i), race.page, count);
	}
	for (i = 0; i < SHARED_TABLES; i++) {
		iova = shared_iova(i) + worker->index * count * race.page;
		if (by_lists(worker))
			look_scattered(worker, iova, 0, count);
		else
			look(worker, "shared table", iova, count, page_phys(iova, i));
		unmap(worker, iova, race.page, count);
		look(worker, "shared table, unmapped", iova, count, 0);
	}
	meet();
	/* The others go on */
	if (worker->index == 0)
		for (i = 0; i < SHARED_TABLES; i++)
			unmap(worker, shared_iova(i), race.table, 1);
}

/* For those who want to know: one thread has mapped the block, this one has unmapped its part. */
static void whole(struct worker *worker);
static void parted(struct worker *worker);

/* One block of which all threads unmap a part. */
static void parted_block(struct worker *worker)
{
	unsigned int count = pages_per_table() / race.mappers;
	unsigned long iova = parted_iova();

	if (worker->index == 0) {
		map(worker, iova, block_phys(iova), race.table, 1);
		whole(worker);
	}
	meet();
	iova += worker->index * count * race.page;
	worker->may_lose = true;
	unmap(worker, iova, race.page, count);
	worker->may_lose = false;
	parted(worker);
	look(worker, "part of a block, unmapped", iova, count, 0);
	meet();
	if (worker->index == 0)
		unmap(worker, parted_iova(), race.table, 1);
}

/* A table of its own for each of them: all of it, then it goes. */
static void whole_table(struct worker *worker, unsigned long iova)
{
	unsigned int which = below(worker, 2), first = 1 + below(worker, pages_per_table() - 1);

	map(worker, iova, page_phys(iova, which), race.page, first);
	map(worker, iova + first * race.page, page_phys(iova, which) + first * race.page, race.page,
	    pages_per_table() - first);
	look(worker, "table", iova, pages_per_table(), page_phys(iova, which));
	unmap(worker, iova, race.table, 1);
	look(worker, "table, unmapped", iova, pages_per_table(), 0);
}

static void some_pages(struct worker *worker, unsigned long table)
{
	unsigned int start = below(worker, pages_per_table() - 1);
	unsigned int count = 1 + below(worker, pages_per_table() - start - 1);
	unsigned int which = below(worker, 2), first = 1 + below(worker, count);
	unsigned long iova = table + start * race.page;

	map(worker, iova, page_phys(iova, which), race.page, count);
	look(worker, "pages", iova, count, page_phys(iova, which));
	unmap(worker, iova, race.page, first);
	look(worker, "pages, unmapped", iova, first, 0);
	look(worker, "pages, left", iova + first * race.page, count - first,
	     page_phys(iova + first * race.page, which));
	if (count > first)
		unmap(worker, iova + first * race.page, race.page, count - first);
	look(worker, "no pages", table, pages_per_table(), 0);
	/* The empty table may stay for what comes next */
	if (below(worker, 2))
		unmap(worker, table, race.table, 1);
}

static void some_list(struct worker *worker, unsigned long table)
{
	unsigned int count = 2 + below(worker, MOST_SEGMENTS - 1), first = below(worker, count);
	unsigned long iova = table + below(worker, pages_per_table() - count) * race.page;

	map_scattered(worker, iova, count);
	look_scattered(worker, iova, 0, count);
	if (first)
		unmap(worker, iova, race.page, first);
	look(worker, "page of a list, unmapped", iova, first, 0);
	look_scattered(worker, iova, first, count);
	unmap(worker, iova + first * race.page, race.page, count - first);
	look(worker, "no list", table, pages_per_table(), 0);
	if (below(worker, 2))
		unmap(worker, table, race.table, 1);
}

static void split_block(struct worker *worker, unsigned long iova)
{
	unsigned int start = below(worker, pages_per_table() - 1);
	unsigned int count = 1 + below(worker, pages_per_table() - start - 1);
	unsigned long part = iova + start * race.page, after = part + count * race.page;

	map(worker, iova, block_phys(iova), race.table, 1);
	look(worker, "block", iova, pages_per_table(), block_phys(iova));
	unmap(worker, part, race.page, count);
	look(worker, "block, before", iova, start, block_phys(iova));
	look(worker, "block, unmapped", part, count, 0);
	look(worker, "block, after", after, pages_per_table() - start - count, block_phys(after));
	unmap(worker, iova, race.table, 1);
	look(worker, "no block", iova, pages_per_table(), 0);
}

/* v7s: a page of 16 entries, and one of them. */
static void split_large(struct worker *worker, unsigned long table)
{
	unsigned long iova = table + below(worker, 16) * SZ_64K;
	unsigned long part = iova + below(worker, 16) * SZ_4K;

	map(worker, iova, block_phys(iova), SZ_64K, 1);
	look(worker, "large page", iova, 16, block_phys(iova));
	unmap(worker, part, SZ_4K, 1);
	look(worker, "large page, before", iova, (part - iova) / SZ_4K, block_phys(iova));
	look(worker, "large page, after", part + SZ_4K, 15 - (part - iova) / SZ_4K,
	     block_phys(part + SZ_4K));
	unmap(worker, table, race.table, 1);
	look(worker, "no large page", table, pages_per_table(), 0);
}

/* A table of tables for each of them. */
static void huge_table(struct worker *worker)
{
	unsigned long iova = (8 + worker->index) * (u64)SZ_1G;
	unsigned long block = iova + below(worker, 511) * race.table, pages = block + race.table;

	map(worker, block, block_phys(block), race.table, 1);
	map(worker, pages, page_phys(pages, 0), race.page, 9);
	look(worker, "block in a table", block, pages_per_table(), block_phys(block));
	look(worker, "pages in a table", pages, 9, page_phys(pages, 0));
	unmap(worker, iova, SZ_1G, 1);
	look(worker, "no block in a table", block, pages_per_table() + 9, 0);
}

/* Pages between those that stay: every second one. */
static unsigned long changing_iova(struct worker *worker)
{
	unsigned int i = below(worker, mixed_pages() / 2 / race.mappers);

	return mixed_iova() + (2 * (i * race.mappers + worker->index) + 1) * race.page;
}

static void change_pages(struct worker *worker)
{
	unsigned long iova = changing_iova(worker);
	unsigned int i;

	for (i = 0; i < 8; i++) {
		map(worker, iova, page_phys(iova, i), race.page, 1);
		look(worker, "page that changes", iova, 1, page_phys(iova, i));
		unmap(worker, iova, race.page, 1);
		look(worker, "page that changes, unmapped", iova, 1, 0);
	}
}

static void own_step(struct worker *worker)
{
	unsigned long iova = own_iova(worker, below(worker, OWN_TABLES));

	switch (below(worker, 7)) {
	case 0:
		return whole_table(worker, iova);
	case 1:
		if (race.splits)
			return split_block(worker, iova);
		break;
	case 2:
		return change_pages(worker);
	case 3:
		if (race.huge)
			return huge_table(worker);
		if (race.large && race.splits)
			return split_large(worker, iova);
		break;
	case 4:
		if (race.lists)
			return some_list(worker, iova);
	}
	some_pages(worker, iova);
}

static int mapper(void *data)
{
	struct worker *worker = data;
	unsigned int i;

	for (;;) {
		if (worker->index == 0)
			WRITE_ONCE(race.go_on, time_before(jiffies, race.end));
		meet();
		if (!READ_ONCE(race.go_on))
			break;
		shared_tables(worker);
		meet();
		if (race.splits)
			parted_block(worker);
		for (i = 0; i < OWN_STEPS; i++) {
			own_step(worker);
			cond_resched();
		}
	}
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

/* What a page may translate to that another thread maps and unmaps. */
static bool may_be(unsigned long iova, phys_addr_t phys)
{
	return !phys || phys == page_phys(iova, 0) || phys == page_phys(iova, 1) ||
	       phys == block_phys(iova);
}

static void translate_stable(struct worker *worker)
{
	unsigned long iova = mixed_iova() + below(worker, mixed_pages() / 2) * 2 * race.page;
	phys_addr_t phys = translate(&race.tables, iova);

	if (phys != page_phys(iova, 0))
		complain("page that stays", iova, phys);
	iova = block_iova() + below(worker, pages_per_table()) * race.page;
	phys = translate(&race.tables, iova);
	if (phys != block_phys(iova))
		complain("block that stays", iova, phys);
	iova = mixed_iova() + (below(worker, mixed_pages() / 2) * 2 + 1) * race.page;
	phys = translate(&race.tables, iova);
	if (!may_be(iova, phys))
		complain("page that changes", iova, phys);
	worker->translations += 3;
}

static bool map_stable(void)
{
	struct worker *worker = &race.workers[0];
	unsigned int i;
	unsigned long iova;

	for (i = 0; i < mixed_pages(); i += 2) {
		iova = mixed_iova() + i * race.page;
		map(worker, iova, page_phys(iova, 0), race.page, 1);
	}
	map(worker, block_iova(), block_phys(block_iova()), race.table, 1);
	return !atomic_read(&race.wrong);
}

/* All is there still that should be, and nothing else. */
static void look_at_all(void)
{
	struct worker *worker = &race.workers[0];
	unsigned long end = shared_iova(SHARED_TABLES + OWN_TABLES * race.mappers);
	unsigned long iova = mixed_iova();

	for (; iova < mixed_iova() + mixed_pages() * race.page; iova += 2 * race.page) {
		look(worker, "page that stayed", iova, 1, page_phys(iova, 0));
		look(worker, "page that changed", iova + race.page, 1, 0);
	}
	iova = block_iova();
	look(worker, "block that stayed", iova, pages_per_table(), block_phys(iova));
	iova += race.table;
	look(worker, "in the end", iova, (end - iova) / race.page, 0);
}

static bool add_worker(int (*run)(void *), unsigned int cpu)
{
	struct worker *worker = &race.workers[race.nr_workers];

	worker->index = race.nr_workers;
	prandom_seed_state(&worker->rnd, seed + worker->index);
	worker->task = kthread_create(run, worker, KBUILD_MODNAME "/%u", worker->index);
	if (IS_ERR(worker->task))
		return false;
	kthread_bind(worker->task, cpu);
	race.nr_workers++;
	return true;
}

/* Two threads that map, and a translator, on each CPU; and one for a device, or NULL. */
static bool race_for(int (*translator)(void *), int (*device)(void *))
{
	unsigned int cpu, i;
	bool ok = true;

	if (!seed)
		seed = get_random_u32();
	pr_info("seed=%u\n", seed);
	race.mappers = 2 * min(num_online_cpus(), 4U);
	race.end = jiffies + seconds * HZ;
	race.lists = can_map_sg(&race.tables);

	for (i = 0; i < race.mappers && ok; i++)
		ok = add_worker(mapper, i % num_online_cpus());
	for (cpu = 0; cpu < race.mappers / 2 && ok; cpu++)
		ok = add_worker(translator, cpu);
	if (device)
		ok = ok && add_worker(device, 0);
	ok = ok && map_stable();

	for (i = 0; i < race.nr_workers && ok; i++)
		wake_up_process(race.workers[i].task);
	/* Who maps stops at the same time as the others */
	while (ok && time_before(jiffies, race.end))
		schedule_timeout_interruptible(HZ / 10);
	for (i = 0; i < race.nr_workers; i++)
		ok = !kthread_stop(race.workers[race.nr_workers - 1 - i].task) && ok;
	if (ok)
		look_at_all();
	return ok;
}

static void tell(unsigned int dmas)
{
	u64 maps = 0, lists = 0, unmaps = 0, translations = 0;
	unsigned int i;

	for (i = 0; i < race.nr_workers; i++) {
		maps += race.workers[i].maps;
		lists += race.workers[i].lists;
		unmaps += race.workers[i].unmaps;
		translations += race.workers[i].translations;
	}
	pr_info("%u s, %llu maps, %llu lists, %llu unmaps, %llu translations, %u DMAs\n", seconds,
		maps, lists, unmaps, translations, dmas);
}
