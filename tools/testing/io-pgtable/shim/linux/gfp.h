/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: allocation from mm.c; only __GFP_ZERO has a meaning, and who watches is told of the others. */
#ifndef SHIM_LINUX_GFP_H
#define SHIM_LINUX_GFP_H

#include <asm/page.h>
#include <linux/types.h>

#define __GFP_DMA	0x01u
#define __GFP_HIGHMEM	0x02u
#define __GFP_DMA32	0x04u
#define __GFP_COMP	0x40000u
#define GFP_DMA		__GFP_DMA
#define GFP_DMA32	__GFP_DMA32
#define __GFP_ZERO	0x100u
#define __GFP_DIRECT_RECLAIM	0x400u
#define GFP_ATOMIC	0xa20u
#define GFP_KERNEL	0xcc0u

#define NUMA_NO_NODE	(-1)

#define gfpflags_allow_blocking(gfp)	(!!((gfp) & __GFP_DIRECT_RECLAIM))

struct page;

struct page *alloc_pages_node(int nid, gfp_t gfp, unsigned int order);
unsigned long __get_free_pages(gfp_t gfp, unsigned int order);
void __free_pages(struct page *page, unsigned int order);
void free_pages(unsigned long addr, unsigned int order);

/* The tests ask for powers of 2 */
#define alloc_pages_exact(size, gfp)					\
	((void *)__get_free_pages(gfp, get_order(size)))
#define free_pages_exact(virt, size)					\
	free_pages((unsigned long)(virt), get_order(size))

#endif
