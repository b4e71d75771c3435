/* SPDX-License-Identifier: GPL-2.0 */
/* No Arm machine, so no counter that counts instructions. */
#include <linux/types.h>

static inline bool has_counter(void)
{
	return false;
}

static inline u64 counter(void)
{
	return 0;
}
