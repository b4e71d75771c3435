// SPDX-License-Identifier: GPL-2.0
/*
 * For how many instructions at a stretch iommu_map(), iommu_map_sg() and iommu_unmap() keep
 * interrupts off, and preemption; a spinlock that is held keeps preemption off.
 *
 * A section begins and ends at the tracepoints that the kernel's tracers "irqsoff" and "preemptoff"
 * are made of.  These would tell the longest one of all, in microseconds; here it is the longest of
 * each place where one begins, so that the page allocator's can be told from the IOMMU driver's.
 *
 * As iommu_cost.c with "instructions", this is for a virtual machine whose clock counts them, and
 * for one CPU.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/scatterlist.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/tracepoint.h>
#include COUNTER_H
#include "device.h"
#include ONE_H

#define MOST_PLACES	64
#define MOST_OTHERS	8

enum kind { IRQS, PREEMPTION };

/* Of the call that is watched just now, and of each kind. */
static struct {
	bool inside;
	unsigned long place;		/* of the section that we are in */
	u64 start;
	unsigned int others;		/* sections of the other kind that began or ended in it */
	unsigned int nr;
	struct {
		unsigned long at;
		u64 longest;
	} places[MOST_PLACES];
} sections[2];
static bool watching, calibrating;

/*
 * What tracing itself takes of a section, by how many of the other kind begin or end in it.  In a
 * lock that turns interrupts off too, preemption goes off while they are off, and they go on while
 * it is off.
 */
static u64 tracing[2][MOST_OTHERS + 1];

/* Where the function returns to that returns to @ip */
static unsigned long next_return(unsigned long ip)
{
	unsigned long *frame = __builtin_frame_address(0);

	while (frame && frame[1] != ip)
		frame = (unsigned long *)frame[0];
	frame = frame ? (unsigned long *)frame[0] : NULL;
	return frame ? frame[1] : ip;
}

/*
 * A lock's function does not say whose it is, but who called it does.  gcc can split off a part of
 * trace_hardirqs_off(), which then is its own caller, as in 7.3.
 */
static unsigned long place_of(unsigned long ip, unsigned long parent_ip)
{
	if (ip - (unsigned long)trace_hardirqs_off < SZ_256)
		return in_lock_functions(parent_ip) ? next_return(parent_ip) : parent_ip;
	return in_lock_functions(ip) ? parent_ip : ip;
}

static void begin_section(enum kind kind, unsigned long ip, unsigned long parent_ip)
{
	if (!watching)
		return;
	sections[!kind].others++;
	sections[kind].inside = true;
	sections[kind].place = place_of(ip, parent_ip);
	sections[kind].others = 0;
	sections[kind].start = counter();
}

static __always_inline void end_section(enum kind kind)
{
	u64 length = counter() - sections[kind].start;
	unsigned int i, others;

	if (!watching)
		return;
	sections[!kind].others++;
	if (!sections[kind].inside)
		return;
	sections[kind].inside = false;
	others = min_t(unsigned int, sections[kind].others, MOST_OTHERS);
	if (calibrating)
		tracing[kind][others] = length;
	length -= min(length, tracing[kind][others]);
	for (i = 0; i < sections[kind].nr; i++)
		if (sections[kind].places[i].at == sections[kind].place)
			break;
	if (i == MOST_PLACES)
		return;
	if (i == sections[kind].nr) {
		sections[kind].nr++;
		sections[kind].places[i].at = sections[kind].place;
		sections[kind].places[i].longest = 0;
	}
	sections[kind].places[i].longest = max(sections[kind].places[i].longest, length);
}

static notrace void irqs_off(void *data, unsigned long ip, unsigned long parent_ip)
{
	begin_section(IRQS, ip, parent_ip);
}

static notrace void irqs_on(void *data, unsigned long ip, unsigned long parent_ip)
{
	end_section(IRQS);
}

static notrace void preemption_off(void *data, unsigned long ip, unsigned long parent_ip)
{
	begin_section(PREEMPTION, ip, parent_ip);
}

static notrace void preemption_on(void *data, unsigned long ip, unsigned long parent_ip)
{
	end_section(PREEMPTION);
}

static struct {
	const char *what;
	const char *begin_name, *end_name;	/* of tracepoints */
	void *begin, *end;			/* what is called there */
	struct tracepoint *begin_tp, *end_tp;
} kinds[] = {
	[IRQS] = { "interrupts", "irq_disable", "irq_enable", irqs_off, irqs_on },
	[PREEMPTION] = { "preemption", "preempt_disable", "preempt_enable",
			 preemption_off, preemption_on },
};

