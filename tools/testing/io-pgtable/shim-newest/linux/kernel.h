/* SPDX-License-Identifier: GPL-2.0 */
/* Copy: of what the newest kernel has beyond 5.10. */
#ifndef SHIM_NEWEST_LINUX_KERNEL_H
#define SHIM_NEWEST_LINUX_KERNEL_H

#include_next <linux/kernel.h>
#include <linux/find.h>

#define might_sleep_if(cond)		do { } while (0)

#endif
