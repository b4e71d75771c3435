/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The device that a test is for, and a domain of its own for it.
 *
 * It takes a driver to get a device behind its IOMMU, so each test module is one: of QEMU's "edu"
 * device, of the one that boot/dts puts behind an IOMMU, and of any other that is given to it with
 * driver_override.  The test runs in the probe.
 *
 * alloc_domain() and map_atomic() are in compat/: kernels differ in how they do that.
 */
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/sizes.h>
#ifdef CONFIG_ARM_DMA_USE_IOMMU
#include <asm/dma-iommu.h>
#endif
#include DOMAIN_H
#include MAP_H

/*
 * The IOVA is aligned to every size, as the DMA API's are, so that 2 MiB and more are whole tables,
 * which go without a look at their pages.  "across" starts in the middle of a table instead.  The
 * physical address is aligned to 4 KiB and no further, so that all is mapped with 4 KiB pages.
 * Nothing accesses it.
 */
#define IOVA	((unsigned long)SZ_1G)
#ifndef PADDR
#define PADDR	((phys_addr_t)SZ_2G + SZ_4K)
#endif

struct mapping {
	const char *name;
	unsigned long iova;
	size_t size;
};

/* Does every page of the range translate to where it was mapped, or (!mapped) none at all? */
static inline bool translates(struct iommu_domain *domain, const struct mapping *mapping,
			      bool mapped)
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

static inline int count_device(struct device *dev, void *count)
{
	++*(unsigned int *)count;
	return 0;
}

/* How many devices share the one's translations. */
static inline unsigned int devices_in_group(struct device *dev)
{
	struct iommu_group *group = iommu_group_get(dev);
	unsigned int count = 0;

	iommu_group_for_each_dev(group, &count, count_device);
	iommu_group_put(group);
	return count;
}

/* Not every IOMMU's driver says what the IOMMU is called. */
static inline const char *iommu_name(struct device *dev)
{
	struct iommu_device *iommu = dev->iommu ? dev->iommu->iommu_dev : NULL;

	return iommu && iommu->dev ? dev_name(iommu->dev) : "an IOMMU";
}

/* Is it one of the DMA API, strict or lazy? */
static inline bool is_dma_domain(struct iommu_domain *domain)
{
	return (domain->type & IOMMU_DOMAIN_DMA) == IOMMU_DOMAIN_DMA;
}

static inline void detach_domain(struct iommu_domain *domain, struct device *dev)
{
	if (is_dma_domain(domain))
		return;
	iommu_detach_device(domain, dev);
	iommu_domain_free(domain);
}

/* On 32-bit Arm the DMA API attaches a device to a domain that later kernels do not replace. */
static inline void leave_dma_domain(struct device *dev)
{
#ifdef CONFIG_ARM_DMA_USE_IOMMU
	if (to_dma_iommu_mapping(dev))
		arm_iommu_detach_device(dev);
#endif
}

/* -ENODEV, which the kernel says nothing more of, when the device is none to test with. */
static inline struct iommu_domain *attach_domain(struct device *dev)
{
	struct iommu_domain *domain;
	int ret;

	if (!device_iommu_mapped(dev)) {
		dev_err(dev, "not behind an IOMMU\n");
		return ERR_PTR(-ENODEV);
	}
	if (devices_in_group(dev) != 1) {
		dev_err(dev, "its IOMMU group has %u devices, but a test wants one alone\n",
			devices_in_group(dev));
		return ERR_PTR(-ENODEV);
	}
	domain = alloc_domain(dev);
	if (!IS_ERR(domain)) {
		leave_dma_domain(dev);
		ret = iommu_attach_device(domain, dev);
		if (ret) {
			dev_err(dev, "not attached to a domain: error %d\n", ret);
			iommu_domain_free(domain);
			return ERR_PTR(ret);
		}
	} else {
		/* mtk_iommu has none but the DMA API's, which nobody else uses */
		domain = iommu_get_domain_for_dev(dev);
		if (!domain || !is_dma_domain(domain)) {
			dev_err(dev, "no IOMMU domain for it\n");
			return ERR_PTR(-ENODEV);
		}
	}
	if (!(domain->pgsize_bitmap & SZ_4K)) {
		dev_err(dev, "no pages of 4 KiB, but of %#lx\n", domain->pgsize_bitmap);
		detach_domain(domain, dev);
		return ERR_PTR(-ENODEV);
	}
	dev_info(dev, "behind %s, page sizes %#lx\n", iommu_name(dev), domain->pgsize_bitmap);
	return domain;
}

/* A module whose test is int RUN(struct device *): a driver whose probe is the test. */
#define module_device_test(run)							\
static int test_pci_probe(struct pci_dev *pdev, const struct pci_device_id *id)	\
{										\
	return run(&pdev->dev);							\
}										\
										\
static const struct pci_device_id test_pci_ids[] = {				\
	{ PCI_DEVICE(0x1234, 0x11e8) },						\
	{}									\
};										\
										\
static struct pci_driver test_pci_driver = {					\
	.name = KBUILD_MODNAME,							\
	.id_table = test_pci_ids,						\
	.probe = test_pci_probe,						\
};										\
										\
static int test_platform_probe(struct platform_device *pdev)			\
{										\
	return run(&pdev->dev);							\
}										\
										\
static const struct of_device_id test_of_ids[] = {				\
	{ .compatible = "io-pgtable,device" },					\
	{}									\
};										\
										\
static struct platform_driver test_platform_driver = {				\
	.driver.name = KBUILD_MODNAME,						\
	.driver.of_match_table = test_of_ids,					\
	.probe = test_platform_probe,						\
};										\
										\
static int __init test_init(void)						\
{										\
	int ret = platform_driver_register(&test_platform_driver);		\
										\
	if (ret)								\
		return ret;							\
	ret = pci_register_driver(&test_pci_driver);				\
	if (ret)								\
		platform_driver_unregister(&test_platform_driver);		\
	return ret;								\
}										\
module_init(test_init);								\
										\
static void __exit test_exit(void)						\
{										\
	pci_unregister_driver(&test_pci_driver);				\
	platform_driver_unregister(&test_platform_driver);			\
}										\
module_exit(test_exit);								\
										\
MODULE_DEVICE_TABLE(pci, test_pci_ids);						\
MODULE_LICENSE("GPL")
