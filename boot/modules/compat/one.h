/* SPDX-License-Identifier: GPL-2.0 */
/* Up to 6.1, and with the series: map() and unmap(), which take one page. */
#ifndef ONE
#define ONE

#include <linux/io-pgtable.h>

static inline bool has_one(struct io_pgtable_ops *ops)
{
	return ops->map && ops->unmap;
}

/* The formats that have these ops take a page out of a block: they replace the block by a table. */
static inline bool splits_blocks(void)
{
	return IS_ENABLED(CONFIG_IOMMU_IO_PGTABLE_LPAE) ||
	       IS_ENABLED(CONFIG_IOMMU_IO_PGTABLE_ARMV7S);
}

static inline int map_one_by_one(struct io_pgtable_ops *ops, unsigned long iova, phys_addr_t paddr,
				 size_t pgsize, size_t pgcount)
{
	int ret;

	for (; pgcount; pgcount--, iova += pgsize, paddr += pgsize) {
		ret = ops->map(ops, iova, paddr, pgsize, IOMMU_READ | IOMMU_WRITE, GFP_ATOMIC);
		if (ret)
			return ret;
	}
	return 0;
}

static inline size_t unmap_one_by_one(struct io_pgtable_ops *ops, unsigned long iova, size_t pgsize,
				      size_t pgcount)
{
	size_t unmapped = 0;

	for (; pgcount; pgcount--, unmapped += pgsize)
		if (ops->unmap(ops, iova + unmapped, pgsize, NULL) != pgsize)
			break;
	return unmapped;
}

#endif
