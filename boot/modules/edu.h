/* SPDX-License-Identifier: GPL-2.0 */
/*
 * QEMU's "edu" device, a domain of its own for it, and what is mapped there.  It takes a driver to
 * get a device behind its IOMMU.
 */
#include <linux/dma-mapping.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/sizes.h>

/*
 * The IOVA is aligned to every size, as the DMA API's are, so that 2 MiB and more are whole tables,
 * which go without a look at their pages.  "across" starts in the middle of a table instead.  The
 * physical address is aligned to 4 KiB and no further, so that all is mapped with 4 KiB pages.
 * Nothing accesses it.
 */
#define IOVA	((unsigned long)SZ_1G)
#define PADDR	((phys_addr_t)SZ_2G + SZ_4K)

struct mapping {
	const char *name;
	unsigned long iova;
	size_t size;
};

/* Does every page of the range translate to where it was mapped, or (!mapped) none at all? */
static bool translates(struct iommu_domain *domain, const struct mapping *mapping, bool mapped)
{
	phys_addr_t phys;
	size_t offset;

	for (offset = 0; offset < mapping->size; offset += SZ_4K) {
		phys = iommu_iova_to_phys(domain, mapping->iova + offset);
		if (phys != (mapped ? PADDR + offset : 0))
			return false;
	}
	return true;
}

static struct iommu_domain *attach_domain(struct pci_dev *pdev)
{
	struct iommu_domain *domain;
	int ret;

	if (!device_iommu_mapped(&pdev->dev))
		return ERR_PTR(-ENODEV);
	domain = iommu_domain_alloc(&pci_bus_type);
	if (!domain)
		return ERR_PTR(-ENOMEM);
	ret = iommu_attach_device(domain, &pdev->dev);
	if (ret) {
		iommu_domain_free(domain);
		return ERR_PTR(ret);
	}
	pci_info(pdev, "behind %s, page sizes %#lx\n",
		 dev_name(pdev->dev.iommu->iommu_dev->dev), domain->pgsize_bitmap);
	return domain;
}

static void detach_domain(struct iommu_domain *domain, struct pci_dev *pdev)
{
	iommu_detach_device(domain, &pdev->dev);
	iommu_domain_free(domain);
}

static const struct pci_device_id edu_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{}
};
MODULE_DEVICE_TABLE(pci, edu_ids);
