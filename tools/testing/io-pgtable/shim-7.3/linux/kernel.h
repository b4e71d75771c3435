/* SPDX-License-Identifier: GPL-2.0 */
/* Copy: of what 7.3 has beyond 5.10. */
#ifndef SHIM_7_3_LINUX_KERNEL_H
#define SHIM_7_3_LINUX_KERNEL_H

#include_next <linux/kernel.h>
#include <linux/find.h>

#define might_sleep_if(cond)		do { } while (0)

#endif
