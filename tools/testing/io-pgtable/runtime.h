/* SPDX-License-Identifier: GPL-2.0 */
/* What mm.c and kernel.c do for, and tell of, the kernel's files. For both sides: no header of a kernel. */
#ifndef RUNTIME_H
#define RUNTIME_H

#include <stdbool.h>
#include <stdint.h>

/* How many warnings there were */
extern unsigned int warnings;

/* Are they limited, as the kernel limits them? */
extern bool ratelimits;

/* Does a test suppress and count them? Then none is left out, in 7.3 */
extern bool warnings_suppressed;

/* Nothing that the kernel's files say is printed */
extern bool quiet;

/* Warnings are not: who runs looks at how many there are */
extern bool warnings_counted;

/* How much of what was allocated, of any kind, is not freed yet */
extern long mm_live;

/* The allocation after so many others fails; none if negative, which it becomes */
extern long mm_fail_after;

/* Nothing is filled, kept or looked at: where the cost counts. To be set before anything is allocated */
extern bool mm_fast;

/* Called by who finds a lock taken, again and again, and by who has let go of one; may be NULL */
extern void (*lock_waits)(void);
extern void (*lock_freed)(void);

/* With ThreadSanitizer: this thread is to call @meanwhile, once, before so many more marked accesses and the one that follows */
void tsan_stop_at(unsigned int access, void (*meanwhile)(void));

/* Flags of an allocation, as linux/gfp.h has them */
extern const unsigned int gfp_kernel, gfp_atomic, gfp_dma32;

/* Called after a table was allocated, with which flags but for __GFP_ZERO, and before it is freed */
struct mm_watch {
	void (*alloc)(uint64_t addr, uint64_t size, unsigned int gfp);
	void (*free)(uint64_t addr, uint64_t size);
};

extern const struct mm_watch *mm_watch;

#endif
