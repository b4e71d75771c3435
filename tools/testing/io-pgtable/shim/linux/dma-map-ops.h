/* SPDX-License-Identifier: GPL-2.0 */
/* Copy: of the operations in linux/dma-map-ops.h that single mappings need. */
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
	void (*sync_single_for_device)(struct device *dev, dma_addr_t addr,
				       size_t size,
				       enum dma_data_direction dir);
};

/* What kernel.c calls, whose operations other kernels name otherwise */
static inline dma_addr_t dma_ops_map(struct device *dev, void *ptr, size_t size,
				     enum dma_data_direction dir)
{
	return dev->dma_ops->map_page(dev, virt_to_page(ptr),
				      offset_in_page(ptr), size, dir, 0);
}

static inline void dma_ops_unmap(struct device *dev, dma_addr_t addr,
				 size_t size, enum dma_data_direction dir)
{
	dev->dma_ops->unmap_page(dev, addr, size, dir, 0);
}

static inline void set_dma_ops(struct device *dev,
			       const struct dma_map_ops *ops)
{
	dev->dma_ops = ops;
}

#endif
