/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page tables of which no IOMMU knows: the formats alone, with no device and no TLB.
 *
 * The ops are called without a gather, as drivers of GPUs do.  compat/ tells which of them a kernel
 * has.
 */
#include <linux/err.h>
#include <linux/io-pgtable.h>
#include <linux/platform_device.h>
#include <linux/sizes.h>
#include FLUSH_LEAF_H
#include MAP_PAGES_H
#include ONE_H
#include UNMAP_PAGES_H

static const struct format {
	const char *name;
	enum io_pgtable_fmt fmt;
	unsigned long pgsizes;
} formats[] = {
	{ "LPAE", ARM_64_LPAE_S1, SZ_4K | SZ_2M | SZ_1G },
	{ "v7s", ARM_V7S, SZ_4K | SZ_64K | SZ_1M | SZ_16M },
};

static void flush_all(void *cookie)
{
}

static void flush_walk(unsigned long iova, size_t size, size_t granule, void *cookie)
{
}

static const struct iommu_flush_ops no_tlb = {
	.tlb_flush_all = flush_all,
	.tlb_flush_walk = flush_walk,
	FLUSH_LEAF(flush_walk)
};

/* The formats allocate their tables for a device. */
static inline struct platform_device *add_pgtable_device(void)
{
	return platform_device_register_simple(KBUILD_MODNAME, PLATFORM_DEVID_NONE, NULL, 0);
}

/* NULL when the kernel does not have the format. */
static inline struct io_pgtable_ops *alloc_tables(const struct format *format, struct device *dev)
{
	struct io_pgtable_cfg cfg = {
		.pgsize_bitmap = format->pgsizes,
		.ias = 32,
		.oas = 32,
		.coherent_walk = true,
		.tlb = &no_tlb,
		.iommu_dev = dev,
	};

	return alloc_io_pgtable_ops(format->fmt, &cfg, NULL);
}
