/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: what linux/iommu.h takes to come with it; nothing here makes use of it. */
#ifndef SHIM_7_3_LINUX_DEVICE_H
#define SHIM_7_3_LINUX_DEVICE_H

#include_next <linux/device.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/module.h>

struct fwnode_handle;
struct pci_dev;

struct work_struct {
	int unused;
};

struct rcu_head {
	int unused;
};

typedef atomic_t refcount_t;

/* There is no user space */
unsigned long copy_from_user(void *to, const void *from, unsigned long size);
int copy_struct_from_user(void *dst, size_t size, const void *src, size_t usize);
int copy_struct_to_user(void *dst, size_t usize, const void *src, size_t size,
			bool *ignored);

#endif
