// SPDX-License-Identifier: GPL-2.0
/* What libFuzzer calls: a broken rule is a crash. */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"
#include "model/model.h"
#include "runtime.h"

static void crash(const char *text)
{
	fprintf(stderr, "broken: %s", text);
	abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t num);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	quiet = true;
	model_broken = crash;
	fuzz_contract = fuzz_kernel()->contract;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t num)
{
	fuzz(bytes, num);
	return 0;
}
