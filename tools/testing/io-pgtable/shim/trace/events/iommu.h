/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Custom: nothing is traced, and that costs nothing; where TRACE_MAPS is defined, one probe may be told of maps, by one thread.
 */
#ifndef SHIM_TRACE_EVENTS_IOMMU_H
#define SHIM_TRACE_EVENTS_IOMMU_H

#include <linux/errno.h>
#include <linux/types.h>

typedef void trace_map_probe(void *data, unsigned long iova, phys_addr_t paddr, size_t size);

extern trace_map_probe *trace_map_to;
extern void *trace_map_data;

#ifdef TRACE_MAPS
#define trace_maps_to	trace_map_to
#else
#define trace_maps_to	((trace_map_probe *)NULL)
#endif

static inline bool trace_map_enabled(void)
{
	return trace_maps_to;
}

static inline void trace_map(unsigned long iova, phys_addr_t paddr, size_t size)
{
	if (trace_maps_to)
		trace_maps_to(trace_map_data, iova, paddr, size);
}

static inline int register_trace_map(trace_map_probe *probe, void *data)
{
	if (trace_map_to)
		return -EEXIST;
	trace_map_to = probe;
	trace_map_data = data;
	return 0;
}

static inline void unregister_trace_map(trace_map_probe *probe, void *data)
{
	trace_map_to = NULL;
}

static inline void tracepoint_synchronize_unregister(void)
{
}

static inline void trace_unmap(unsigned long iova, size_t size, size_t unmapped)
{
}

#endif
