/* SPDX-License-Identifier: GPL-2.0 */
/* Page tables to try something on: those of an IOMMU's domain, or of a format alone. */
#include <linux/io-pgtable.h>
#include <linux/iommu.h>
#include MAP_H

struct tables {
	struct iommu_domain *domain;	/* or, if NULL: */
	struct io_pgtable_ops *ops;
};

static inline phys_addr_t translate(const struct tables *tables, unsigned long iova)
{
	if (tables->domain)
		return iommu_iova_to_phys(tables->domain, iova);
	return tables->ops->iova_to_phys(tables->ops, iova);
}

/* The core takes back what it has mapped when it fails. */
static inline int map_pages(const struct tables *tables, unsigned long iova, phys_addr_t paddr,
			    size_t pgsize, size_t count, size_t *mapped)
{
	int ret;

#ifdef HAVE_MAP_PAGES
	if (!tables->domain)
		return tables->ops->map_pages(tables->ops, iova, paddr, pgsize, count,
					      IOMMU_READ | IOMMU_WRITE, GFP_KERNEL, mapped);
#endif
	ret = map_atomic(tables->domain, iova, paddr, pgsize * count);
	*mapped = ret ? 0 : pgsize * count;
	return ret;
}

static inline size_t unmap_pages(const struct tables *tables, unsigned long iova, size_t pgsize,
				 size_t count)
{
#ifdef HAVE_MAP_PAGES
	struct iommu_iotlb_gather gather;

	iommu_iotlb_gather_init(&gather);
	if (!tables->domain)
		return tables->ops->unmap_pages(tables->ops, iova, pgsize, count, &gather);
#endif
	return iommu_unmap(tables->domain, iova, pgsize * count);
}
