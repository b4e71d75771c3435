/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: a device has data, DMA operations, and nothing else. */
#ifndef SHIM_LINUX_DEVICE_H
#define SHIM_LINUX_DEVICE_H

#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/kernel.h>

struct attribute_group;
struct dev_iommu;
struct dma_map_ops;
struct mm_struct;

/* Part of structures in linux/iommu.h, and never taken */
struct mutex {
	int unused;
};

struct device {
	void				*driver_data;
	const struct dma_map_ops	*dma_ops;
	struct dev_iommu		*iommu;
};

static inline void *dev_get_drvdata(const struct device *dev)
{
	return dev->driver_data;
}

static inline void dev_set_drvdata(struct device *dev, void *data)
{
	dev->driver_data = data;
}

static inline int dev_to_node(struct device *dev)
{
	return NUMA_NO_NODE;
}

#define dev_err(dev, fmt, ...)	((void)(dev), printk(fmt, ##__VA_ARGS__))

#endif
