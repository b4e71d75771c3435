/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: the case that runs; see kunit.c. */
#ifndef SHIM_KUNIT_KUNIT_TEST_BUG_H
#define SHIM_KUNIT_KUNIT_TEST_BUG_H

#include <kunit/test.h>

extern struct kunit *kunit_current;

#define kunit_fail_current_test(fmt, ...) \
	kunit_failed(kunit_current, false, __FILE__, __LINE__, fmt, ##__VA_ARGS__)

#endif
