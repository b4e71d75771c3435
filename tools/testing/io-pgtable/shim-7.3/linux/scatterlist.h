/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: no segment is a peer's memory. */
#ifndef SHIM_7_3_LINUX_SCATTERLIST_H
#define SHIM_7_3_LINUX_SCATTERLIST_H

#include_next <linux/scatterlist.h>

#define sg_dma_is_bus_address(sg)	false
#define sg_dma_mark_bus_address(sg)	do { } while (0)

#endif
