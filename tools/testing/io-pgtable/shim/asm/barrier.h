/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: for arm64 a copy of its own, so that they cost there what they cost; for ThreadSanitizer, see tsan.h; else fences. */
#ifndef SHIM_ASM_BARRIER_H
#define SHIM_ASM_BARRIER_H

#include <linux/compiler.h>

#if defined(__SANITIZE_THREAD__)

#include "tsan.h"

#define mb()		tsan_wmb()
#define wmb()		tsan_wmb()
#define dma_wmb()	tsan_wmb()
#define smp_mb()	tsan_wmb()
#define smp_rmb()	((void)0)	/* each READ_ONCE() acquires */
#define smp_wmb()	tsan_wmb()

#elif defined(__aarch64__)

#define dmb(opt)	asm volatile("dmb " #opt : : : "memory")
#define dsb(opt)	asm volatile("dsb " #opt : : : "memory")

#define mb()		dsb(sy)
#define wmb()		dsb(st)
#define dma_wmb()	dmb(oshst)
#define smp_mb()	dmb(ish)
#define smp_rmb()	dmb(ishld)
#define smp_wmb()	dmb(ishst)

#else

#define mb()		__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define wmb()		mb()
#define dma_wmb()	__atomic_thread_fence(__ATOMIC_RELEASE)
#define smp_mb()	mb()
#define smp_rmb()	__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb()	dma_wmb()

#endif

#define smp_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, v)	__atomic_store_n(p, v, __ATOMIC_RELEASE)

#endif
