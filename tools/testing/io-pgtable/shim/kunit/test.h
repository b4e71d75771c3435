/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: KUnit as Linux 5.10 has it, what the suite needs of it; see kunit.c. What is beyond 5.10 is for shim-kunit/kunit/test.h. */
#ifndef SHIM_KUNIT_TEST_H
#define SHIM_KUNIT_TEST_H

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>

struct kunit_alloc;

struct kunit {
	void			*priv;
	const char		*name;
	bool			success;
	struct kunit_alloc	*allocs;

	/* Beyond 5.10 */
	bool			skipped;
	const void		*param_value;
	bool		has_device;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char		*name;

	/* Beyond 5.10: what the case is run with, one after the other, and its name */
	const void *(*generate_params)(struct kunit *test, const void *prev,
				       char *desc);
};

#define KUNIT_PARAM_DESC_SIZE	128

struct kunit_suite {
	const char		name[256];
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case	*test_cases;
	struct kunit_suite	*next;
};

#define KUNIT_CASE(test_name)	{ .run_case = test_name, .name = #test_name }

void kunit_suite_add(struct kunit_suite *suite);

#define kunit_test_suite(suite)						\
	static void __attribute__((__constructor__)) suite##_add(void)	\
	{								\
		kunit_suite_add(&suite);				\
	}

/* Freed when the case ends */
void *kunit_kzalloc(struct kunit *test, size_t size, gfp_t gfp);
void kunit_kfree(struct kunit *test, const void *p);

#define kunit_info(test, fmt, ...)					\
	printk("    # %s: " fmt, (test)->name, ##__VA_ARGS__)

/* Says what failed; an assertion does not return then */
__printf(5, 6)
void kunit_failed(struct kunit *test, bool assertion, const char *file,
		  int line, const char *fmt, ...);

#define KUNIT_CONDITION(test, assertion, want, cond, fmt, ...) do {	\
	if ((bool)(cond) != (want))					\
		kunit_failed(test, assertion, __FILE__, __LINE__,	\
			     "%s is %s\n" fmt, #cond,			\
			     (want) ? "false" : "true", ##__VA_ARGS__);	\
} while (0)

/* The types may differ */
#define KUNIT_COMPARE_ANY(test, assertion, left, op, right, fmt, ...) do { \
	typeof(left) __left = (left);					\
	typeof(right) __right = (right);				\
									\
	if (!(__left op __right))					\
		kunit_failed(test, assertion, __FILE__, __LINE__,	\
			     "not %s " #op " %s: 0x%llx, 0x%llx\n" fmt,	\
			     #left, #right, (u64)__left, (u64)__right,	\
			     ##__VA_ARGS__);				\
} while (0)

#define KUNIT_COMPARE(test, assertion, left, op, right, fmt, ...) do {	\
	(void)__typecheck(left, right);					\
	KUNIT_COMPARE_ANY(test, assertion, left, op, right, fmt,	\
			  ##__VA_ARGS__);				\
} while (0)

#define KUNIT_FAIL(test, fmt, ...)					\
	kunit_failed(test, false, __FILE__, __LINE__, fmt, ##__VA_ARGS__)

#define KUNIT_EXPECT_TRUE(test, cond) \
	KUNIT_CONDITION(test, false, true, cond, "")
#define KUNIT_EXPECT_TRUE_MSG(test, cond, fmt, ...) \
	KUNIT_CONDITION(test, false, true, cond, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_FALSE(test, cond) \
	KUNIT_CONDITION(test, false, false, cond, "")
#define KUNIT_EXPECT_EQ(test, left, right) \
	KUNIT_COMPARE(test, false, left, ==, right, "")
#define KUNIT_EXPECT_EQ_MSG(test, left, right, fmt, ...) \
	KUNIT_COMPARE(test, false, left, ==, right, fmt, ##__VA_ARGS__)

#define KUNIT_ASSERT_TRUE(test, cond) \
	KUNIT_CONDITION(test, true, true, cond, "")
#define KUNIT_ASSERT_LE(test, left, right) \
	KUNIT_COMPARE(test, true, left, <=, right, "")
#define KUNIT_ASSERT_EQ_MSG(test, left, right, fmt, ...) \
	KUNIT_COMPARE(test, true, left, ==, right, fmt, ##__VA_ARGS__)

#endif