/* An interrupt would make a section of its own, and make longer those that it comes in. */
static u32 hold_timer(void)
{
	u32 control = arch_timer_reg_read_cp15(ARCH_TIMER_VIRT_ACCESS, ARCH_TIMER_REG_CTRL);

	arch_timer_reg_write_cp15(ARCH_TIMER_VIRT_ACCESS, ARCH_TIMER_REG_CTRL,
				  control | ARCH_TIMER_CTRL_IT_MASK);
	isb();
	return control;
}

static void release_timer(u32 control)
{
	arch_timer_reg_write_cp15(ARCH_TIMER_VIRT_ACCESS, ARCH_TIMER_REG_CTRL, control);
	isb();
}

static struct {
	u32 timer;
	unsigned long switches;
} watch;

static void start_watching(void)
{
	int kind;

	cond_resched();
	watch.timer = hold_timer();
	watch.switches = current->nvcsw + current->nivcsw;
	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		sections[kind].inside = false;
		sections[kind].nr = 0;
	}
	WRITE_ONCE(watching, true);
	barrier();
}

/* No other task may have run meanwhile: its sections would count. */
static int stop_watching(void)
{
	unsigned long switches;
	int kind;

	barrier();
	WRITE_ONCE(watching, false);
	switches = current->nvcsw + current->nivcsw;
	release_timer(watch.timer);
	if (switches != watch.switches)
		return -EBUSY;
	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++)
		if (sections[kind].nr == MOST_PLACES)
			return -E2BIG;
	return 0;
}

/* Sections without anything in them, of all the ways in which the kernel has them. */
static int calibrate(void)
{
	/* Raw: others turn nothing off with PREEMPT_RT */
	static DEFINE_RAW_SPINLOCK(lock);
	unsigned long flags;
	int kind, i, ret;

	calibrating = true;
	start_watching();
	local_irq_save(flags);
	local_irq_restore(flags);
	local_irq_save(flags);
	raw_spin_lock(&lock);
	raw_spin_unlock(&lock);
	local_irq_restore(flags);
	raw_spin_lock(&lock);
	raw_spin_unlock(&lock);
	raw_spin_lock_irqsave(&lock, flags);
	raw_spin_unlock_irqrestore(&lock, flags);
	ret = stop_watching();
	calibrating = false;

	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		if (!tracing[kind][0])
			return -ENOENT;
		for (i = 1; i <= MOST_OTHERS; i++)
			tracing[kind][i] = tracing[kind][i] ?: tracing[kind][i - 1];
	}
	return ret;
}

static void tell(const char *call, const char *size, const char *layout)
{
	int kind, i;

	pr_info("%s %s-%s\n", call, size, layout);
	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++)
		for (i = 0; i < sections[kind].nr; i++)
			if (sections[kind].places[i].longest)
				pr_info("%s off: %llu %ps\n", kinds[kind].what,
					sections[kind].places[i].longest,
					(void *)sections[kind].places[i].at - 1);
}

/*
 * PAGES end in the middle of a table.  TABLES are whole ones, which go without a look at their
 * pages.  SCATTERED pages are a list.  BLOCKS are as large as they can be, and are where no table
 * has been.  SPLIT is a range in the midst of them.
 */
static const struct {
	const char *name;
	enum layout { PAGES, TABLES, SCATTERED, BLOCKS, SPLIT } layout;
	size_t size;
} calls[] = {
	{ "4K", PAGES, SZ_4K },
	{ "2M", PAGES, SZ_2M }, { "64M", PAGES, SZ_64M }, { "1G", PAGES, SZ_1G },
	{ "2M", TABLES, SZ_2M }, { "64M", TABLES, SZ_64M }, { "1G", TABLES, SZ_1G },
	{ "2M", SCATTERED, SZ_2M }, { "64M", SCATTERED, SZ_64M },
	{ "1G", BLOCKS, SZ_1G }, { "64M", BLOCKS, SZ_64M }, { "2M", BLOCKS, SZ_2M },
	{ "2M", SPLIT, SZ_2M },
};

static const char * const layouts[] = { "pages", "tables", "scattered", "blocks", "split" };

/* The same page again and again: none follows on another. */
static int make_list(struct sg_table *table, unsigned int pages)
{
	struct scatterlist *sg;
	int i, ret;

	ret = sg_alloc_table(table, pages, GFP_KERNEL);
	if (ret)
		return ret;
	for_each_sg(table->sgl, sg, pages, i)
		sg_set_page(sg, ZERO_PAGE(0), SZ_4K, 0);
	return 0;
}

