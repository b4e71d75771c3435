/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: a warning, which fails a case here. */
#ifndef SHIM_KUNIT_KUNIT_TEST_BUG_H
#define SHIM_KUNIT_KUNIT_TEST_BUG_H

#include <linux/bug.h>

#define kunit_fail_current_test(fmt, ...) WARN(1, fmt "\n", ##__VA_ARGS__)

#endif
