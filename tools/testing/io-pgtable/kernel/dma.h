/* SPDX-License-Identifier: GPL-2.0 */
/* DMA operations that tell a struct domain's watch of what is cleaned; it has dev, watch and cookie, and is defined before. */
#ifndef KERNEL_DMA_H
#define KERNEL_DMA_H

static dma_addr_t domain_dma_map(struct device *dev, struct page *page,
				 unsigned long offset, size_t size,
				 enum dma_data_direction dir,
				 unsigned long attrs)
{
	struct domain *domain = container_of(dev, struct domain, dev);
	phys_addr_t addr = page_to_phys(page) + offset;

	domain->watch->clean(domain->cookie, addr, size);
	return addr;
}

static void domain_dma_unmap(struct device *dev, dma_addr_t addr, size_t size,
			     enum dma_data_direction dir, unsigned long attrs)
{
}

static void domain_dma_sync(struct device *dev, dma_addr_t addr, size_t size,
			    enum dma_data_direction dir)
{
	struct domain *domain = container_of(dev, struct domain, dev);

	domain->watch->clean(domain->cookie, addr, size);
}

static const struct dma_map_ops domain_dma_ops = {
	.map_page		= domain_dma_map,
	.unmap_page		= domain_dma_unmap,
	.sync_single_for_device	= domain_dma_sync,
};

#endif
