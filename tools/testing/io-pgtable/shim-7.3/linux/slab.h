/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: allocation by type, from mm.c. */
#ifndef SHIM_7_3_LINUX_SLAB_H
#define SHIM_7_3_LINUX_SLAB_H

#include_next <linux/slab.h>

#define kmalloc_obj(obj)	((typeof(obj) *)kmalloc(sizeof(obj), GFP_KERNEL))
#define kzalloc_obj(obj)	((typeof(obj) *)kzalloc(sizeof(obj), GFP_KERNEL))

#endif
