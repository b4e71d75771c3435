/* SPDX-License-Identifier: GPL-2.0 */
/* Since 5.11: there is no such callback. */
#include <linux/io-pgtable.h>

static inline void set_flush_leaf(struct iommu_flush_ops *ops)
{
}
