// SPDX-License-Identifier: GPL-2.0
/*
 * drm/msm's MMU code, on arm-smmu, for the buffers of an Adreno GPU.
 *
 * The driver's file is part of this module, as it is in the kernel's tree.  A device behind arm-smmu
 * stands in for the GPU: its domain is the upper half of the addresses (TTBR1), and for the lower
 * half the driver makes page tables of its own.  This module writes arm-smmu's registers for it, and
 * so sees whether the TLB is invalidated, and what the tables still translate at that moment.
 *
 * A test that fails says why, and boot/cases has what 5.10 is known to fail, and for what reason.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "arm-smmu.h"
#include "device.h"
#include "few_maps.h"
#include "ktap.h"
#include "msm_iommu.c"

#define BUFFER	((u64)SZ_1G)
#define MOST	SZ_4M		/* that any test maps */

static struct iommu_domain *domain;	/* the upper half, which the kernel's buffers are in */
static struct msm_mmu *upper, *lower;
static unsigned int invalidations;
static const char *wrong;

static phys_addr_t translate(u64 iova)
{
	struct io_pgtable_ops *ops = to_pagetable(lower)->pgtbl_ops;

	return ops->iova_to_phys(ops, iova);
}

/* How many pages from the start of the buffer on are translated, whatever its size? */
static size_t translated(void)
{
	size_t offset, pages = 0;

	for (offset = 0; offset < MOST; offset += SZ_4K)
		pages += translate(BUFFER + offset) != 0;
	return pages;
}

static void write_reg(struct arm_smmu_device *smmu, int page, int offset, u32 val)
{
	writel_relaxed(val, arm_smmu_page(smmu, page) + offset);
	if (page >= smmu->numpage && offset == ARM_SMMU_CB_S1_TLBIASID) {
		invalidations++;
		if (lower && translated())
			wrong = "the TLB is invalidated, and not all is unmapped";
	}
}

static int use_ttbr1(struct arm_smmu_domain *domain, struct io_pgtable_cfg *cfg, struct device *dev)
{
	cfg->quirks |= IO_PGTABLE_QUIRK_ARM_TTBR1;
	return 0;
}

/* What arm-smmu offers the GPU's driver */
static const struct io_pgtable_cfg *get_ttbr1_cfg(const void *cookie)
{
	const struct arm_smmu_domain *smmu_domain = cookie;

	return &io_pgtable_ops_to_pgtable(smmu_domain->pgtbl_ops)->cfg;
}

static int set_ttbr0_cfg(const void *cookie, const struct io_pgtable_cfg *cfg)
{
	return 0;
}

/* A scatterlist of two segments, each somewhere else */
static struct scatterlist segments[2];
static struct sg_table sgt = { .sgl = segments, .nents = 2, .orig_nents = 2 };

static void make_segments(size_t first, size_t second)
{
	sg_init_table(segments, 2);
	sg_set_page(&segments[0], pfn_to_page(PHYS_PFN(SZ_1G)), first, 0);
	sg_set_page(&segments[1], pfn_to_page(PHYS_PFN(SZ_1G + SZ_16M)), second, 0);
}

static int map(size_t len)
{
	return lower->funcs->map(lower, BUFFER, &sgt, len, IOMMU_READ | IOMMU_WRITE);
}

static int unmap(size_t len)
{
	return lower->funcs->unmap(lower, BUFFER, len);
}

static const char *map_and_unmap(void)
{
	make_segments(SZ_2M, SZ_64K);
	if (map(SZ_2M + SZ_64K))
		return "not mapped";
	if (translate(BUFFER + SZ_4K) != SZ_1G + SZ_4K ||
	    translate(BUFFER + SZ_2M) != SZ_1G + SZ_16M ||
	    translated() != (SZ_2M + SZ_64K) / SZ_4K)
		return "mapped wrong";
	invalidations = 0;
	if (unmap(SZ_2M + SZ_64K))
		return "all is unmapped, and it is an error";
	if (translated())
		return "not all is unmapped";
	return invalidations ? NULL : "the TLB is not invalidated";
}

static const char *hole(void)
{
	struct io_pgtable_ops *ops = to_pagetable(lower)->pgtbl_ops;
#ifdef HAVE_MAP_PAGES
	unsigned int warnings = 0;
#endif

	make_segments(SZ_64K, SZ_64K);
	if (map(SZ_128K))
		return "not mapped";
	ops->unmap(ops, BUFFER + SZ_32K, SZ_4K, NULL);
#ifdef HAVE_MAP_PAGES
	/* Counted, as few are printed */
	io_pgtable_ops_to_pgtable(ops)->warnings = &warnings;
#else
	pr_info("expect 1 warnings\n");
#endif
	if (!unmap(SZ_128K))
		return "a hole is no error";
#ifdef HAVE_MAP_PAGES
	io_pgtable_ops_to_pgtable(ops)->warnings = NULL;
	if (warnings != 1)
		return "a hole is not warned of";
#endif
	return translated() ? "what is behind a hole stays" : NULL;
}

