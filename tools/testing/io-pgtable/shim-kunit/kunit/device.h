/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: a device is memory of the test's. There may be but one of a name. */
#ifndef SHIM_KUNIT_KUNIT_DEVICE_H
#define SHIM_KUNIT_KUNIT_DEVICE_H

#include <kunit/test.h>
#include <linux/device.h>
#include <linux/err.h>

static inline struct device *kunit_device_register(struct kunit *test,
						   const char *name)
{
	if (test->has_device)
		return ERR_PTR(-EBUSY);
	test->has_device = true;
	return kunit_kzalloc(test, sizeof(struct device), GFP_KERNEL);
}

#endif
