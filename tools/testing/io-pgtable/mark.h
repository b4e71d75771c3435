/* SPDX-License-Identifier: GPL-2.0 */
/* How bench.c tells icount.c what to count: a system call that no kernel has. */
#ifndef MARK_H
#define MARK_H

#define MARK_SYSCALL	0x5150

enum mark {
	MARK_START,
	MARK_NOTHING,	/* what ran since MARK_START is no part of what is counted */
	MARK_STOP,	/* print how many there were since MARK_START */
};

#endif
