/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The results of a module's tests, as KTAP, for boot/ktap.py and other readers of it.
 *
 * Not KUnit's: few kernels that a board runs have CONFIG_KUNIT.  A module runs its tests one after
 * the other, so one set of counts will do.  Its pr_fmt() must put "MODULE: " before each line.
 */
#include <linux/printk.h>

static unsigned int ktap_planned, ktap_done, ktap_failed;

static inline void ktap_plan(unsigned int tests)
{
	ktap_planned = tests;
	ktap_done = 0;
	ktap_failed = 0;
	pr_info("KTAP version 1\n");
	pr_info("1..%u\n", tests);
}

/* Nothing can be tested here. */
static inline void ktap_skip_all(const char *why)
{
	pr_info("KTAP version 1\n");
	pr_info("1..0 # SKIP %s\n", why);
}

static inline void ktap_result(const char *name, bool ok)
{
	ktap_failed += !ok;
	pr_info("%sok %u %s\n", ok ? "" : "not ", ++ktap_done, name);
}

static inline void ktap_skip(const char *name, const char *why)
{
	pr_info("ok %u %s # SKIP %s\n", ++ktap_done, name, why);
}

/* Did all that was planned run, and pass? */
static inline bool ktap_passed(void)
{
	return ktap_done == ktap_planned && !ktap_failed;
}
