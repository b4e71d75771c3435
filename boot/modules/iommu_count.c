// SPDX-License-Identifier: GPL-2.0
/*
 * Counts what goes through iommu_map() and iommu_unmap(), by the kernel's own tracepoints.
 *
 * The parameter "counts" is five numbers: maps, bytes mapped, unmaps, bytes unmapped, and how many
 * of these unmaps were of 2 MiB or more.  While others map and unmap it is not of one moment.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/percpu.h>
#include <linux/sizes.h>
#include <linux/tracepoint.h>
#include LAZY_H

struct count {
	u64 calls;
	u64 bytes;
	u64 large;
};

static DEFINE_PER_CPU(struct count, maps);
static DEFINE_PER_CPU(struct count, unmaps);

static struct tracepoint *map_tracepoint;
static struct tracepoint *unmap_tracepoint;

static void count_map(void *data, unsigned long iova, phys_addr_t paddr, size_t size)
{
	this_cpu_inc(maps.calls);
	this_cpu_add(maps.bytes, size);
}

static void count_unmap(void *data, unsigned long iova, size_t size, size_t unmapped)
{
	this_cpu_inc(unmaps.calls);
	this_cpu_add(unmaps.bytes, unmapped);
	if (unmapped >= SZ_2M)
		this_cpu_inc(unmaps.large);
}

static int get_counts(char *buffer, const struct kernel_param *param)
{
	struct count map = {}, unmap = {};
	int cpu;

	for_each_possible_cpu(cpu) {
		map.calls += per_cpu(maps, cpu).calls;
		map.bytes += per_cpu(maps, cpu).bytes;
		unmap.calls += per_cpu(unmaps, cpu).calls;
		unmap.bytes += per_cpu(unmaps, cpu).bytes;
		unmap.large += per_cpu(unmaps, cpu).large;
	}
	return sprintf(buffer, "%llu %llu %llu %llu %llu\n",
		       map.calls, map.bytes, unmap.calls, unmap.bytes, unmap.large);
}

static const struct kernel_param_ops counts_ops = {
	.get = get_counts,
};
module_param_cb(counts, &counts_ops, NULL, 0400);

static void find(struct tracepoint *tp, void *unused)
{
	if (!strcmp(tp->name, "map"))
		map_tracepoint = tp;
	if (!strcmp(tp->name, "unmap"))
		unmap_tracepoint = tp;
}

/* Which devices have their TLB entries invalidated by each unmap, and which some time later. */
static void tell_policy(void)
{
	struct pci_dev *pdev = NULL;
	struct iommu_domain *domain;

	for_each_pci_dev(pdev) {
		domain = iommu_get_domain_for_dev(&pdev->dev);
		if (domain)
			pr_info("%s: %s\n", pci_name(pdev), is_lazy(domain) ? "lazy" : "strict");
	}
}

static int __init count_init(void)
{
	int ret;

	for_each_kernel_tracepoint(find, NULL);
	if (!map_tracepoint || !unmap_tracepoint)
		return -ENOENT;
	ret = tracepoint_probe_register(map_tracepoint, count_map, NULL);
	if (ret)
		return ret;
	ret = tracepoint_probe_register(unmap_tracepoint, count_unmap, NULL);
	if (ret) {
		tracepoint_probe_unregister(map_tracepoint, count_map, NULL);
		tracepoint_synchronize_unregister();
		return ret;
	}
	tell_policy();
	return 0;
}
module_init(count_init);

static void __exit count_exit(void)
{
	tracepoint_probe_unregister(map_tracepoint, count_map, NULL);
	tracepoint_probe_unregister(unmap_tracepoint, count_unmap, NULL);
	tracepoint_synchronize_unregister();
}
module_exit(count_exit);

MODULE_DESCRIPTION("Counts iommu_map() and iommu_unmap()");
MODULE_LICENSE("GPL");
