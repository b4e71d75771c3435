/* SPDX-License-Identifier: GPL-2.0 */
/* As in 7.3: a device's DMA ops are told physical addresses. */
#define TABLES_MAP	.map_phys = tables_dma_map, .unmap_phys = tables_dma_unmap

static dma_addr_t tables_dma_map(struct device *dev, phys_addr_t phys, size_t size,
				 enum dma_data_direction dir, unsigned long attrs)
{
	table_made(phys_to_virt(phys), size);
	return phys;
}
