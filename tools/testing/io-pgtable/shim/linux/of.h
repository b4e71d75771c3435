/* SPDX-License-Identifier: GPL-2.0 */
/* Stub: linux/iommu.h names it, and nothing here has a device tree. */
#ifndef SHIM_LINUX_OF_H
#define SHIM_LINUX_OF_H

struct device_node;
struct of_phandle_args;

#endif
