// SPDX-License-Identifier: GPL-2.0
/* main: runs the boot selftests ("selftest") or the KUnit suites ("kunit") that are linked in.  Ends in one line: N passed, N failed. */
#include <linux/init.h>
#include <linux/kernel.h>

#include "host.h"
#include "runtime.h"
#include "tests.h"

void result(struct results *results, bool ok, const char *name,
	    const char *indent)
{
	if (ok)
		results->passed++;
	else
		results->failed++;

	printk("%s%s %u - %s\n", indent, ok ? "ok" : "not ok",
	       results->passed + results->failed + results->skipped, name);
}

void result_skipped(struct results *results, const char *name,
		    const char *indent)
{
	results->skipped++;
	printk("%sok %u - %s # SKIP\n", indent,
	       results->passed + results->failed + results->skipped, name);
}

/* The boot selftests: each must return 0, without a warning, and give back what it took */
static void run_initcalls(struct results *results)
{
	struct initcall *call;

	for (call = initcalls; call; call = call->next) {
		unsigned int warned = warnings;
		long live = mm_live;
		int ret = call->fn();

		if (warnings != warned)
			printk("# %u warnings\n", warnings - warned);
		if (mm_live != live)
			printk("# %ld allocations leaked\n", mm_live - live);
		if (ret)
			printk("# returned %d\n", ret);

		result(results, !ret && warnings == warned && mm_live == live,
		       call->name, "");
	}
}

int main(int argc, char **argv)
{
	struct results results = { 0 };

	printk("TAP version 14\n");
	if (argc == 2 && !strcmp(argv[1], "selftest"))
		run_initcalls(&results);
	else if (argc == 2 && !strcmp(argv[1], "kunit"))
		run_suites(&results);
	else
		host_die("usage: %s selftest|kunit\n", argv[0]);

	printk("%u passed, %u failed", results.passed, results.failed);
	if (results.skipped)
		printk(", %u skipped", results.skipped);
	printk("\n");
	return results.failed || !results.passed;
}
