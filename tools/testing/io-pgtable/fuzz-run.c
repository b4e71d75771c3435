// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz-run FILE...: runs the inputs in these files, one in a line, in hexadecimal digits. fuzz-run -s SEED -n RUNS: runs as many made
 * up ones. -f FORMAT: of that format only. -v: prints each operation. -c: asks for the whole contract of a kernel that does not keep
 * it. -k: goes on after a broken rule. Ends in one line, N inputs passed, 0 failed; or says which rule was broken, and by which input.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"
#include "model/model.h"
#include "runtime.h"

#define MAX_INPUT	4096

static uint8_t input[MAX_INPUT];
static size_t input_size;
static bool keep_going;
static unsigned long runs, failed;

static void say_and_exit(const char *text)
{
	size_t i;

	printf("broken: %sinput: ", text);
	for (i = 0; i < input_size; i++)
		printf("%02x", input[i]);
	printf("\n");
	/* Not exit(): of a child, that also moves the file that its parent reads */
	fflush(stdout);
	_exit(1);
}

static void run(void)
{
	int status;

	runs++;
	if (keep_going) {
		/* What breaks, even the program itself, ends a child */
		fflush(stdout);
		if (fork()) {
			wait(&status);
			failed += status != 0;
			return;
		}
	}

	fuzz(input, input_size);
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

static void run_seed(unsigned long seed)
{
	uint64_t state = seed * 0x9e3779b97f4a7c15ULL + 1;
	size_t i;

	input_size = 8 + next_random(&state) % 120;
	for (i = 0; i < input_size; i++)
		input[i] = next_random(&state) >> 56;

	run();
}

static void run_file(const char *name)
{
	char line[2 * MAX_INPUT + 2];
	FILE *file = fopen(name, "r");
	unsigned long num = 0;
	size_t i;

	if (!file) {
		perror(name);
		exit(2);
	}

	while (fgets(line, sizeof(line), file)) {
		num++;
		if (line[0] == '#')
			continue;

		input_size = strspn(line, "0123456789abcdef") / 2;
		if (strspn(line, "0123456789abcdef") % 2 ||
		    line[2 * input_size] != '\n') {
			fprintf(stderr, "%s:%lu: not an even number of hexadecimal digits\n",
				name, num);
			exit(2);
		}
		for (i = 0; i < input_size; i++)
			sscanf(line + 2 * i, "%2hhx", &input[i]);
		run();
	}
	fclose(file);
}

static int format_of(const char *name)
{
	int fmt;

	for (fmt = 0; fmt <= PT_MALI; fmt++)
		if (!strcmp(name, pt_fmt_name(fmt)))
			return fmt;

	fprintf(stderr, "no format %s; there are:", name);
	for (fmt = 0; fmt <= PT_MALI; fmt++)
		fprintf(stderr, " %s", pt_fmt_name(fmt));
	fprintf(stderr, "\n");
	exit(2);
}

int main(int argc, char **argv)
{
	unsigned long i, seed = 1, num = 0;
	int opt;

	quiet = true;
	model_broken = say_and_exit;
	fuzz_contract = fuzz_kernel()->contract;
	while ((opt = getopt(argc, argv, "cf:kn:s:v")) != -1) {
		switch (opt) {
		case 'c':
			fuzz_contract = true;
			break;
		case 'f':
			fuzz_format = format_of(optarg);
			break;
		case 'k':
			keep_going = true;
			break;
		case 's':
			seed = strtoul(optarg, NULL, 0);
			break;
		case 'n':
			num = strtoul(optarg, NULL, 0);
			break;
		case 'v':
			model_verbose = true;
			break;
		default:
			goto usage;
		}
	}
	if (!num && optind == argc)
		goto usage;

	for (i = 0; i < num; i++)
		run_seed(seed + i);
	while (optind < argc)
		run_file(argv[optind++]);

	printf("%lu inputs passed, %lu failed\n", runs - failed, failed);
	return failed != 0;

usage:
	fprintf(stderr, "usage: %s [-ckv] [-f FORMAT] [-s SEED] [-n RUNS] [FILE...]\n",
		argv[0]);
	return 2;
}
