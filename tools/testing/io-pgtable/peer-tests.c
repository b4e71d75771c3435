// SPDX-License-Identifier: GPL-2.0
/*
 * The tests of generic_pt, of Linux 7.3, with the tables of another kernel: that of the struct pt_kernel that is linked in. The tests
 * call iommu_map() and the others of 7.3's core: here, these are that kernel's core.
 */
#include <linux/errno.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <drivers/iommu/iommu-pages.h>

#include "host.h"
#include "pt.h"
#include "runtime.h"
#include "walk.h"

/* As kunit_fmt_cfgs[] says it to pt_iommu_io_pgtable_init() */
struct peer_cfg {
	struct pt_config	pt;
	bool			look_first;
};

#include "pt_iter.h"

#define PEER_CFG(va, oa, first, ...) {					\
	.common.hw_max_vasz_lg2 = va,					\
	.common.hw_max_oasz_lg2 = oa,					\
	.peer = &(const struct peer_cfg) {				\
		.pt = { .ias = va, .oas = oa, __VA_ARGS__ },		\
		.look_first = first,					\
	},								\
}

#define SIZES_4K	(SZ_4K | SZ_2M | SZ_1G)
#define SIZES_16K	(SZ_16K | SZ_32M)
#define SIZES_64K	(SZ_64K | SZ_512M)
#define SIZES_V7S	(SZ_4K | SZ_64K | SZ_1M | SZ_16M)

/*
 * Their numbers are in the names of the results, and in 'peer-differs'. First those in which what is mapped already is mapped over, as
 * the tests do it; then those in which iommu_map() below looks first, as what allocates IOVAs knows what is free: where 5.10 lets a
 * block take the place of a table, the others end early.
 */
static const struct pt_iommu_table_cfg kunit_fmt_cfgs[] = {
	/* 0 */
	PEER_CFG(48, 48, false, .fmt = PT_LPAE_64_S1, .coherent = true,
		 .page_sizes = SIZES_4K),
	PEER_CFG(32, 32, false, .fmt = PT_V7S, .coherent = true,
		 .page_sizes = SIZES_V7S),
	PEER_CFG(48, 48, false, .fmt = PT_LPAE_64_S1, .coherent = true,
		 .page_sizes = SIZES_64K),
	/* An entry has the address in two parts */
	PEER_CFG(48, 52, false, .fmt = PT_LPAE_64_S1, .coherent = true,
		 .page_sizes = SIZES_64K),
	PEER_CFG(42, 42, false, .fmt = PT_LPAE_64_S2, .coherent = true,
		 .page_sizes = SIZES_64K),

	/* 5 */
	PEER_CFG(48, 48, true, .fmt = PT_LPAE_64_S1, .coherent = true,
		 .page_sizes = SIZES_4K),
	PEER_CFG(39, 40, true, .fmt = PT_LPAE_64_S1,
		 .page_sizes = SIZES_4K),
	PEER_CFG(48, 48, true, .fmt = PT_LPAE_64_S1, .coherent = true,
		 .page_sizes = SIZES_4K, .non_strict = true),
	PEER_CFG(48, 48, true, .fmt = PT_LPAE_64_S1, .coherent = true,
		 .page_sizes = SIZES_16K),
	PEER_CFG(39, 48, true, .fmt = PT_LPAE_64_S1, .coherent = true,
		 .page_sizes = SIZES_4K, .ttbr1 = true),
	/* 10: tables side by side at the top */
	PEER_CFG(40, 40, true, .fmt = PT_LPAE_64_S2, .coherent = true,
		 .page_sizes = SIZES_4K),
	PEER_CFG(40, 42, true, .fmt = PT_LPAE_64_S2, .coherent = true,
		 .page_sizes = SIZES_16K),
	PEER_CFG(32, 40, true, .fmt = PT_LPAE_32_S1, .coherent = true,
		 .page_sizes = SIZES_4K),
	PEER_CFG(40, 40, true, .fmt = PT_LPAE_32_S2, .coherent = true,
		 .page_sizes = SIZES_4K),
	PEER_CFG(48, 40, true, .fmt = PT_MALI, .coherent = true,
		 .page_sizes = SIZES_4K),
	/* 15 */
	PEER_CFG(32, 32, true, .fmt = PT_V7S, .page_sizes = SIZES_V7S),
	PEER_CFG(32, 34, true, .fmt = PT_V7S, .page_sizes = SIZES_V7S,
		 .mtk_ext = true, .no_perms = true),
};
#define kunit_fmt_cfgs kunit_fmt_cfgs

/* What is mapped, read without the kernel's help */

static bool is_table(void *cookie, uint64_t addr, uint64_t bytes)
{
	/* What is in no page ends the program */
	return virt_to_page((void *)addr)->refcount > 0;
}

static const struct walk *walk_pt(struct pt *pt)
{
	static struct walk walk;
	struct geometry geometry;

	geometry_init(&geometry, &pt->config);
	walk_tables(&walk, pt, &geometry, is_table, NULL);
	if (walk.error[0])
		host_die("%s\n", walk.error);

	return &walk;
}

/* The core, as the tests call it */

static struct pt_iommu_table *domain_to_table(struct iommu_domain *domain)
{
	return container_of(domain, struct pt_iommu_table, iommu.domain);
}

static struct pt *domain_to_pt(struct iommu_domain *domain)
{
	return domain_to_table(domain)->pt;
}

