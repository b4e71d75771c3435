/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: what is waited for is there at once. */
#ifndef SHIM_DRIVERS_LINUX_IOPOLL_H
#define SHIM_DRIVERS_LINUX_IOPOLL_H

#define readl_poll_timeout(addr, val, cond, sleep_us, timeout_us) ({	\
	(val) = readl(addr);						\
	(cond) ? 0 : -ETIMEDOUT;					\
})

#endif
