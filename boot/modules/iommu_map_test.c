// SPDX-License-Identifier: GPL-2.0
/*
 * Do iommu_map(), iommu_map_sg(), iommu_unmap() and iommu_iova_to_phys() do what they should, in a
 * domain of a device's own?  The device does nothing, so any will do.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "device.h"
#include ONE_H
#include "map_tests.h"

static int space_map(const struct space *space, unsigned long iova, phys_addr_t paddr, size_t size)
{
	return map_atomic(space->tables, iova, paddr, size, IOMMU_READ | IOMMU_WRITE);
}

static size_t space_map_list(const struct space *space, unsigned long iova,
			     struct scatterlist *list, unsigned int nents)
{
	return map_list_atomic(space->tables, iova, list, nents);
}

static size_t space_unmap(const struct space *space, unsigned long iova, phys_addr_t paddr,
			  size_t size)
{
	return iommu_unmap(space->tables, iova, size);
}

static phys_addr_t space_phys(const struct space *space, unsigned long iova)
{
	return iommu_iova_to_phys(space->tables, iova);
}

/*
 * Pages, and then a part of one: nothing stays mapped.  The kernel says so in a line and does not
 * warn, so that who has panic_on_warn does not pay for a buffer that is refused.
 */
static bool refuses_unaligned(const struct space *space)
{
	return space_map(space, START, SZ_2G, SZ_4K + SZ_512) &&
	       is_free(space, pages(0, SZ_64K));
}

static bool refuses_unaligned_list(const struct space *space)
{
	struct scatterlist sg[4];

	sg_init_table(sg, ARRAY_SIZE(sg));
	set_segment(&sg[0], SZ_2G, SZ_4K);
	set_segment(&sg[1], (phys_addr_t)SZ_2G + SZ_64K, SZ_4K);
	set_segment(&sg[2], (phys_addr_t)SZ_2G + SZ_128K, SZ_512);
	set_segment(&sg[3], (phys_addr_t)SZ_2G + SZ_256K, SZ_4K);
	return !space_map_list(space, START, sg, ARRAY_SIZE(sg)) &&
	       is_free(space, pages(0, SZ_64K));
}

static int iommu_map_test(struct device *dev)
{
	struct iommu_domain *domain = attach_domain(dev);
	bool lists = can_list_any();
	struct space list, space = {
		.name = "iommu_map",
		.way = "",
		.splits = splits_blocks(),
		.tables = domain,
		.map = space_map,
		.unmap = space_unmap,
		.phys = space_phys,
	};

	if (IS_ERR(domain))
		return PTR_ERR(domain);
	space.pgsizes = domain->pgsize_bitmap;
	list = space;
	list.name = "iommu_map_sg";
	list.map_list = space_map_list;
	ktap_plan((1 + lists) * (count_map_tests(&space) + 1));
	test_space(&space);
	ktap_result("iommu_map: a buffer that is not aligned", refuses_unaligned(&space));
	if (lists) {
		test_space(&list);
		ktap_result("iommu_map_sg: a list that is not aligned",
			    refuses_unaligned_list(&list));
	}
	detach_domain(domain, dev);
	return map_tests_result();
}

module_device_test(iommu_map_test);

MODULE_DESCRIPTION("Tests of iommu_map(), iommu_map_sg() and iommu_unmap()");
