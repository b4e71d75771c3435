/* SPDX-License-Identifier: GPL-2.0 */
/* What differs in 7.3 with its series. */

#define PGSHIFT			int
#define COOKIE			, void *cookie

/* A map without access is refused, and "mapped" is added to */
#define NO_ACCESS		(-EINVAL)
#define MAPPED(ret, was)	(was)

/* The least ias that a list can be checked with */
#define LIST_IAS		1

#define REFUSED_RUN		struct io_pgtable_list *list, unsigned long iova, unsigned int shift, int err
