/* SPDX-License-Identifier: GPL-2.0 */
/* Lists of memory that need not be there, as nothing but its addresses counts. */
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>

/*
 * Does each address have a struct page, be there memory or not?  It is not looked at.  Elsewhere
 * such a page cannot be found.
 */
static inline bool can_list_any(void)
{
	return IS_ENABLED(CONFIG_FLATMEM) || IS_ENABLED(CONFIG_SPARSEMEM_VMEMMAP);
}

static inline void set_segment(struct scatterlist *sg, phys_addr_t phys, size_t size)
{
	sg_set_page(sg, pfn_to_page(PHYS_PFN(phys)), size, phys & ~PAGE_MASK);
}

/*
 * One range of memory, in pieces that are no whole pages, but that follow each other.  However large
 * it is, they are not many.
 */
static inline int list_range(struct sg_table *table, phys_addr_t phys, size_t size)
{
	size_t piece = ALIGN_DOWN(size / 256, SZ_4K) + 0x2a00;
	struct scatterlist *sg;
	unsigned int i;
	int ret;

	ret = sg_alloc_table(table, DIV_ROUND_UP(size, piece), GFP_KERNEL);
	if (ret)
		return ret;
	for_each_sg(table->sgl, sg, table->orig_nents, i) {
		set_segment(sg, phys, min(piece, size));
		phys += piece;
		size -= min(piece, size);
	}
	return 0;
}
