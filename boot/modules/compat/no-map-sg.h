/* SPDX-License-Identifier: GPL-2.0 */
/* Without the series: no map_sg(). */
#include <linux/io-pgtable.h>

static inline bool has_map_sg(struct io_pgtable_ops *ops)
{
	return false;
}

static inline int map_list(struct io_pgtable_ops *ops, unsigned long iova, struct scatterlist *list,
			   unsigned int nents, size_t *mapped)
{
	*mapped = 0;
	return -EOPNOTSUPP;
}
