/* SPDX-License-Identifier: GPL-2.0 */
/* Stub: nothing is traced. */
#ifndef SHIM_TRACE_EVENTS_IOMMU_H
#define SHIM_TRACE_EVENTS_IOMMU_H

#include <linux/types.h>

static inline void trace_map(unsigned long iova, phys_addr_t paddr, size_t size)
{
}

static inline bool trace_map_enabled(void)
{
	return false;
}

static inline void trace_unmap(unsigned long iova, size_t size, size_t unmapped)
{
}

#endif
