// SPDX-License-Identifier: GPL-2.0
/* Scatterlists, out of pieces. */
#include <linux/scatterlist.h>

#include "host.h"
#include "pt.h"

/* Between the arrays, and where nothing is to be read, is garbage; behind the last one ends the memory */
struct scatterlist *pt_list(const struct pt_piece *pieces, unsigned int num,
			    unsigned int per_array, bool end)
{
	unsigned int each = per_array - 1, arrays = num ? (num - 1) / each : 0;
	size_t bytes = (arrays * 2 + (num ?: 1)) * sizeof(struct scatterlist);
	struct scatterlist *list = host_alloc(bytes), *sg = list;
	unsigned int i;

	memset(list, 0xff, bytes);
	for (i = 0; i < num; i++, sg++) {
		if (i && !(i % each)) {
			sg_chain(sg, 1, sg + 2);
			sg += 2;
		}
		sg->page_link = 0;
		sg_set_phys(sg, pieces[i].paddr, pieces[i].length);
	}
	if (num && end)
		sg_mark_end(sg - 1);

	return list;
}

void pt_list_free(struct scatterlist *list)
{
	host_free(list);
}
