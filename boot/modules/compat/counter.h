/* SPDX-License-Identifier: GPL-2.0 */
/* The architected counter, which is what QEMU's -icount makes count instructions. */
#include <asm/arch_timer.h>

static inline bool has_counter(void)
{
	return true;
}

static __always_inline u64 counter(void)
{
	return __arch_counter_get_cntvct();
}
