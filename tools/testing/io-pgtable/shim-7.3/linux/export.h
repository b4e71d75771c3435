/* SPDX-License-Identifier: GPL-2.0 */
/* Stub: everything is one program. */
#ifndef SHIM_7_3_LINUX_EXPORT_H
#define SHIM_7_3_LINUX_EXPORT_H

#include_next <linux/export.h>

#define EXPORT_SYMBOL_NS_GPL(sym, ns)

#endif
