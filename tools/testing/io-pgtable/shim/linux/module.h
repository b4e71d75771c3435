/* SPDX-License-Identifier: GPL-2.0 */
/* Stub: there are no modules. */
#ifndef SHIM_LINUX_MODULE_H
#define SHIM_LINUX_MODULE_H

#include <linux/export.h>
#include <linux/init.h>

#define MODULE_DESCRIPTION(text)
#define MODULE_LICENSE(text)

#endif
