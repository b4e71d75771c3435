/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: a folio is the page that mm.c handed out. */
#ifndef SHIM_7_3_LINUX_MM_TYPES_H
#define SHIM_7_3_LINUX_MM_TYPES_H

#include_next <linux/mm.h>
#include <linux/spinlock.h>

struct folio {
	struct page page;
};

static inline struct folio *virt_to_folio(const void *addr)
{
	return (struct folio *)virt_to_page(addr);
}

#endif
