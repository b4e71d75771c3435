/* SPDX-License-Identifier: GPL-2.0 */
/* Since 6.2: no ops that take one page alone. */
#ifndef ONE
#define ONE

#include <linux/io-pgtable.h>

static inline bool has_one(struct io_pgtable_ops *ops)
{
	return false;
}

/* Not all that came after do, and those that do not warn of it. */
static inline bool splits_blocks(void)
{
	return false;
}

static inline int map_one_by_one(struct io_pgtable_ops *ops, unsigned long iova, phys_addr_t paddr,
				 size_t pgsize, size_t pgcount)
{
	return -EOPNOTSUPP;
}

static inline size_t unmap_one_by_one(struct io_pgtable_ops *ops, unsigned long iova, size_t pgsize,
				      size_t pgcount)
{
	return 0;
}

#endif
