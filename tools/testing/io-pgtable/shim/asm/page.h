/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: 4K pages, whatever the host has. */
#ifndef SHIM_ASM_PAGE_H
#define SHIM_ASM_PAGE_H

#include <linux/const.h>

#define PAGE_SHIFT	12
#define PAGE_SIZE	(_AC(1, UL) << PAGE_SHIFT)
#define PAGE_MASK	(~(PAGE_SIZE - 1))

#include <asm-generic/getorder.h>

#endif
