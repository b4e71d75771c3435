/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: the compiler's fences, which sanitizers know too. */
#ifndef SHIM_ASM_BARRIER_H
#define SHIM_ASM_BARRIER_H

#include <linux/compiler.h>

#define mb()		__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define wmb()		mb()
#define dma_wmb()	__atomic_thread_fence(__ATOMIC_RELEASE)
#define smp_mb()	mb()
#define smp_wmb()	dma_wmb()

#endif
