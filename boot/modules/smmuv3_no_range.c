// SPDX-License-Identifier: GPL-2.0
/*
 * Makes arm-smmu-v3 believe that its SMMU has no range invalidation, as those before version 3.2
 * have not: QEMU's always has it.  To be loaded before a device behind it gets its driver.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/platform_device.h>
#include "arm-smmu-v3.h"

static int take_away(struct device *dev, void *data)
{
	struct arm_smmu_device *smmu = dev_get_drvdata(dev);
	unsigned int *nr = data;

	if (smmu->features & ARM_SMMU_FEAT_RANGE_INV) {
		smmu->features &= ~ARM_SMMU_FEAT_RANGE_INV;
		++*nr;
	}
	return 0;
}

static int __init smmuv3_no_range_init(void)
{
	struct device_driver *driver = driver_find("arm-smmu-v3", &platform_bus_type);
	unsigned int nr = 0;

	if (driver)
		driver_for_each_device(driver, NULL, &nr, take_away);
	if (!nr)
		return -ENODEV;

	pr_info("no range invalidation\n");
	return 0;
}
module_init(smmuv3_no_range_init);

static void __exit smmuv3_no_range_exit(void)
{
}
module_exit(smmuv3_no_range_exit);

MODULE_DESCRIPTION("Takes range invalidation away from arm-smmu-v3");
MODULE_LICENSE("GPL");
