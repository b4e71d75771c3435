/* SPDX-License-Identifier: GPL-2.0 */
/* What differs in 5.10 with its series. */

#define SPLITS			1	/* blocks are split */
#define PGSHIFT			unsigned int
#define COOKIE			/* no argument of that name */

/* A map without access succeeds, and "mapped" is set */
#define NO_ACCESS		0
#define MAPPED(ret, was)	((ret) ? 0 : the_size)

/* The least ias that a list can be checked with */
#define LIST_IAS		0

#define REFUSED_RUN		struct io_pgtable *iop, unsigned long iova, phys_addr_t paddr, size_t size, size_t pgsize
