/* SPDX-License-Identifier: GPL-2.0 */
/* Up to 5.10: a callback that splitting a block makes. */
#include <linux/io-pgtable.h>

static inline void set_flush_leaf(struct iommu_flush_ops *ops)
{
	ops->tlb_flush_leaf = ops->tlb_flush_walk;
}
