// SPDX-License-Identifier: GPL-2.0
/* The core's map and unmap, as core-functions finds them in the kernel's iommu.c. */
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <trace/events/iommu.h>

#include "core-functions.h"
