/* SPDX-License-Identifier: GPL-2.0 */
/* Stub. */
#ifndef SHIM_DRIVERS_LINUX_IRQRETURN_H
#define SHIM_DRIVERS_LINUX_IRQRETURN_H

typedef int irqreturn_t;

#endif
