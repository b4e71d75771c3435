/* SPDX-License-Identifier: GPL-2.0 */
/* Up to 5.14: no map_pages(). */
#include <linux/io-pgtable.h>

static inline bool has_map_pages(struct io_pgtable_ops *ops)
{
	return false;
}

static inline int map_all(struct io_pgtable_ops *ops, unsigned long iova, phys_addr_t paddr,
			  size_t pgsize, size_t pgcount)
{
	return -EOPNOTSUPP;
}
