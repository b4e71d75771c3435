/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: the compiler's atomics, which sanitizers know too. */
#ifndef SHIM_LINUX_ATOMIC_H
#define SHIM_LINUX_ATOMIC_H

#include <linux/compiler.h>

/* Returns what was there, as the kernel's does */
#define cmpxchg_relaxed(ptr, old, new) ({				\
	typeof(*(ptr)) __expected = (old);				\
									\
	__atomic_compare_exchange_n(ptr, &__expected, new, false,	\
				    __ATOMIC_RELAXED, __ATOMIC_RELAXED); \
	__expected;							\
})
#define cmpxchg64_relaxed(ptr, old, new) cmpxchg_relaxed(ptr, old, new)

#endif
