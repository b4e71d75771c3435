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
} __attribute__((__aligned__(128)));	/* a power of 2, as in most kernels: see virt_to_page() */

#define ARENA_START	0x10000000UL
#define ARENA_SIZE	0x40000000UL
#define ARENA_PAGES	(ARENA_SIZE >> PAGE_SHIFT)

#define mem_map		((struct page *)(ARENA_START + ARENA_SIZE))

/* Those before this one have been handed out */
extern unsigned long pages_used;
__cold __noreturn void no_page(const void *addr);

static inline struct page *virt_to_page(const void *addr)
{
	unsigned long at = ((unsigned long)addr - ARENA_START) >> PAGE_SHIFT;

	if (unlikely(at >= __atomic_load_n(&pages_used, __ATOMIC_RELAXED)))
		no_page(addr);

	return mem_map + at;
}

static inline void *page_address(const struct page *page)
{
	return (void *)(ARENA_START + ((page - mem_map) << PAGE_SHIFT));
}

#define page_to_phys(page)	virt_to_phys(page_address(page))

/* As with FLATMEM: also where there is no memory */
#define PHYS_PFN(addr)		((unsigned long)((addr) >> PAGE_SHIFT))
#define PFN_PHYS(pfn)		((phys_addr_t)(pfn) << PAGE_SHIFT)
#define pfn_to_page(pfn)						\
	(mem_map + (long)((pfn) - PHYS_PFN(ARENA_START)))
#define page_to_pfn(page)						\
	((unsigned long)((page) - mem_map) + PHYS_PFN(ARENA_START))

#define offset_in_page(p)	((unsigned long)(p) & ~PAGE_MASK)

#define page_private(page)	((page)->private)
#define set_page_private(page, v) ((page)->private = (v))

void get_page(struct page *page);
void put_page(struct page *page);
#define page_count(page)	((page)->refcount)

#define VM_BUG_ON(cond)		BUG_ON(cond)

#endif
