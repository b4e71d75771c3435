/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: the compiler's fences; but for ThreadSanitizer, see tsan.h. */
#ifndef SHIM_ASM_BARRIER_H
#define SHIM_ASM_BARRIER_H

#include <linux/compiler.h>

#ifdef __SANITIZE_THREAD__
#include "tsan.h"

#define mb()		tsan_wmb()
#define wmb()		tsan_wmb()
#define dma_wmb()	tsan_wmb()
#define smp_mb()	tsan_wmb()
#define smp_wmb()	tsan_wmb()
#else
#define mb()		__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define wmb()		mb()
#define dma_wmb()	__atomic_thread_fence(__ATOMIC_RELEASE)
#define smp_mb()	mb()
#define smp_wmb()	dma_wmb()
#endif

#endif
