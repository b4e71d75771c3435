/* SPDX-License-Identifier: GPL-2.0 */
/* Since 5.15, and with the series: unmap_pages(). */
#include <linux/io-pgtable.h>

static inline bool has_unmap_pages(struct io_pgtable_ops *ops)
{
	return ops->unmap_pages;
}

/* As with map_pages(), the end of a table may be that of a call. */
static inline size_t unmap_all(struct io_pgtable_ops *ops, unsigned long iova, size_t pgsize,
			       size_t pgcount)
{
	size_t size = pgsize * pgcount, done = 0, unmapped;

	for (;;) {
		unmapped = ops->unmap_pages(ops, iova + done, pgsize, pgcount, NULL);
		done += unmapped;
		if (!unmapped || done >= size)
			return done;
		pgcount = (size - done) / pgsize;
	}
}
