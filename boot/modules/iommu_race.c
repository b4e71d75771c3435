// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that map, unmap and translate in one domain, see race.h, while the domain's device
 * does DMA.
 *
 * The device is QEMU's edu, any other has the domain and does nothing. Its DMA goes to pages of
 * a table in which the threads map and unmap others. To one that stays it must get through each
 * time, to one that comes and goes as well, but not any more once that is unmapped: "fault:
 * ..." in the log is what boot/events.py looks for.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "device.h"
#include "edu.h"
#include "race.h"
#include ONE_H

static struct {
	struct edu edu;
	u32 *stays, *goes;
	unsigned int dmas;
	unsigned int wrong;
} dma;

static unsigned long dma_iova(unsigned int i)
{
	return mixed_iova() + (mixed_pages() + i) * race.page;
}

static void whole(struct worker *worker)
{
}

static void parted(struct worker *worker)
{
}

static int translator(void *data)
{
	while (!kthread_should_stop()) {
		translate_stable(data);
		cond_resched();
	}
	return 0;
}

/* Does the device get through, if it should? */
static void write_word(unsigned long iova, u32 *mem, bool through)
{
	u32 word = edu_fresh(), before = READ_ONCE(*mem);

	dma.dmas++;
	if (edu_write(&dma.edu, iova, word) || READ_ONCE(*mem) != (through ? word : before)) {
		dma.wrong++;
		pr_err("DMA to %#lx should %sget through\n", iova, through ? "" : "not ");
	}
	if (!through)
		pr_info("fault: write at %#lx, not mapped\n", iova);
}

static int device_dma(void *data)
{
	struct worker *worker = data;

	while (!kthread_should_stop()) {
		write_word(dma_iova(1), dma.stays, true);
		map(worker, dma_iova(2), virt_to_phys(dma.goes), race.page, 1);
		write_word(dma_iova(2), dma.goes, true);
		unmap(worker, dma_iova(2), race.page, 1);
		write_word(dma_iova(2), dma.goes, false);
	}
	return 0;
}

static u32 *map_memory(struct device *dev, unsigned int i)
{
	u32 *mem = (u32 *)devm_get_free_pages(dev, GFP_KERNEL | __GFP_ZERO, 0);
	size_t mapped;

	if (!mem || map_pages(&race.tables, dma_iova(i), virt_to_phys(mem), race.page, 1, &mapped))
		return NULL;
	return mem;
}

/* 1 with a device that does DMA, 0 without, or an error. */
static int prepare_dma(struct device *dev)
{
	int ret;

	ret = edu_init(&dma.edu, dev);
	if (ret)
		return ret == -ENODEV ? 0 : ret;
	dma.edu.scratch = map_memory(dev, 0);
	dma.edu.scratch_iova = dma_iova(0);
	dma.stays = map_memory(dev, 1);
	dma.goes = (u32 *)devm_get_free_pages(dev, GFP_KERNEL | __GFP_ZERO, 0);
	return dma.edu.scratch && dma.stays && dma.goes ? 1 : -ENOMEM;
}

static int iommu_race(struct device *dev)
{
	struct iommu_domain *domain = attach_domain(dev);
	bool ok;
	int ret;

	if (IS_ERR(domain))
		return PTR_ERR(domain);
	memset(&race, 0, sizeof(race));
	race.tables.domain = domain;
	race.page = SZ_4K;
	race.table = domain->pgsize_bitmap & SZ_1M ? SZ_1M : SZ_2M;
	race.large = domain->pgsize_bitmap & SZ_64K;
	race.splits = splits_blocks();
	race.huge = BITS_PER_LONG == 64 && domain->pgsize_bitmap & SZ_1G;

	ret = prepare_dma(dev);
	if (ret < 0) {
		detach_domain(domain, dev);
		return ret;
	}
	ktap_plan(ret ? 2 : 1);
	ok = race_for(translator, ret ? device_dma : NULL);
	ktap_result("all is mapped as it should be", ok && !atomic_read(&race.wrong));
	if (ret)
		ktap_result("DMA", dma.dmas && !dma.wrong);
	tell(dma.dmas);
	detach_domain(domain, dev);
	return ktap_passed() ? 0 : -EFAULT;
}

module_device_test(iommu_race);

MODULE_DESCRIPTION("Threads that map, unmap and translate beside each other, and a device's DMA");
