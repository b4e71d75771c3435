/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A device that does not snoop, for page tables without an IOMMU.  Each table is mapped for DMA when
 * it is made and unmapped when it is freed, and entries are cleaned.  So the test hears of that.
 */
#include <linux/device.h>
#include <linux/dma-map-ops.h>

/* What the test hears of. */
static void table_made(void *table, size_t size);
static void table_freed(void *table, size_t size);
static void entries_cleaned(void *entry, size_t size);

#include DMA_OPS_H

static void tables_dma_unmap(struct device *dev, dma_addr_t addr, size_t size,
			     enum dma_data_direction dir, unsigned long attrs)
{
	table_freed(phys_to_virt(addr), size);
}

static void tables_dma_sync(struct device *dev, dma_addr_t addr, size_t size,
			    enum dma_data_direction dir)
{
	entries_cleaned(phys_to_virt(addr), size);
}

static const struct dma_map_ops tables_dma_ops = {
	TABLES_MAP,
	.sync_single_for_device	= tables_dma_sync,
};

/* The device whose page tables they are. */
static inline struct device *tables_device(void)
{
	struct device *dev = root_device_register(KBUILD_MODNAME);

	if (!IS_ERR(dev)) {
		dev->coherent_dma_mask = DMA_BIT_MASK(64);
		dev->dma_mask = &dev->coherent_dma_mask;
		set_dma_ops(dev, &tables_dma_ops);
	}
	return dev;
}
