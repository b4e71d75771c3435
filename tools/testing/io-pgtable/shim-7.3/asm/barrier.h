/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: the compiler's atomics beside the fences of 5.10, which sanitizers know too. */
#ifndef SHIM_7_3_ASM_BARRIER_H
#define SHIM_7_3_ASM_BARRIER_H

#include_next <asm/barrier.h>

#define smp_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, v)	__atomic_store_n(p, v, __ATOMIC_RELEASE)

#endif
