/* SPDX-License-Identifier: GPL-2.0 */
/* Up to 5.14: no unmap_pages(). */
#include <linux/io-pgtable.h>

static inline bool has_unmap_pages(struct io_pgtable_ops *ops)
{
	return false;
}

static inline size_t unmap_all(struct io_pgtable_ops *ops, unsigned long iova, size_t pgsize,
			       size_t pgcount)
{
	return 0;
}
