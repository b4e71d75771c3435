/* SPDX-License-Identifier: GPL-2.0 */
/* As in 5.10: a device's DMA ops are told pages. */
#define TABLES_MAP	.map_page = tables_dma_map, .unmap_page = tables_dma_unmap

static dma_addr_t tables_dma_map(struct device *dev, struct page *page, unsigned long offset,
				 size_t size, enum dma_data_direction dir, unsigned long attrs)
{
	table_made(page_address(page) + offset, size);
	return page_to_phys(page) + offset;
}
