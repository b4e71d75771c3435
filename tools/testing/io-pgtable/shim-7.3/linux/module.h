/* SPDX-License-Identifier: GPL-2.0 */
/* Stub: there are no modules. */
#ifndef SHIM_7_3_LINUX_MODULE_H
#define SHIM_7_3_LINUX_MODULE_H

#include_next <linux/module.h>

#define MODULE_IMPORT_NS(ns)

#endif