/* The peer's suites warn on purpose, as often as they like: see peer-differs */
static void __attribute__((__constructor__)) count_all_warnings(void)
{
	ratelimits = false;
}

static bool is_free(struct pt *pt, uint64_t iova, uint64_t size)
{
	uint64_t page = 1UL << __ffs(pt->config.page_sizes), at;

	/* The last byte of a page, which is not at address 0 */
	for (at = page - 1; at < size; at += page) {
		if (pt->kernel->iova_to_phys(pt, iova + at))
			return false;
	}

	return true;
}

int iommu_map(struct iommu_domain *domain, unsigned long iova,
	      phys_addr_t paddr, size_t size, int prot, gfp_t gfp)
{
	struct pt_iommu_table *table = domain_to_table(domain);
	struct pt *pt = table->pt;
	int ret;

	if (table->look_first && !is_free(pt, iova, size))
		return -EADDRINUSE;

	ret = pt->kernel->core_map(pt, iova, paddr, size, prot);
	if (ret != -EEXIST)
		return ret;

	/* generic_pt has another word for it, and says it without a warning */
	warnings--;
	return -EADDRINUSE;
}

size_t iommu_unmap(struct iommu_domain *domain, unsigned long iova, size_t size)
{
	struct pt *pt = domain_to_pt(domain);

	return pt->kernel->core_unmap(pt, iova, size);
}

phys_addr_t iommu_iova_to_phys(struct iommu_domain *domain, dma_addr_t iova)
{
	struct pt *pt = domain_to_pt(domain);

	return pt->kernel->iova_to_phys(pt, iova);
}

phys_addr_t pt_iommu_io_pgtable_iova_to_phys(struct iommu_domain *domain,
					     dma_addr_t iova)
{
	return iommu_iova_to_phys(domain, iova);
}

/* No table of the tests' is in such a list */
void iommu_put_pages_list(struct iommu_pages_list *list)
{
	BUG_ON(!iommu_pages_list_empty(list));
}

/* A format, as the tests know it */

static unsigned long num_tables;

static void table_allocated(uint64_t addr, uint64_t size, unsigned int gfp)
{
	num_tables++;
}

static void table_freed(uint64_t addr, uint64_t size)
{
	num_tables--;
}

unsigned long global_node_page_state(int item)
{
	return num_tables;
}

static void peer_get_info(struct pt_iommu *iommu, struct pt_iommu_info *info)
{
	info->pgsize_bitmap = domain_to_pt(&iommu->domain)->config.page_sizes;
}

static void peer_deinit(struct pt_iommu *iommu)
{
	struct pt *pt = domain_to_pt(&iommu->domain);

	pt->kernel->free(pt);
}

static const struct pt_iommu_ops peer_ops = {
	.get_info	= peer_get_info,
	.deinit		= peer_deinit,
};

int pt_iommu_io_pgtable_init(struct pt_iommu_table *table,
			     const struct pt_iommu_table_cfg *cfg, gfp_t gfp)
{
	static const struct mm_watch watch = {
		.alloc	= table_allocated,
		.free	= table_freed,
	};

	mm_watch = &watch;
	random_seed = 1;
	table->look_first = cfg->peer->look_first;
	table->pt = __start_pt_kernels[0]->alloc(&cfg->peer->pt, NULL, NULL);
	if (!table->pt)
		return -EINVAL;

	table->common.max_vasz_lg2 = cfg->common.hw_max_vasz_lg2;
	table->common.max_oasz_lg2 = cfg->common.hw_max_oasz_lg2;
	table->iommu.ops = &peer_ops;
	return 0;
}

/* What the tests look at tables with */

static struct pt *common_to_pt(struct pt_common *common)
{
	return container_of(common, struct pt_iommu_table, common)->pt;
}

struct pt_range pt_top_range(struct pt_common *common)
{
	struct geometry geometry;

	geometry_init(&geometry, &common_to_pt(common)->config);
	return (struct pt_range) {
		.common		= common,
		.va		= geometry.start,
		.last_va	= geometry.start + geometry.size - 1,
		.max_vasz_lg2	= common->max_vasz_lg2,
	};
}

int pt_walk_range(struct pt_range *range, pt_level_fn_t *fn, void *arg)
{
	const struct walk *walk = walk_pt(common_to_pt(range->common));

	return fn(range, arg, 0, (struct pt_table_p *)walk);
}

bool peer_load_leaf(struct pt_state *pts)
{
	const struct walk *walk = (const struct walk *)pts->table;

	pts->type = PT_ENTRY_OA;
	return pts->entry < walk->num_leaves;
}

unsigned int pt_entry_oa_lg2sz(const struct pt_state *pts)
{
	const struct walk *walk = (const struct walk *)pts->table;

	return ilog2(walk->leaves[pts->entry].size);
}

#include <drivers/iommu/generic_pt/kunit_iommu_pt.h>

/* In 7.3, kunit_generic_pt.h has it, beside tests of what generic_pt is made of */
static void do_map(struct kunit *test, pt_vaddr_t va, pt_oaddr_t pa,
		   pt_vaddr_t len)
{
	struct kunit_iommu_priv *priv = test->priv;
	int ret = iommu_map(&priv->domain, va, pa, len,
			    IOMMU_READ | IOMMU_WRITE, GFP_KERNEL);

	KUNIT_ASSERT_NO_ERRNO_FN(test, "iommu_map", ret);
}