static int watch_map(struct iommu_domain *domain, enum layout layout, unsigned long iova,
		     size_t size)
{
	phys_addr_t paddr = PADDR - (layout >= BLOCKS ? SZ_4K : 0);
	struct sg_table table = {};
	int ret = 0, stopped;

	if (layout == SCATTERED)
		ret = make_list(&table, size / SZ_4K);
	if (ret)
		return ret;
	start_watching();
	if (layout == SCATTERED)
		ret = map_list_atomic(domain, iova, table.sgl, table.orig_nents) == size ? 0 :
		      -ENOMEM;
	else
		ret = map_atomic(domain, iova, paddr, size, IOMMU_READ | IOMMU_WRITE);
	stopped = stop_watching();
	sg_free_table(&table);
	return ret ?: stopped;
}

static int watch_unmap(struct iommu_domain *domain, unsigned long iova, size_t size)
{
	size_t unmapped;
	int ret;

	start_watching();
	unmapped = iommu_unmap(domain, iova, size);
	ret = stop_watching();
	if (unmapped != size || iommu_iova_to_phys(domain, iova) ||
	    iommu_iova_to_phys(domain, iova + size - SZ_4K))
		return -EFAULT;
	return ret;
}

static int watch_calls(struct iommu_domain *domain, int nr)
{
	enum layout layout = calls[nr].layout;
	unsigned long iova = layout == PAGES ? IOVA + SZ_64K : layout < BLOCKS ? IOVA : 3 * IOVA;
	size_t size = calls[nr].size, edge = layout == SPLIT ? SZ_4K : 0;
	int ret;

	ret = watch_map(domain, layout, iova, size);
	if (ret)
		return ret;
	if (layout != SPLIT)
		tell("map", calls[nr].name, layouts[layout]);
	if (!iommu_iova_to_phys(domain, iova) || !iommu_iova_to_phys(domain, iova + size - SZ_4K))
		return -EFAULT;

	ret = watch_unmap(domain, iova + edge, size - 2 * edge);
	if (ret)
		return ret;
	tell("unmap", calls[nr].name, layouts[layout]);
	if (edge && (iommu_unmap(domain, iova, edge) != edge ||
		     iommu_unmap(domain, iova + size - edge, edge) != edge))
		return -EFAULT;
	return 0;
}

static int watch_all(struct device *dev)
{
	struct iommu_domain *domain = attach_domain(dev);
	int i, ret;

	if (IS_ERR(domain))
		return PTR_ERR(domain);
	ret = calibrate();
	if (ret)
		pr_err("FAIL: what tracing takes: error %d\n", ret);
	for (i = 0; i < ARRAY_SIZE(calls) && !ret; i++) {
		/* qcom_iommu has no blocks, and unmaps no table */
		if (domain->pgsize_bitmap == SZ_4K && calls[i].layout != PAGES &&
		    calls[i].layout != SCATTERED)
			continue;
		if (calls[i].layout == SPLIT && !splits_blocks())
			continue;
		ret = watch_calls(domain, i);
		if (ret)
			pr_err("FAIL: %s-%s: error %d\n", calls[i].name, layouts[calls[i].layout],
			       ret);
	}
	detach_domain(domain, dev);
	if (!ret)
		pr_info("done\n");
	return ret;
}

static void find(struct tracepoint *tp, void *unused)
{
	int kind;

	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		if (!strcmp(tp->name, kinds[kind].begin_name))
			kinds[kind].begin_tp = tp;
		if (!strcmp(tp->name, kinds[kind].end_name))
			kinds[kind].end_tp = tp;
	}
}

static void leave_tracepoints(void)
{
	int kind;

	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		tracepoint_probe_unregister(kinds[kind].begin_tp, kinds[kind].begin, NULL);
		tracepoint_probe_unregister(kinds[kind].end_tp, kinds[kind].end, NULL);
	}
	tracepoint_synchronize_unregister();
}

static int iommu_latency(struct device *dev)
{
	int kind, ret = 0;

	for_each_kernel_tracepoint(find, NULL);
	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++)
		if (!kinds[kind].begin_tp || !kinds[kind].end_tp)
			return -ENODEV;
	for (kind = 0; kind < ARRAY_SIZE(kinds) && !ret; kind++)
		ret = tracepoint_probe_register(kinds[kind].begin_tp, kinds[kind].begin, NULL) ?:
		      tracepoint_probe_register(kinds[kind].end_tp, kinds[kind].end, NULL);
	if (!ret)
		ret = watch_all(dev);
	/* Those that are not there go unnoticed */
	leave_tracepoints();
	return ret;
}

module_device_test(iommu_latency);

MODULE_DESCRIPTION("How long iommu_map() and iommu_unmap() keep interrupts and preemption off");
