/* SPDX-License-Identifier: GPL-2.0 */
/* Copy: of the operations in linux/dma-map-ops.h that single mappings need, those of 5.10 and of 7.3: one program can have both kernels. */
#ifndef SHIM_LINUX_DMA_MAP_OPS_H
#define SHIM_LINUX_DMA_MAP_OPS_H

#include <linux/dma-mapping.h>

struct dma_map_ops {
	dma_addr_t (*map_page)(struct device *dev, struct page *page,
			       unsigned long offset, size_t size,
			       enum dma_data_direction dir,
			       unsigned long attrs);
	void (*unmap_page)(struct device *dev, dma_addr_t addr, size_t size,
			   enum dma_data_direction dir, unsigned long attrs);
	/* Or in their place */
	dma_addr_t (*map_phys)(struct device *dev, phys_addr_t phys,
			       size_t size, enum dma_data_direction dir,
			       unsigned long attrs);
	void (*unmap_phys)(struct device *dev, dma_addr_t addr, size_t size,
			   enum dma_data_direction dir, unsigned long attrs);
	void (*sync_single_for_device)(struct device *dev, dma_addr_t addr,
				       size_t size,
				       enum dma_data_direction dir);
};

static inline void set_dma_ops(struct device *dev,
			       const struct dma_map_ops *ops)
{
	dev->dma_ops = ops;
}

#endif
