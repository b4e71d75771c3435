/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: the compiler's atomics; but for ThreadSanitizer, see tsan.h. */
#ifndef SHIM_LINUX_ATOMIC_H
#define SHIM_LINUX_ATOMIC_H

#include <linux/compiler.h>

#ifdef __SANITIZE_THREAD__
#include "tsan.h"

#define try_cmpxchg_relaxed(ptr, expected, new)				\
	tsan_cmpxchg(ptr, expected, new)
#else
#define try_cmpxchg_relaxed(ptr, expected, new)				\
	__atomic_compare_exchange_n(ptr, expected, new, false,		\
				    __ATOMIC_RELAXED, __ATOMIC_RELAXED)
#endif

/* Returns what was there, as the kernel's does */
#define cmpxchg_relaxed(ptr, old, new) ({				\
	typeof(*(ptr)) __expected = (old);				\
									\
	try_cmpxchg_relaxed(ptr, &__expected, new);			\
	__expected;							\
})
#define cmpxchg64_relaxed(ptr, old, new) cmpxchg_relaxed(ptr, old, new)

#endif
