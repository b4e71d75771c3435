/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: folios as pages of mm.c; nothing is accounted. */
#ifndef SHIM_7_3_LINUX_MM_H
#define SHIM_7_3_LINUX_MM_H

#include_next <linux/mm.h>
#include <linux/mm_types.h>

static inline struct folio *__folio_alloc_node(gfp_t gfp, unsigned int order,
					       int nid)
{
	return (struct folio *)alloc_pages_node(nid, gfp, order);
}

static inline void folio_put(struct folio *folio)
{
	__free_pages(&folio->page, folio->page.order);
}

#define folio_address(folio)	page_address(&(folio)->page)
#define folio_order(folio)	((folio)->page.order)
#define folio_nr_pages(folio)	(1L << (folio)->page.order)

#define numa_mem_id()		0

#define folio_pgdat(folio)	NULL
#define mod_node_page_state(pgdat, item, pages)		((void)(pages))
#define lruvec_stat_mod_folio(folio, item, pages)	((void)(pages))

#endif
