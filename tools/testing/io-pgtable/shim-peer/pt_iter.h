/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Custom: what the tests of generic_pt look at tables with. To them, tables are one level of leaves: those that walk.c finds in the
 * tables of the kernel that is tried. See peer-tests.c.
 */
#ifndef SHIM_PEER_PT_ITER_H
#define SHIM_PEER_PT_ITER_H

#include <linux/args.h>
#include <linux/generic_pt/iommu.h>
#include <linux/maple_tree.h>
#include <linux/random.h>
#include <linux/stringify.h>
#include <drivers/iommu/generic_pt/pt_defs.h>

/* Formats have these, and how their names begin */
#define PTPFX_RAW			io_pgtable
#define PTPFX				io_pgtable_
#define NS(fn)				CONCATENATE(PTPFX, fn)
#define KUNIT_FMT_FEATURES		0
/* For what a configuration does not say; all of peer-tests.c do */
#define PT_MAX_VA_ADDRESS_LG2		0
#define pt_max_oa_lg2(common)		0

struct pt_iommu_table_cfg {
	struct pt_iommu_cfg	common;
	const struct peer_cfg	*peer;
};

struct pt_iommu_table {
	struct pt_iommu		iommu;
	struct pt_common	common;
	struct pt		*pt;
	bool			look_first;
};

phys_addr_t pt_iommu_io_pgtable_iova_to_phys(struct iommu_domain *domain,
					     dma_addr_t iova);

static inline struct pt_common *common_from_iommu(struct pt_iommu *iommu)
{
	return &container_of(iommu, struct pt_iommu_table, iommu)->common;
}

struct pt_range pt_top_range(struct pt_common *common);
/* For PT_FEAT_SIGN_EXTEND, which no format of io-pgtable has */
#define pt_upper_range(common)		pt_top_range(common)

typedef int pt_level_fn_t(struct pt_range *range, void *arg, unsigned int level,
			  struct pt_table_p *table);

/* One level, level 0: @fn is called once */
int pt_walk_range(struct pt_range *range, pt_level_fn_t *fn, void *arg);

static inline struct pt_state pt_init(struct pt_range *range,
				      unsigned int level,
				      struct pt_table_p *table)
{
	return (struct pt_state) { .range = range, .table = table };
}

/* pts->entry is the number of the leaf; false: there are no more */
bool peer_load_leaf(struct pt_state *pts);
unsigned int pt_entry_oa_lg2sz(const struct pt_state *pts);

#define for_each_pt_level_entry(pts) \
	for (; peer_load_leaf(pts); (pts)->entry++)

/* No leaf is a table, and nothing is installed */
static inline int pt_descend(struct pt_state *pts, void *arg, pt_level_fn_t *fn)
{
	BUG_ON(1);
}

static inline bool pt_check_install_leaf_args(struct pt_state *pts,
					      pt_oaddr_t oa,
					      unsigned int oasz_lg2)
{
	BUG_ON(1);
}

/* How many tables there are */
enum { NR_SECONDARY_PAGETABLE };
unsigned long global_node_page_state(int item);

#define set_dev_node(dev, node)		((void)(dev))
#define cond_resched()			do { } while (0)

#endif
