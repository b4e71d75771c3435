/* SPDX-License-Identifier: GPL-2.0 */
/* Stub: everything is one program. */
#ifndef SHIM_NEWEST_LINUX_EXPORT_H
#define SHIM_NEWEST_LINUX_EXPORT_H

#include_next <linux/export.h>

#define EXPORT_SYMBOL_NS_GPL(sym, ns)

#endif
