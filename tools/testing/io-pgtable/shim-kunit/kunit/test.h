/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: what 7.3's suites need of KUnit beyond 5.10; see kunit.c. */
#ifndef SHIM_KUNIT_KUNIT_TEST_H
#define SHIM_KUNIT_KUNIT_TEST_H

#include_next <kunit/test.h>
#include <linux/err.h>
#include <linux/sizes.h>

#include "runtime.h"

#define KUNIT_SUBSUBTEST_INDENT	"        "

#define KUNIT_CASE_PARAM(test_name, params) \
	{ .run_case = test_name, .name = #test_name, .generate_params = params }

#define kunit_test_suites(suites...)					\
	static void __attribute__((__constructor__)) suites_add(void)	\
	{								\
		struct kunit_suite *all[] = { suites };			\
		unsigned int i;						\
									\
		for (i = 0; i < ARRAY_SIZE(all); i++)			\
			kunit_suite_add(all[i]);			\
	}

/* Ends the case */
__printf(2, 3) void kunit_skip(struct kunit *test, const char *fmt, ...);

#define kunit_err(test, fmt, ...) kunit_info(test, fmt, ##__VA_ARGS__)

#define KUNIT_EXPECT_NOT_ERR_OR_NULL(test, ptr)				\
	KUNIT_CONDITION(test, false, false, IS_ERR_OR_NULL(ptr), "")
#define KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ptr)				\
	KUNIT_CONDITION(test, true, false, IS_ERR_OR_NULL(ptr), "")
#define KUNIT_ASSERT_NOT_NULL(test, ptr) \
	KUNIT_CONDITION(test, true, false, !(ptr), "")
#define KUNIT_EXPECT_NULL(test, ptr) \
	KUNIT_CONDITION(test, false, true, !(ptr), "")

/* The types may differ, which 5.10's KUnit warns of */
#undef KUNIT_COMPARE
#define KUNIT_COMPARE KUNIT_COMPARE_ANY

#define KUNIT_ASSERT_EQ(test, left, right) \
	KUNIT_COMPARE(test, true, left, ==, right, "")
#define KUNIT_ASSERT_NE(test, left, right) \
	KUNIT_COMPARE(test, true, left, !=, right, "")
#define KUNIT_EXPECT_NE(test, left, right) \
	KUNIT_COMPARE(test, false, left, !=, right, "")
#define KUNIT_ASSERT_GE(test, left, right) \
	KUNIT_COMPARE(test, true, left, >=, right, "")

/* Warnings that a case asks for: counted, and then none of those that fail it */
#define kunit_warning_suppress(test)					\
	for (unsigned int __before = warnings, __done = 0; !__done;	\
	     warnings = __before, __done = 1)
#define KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, expected) \
	KUNIT_EXPECT_EQ(test, (int)(warnings - __before), expected)

/* The same up to the end of the case; see kunit.c */
struct kunit_suppressed_warning {
	unsigned int	before;
};

static inline struct kunit_suppressed_warning *
kunit_start_suppress_warning(struct kunit *test)
{
	struct kunit_suppressed_warning *w = kunit_kzalloc(test, sizeof(*w),
							   GFP_KERNEL);

	w->before = warnings;
	warnings_counted = true;
	warnings_suppressed = true;
	return w;
}

static inline void
kunit_end_suppress_warning(struct kunit *test, struct kunit_suppressed_warning *w)
{
	warnings_suppressed = false;
}

static inline int
kunit_suppressed_warning_count(struct kunit_suppressed_warning *w)
{
	return w ? warnings - w->before : 0;
}

#endif
