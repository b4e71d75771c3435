/* SPDX-License-Identifier: GPL-2.0 */
/* Copy: of the limits in linux/limits.h and vdso/limits.h that are used. */
#ifndef SHIM_LINUX_LIMITS_H
#define SHIM_LINUX_LIMITS_H

#define SIZE_MAX	(~(size_t)0)
#define INT_MAX		((int)(~0U >> 1))
#define UINT_MAX	(~0U)
#define LONG_MAX	((long)(~0UL >> 1))
#define ULONG_MAX	(~0UL)
#define U32_MAX		((u32)~0U)
#define U64_MAX		((u64)~0ULL)

#endif
