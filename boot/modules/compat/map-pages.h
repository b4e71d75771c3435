/* SPDX-License-Identifier: GPL-2.0 */
/* Since 5.15, and with the series: map_pages(). */
#include <linux/io-pgtable.h>

static inline bool has_map_pages(struct io_pgtable_ops *ops)
{
	return ops->map_pages;
}

/* The series maps all in one call.  Other kernels end one where a table ends. */
static inline int map_all(struct io_pgtable_ops *ops, unsigned long iova, phys_addr_t paddr,
			  size_t pgsize, size_t pgcount)
{
	size_t left = pgsize * pgcount, mapped;
	int ret;

	for (;;) {
		mapped = 0;
		ret = ops->map_pages(ops, iova, paddr, pgsize, pgcount, IOMMU_READ | IOMMU_WRITE,
				     GFP_ATOMIC, &mapped);
		if (ret || mapped >= left)
			return ret;
		if (!mapped)
			return -EFAULT;
		iova += mapped;
		paddr += mapped;
		left -= mapped;
		pgcount = left / pgsize;
	}
}
