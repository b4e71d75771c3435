/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A device that translates all the time, in a thread of its own, and watches that what it reads makes sense. walker.c is
 * compiled without a sanitizer: to ThreadSanitizer the device neither races with anybody nor orders anybody.
 */
#ifndef WALKER_H
#define WALKER_H

#include "pt.h"

/*
 * Every iova that is mapped must lead to iova + @offset. @pages of the smallest page's size, from @iova, are known one by one:
 * the device says when one is reached that is not mapped, and the other way round. It has a TLB if @pt is strict and
 * its kernel keeps the contract.
 */
void walker_start(const struct pt *pt, uint64_t iova, uint64_t pages,
		  uint64_t offset);

/* The same without the thread: for who asks what the device finds */
void walker_open(const struct pt *pt, uint64_t iova, uint64_t pages,
		 uint64_t offset);
/* Bytes of the leaf that translates @iova, 0 if none does */
uint64_t walker_find(uint64_t iova);

/* Returns how many translations there were */
unsigned long walker_stop(void);

/* Where it is worth looking, in that range */
void walker_look(uint64_t iova, uint64_t pages);

/*
 * These pages are about to change: to be called before they are mapped or unmapped, and after that.
 */
void walker_change(uint64_t iova, uint64_t pages);

/* What the device finds there now. No table on the way may go meanwhile */
void walker_check(uint64_t iova);

/* A table comes, or goes; the device may still use it until walker_flush() */
void walker_table(uint64_t addr, uint64_t size, bool live);

/* No pointer to a table that was cleared before is in use when this returns */
void walker_flush(void);

/* Nor a TLB entry of @granule bytes in the range; of any size if that is 0. That of a larger leaf stays, if there is a @granule */
void walker_flush_leaves(uint64_t iova, uint64_t size, uint64_t granule);

/* A device that does not snoop sees these bytes from now on */
void walker_clean(uint64_t addr, uint64_t size);

/* Has any byte of one range a place in the other? */
static inline bool ranges_meet(uint64_t a, uint64_t bytes_a, uint64_t b,
			       uint64_t bytes_b)
{
	return b - a < bytes_a || a - b < bytes_b;
}

/* What was wrong so far */
unsigned int walker_errors(void);

#endif
