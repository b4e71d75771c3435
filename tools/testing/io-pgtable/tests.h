/* SPDX-License-Identifier: GPL-2.0 */
/* What is run, and what came of it. */
#ifndef TESTS_H
#define TESTS_H

#include <linux/types.h>

struct results {
	unsigned int passed, failed, skipped;
};

/* Prints the TAP line of a test, and counts it */
void result(struct results *results, bool ok, const char *name,
	    const char *indent);

void result_skipped(struct results *results, const char *name,
		    const char *indent);

void run_suites(struct results *results);

#endif
