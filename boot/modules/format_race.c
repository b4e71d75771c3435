// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that map, unmap and translate in tables of one format, see race.h, without an IOMMU.
 *
 * Its part is taken by threads that walk the tables at any time, also where tables come and go.
 * As with an IOMMU, a flush of the walk caches waits for the walks that are under way. So a
 * table that is freed before that, or before nothing leads to it any more, may be found by a
 * walk; what it finds then is the pattern that is written to each table which is freed.
 *
 * Nor does it snoop: it sees a table in the place of a block when the entry was cleaned, not
 * before. And it has the block in its TLB until that is flushed.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/module.h>
#include "race.h"

#define FREED	0xa5		/* which both formats take for a leaf */

static char *format = "lpae";
module_param(format, charp, 0444);

#ifdef HAVE_MAP_PAGES

#include "no_snoop.h"
#include FLUSH_LEAF_H

static atomic_t walks[MOST_WORKERS];	/* odd: under way */
static atomic_t too_early, freed, lost;
static atomic_t tables_now;

/*
 * The block that is parted: where its entry is, whether the IOMMU sees a table there, and whether
 * it has forgotten the block.
 */
static struct {
	unsigned long entry;
	bool cleaned, flushed;
	atomic_t too_late;
} parting;

static unsigned long last_cleaned;	/* by the thread that maps the block */

static struct worker *this_worker(void)
{
	unsigned int i;

	for (i = 0; i < race.nr_workers; i++)
		if (race.workers[i].task == current)
			return &race.workers[i];
	return NULL;
}

static void table_made(void *table, size_t size)
{
	atomic_inc(&tables_now);
}

static void table_freed(void *table, size_t size)
{
	struct worker *worker = this_worker();

	atomic_dec(&tables_now);
	if (!worker)
		return;
	if (worker->unmapping && !worker->may_lose) {
		atomic_inc(&freed);
		if (++worker->freed * race.table > worker->flushed)
			atomic_inc(&too_early);
	} else {
		atomic_inc(&lost);
	}
	memset(table, FREED, size);
}

static void entries_cleaned(void *entry, size_t size)
{
	unsigned long start = (unsigned long)entry;
	struct worker *worker = this_worker();

	if (worker && worker->index == 0)
		last_cleaned = start;
	if (parting.entry - start < size && worker && worker->may_lose) {
		udelay(prandom_u32_state(&worker->rnd) % 32);
		/* After what was cleaned; pairs with parted() */
		smp_store_release(&parting.cleaned, true);
	}
}

static void whole(struct worker *worker)
{
	parting.entry = last_cleaned;
	/* The threads meet before they part it */
	WRITE_ONCE(parting.flushed, false);
	smp_store_release(&parting.cleaned, false);
}

static void parted(struct worker *worker)
{
	/* Pairs with entries_cleaned() and flush_block() */
	if (!smp_load_acquire(&parting.cleaned) || !smp_load_acquire(&parting.flushed))
		atomic_inc(&parting.too_late);
}

static void flush_all(void *cookie)
{
}

static void flush_block(unsigned long iova, size_t size, size_t granule, void *cookie)
{
	struct worker *worker = this_worker();

	if (worker)
		udelay(prandom_u32_state(&worker->rnd) % 32);
	/* Before the device can have it again it must not be there any more; pairs with parted() */
	if (iova == parted_iova() && size == race.table && granule == race.table &&
	    READ_ONCE(parting.cleaned))
		smp_store_release(&parting.flushed, true);
}

static void flush_walk(unsigned long iova, size_t size, size_t granule, void *cookie)
{
	struct worker *worker = this_worker();
	unsigned int i;
	int walk;

	/* Since tlb_flush_leaf() is gone */
	if (size == granule) {
		flush_block(iova, size, granule, cookie);
		return;
	}

	if (worker)
		worker->flushed += size;
	if (worker && worker->unmapping &&
	    (translate(&race.tables, iova) || translate(&race.tables, iova + size - race.page)))
		atomic_inc(&too_early);
	/* Who begins to walk after this sees what was cleared before it */
	smp_mb();
	for (i = 0; i < MOST_WORKERS; i++) {
		walk = atomic_read(&walks[i]);
		while (walk & 1 && atomic_read(&walks[i]) == walk)
			cpu_relax();
	}
	/* Those walks have read what they wanted before tables are freed */
	smp_mb();
}

