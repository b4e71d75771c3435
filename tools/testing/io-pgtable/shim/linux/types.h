/* SPDX-License-Identifier: GPL-2.0 */
/* Copy: of the definitions in linux/types.h and uapi/linux/types.h, those that are used. */
#ifndef SHIM_LINUX_TYPES_H
#define SHIM_LINUX_TYPES_H

#include <asm/types.h>
#include <linux/stddef.h>

typedef __SIZE_TYPE__		size_t;
typedef __PTRDIFF_TYPE__	ssize_t;
typedef __UINTPTR_TYPE__	uintptr_t;
typedef _Bool			bool;

typedef u64			dma_addr_t;
typedef u64			phys_addr_t;
typedef unsigned int		gfp_t;
typedef unsigned int		slab_flags_t;
typedef unsigned long		pgoff_t;

typedef struct {
	int counter;
} atomic_t;

typedef __u16			__le16, __be16;
typedef __u32			__le32, __be32;
typedef __u64			__le64, __be64;

#define __aligned_u64		__u64 __attribute__((aligned(8)))
#define __aligned_le64		__le64 __attribute__((aligned(8)))

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_head {
	struct hlist_node *first;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

#endif
