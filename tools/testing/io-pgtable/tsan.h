/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's memory model, as ThreadSanitizer can follow it. It knows the compiler's atomics and what these order; it knows no
 * fences, and takes a volatile access for a plain one. So, where it looks on:
 *
 * READ_ONCE() and a cmpxchg() acquire. What is read through the pointer that they found comes after them, which the kernel has
 * from the address dependency. Other reads that follow are then taken to be ordered too, which the kernel does not promise: a
 * race of such a read is not found.
 *
 * WRITE_ONCE() and cmpxchg_relaxed() release if the thread has had a write barrier since it was last given memory; else
 * they order nothing, and whoever reads the new table through the entry is reported. A barrier older than the memory cannot have
 * ordered what was written there. That one comes before the last of these writes instead of after is not found.
 *
 * And before each of these a thread may pause, so that others come in between.
 */
#ifndef TSAN_H
#define TSAN_H

#ifdef __SANITIZE_THREAD__

/* Of this thread: was there a write barrier since it last was given memory? */
extern __thread _Bool tsan_wmb_done;

extern __thread unsigned int tsan_pause_in;

void tsan_pause(void);

static inline void tsan_maybe_pause(void)
{
	if (!tsan_pause_in--)
		tsan_pause();
}

#define tsan_wmb()	((void)(tsan_wmb_done = 1))
#define tsan_memory()	((void)(tsan_wmb_done = 0))

#define tsan_load(ptr)							\
	(tsan_maybe_pause(), __atomic_load_n(ptr, __ATOMIC_ACQUIRE))

#define tsan_store(ptr, val) do {					\
	tsan_maybe_pause();						\
	if (tsan_wmb_done)						\
		__atomic_store_n(ptr, val, __ATOMIC_RELEASE);		\
	else								\
		__atomic_store_n(ptr, val, __ATOMIC_RELAXED);		\
} while (0)

#define tsan_cmpxchg(ptr, expected, new)				\
	(tsan_maybe_pause(), tsan_wmb_done ?				\
	 __atomic_compare_exchange_n(ptr, expected, new, 0,		\
				     __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE) : \
	 __atomic_compare_exchange_n(ptr, expected, new, 0,		\
				     __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE))

#else

#define tsan_memory()	do { } while (0)

#endif

#endif