static const char *map_fails(void)
{
	make_segments(SZ_64K, SZ_64K);
	maps_left = 20;
	if (!map(SZ_128K))
		return "a map that failed reports success";
	return translated() ? "what was mapped stays" : NULL;
}

/* A buffer of three pages, of the last of which the list has a half */
static const char *half_a_page(void)
{
	make_segments(SZ_4K, 0x1800);
	if (!map(3 * SZ_4K))
		return "not all is mapped, and it is no error";
	if (translated())
		return "what was mapped stays";
	return MOST / SZ_4K - maps_left > 3 ? "the pages behind a segment are mapped" : NULL;
}

static const char *longer_list(void)
{
	make_segments(SZ_4K, SZ_4K);
	if (!map(SZ_4K))
		return "more is mapped than the buffer has";
	return translated() ? "what was mapped stays" : NULL;
}

/* The kernel's own buffers, in the domain */
static const char *shorter_list(void)
{
	u64 iova = domain->geometry.aperture_start + SZ_1G;

	make_segments(SZ_4K, SZ_4K);
	if (!upper->funcs->map(upper, iova, &sgt, SZ_16K, IOMMU_READ))
		return "less is mapped than the buffer has";
	return iommu_iova_to_phys(domain, iova) ? "what was mapped stays" : NULL;
}

static const struct {
	const char *name;
	const char *(*run)(void);
} all_tests[] = {
	{ "a buffer", map_and_unmap },
	{ "a hole", hole },
	{ "a map that fails", map_fails },
	{ "half a page", half_a_page },
	{ "a list longer than the buffer", longer_list },
	{ "a list shorter than the buffer", shorter_list },
};

/* A fault of one test is none of the next one's */
static void clear(void)
{
	struct io_pgtable_ops *ops = to_pagetable(lower)->pgtbl_ops;
	size_t offset;

	for (offset = 0; offset < MOST; offset += SZ_4K)
		if (translate(BUFFER + offset))
			ops->unmap(ops, BUFFER + offset, SZ_4K, NULL);
}

static void run_all(void)
{
	struct io_pgtable_ops *ops = to_pagetable(lower)->pgtbl_ops;
	const char *result;
	int i;

	limit_maps(ops);
	ktap_plan(ARRAY_SIZE(all_tests));
	for (i = 0; i < ARRAY_SIZE(all_tests); i++) {
		maps_left = MOST / SZ_4K;
		wrong = NULL;
		result = all_tests[i].run();
		if (!result)
			result = wrong;
		if (result)
			pr_err("%s: %s\n", all_tests[i].name, result);
		ktap_result(all_tests[i].name, !result);
		clear();
	}
}

static int msm_test(struct device *dev)
{
	struct adreno_smmu_priv priv = {
		.get_ttbr1_cfg = get_ttbr1_cfg,
		.set_ttbr0_cfg = set_ttbr0_cfg,
	};
	const struct arm_smmu_impl *before;
	struct arm_smmu_impl impl = {};
	struct arm_smmu_device *smmu;

	if (!device_iommu_mapped(dev) ||
	    strcmp(dev_driver_string(dev->iommu->iommu_dev->dev->parent), "arm-smmu"))
		return -ENODEV;
	smmu = container_of(dev->iommu->iommu_dev, struct arm_smmu_device, iommu);
	before = smmu->impl;
	if (before)
		impl = *before;
	impl.init_context = use_ttbr1;
	impl.write_reg = write_reg;
	smmu->impl = &impl;

	domain = alloc_domain(dev);
	upper = IS_ERR(domain) ? ERR_CAST(domain) : msm_iommu_new(dev, domain);
	if (!IS_ERR(upper)) {
		priv.cookie = container_of(domain, struct arm_smmu_domain, domain);
		dev_set_drvdata(dev, &priv);
		lower = msm_iommu_pagetable_create(upper);
		if (!IS_ERR(lower)) {
			run_all();
			lower->funcs->destroy(lower);
		}
		lower = NULL;
		upper->funcs->detach(upper);
		upper->funcs->destroy(upper);
		dev_set_drvdata(dev, NULL);
	}
	smmu->impl = before;
	return PTR_ERR_OR_ZERO(upper);
}

module_device_test(msm_test);

MODULE_DESCRIPTION("drm/msm's MMU code, on arm-smmu");
