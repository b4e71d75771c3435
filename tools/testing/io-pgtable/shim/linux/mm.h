/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: struct page of the arena that mm.c hands out. */
#ifndef SHIM_LINUX_MM_H
#define SHIM_LINUX_MM_H

#include <asm/io.h>
#include <linux/bug.h>
#include <linux/gfp.h>
#include <linux/kernel.h>

struct kmem_cache;

struct page {
	/* As in the kernel, whose struct ioptdesc lies over these */
	unsigned long		flags;
	struct list_head	lru;
	unsigned long		mapping;
	unsigned long		index;
	unsigned long		private;
	unsigned int		page_type;
	int			_refcount;

	unsigned int		order;
	int			refcount;	/* 0: free */
	struct page		*next_free;
	struct kmem_cache	*slab;		/* whose one object is here */
	void			*object;
};

struct page *virt_to_page(const void *addr);
void *page_address(const struct page *page);

#define page_to_phys(page)	virt_to_phys(page_address(page))
#define offset_in_page(p)	((unsigned long)(p) & ~PAGE_MASK)

#define page_private(page)	((page)->private)
#define set_page_private(page, v) ((page)->private = (v))

void get_page(struct page *page);
void put_page(struct page *page);
#define page_count(page)	((page)->refcount)

#define VM_BUG_ON(cond)		BUG_ON(cond)

#endif
