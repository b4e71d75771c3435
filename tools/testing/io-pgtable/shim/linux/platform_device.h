/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: a platform device is its struct device; see kernel.c. */
#ifndef SHIM_LINUX_PLATFORM_DEVICE_H
#define SHIM_LINUX_PLATFORM_DEVICE_H

#include <linux/device.h>

#define PLATFORM_DEVID_NONE	(-1)

struct resource;

struct platform_device {
	struct device	dev;
};

#define to_platform_device(x)	container_of((x), struct platform_device, dev)

struct platform_device *
platform_device_register_simple(const char *name, int id,
				const struct resource *res, unsigned int num);
void platform_device_unregister(struct platform_device *pdev);

#endif
