/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: what 7.3's suite of LPAE needs of KUnit beyond 5.10. */
#ifndef SHIM_7_3_KUNIT_TEST_H
#define SHIM_7_3_KUNIT_TEST_H

#include_next <kunit/test.h>
#include <linux/err.h>
#include <linux/sizes.h>

#define kunit_err(test, fmt, ...) kunit_info(test, fmt, ##__VA_ARGS__)

#define KUNIT_FAIL(test, fmt, ...)					\
	kunit_failed(test, false, __FILE__, __LINE__, fmt, ##__VA_ARGS__)

#define KUNIT_EXPECT_NOT_ERR_OR_NULL(test, ptr)				\
	KUNIT_CONDITION(test, false, false, IS_ERR_OR_NULL(ptr), "")

#endif
