/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: those of 5.10, and what generic_pt needs beyond. */
#ifndef SHIM_7_3_LINUX_ATOMIC_H
#define SHIM_7_3_LINUX_ATOMIC_H

#include_next <linux/atomic.h>

/* Puts into *old what was there */
#define try_cmpxchg_release(ptr, old, new)				\
	__atomic_compare_exchange_n(ptr, old, new, false,		\
				    __ATOMIC_RELEASE, __ATOMIC_RELAXED)
#define try_cmpxchg64_release(ptr, old, new) try_cmpxchg_release(ptr, old, new)

#endif
