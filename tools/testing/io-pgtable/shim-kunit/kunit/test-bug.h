/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: the case that runs; see kunit.c. A program without cases counts all warnings, and so does a case that suppresses them. */
#ifndef SHIM_KUNIT_KUNIT_TEST_BUG_H
#define SHIM_KUNIT_KUNIT_TEST_BUG_H

#include <linux/types.h>

#include <kunit/test.h>

#include "runtime.h"

extern struct kunit *kunit_current;

static inline struct kunit *kunit_get_current_test(void)
{
	return kunit_current;
}

#define kunit_fail_current_test(fmt, ...) \
	kunit_failed(kunit_current, false, __FILE__, __LINE__, fmt, ##__VA_ARGS__)

static inline bool kunit_is_suppressed_warning(bool count)
{
	return warnings_suppressed;
}

#endif
