// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of page tables: an arena below 4 GiB, as entries of v7s tables have no more than 32 bits for the address
 * of another table, and clear of what the sanitizers use. What is freed is filled with a pattern, kept for a
 * while, and seen to have the pattern still when it is handed out again; under AddressSanitizer any access is reported.
 *
 * Threads may allocate and free at the same time. What one has freed only it is given again, and counters are relaxed atomics:
 * a lock, or memory that goes from one thread to another, would order what they did before, and ThreadSanitizer would miss races.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "host.h"
#include "runtime.h"
#include "tsan.h"

#define MAX_ORDER	11

/* A valid table entry of both formats, which leads to nowhere */
#define FREE_BYTE	0x6b
#define DIRTY_BYTE	0xa5

/* So many free blocks of a size are not used again yet */
#define FREE_KEPT	256

unsigned long pages_used;

const unsigned int gfp_kernel = GFP_KERNEL;
const unsigned int gfp_atomic = GFP_ATOMIC;
const unsigned int gfp_dma32 = GFP_DMA32;

static __thread struct {
	struct page *first, *last;
	unsigned int num;
} free_list[MAX_ORDER];

long mm_live;
long mm_fail_after = -1;
const struct mm_watch *mm_watch;
bool mm_fast;

static void count_live(long *live, long num)
{
	__atomic_fetch_add(live, num, __ATOMIC_RELAXED);
}

static bool must_fail(void)
{
	return mm_fail_after >= 0 && !mm_fail_after--;
}

void no_page(const void *addr)
{
	host_die("%p is in no page\n", addr);
}

static struct page *take_new(unsigned int order)
{
	unsigned long first, used = __atomic_load_n(&pages_used,
						    __ATOMIC_RELAXED);
	struct page *page;

	/* Before there are threads: each must have tables to work on */
	if (!used) {
		host_map(ARENA_START, ARENA_SIZE);
		host_map((unsigned long)mem_map, ARENA_PAGES * sizeof(*page));
	}

	do {
		/* A block is aligned to its size */
		first = ALIGN(used, 1UL << order);
		if (first + (1UL << order) > ARENA_PAGES)
			return NULL;
	} while (!__atomic_compare_exchange_n(&pages_used, &used,
					      first + (1UL << order), false,
					      __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));

	page = mem_map + first;
	if (!mm_fast)
		memset(page_address(page), DIRTY_BYTE, PAGE_SIZE << order);
	return page;
}

static struct page *take_freed(unsigned int order)
{
	struct page *page = free_list[order].first;
	unsigned char *p = page_address(page);
	size_t size = PAGE_SIZE << order;

	free_list[order].first = page->next_free;
	free_list[order].num--;

	host_unpoison(p, size);
	if (!mm_fast && (p[0] != FREE_BYTE || memcmp(p, p + 1, size - 1)))
		host_die("page %p was written after it was freed\n", p);

	return page;
}

static struct page *take(gfp_t gfp, unsigned int order)
{
	struct page *page;

	BUG_ON(order >= MAX_ORDER);

	if (must_fail())
		return NULL;

	if (free_list[order].num > (mm_fast ? 0 : FREE_KEPT))
		page = take_freed(order);
	else
		page = take_new(order);
	if (!page)
		return NULL;

	page->order = order;
	page->refcount = 1;
	page->private = 0;
	page->slab = NULL;
	if (gfp & __GFP_ZERO)
		memset(page_address(page), 0, PAGE_SIZE << order);

	tsan_memory();
	count_live(&mm_live, 1);
	return page;
}

static void tell_alloc(phys_addr_t addr, size_t size, gfp_t gfp)
{
	/* Where zeroes are wanted and not asked for, there is garbage */
	if (mm_watch)
		mm_watch->alloc(addr, size, gfp & ~(__GFP_ZERO | __GFP_COMP));
}

struct page *alloc_pages_node(int nid, gfp_t gfp, unsigned int order)
{
	struct page *page = take(gfp, order);

	if (page)
		tell_alloc(page_to_phys(page), PAGE_SIZE << order, gfp);

	return page;
}

