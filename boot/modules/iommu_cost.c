// SPDX-License-Identifier: GPL-2.0
/*
 * What iommu_map() and iommu_unmap() cost in instructions, through a PCI device's IOMMU driver.
 *
 * For a virtual machine whose clock counts instructions: with QEMU's -icount shift=4 one tick of
 * the architected counter is one instruction, and every boot gives the same numbers.  On a real
 * machine the numbers mean nothing.
 *
 * Each size is mapped by one call and unmapped by one call, with interrupts off.  The smallest of
 * ROUNDS is reported: the first ones allocate what the later ones find in place, and now and then
 * one also pays for the page allocator's moving pages between its lists.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/dma-mapping.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <asm/arch_timer.h>

#define ROUNDS	8

/*
 * The IOVA is aligned to every size, as the DMA API's are, so that 2 MiB and more are whole tables,
 * which go without a look at their pages.  "across" starts in the middle of a table instead.  The
 * physical address is aligned to 4 KiB and no further, so that all is mapped with 4 KiB pages.
 * Nothing accesses it.
 */
#define IOVA	((unsigned long)SZ_1G)
#define PADDR	((phys_addr_t)SZ_2G + SZ_4K)

static const struct mapping {
	const char *name;
	unsigned long iova;
	size_t size;
} mappings[] = {
	{ "4K", IOVA, SZ_4K },
	{ "64K", IOVA, SZ_64K },
	{ "1M", IOVA, SZ_1M },
	{ "2M", IOVA, SZ_2M },
	{ "2M-across", IOVA + SZ_1M, SZ_2M },
	{ "16M", IOVA, SZ_16M },
	{ "16M-across", IOVA + SZ_1M, SZ_16M },
};

struct cost {
	u64 map;
	u64 unmap;
};

/* How many ticks lie between two reads of the counter with nothing between them. */
static u64 cost_of_reading(void)
{
	u64 start = __arch_counter_get_cntvct();

	return __arch_counter_get_cntvct() - start;
}

/* Does every page of the range translate to where it was mapped, or (!mapped) none at all? */
static bool translates(struct iommu_domain *domain, const struct mapping *mapping, bool mapped)
{
	phys_addr_t phys;
	size_t offset;

	for (offset = 0; offset < mapping->size; offset += SZ_4K) {
		phys = iommu_iova_to_phys(domain, mapping->iova + offset);
		if (phys != (mapped ? PADDR + offset : 0))
			return false;
	}
	return true;
}

static int measure(struct iommu_domain *domain, const struct mapping *mapping, struct cost *cost)
{
	u64 start, end, reading;
	unsigned long flags;
	size_t unmapped;
	int ret;

	local_irq_save(flags);
	reading = cost_of_reading();
	start = __arch_counter_get_cntvct();
	ret = iommu_map_atomic(domain, mapping->iova, PADDR, mapping->size,
			       IOMMU_READ | IOMMU_WRITE);
	end = __arch_counter_get_cntvct();
	local_irq_restore(flags);
	cost->map = end - start - reading;
	if (ret)
		return ret;
	if (!translates(domain, mapping, true))
		return -EFAULT;

	local_irq_save(flags);
	start = __arch_counter_get_cntvct();
	unmapped = iommu_unmap(domain, mapping->iova, mapping->size);
	end = __arch_counter_get_cntvct();
	local_irq_restore(flags);
	cost->unmap = end - start - reading;
	if (unmapped != mapping->size || !translates(domain, mapping, false))
		return -EFAULT;
	return 0;
}

static int measure_all(struct iommu_domain *domain)
{
	struct cost cost, least;
	int i, round, ret;

	for (i = 0; i < ARRAY_SIZE(mappings); i++) {
		least.map = U64_MAX;
		least.unmap = U64_MAX;
		for (round = 0; round < ROUNDS; round++) {
			ret = measure(domain, &mappings[i], &cost);
			if (ret) {
				pr_err("FAIL: %s: error %d\n", mappings[i].name, ret);
				return ret;
			}
			least.map = min(least.map, cost.map);
			least.unmap = min(least.unmap, cost.unmap);
		}
		pr_info("%s: map %llu unmap %llu instructions\n",
			mappings[i].name, least.map, least.unmap);
	}
	return 0;
}

static int iommu_cost_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct iommu_domain *domain;
	int ret;

	if (!device_iommu_mapped(&pdev->dev))
		return -ENODEV;
	domain = iommu_domain_alloc(&pci_bus_type);
	if (!domain)
		return -ENOMEM;
	ret = iommu_attach_device(domain, &pdev->dev);
	if (ret)
		goto free_domain;
	pci_info(pdev, "behind %s, page sizes %#lx\n",
		 dev_name(pdev->dev.iommu->iommu_dev->dev), domain->pgsize_bitmap);
	ret = measure_all(domain);
	iommu_detach_device(domain, &pdev->dev);
free_domain:
	iommu_domain_free(domain);
	return ret;
}

/* QEMU's "edu" device.  It takes a driver to get a device behind its IOMMU. */
static const struct pci_device_id iommu_cost_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{}
};
MODULE_DEVICE_TABLE(pci, iommu_cost_ids);

static struct pci_driver iommu_cost_driver = {
	.name = KBUILD_MODNAME,
	.id_table = iommu_cost_ids,
	.probe = iommu_cost_probe,
};
module_pci_driver(iommu_cost_driver);

MODULE_DESCRIPTION("Instructions per iommu_map() and iommu_unmap()");
MODULE_LICENSE("GPL");
