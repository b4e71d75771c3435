/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: a lock that knows its owner: that no thread takes it twice is checked. See kernel.c. */
#ifndef SHIM_LINUX_SPINLOCK_H
#define SHIM_LINUX_SPINLOCK_H

#include <linux/bug.h>

typedef struct {
	const void *owner;	/* something of that thread alone; NULL: free */
} spinlock_t;

void spin_take(spinlock_t *lock);
void spin_release(spinlock_t *lock);

#define spin_lock_init(lock)	((lock)->owner = NULL)

#define spin_lock_irqsave(lock, flags) do {				\
	spin_take(lock);						\
	(flags) = 0;							\
} while (0)

#define spin_unlock_irqrestore(lock, flags) do {			\
	BUG_ON(flags);							\
	spin_release(lock);						\
} while (0)

#endif
