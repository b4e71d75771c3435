/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: numbers that are the same in every run. */
#ifndef SHIM_PEER_LINUX_RANDOM_H
#define SHIM_PEER_LINUX_RANDOM_H

#include <linux/types.h>

static u64 random_seed;

static inline u32 get_random_u32(void)
{
	random_seed = random_seed * 6364136223846793005ULL +
		      1442695040888963407ULL;
	return random_seed >> 32;
}

static inline u32 get_random_u32_below(u32 end)
{
	return ((u64)get_random_u32() * end) >> 32;
}

static inline u32 get_random_u32_inclusive(u32 first, u32 last)
{
	return first + get_random_u32_below(last - first + 1);
}

#endif
