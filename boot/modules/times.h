/* SPDX-License-Identifier: GPL-2.0 */
/* Times of one thing that was done ROUNDS times, in nanoseconds. */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/sort.h>

#define ROUNDS	31

static inline int compare_times(const void *one, const void *other)
{
	u64 a = *(const u64 *)one, b = *(const u64 *)other;

	return a < b ? -1 : a > b;
}

/* The least is the first of them afterwards. */
static inline u64 median(u64 times[ROUNDS])
{
	sort(times, ROUNDS, sizeof(*times), compare_times, NULL);
	return times[ROUNDS / 2];
}

/* A share of a time, with one decimal.  The buffer is the caller's. */
static inline const char *share(char text[24], u64 time, unsigned int parts)
{
	u32 tenth;
	u64 whole = div_u64_rem(div_u64(10 * time, parts), 10, &tenth);

	snprintf(text, 24, "%llu.%u", whole, tenth);
	return text;
}
