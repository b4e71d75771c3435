/* SPDX-License-Identifier: GPL-2.0 */
/* With the series: map_sg(). */
#include <linux/io-pgtable.h>

#define HAVE_MAP_SG

static inline bool has_map_sg(struct io_pgtable_ops *ops)
{
	return ops->map_sg;
}

/* With pages of all sizes that the tables have. */
static inline int map_list(struct io_pgtable_ops *ops, unsigned long iova, struct scatterlist *list,
			   unsigned int nents, size_t *mapped)
{
	*mapped = 0;		/* 7.3's only adds to it */
	return ops->map_sg(ops, iova, ULONG_MAX, list, nents, IOMMU_READ | IOMMU_WRITE, GFP_ATOMIC,
			   mapped);
}
