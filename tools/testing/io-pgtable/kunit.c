// SPDX-License-Identifier: GPL-2.0
/*
 * A KUnit that runs here. As in the kernel: init, case, exit; a failed assertion ends the case but not its exit.
 * Beyond the kernel, a case fails if it makes a warning, or leaks.
 */
#include <kunit/test.h>
#include <linux/bug.h>
#include <linux/mm.h>

#include "host.h"
#include "runtime.h"
#include "tests.h"

struct kunit_alloc {
	void			*p;
	struct kunit_alloc	*next;
};

static struct kunit_suite *suites;
/* For kunit_fail_current_test() */
struct kunit *kunit_current;

void kunit_suite_add(struct kunit_suite *suite)
{
	suite->next = suites;
	suites = suite;
}

void *kunit_kzalloc(struct kunit *test, size_t size, gfp_t gfp)
{
	struct kunit_alloc *alloc = kzalloc(sizeof(*alloc), gfp);

	if (!alloc)
		return NULL;

	alloc->p = kzalloc(size, gfp);
	alloc->next = test->allocs;
	test->allocs = alloc;
	return alloc->p;
}

void kunit_kfree(struct kunit *test, const void *p)
{
	struct kunit_alloc **link = &test->allocs;
	struct kunit_alloc *alloc;

	while ((*link)->p != p)
		link = &(*link)->next;

	alloc = *link;
	*link = alloc->next;
	kfree(alloc->p);
	kfree(alloc);
}

static void kunit_free_all(struct kunit *test)
{
	struct kunit_alloc *alloc;

	while ((alloc = test->allocs)) {
		test->allocs = alloc->next;
		kfree(alloc->p);
		kfree(alloc);
	}
}

void kunit_failed(struct kunit *test, bool assertion, const char *file,
		  int line, const char *fmt, ...)
{
	__builtin_va_list args;

	test->success = false;
	printk("    # %s: %s FAILED at %s:%d\n    # ", test->name,
	       assertion ? "ASSERTION" : "EXPECTATION", file, line);
	__builtin_va_start(args, fmt);
	host_vprintf(fmt, args);
	__builtin_va_end(args);
	printk("\n");

	if (assertion)
		host_abort();
}

void kunit_skip(struct kunit *test, const char *fmt, ...)
{
	__builtin_va_list args;

	test->skipped = true;
	printk("    # SKIP: ");
	__builtin_va_start(args, fmt);
	host_vprintf(fmt, args);
	__builtin_va_end(args);
	printk("\n");
	host_abort();
}

struct kunit_run {
	struct kunit		test;
	struct kunit_suite	*suite;
	struct kunit_case	*c;
};

static void kunit_run_body(void *arg)
{
	struct kunit_run *run = arg;
	int ret;

	kunit_current = &run->test;
	ret = run->suite->init ? run->suite->init(&run->test) : 0;
	if (ret) {
		printk("    # %s: init returned %d\n", run->c->name, ret);
		run->test.success = false;
		return;
	}

	run->c->run_case(&run->test);
}

static void kunit_run_exit(void *arg)
{
	struct kunit_run *run = arg;

	if (run->suite->exit)
		run->suite->exit(&run->test);
}

static void kunit_run_case(struct kunit_suite *suite, struct kunit_case *c,
			   const char *name, const void *param,
			   struct results *results)
{
	struct kunit_run run = {
		.test	= {
			.name		= c->name,
			.success	= true,
			.param_value	= param,
		},
		.suite	= suite,
		.c	= c,
	};
	long live = mm_live;

	warnings = 0;
	warnings_counted = false;
	warnings_suppressed = true;

	/* An assertion has failed the case already */
	host_try(kunit_run_body, &run);
	host_try(kunit_run_exit, &run);
	kunit_free_all(&run.test);

	/* The case has judged those itself that it has asked for */
	if (warnings && !warnings_counted) {
		printk("    # %s: %u warnings\n", c->name, warnings);
		run.test.success = false;
	}
	if (mm_live != live) {
		printk("    # %s: %ld allocations leaked\n", c->name,
		       mm_live - live);
		run.test.success = false;
	}

	/* One that failed before it was skipped has failed */
	if (run.test.success && run.test.skipped)
		result_skipped(results, name, "    ");
	else
		result(results, run.test.success, name, "    ");
}

static void kunit_run_params(struct kunit_suite *suite, struct kunit_case *c,
			     struct results *results)
{
	char desc[KUNIT_PARAM_DESC_SIZE], name[2 * sizeof(desc)];
	struct kunit test = { .name = c->name };
	const void *param = NULL;

	if (!c->generate_params) {
		kunit_run_case(suite, c, c->name, NULL, results);
		return;
	}

	while ((param = c->generate_params(&test, param, desc))) {
		snprintf(name, sizeof(name), "%s.%s", c->name, desc);
		kunit_run_case(suite, c, name, param, results);
	}
}

void run_suites(struct results *results)
{
	struct kunit_suite *suite;
	struct kunit_case *c;

	for (suite = suites; suite; suite = suite->next) {
		struct results cases = { 0 };
		unsigned int num = 0;

		for (c = suite->test_cases; c->run_case; c++)
			num++;

		printk("    # Subtest: %s\n    1..%u\n", suite->name, num);
		for (c = suite->test_cases; c->run_case; c++)
			kunit_run_params(suite, c, &cases);

		printk("%s - %s\n", cases.failed ? "not ok" : "ok",
		       suite->name);
		results->passed += cases.passed;
		results->failed += cases.failed;
		results->skipped += cases.skipped;
	}
}
