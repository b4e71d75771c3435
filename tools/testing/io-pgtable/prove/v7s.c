// SPDX-License-Identifier: GPL-2.0
/* v7s: each configuration that its alloc() takes. run-prove puts cut_NAME() in the place of the kernel's NAME(). */

#include "drivers/iommu/io-pgtable-arm-v7s.c"

#define PAGE_SIZES(f)	f(12) f(16) f(20) f(24)

#include "range.h"

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int align, slab_flags_t flags, void (*ctor)(void *))
{
	return nondet_pointer();
}

void kmem_cache_destroy(struct kmem_cache *cache)
{
}

/* No table is looked into */
void *cut___arm_v7s_alloc_table(int lvl, gfp_t gfp, struct arm_v7s_io_pgtable *data)
{
	return nondet_pointer();
}

void cut_arm_v7s_unmap_down(struct arm_v7s_walk *w, size_t pgsize)
{
	w->lvl = 2;
}

size_t cut_arm_v7s_walk_num(struct arm_v7s_walk *w, size_t size)
{
	accepted(w->iova, size, false, 0);
	return 0;
}

#ifdef SPLITS
/* Pages that are no entries of this level come here */
long cut_arm_v7s_unmap_other(struct arm_v7s_walk w, struct iommu_iotlb_gather *gather, size_t size, size_t pgsize)
{
	accepted(w.iova, size, false, 0);
	return 0;
}
#endif

int cut_arm_v7s_map_down(struct arm_v7s_walk *w, int lvl, gfp_t gfp)
{
	w->lvl = lvl;
	return 0;
}

int cut_arm_v7s_map_run(struct arm_v7s_walk *w, struct io_pgtable_list *run, size_t size, size_t pgsize, arm_v7s_iopte attr)
{
	accepted(w->iova, run->left, true, run->paddr);
	return 0;
}

static struct io_pgtable *any_tables(void)
{
	struct io_pgtable_cfg cfg = nondet_cfg();
	struct io_pgtable *iop = io_pgtable_arm_v7s_init_fns.alloc(&cfg, NULL);

	__CPROVER_assume(iop);
	/* As alloc_io_pgtable_ops() does */
	iop->fmt = ARM_V7S;
	iop->cookie = NULL;
	iop->cfg = cfg;
	warnings = 0;
	return iop;
}

#include "entries.h"