void get_page(struct page *page)
{
	/* Of more pages, the kernel would free all but the first */
	if (page->refcount <= 0 || page->order)
		host_die("page %p cannot be held\n", page_address(page));

	page->refcount++;
}

void put_page(struct page *page)
{
	unsigned int order = page->order;

	if (page->refcount <= 0)
		host_die("page %p is freed twice\n", page_address(page));

	if (--page->refcount)
		return;

	if (!mm_fast)
		memset(page_address(page), FREE_BYTE, PAGE_SIZE << order);
	host_poison(page_address(page), PAGE_SIZE << order);

	page->next_free = NULL;
	if (free_list[order].num)
		free_list[order].last->next_free = page;
	else
		free_list[order].first = page;
	free_list[order].last = page;
	free_list[order].num++;
	count_live(&mm_live, -1);
}

void __free_pages(struct page *page, unsigned int order)
{
	if (page->order != order || page->slab)
		host_die("%p is freed as %lu bytes, which it is not\n",
			 page_address(page), PAGE_SIZE << order);

	if (mm_watch)
		mm_watch->free(page_to_phys(page), PAGE_SIZE << order);

	put_page(page);
}

unsigned long __get_free_pages(gfp_t gfp, unsigned int order)
{
	struct page *page = alloc_pages_node(NUMA_NO_NODE, gfp, order);

	return page ? (unsigned long)page_address(page) : 0;
}

void free_pages(unsigned long addr, unsigned int order)
{
	if (addr & ~PAGE_MASK)
		host_die("0x%lx is freed, but is no page\n", addr);

	if (addr)
		__free_pages(virt_to_page((void *)addr), order);
}

void *kmalloc(size_t size, gfp_t gfp)
{
	void *p = must_fail() ? NULL : host_alloc(size);

	if (!p)
		return NULL;

	count_live(&mm_live, 1);
	return memset(p, gfp & __GFP_ZERO ? 0 : DIRTY_BYTE, size);
}

void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | __GFP_ZERO);
}

void kfree(const void *p)
{
	if (!p)
		return;

	count_live(&mm_live, -1);
	host_free((void *)p);
}

/* Objects are alone in their pages, and not always at the same place there */
struct kmem_cache {
	const char	*name;
	unsigned int	size;
	unsigned int	at;
	gfp_t		zone;
	long		live;
};

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
				     unsigned int align, slab_flags_t flags,
				     void (*ctor)(void *))
{
	struct kmem_cache *cache;

	/* All that is needed so far */
	BUG_ON(align != size || PAGE_SIZE % size || ctor);

	cache = kzalloc(sizeof(*cache), GFP_KERNEL);
	if (cache) {
		cache->name = name;
		cache->size = size;
		cache->zone = flags & SLAB_CACHE_DMA32 ? GFP_DMA32 : 0;
	}

	return cache;
}

void kmem_cache_destroy(struct kmem_cache *cache)
{
	if (!cache)
		return;

	WARN(cache->live, "%s: %ld objects remain\n", cache->name, cache->live);
	kfree(cache);
}

void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t gfp)
{
	struct page *page = take(gfp, 0);
	void *p;

	if (!page)
		return NULL;

	p = page_address(page) + __atomic_add_fetch(&cache->at, cache->size,
						    __ATOMIC_RELAXED) % PAGE_SIZE;

	host_poison(page_address(page), PAGE_SIZE);
	host_unpoison(p, cache->size);
	page->slab = cache;
	page->object = p;
	count_live(&cache->live, 1);
	memset(p, 0, cache->size);
	tell_alloc(virt_to_phys(p), cache->size, gfp | cache->zone);

	return p;
}

void kmem_cache_free(struct kmem_cache *cache, void *p)
{
	struct page *page = virt_to_page(p);

	if (page->refcount <= 0 || page->slab != cache || page->object != p)
		host_die("%p is no object of %s\n", p, cache->name);

	if (mm_watch)
		mm_watch->free(virt_to_phys(p), cache->size);

	host_unpoison(page_address(page), PAGE_SIZE);
	page->slab = NULL;
	count_live(&cache->live, -1);
	put_page(page);
}
