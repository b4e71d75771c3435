/* SPDX-License-Identifier: GPL-2.0 */
/* Copy: of struct sg_table in linux/scatterlist.h, which linux/iommu.h looks into; nothing here uses one. */
#ifndef SHIM_LINUX_SCATTERLIST_H
#define SHIM_LINUX_SCATTERLIST_H

struct scatterlist;

struct sg_table {
	struct scatterlist	*sgl;
	unsigned int		nents;
	unsigned int		orig_nents;
};

#endif
