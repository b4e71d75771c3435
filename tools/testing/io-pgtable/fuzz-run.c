// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz-run FILE...: runs these inputs. fuzz-run -s SEED -n RUNS: runs that many made up ones. -v prints each operation,
 * -c asks for the whole contract of a kernel that does not keep it; -k goes on after a broken rule.
 * Ends in one line, "N inputs, no rule broken", or prints the rule and where the input is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"
#include "model.h"
#include "runtime.h"

#define MAX_INPUT	4096

static char input_name[4096];
static bool keep_going;

static void say_and_exit(const char *text)
{
	printf("broken: %sinput: %s\n", text, input_name);
	exit(1);
}

static void run(const uint8_t *bytes, size_t num)
{
	if (keep_going) {
		/* What breaks, even the program itself, ends a child */
		fflush(stdout);
		if (fork()) {
			wait(NULL);
			return;
		}
	}

	fuzz(bytes, num);
	if (keep_going)
		_exit(0);
}

/* xorshift64*; the same everywhere */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

static void run_seeds(unsigned long seed, unsigned long runs)
{
	static uint8_t bytes[MAX_INPUT];
	unsigned long n;
	size_t i, num;

	for (n = 0; n < runs; n++) {
		uint64_t state = (seed + n) * 0x9e3779b97f4a7c15ULL + 1;

		num = 8 + next_random(&state) % 120;
		for (i = 0; i < num; i++)
			bytes[i] = next_random(&state) >> 56;

		snprintf(input_name, sizeof(input_name), "-s %lu -n 1",
			 seed + n);
		run(bytes, num);
	}
}

static void run_file(const char *name)
{
	static uint8_t bytes[MAX_INPUT];
	FILE *file = fopen(name, "rb");
	size_t num;

	if (!file) {
		perror(name);
		exit(2);
	}
	num = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);

	snprintf(input_name, sizeof(input_name), "%s", name);
	run(bytes, num);
}

int main(int argc, char **argv)
{
	unsigned long seed = 1, runs = 0;
	int i, opt;

	quiet = true;
	model_broken = say_and_exit;
	fuzz_contract = fuzz_kernel()->contract;
	while ((opt = getopt(argc, argv, "cks:n:v")) != -1) {
		switch (opt) {
		case 'c':
			fuzz_contract = true;
			break;
		case 'k':
			keep_going = true;
			break;
		case 's':
			seed = strtoul(optarg, NULL, 0);
			break;
		case 'n':
			runs = strtoul(optarg, NULL, 0);
			break;
		case 'v':
			model_verbose = true;
			break;
		default:
			goto usage;
		}
	}
	if (!runs && optind == argc)
		goto usage;

	run_seeds(seed, runs);
	for (i = optind; i < argc; i++)
		run_file(argv[i]);

	printf("%lu inputs%s\n", runs + argc - optind,
	       keep_going ? "" : ", no rule broken");
	return 0;

usage:
	fprintf(stderr, "usage: %s [-ckv] [-s SEED] [-n RUNS] [FILE...]\n",
		argv[0]);
	return 2;
}
