/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: a page table's physical address is its virtual one; see mm.c. */
#ifndef SHIM_ASM_IO_H
#define SHIM_ASM_IO_H

#include <linux/types.h>

#define virt_to_phys(v)		((phys_addr_t)(uintptr_t)(v))
#define phys_to_virt(p)		((void *)(uintptr_t)(p))
#define __pa(v)			virt_to_phys(v)
#define __va(p)			phys_to_virt(p)

#endif
