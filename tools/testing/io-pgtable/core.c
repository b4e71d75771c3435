// SPDX-License-Identifier: GPL-2.0
/* The core's map and unmap, as core-functions finds them in the kernel's iommu.c. */
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <trace/events/iommu.h>
#if __has_include(<linux/generic_pt/iommu.h>)
#include <linux/generic_pt/iommu.h>
#include <drivers/iommu/iommu-priv.h>
#endif

#include "core-functions.h"
