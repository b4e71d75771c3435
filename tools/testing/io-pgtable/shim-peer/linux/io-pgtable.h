/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: io-pgtable of the series, and what 7.3's selftests, and the format in the same file as one of them, need beyond. */
#ifndef SHIM_PEER_LINUX_IO_PGTABLE_H
#define SHIM_PEER_LINUX_IO_PGTABLE_H

#include_next <linux/io-pgtable.h>
#include <kunit/test.h>

/* 5.10 has none of these: what they ask for is not done */
#define IO_PGTABLE_QUIRK_NO_WARN		0
#define IO_PGTABLE_QUIRK_ARM_MTK_TTBR_EXT	0

/*
 * For 7.3's v7s, which is compiled, for its selftest stands there, but never
 * called: ARM_V7S is that of the series
 */
#define io_pgtable_arm_v7s_init_fns		peer_arm_v7s_init_fns
#define iommu_iotlb_gather_queued(gather)	((void)(gather), false)
#define io_pgtable_tlb_add_page(iop, gather, iova, granule)		\
	io_pgtable_tlb_add_range(iop, gather, iova, granule, granule)

#define kmalloc_obj(obj)	((typeof(obj) *)kmalloc(sizeof(obj), GFP_KERNEL))

#ifndef __noipa
#define __noipa
#endif

#endif
