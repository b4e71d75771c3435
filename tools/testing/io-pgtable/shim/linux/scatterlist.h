/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: of a page, page_link has the physical address; the rest is as in the kernel. */
#ifndef SHIM_LINUX_SCATTERLIST_H
#define SHIM_LINUX_SCATTERLIST_H

#include <asm/io.h>
#include <asm/page.h>
#include <linux/string.h>
#include <linux/types.h>

struct scatterlist {
	u64		page_link;
	unsigned int	offset;
	unsigned int	length;
};

struct sg_table {
	struct scatterlist	*sgl;
	unsigned int		nents;
	unsigned int		orig_nents;
};

#define SG_CHAIN	0x01UL
#define SG_END		0x02UL

#define sg_is_chain(sg)		((sg)->page_link & SG_CHAIN)
#define sg_is_last(sg)		((sg)->page_link & SG_END)
#define sg_chain_ptr(sg)						\
	((struct scatterlist *)(uintptr_t)((sg)->page_link & ~(SG_CHAIN | SG_END)))

static inline phys_addr_t sg_phys(struct scatterlist *sg)
{
	return (sg->page_link & ~(SG_CHAIN | SG_END)) + sg->offset;
}

static inline struct scatterlist *sg_next(struct scatterlist *sg)
{
	if (sg_is_last(sg))
		return NULL;

	sg++;
	return sg_is_chain(sg) ? sg_chain_ptr(sg) : sg;
}

#define for_each_sg(sglist, sg, nr, i)					\
	for ((i) = 0, (sg) = (sglist); (i) < (nr); (i)++, (sg) = sg_next(sg))

static inline void sg_mark_end(struct scatterlist *sg)
{
	sg->page_link = (sg->page_link | SG_END) & ~SG_CHAIN;
}

static inline void sg_init_table(struct scatterlist *sgl, unsigned int nents)
{
	memset(sgl, 0, sizeof(*sgl) * nents);
	sg_mark_end(&sgl[nents - 1]);
}

static inline void sg_chain(struct scatterlist *prv, unsigned int prv_nents,
			    struct scatterlist *sgl)
{
	prv[prv_nents - 1] = (struct scatterlist){
		.page_link = (uintptr_t)sgl | SG_CHAIN,
	};
}

/* A page is its physical address here */
static inline void sg_set_phys(struct scatterlist *sg, phys_addr_t phys,
			       unsigned int length)
{
	sg->page_link = (phys & PAGE_MASK) | (sg->page_link & SG_END);
	sg->offset = phys & ~PAGE_MASK;
	sg->length = length;
}

/* Needs linux/mm.h, as the kernel's does */
#define sg_set_page(sg, page, length, offset)				\
	sg_set_phys(sg, PFN_PHYS(page_to_pfn(page)) + (offset), length)

static inline void sg_set_buf(struct scatterlist *sg, void *buf,
			      unsigned int length)
{
	sg_set_phys(sg, virt_to_phys(buf), length);
}

#endif
