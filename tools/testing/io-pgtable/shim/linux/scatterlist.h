/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: a list is an array, of pages that mm.c has handed out. */
#ifndef SHIM_LINUX_SCATTERLIST_H
#define SHIM_LINUX_SCATTERLIST_H

#include <asm/io.h>
#include <linux/string.h>
#include <linux/types.h>

struct scatterlist {
	void			*buf;
	unsigned int		length;
};

struct sg_table {
	struct scatterlist	*sgl;
	unsigned int		nents;
	unsigned int		orig_nents;
};

#define sg_next(sg)	((sg) + 1)
#define sg_phys(sg)	virt_to_phys((sg)->buf)

static inline void sg_init_table(struct scatterlist *sgl, unsigned int nents)
{
	memset(sgl, 0, sizeof(*sgl) * nents);
}

static inline void sg_set_buf(struct scatterlist *sg, void *buf,
			      unsigned int length)
{
	sg->buf = buf;
	sg->length = length;
}

#endif
