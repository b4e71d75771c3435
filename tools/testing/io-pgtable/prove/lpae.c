// SPDX-License-Identifier: GPL-2.0
/* LPAE: each format, each configuration that its alloc() takes. run-prove puts cut_NAME() in the place of the kernel's NAME(). */

#include "drivers/iommu/io-pgtable-arm.c"

#define PAGE_SIZES(f)	f(12) f(14) f(16) f(21) f(25) f(29) f(30) f(42)

#include "range.h"

/* No table is looked into */
void *cut___arm_lpae_alloc_pages(size_t size, gfp_t gfp, struct io_pgtable_cfg *cfg COOKIE)
{
	return nondet_pointer();
}

void cut_arm_lpae_unmap_down(struct arm_lpae_walk *w, PGSHIFT pgshift)
{
	w->shift = pgshift;
}

size_t cut_arm_lpae_walk_num(struct arm_lpae_walk *w, size_t size)
{
	accepted(w->iova, size, false, 0);
	return 0;
}

#ifdef SPLITS
/* Where no page is, but a block or nothing */
long cut_arm_lpae_unmap_block(struct arm_lpae_walk w, struct iommu_iotlb_gather *gather, size_t size, int pgshift)
{
	accepted(w.iova, size, false, 0);
	return 0;
}
#else
void cut_arm_lpae_warn_unmap(struct io_pgtable_cfg *cfg, arm_lpae_iopte pte)
{
	not_reached();
}
#endif

void cut_io_pgtable_tlb_add_range(struct io_pgtable *iop, struct iommu_iotlb_gather *gather, unsigned long iova, size_t size,
				  size_t granule)
{
	not_reached();
}

int cut_arm_lpae_map_run(struct arm_lpae_walk *w, struct io_pgtable_list *run, PGSHIFT pgshift, arm_lpae_iopte prot, gfp_t gfp)
{
	accepted(w->iova, run->left, true, run->paddr);
	return 0;
}

/* What the checks and the start of a walk may rely on */
static bool sane(const struct arm_lpae_io_pgtable *data)
{
#define BIT_OF(size) | (wide)1 << (size)
	wide sizes = 0 PAGE_SIZES(BIT_OF);
	unsigned int ias = data->iop.cfg.ias;

#ifdef SPLITS
	/* The same again, for the checks */
	wide size = end_of(ias, BITS_OF(long));
	bool upper = data->iop.cfg.quirks & IO_PGTABLE_QUIRK_ARM_TTBR1;

	if (data->iova_size != size || data->iova_start != (upper ? ((wide)1 << 64) - size : 0) ||
	    data->start_shift < 12 || data->start_shift > 63)
		return false;
#endif
	return !(data->iop.cfg.pgsize_bitmap & ~sizes) && ias >= 1 && ias <= 52 && data->iop.cfg.oas <= 52 &&
	       data->start_level >= 0 && data->start_level < ARM_LPAE_MAX_LEVELS && data->bits_per_level >= 9 && data->bits_per_level <= 13;
}

/* Each configuration that a format takes */
void prove_alloc(void)
{
	struct io_pgtable_cfg cfg = nondet_cfg();
	struct io_pgtable *iop = NULL;

	switch (nondet_int()) {
	case ARM_32_LPAE_S1:
		iop = io_pgtable_arm_32_lpae_s1_init_fns.alloc(&cfg, NULL);
		break;
	case ARM_32_LPAE_S2:
		iop = io_pgtable_arm_32_lpae_s2_init_fns.alloc(&cfg, NULL);
		break;
	case ARM_64_LPAE_S1:
		iop = io_pgtable_arm_64_lpae_s1_init_fns.alloc(&cfg, NULL);
		break;
	case ARM_64_LPAE_S2:
		iop = io_pgtable_arm_64_lpae_s2_init_fns.alloc(&cfg, NULL);
		break;
	case ARM_MALI_LPAE:
		iop = io_pgtable_arm_mali_lpae_init_fns.alloc(&cfg, NULL);
		break;
	}
	if (!iop)
		return;

	/* As alloc_io_pgtable_ops() does */
	iop->cfg = cfg;
	must(sane(io_pgtable_to_data(iop)), "alloc: what is checked later is as it must be");
	must(iop->ops.map_pages == arm_lpae_map_pages && iop->ops.unmap_pages == arm_lpae_unmap_pages &&
	     iop->ops.map_sg == arm_lpae_map_sg, "alloc: gives the ops that are proved");
}

/*
 * With all of alloc() before it, a check takes half a minute or more: so the checks are proved for all tables that are sane, whichever
 * format they are of.
 */
static struct io_pgtable *any_tables(void)
{
	struct arm_lpae_io_pgtable *data = kmalloc(sizeof(*data), GFP_KERNEL);

	__CPROVER_assume(sane(data));
	data->iop.ops = (struct io_pgtable_ops) {
		.map_pages	= arm_lpae_map_pages,
		.map_sg		= arm_lpae_map_sg,
		.unmap_pages	= arm_lpae_unmap_pages,
	};
	return &data->iop;
}

#include "entries.h"
