/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: a burst, and then none: no time passes here. Or all, for who counts what would be said: see runtime.h. */
#ifndef SHIM_LINUX_RATELIMIT_H
#define SHIM_LINUX_RATELIMIT_H

#include <linux/types.h>

#include "runtime.h"

struct ratelimit_state {
	int	burst;
};

#define DEFAULT_RATELIMIT_INTERVAL	0

#define DEFINE_RATELIMIT_STATE(name, interval, num) \
	struct ratelimit_state name = { .burst = (num) }

static inline bool __ratelimit(struct ratelimit_state *rs)
{
	if (!ratelimits)
		return true;

	return __atomic_load_n(&rs->burst, __ATOMIC_RELAXED) > 0 &&
	       __atomic_fetch_sub(&rs->burst, 1, __ATOMIC_RELAXED) > 0;
}

#endif
