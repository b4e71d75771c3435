/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: a boot selftest is a KUnit suite of one case. */
#ifndef SHIM_PEER_LINUX_INIT_H
#define SHIM_PEER_LINUX_INIT_H

#include_next <linux/init.h>

/* Expanded where kunit/test.h is included: by linux/io-pgtable.h */
#undef subsys_initcall
#define subsys_initcall(fn)						\
	static void fn##_case(struct kunit *test)			\
	{								\
		KUNIT_EXPECT_EQ(test, fn(), 0);				\
	}								\
									\
	static struct kunit_case fn##_cases[] = {			\
		{ .run_case = fn##_case, .name = #fn },			\
		{}							\
	};								\
									\
	static struct kunit_suite fn##_suite = {			\
		.name		= #fn,					\
		.test_cases	= fn##_cases,				\
	};								\
	kunit_test_suite(fn##_suite)

#endif
