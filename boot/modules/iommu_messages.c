// SPDX-License-Identifier: GPL-2.0
/*
 * How much is logged when a driver calls wrongly for each of its buffers?
 *
 * The console is quiet meanwhile: what is said there would be a fault of the boot.  The lines are
 * counted in the log of the kernel.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include "device.h"
#include "ktap.h"
#include LOG_H

#define CALLS	30	/* in less than the 5 s of a rate limit */
#define BURST	10	/* lines that such a limit lets through */

static unsigned int lines_with(const char *what, const char *where)
{
	struct log_reader reader = {};
	unsigned int lines = 0;
	static char line[512];
	size_t len;

	log_begin(&reader);
	while (log_line(&reader, line, sizeof(line), &len))
		lines += strnstr(line, what, len) && strnstr(line, where, len);
	return lines;
}

/* Is at least one line in the log, and are at most @most? */
static void tell(const char *name, unsigned int lines, unsigned int most)
{
	pr_info("%s: %u lines of %u calls\n", name, lines, CALLS);
	ktap_result(name, lines && lines <= most);
}

static bool unaligned(struct iommu_domain *domain)
{
	bool refused = true;
	int i;

	for (i = 0; i < CALLS; i++) {
		refused &= map_atomic(domain, IOVA, PADDR, SZ_4K + SZ_512,
				      IOMMU_READ) == -EINVAL;
		refused &= !iommu_unmap(domain, IOVA, SZ_4K + SZ_512);
	}
	return refused;
}

static bool unmapped_nothing(struct iommu_domain *domain)
{
	bool refused = true;
	int i;

	for (i = 0; i < CALLS; i++)
		refused &= !iommu_unmap(domain, IOVA, SZ_4K);
	return refused;
}

/* The pages are gone when the DMA API is to unmap them, as after a call with another address */
static bool unmapped_twice(struct device *dev, struct iommu_domain *domain)
{
	struct page *page = alloc_page(GFP_KERNEL);
	bool ok = page;
	dma_addr_t addr;
	int i;

	for (i = 0; i < CALLS && ok; i++) {
		addr = dma_map_page(dev, page, 0, PAGE_SIZE, DMA_TO_DEVICE);
		ok = !dma_mapping_error(dev, addr);
		if (!ok)
			break;
		ok = iommu_unmap(domain, addr, PAGE_SIZE) == PAGE_SIZE;
		dma_unmap_page(dev, addr, PAGE_SIZE, DMA_TO_DEVICE);
	}
	if (page)
		__free_page(page);
	return ok;
}

static int iommu_messages(struct device *dev)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(dev);
	int loglevel = console_loglevel;
	unsigned int format_warnings;
	bool refused, unmapped;

	if (!domain || !is_dma_domain(domain))
		return -ENODEV;
	dev_info(dev, "behind %s, page sizes %#lx\n", iommu_name(dev), domain->pgsize_bitmap);

	/* Tests that ran at boot have used up some of what the limits let through */
	msleep(5100);
	console_loglevel = 0;
	refused = unaligned(domain) && unmapped_nothing(domain);
	format_warnings = lines_with("WARNING:", "io-pgtable-arm.c");
	unmapped = unmapped_twice(dev, domain);
	console_loglevel = loglevel;

	ktap_plan(6);
	ktap_result("calls that are not aligned, or of nothing, are refused", refused);
	tell("maps that are not aligned", lines_with("unaligned: iova", " 0x40000000 pa "), BURST);
	tell("unmaps that are not aligned", lines_with("unaligned: iova", " 0x40000000 size "), BURST);
	tell("warnings of the page table's format", format_warnings, 1);
	ktap_result("what is unmapped already can be unmapped", unmapped);
	tell("warnings of the DMA API", lines_with("WARNING:", "dma-iommu.c"), 1);
	return 0;
}

module_device_test(iommu_messages);

MODULE_DESCRIPTION("How much is logged of calls that are wrong");