static const struct iommu_flush_ops flush_ops = {
	.tlb_flush_all	= flush_all,
	.tlb_flush_walk	= flush_walk,
	FLUSH_LEAF(flush_block)
};

static void walk(struct worker *worker, unsigned long iova)
{
	phys_addr_t phys;

	preempt_disable();
	atomic_inc(&walks[worker->index]);
	/* Pairs with flush_walk(): it waits, or we see what it is for */
	smp_mb();
	phys = translate(&race.tables, iova);
	/* Pairs with flush_walk(): what we have read is still there */
	smp_mb();
	atomic_inc(&walks[worker->index]);
	preempt_enable();
	if (!may_be(iova, phys))
		complain("walk", iova, phys);
	worker->translations++;
}

static int walker(void *data)
{
	unsigned int tables = SHARED_TABLES + OWN_TABLES * race.mappers;
	struct worker *worker = data;
	unsigned int i;

	while (!kthread_should_stop()) {
		translate_stable(worker);
		for (i = 0; i < 16; i++)
			walk(worker, parted_iova() + below(worker, tables + 1) * race.table +
			     below(worker, pages_per_table()) * race.page);
		if (race.huge)
			walk(worker, 8UL * SZ_1G + below(worker, race.mappers) * (u64)SZ_1G +
			     below(worker, 512) * race.table);
		cond_resched();
	}
	return 0;
}

static int __init format_race_init(void)
{
	bool v7s = !strcmp(format, "v7s"), ok = false;
	struct io_pgtable_cfg cfg = {
		.pgsize_bitmap = v7s ? SZ_4K | SZ_64K | SZ_1M | SZ_16M : SZ_4K | SZ_2M | SZ_1G,
		.ias = v7s ? 32 : 40,
		.oas = v7s ? 32 : 40,
		.tlb = &flush_ops,
	};
	struct device *dev = tables_device();

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	cfg.iommu_dev = dev;
	race.page = SZ_4K;
	race.table = v7s ? SZ_1M : SZ_2M;
	race.splits = splits_blocks();
	race.large = v7s;
	race.huge = BITS_PER_LONG == 64 && !v7s;
	race.tables.ops = alloc_io_pgtable_ops(v7s ? ARM_V7S : ARM_64_LPAE_S1, &cfg, NULL);

	ktap_plan(race.splits ? 4 : 3);
	if (race.tables.ops) {
		ok = race_for(walker, NULL);
		free_io_pgtable_ops(race.tables.ops);
	}
	ktap_result("all is mapped as it should be", ok && !atomic_read(&race.wrong));
	ktap_result("tables are freed when nothing leads to them",
		    ok && atomic_read(&freed) && !atomic_read(&too_early));
	ktap_result("no table is left in the end", ok && !atomic_read(&tables_now));
	if (race.splits)
		ktap_result("a block that is parted is gone for the IOMMU in time",
			    ok && parting.entry && !atomic_read(&parting.too_late));
	tell(0);
	pr_info("%s: %d tables were freed, %d not needed as another thread was faster\n", format,
		atomic_read(&freed), atomic_read(&lost));
	root_device_unregister(dev);
	return 0;
}

#else

static int __init format_race_init(void)
{
	return -EOPNOTSUPP;
}

#endif

module_init(format_race_init);

static void __exit format_race_exit(void)
{
}
module_exit(format_race_exit);

MODULE_DESCRIPTION("Threads that map, unmap and translate beside each other in a page table format");
MODULE_LICENSE("GPL");
