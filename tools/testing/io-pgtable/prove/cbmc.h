/* SPDX-License-Identifier: GPL-2.0 */
/* Comes before a kernel's file, for goto-cc alone. */

#include <linux/bits.h>
#include <linux/types.h>

/* goto-cc takes (void *)((long)(x) * 0l) for a null pointer whatever x is, so __is_constexpr() is always true */
#undef GENMASK_INPUT_CHECK
#define GENMASK_INPUT_CHECK(h, l)	0

/* A 32-bit machine whose physical addresses have 32 bits, too: arm without ARM_LPAE */
#ifdef PHYS_32
#undef CONFIG_PHYS_ADDR_T_64BIT
#define phys_addr_t	u32
#endif
