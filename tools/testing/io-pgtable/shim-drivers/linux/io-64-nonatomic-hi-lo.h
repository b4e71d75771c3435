/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: registers, each access of which driver-tlbs.c is told of. */
#ifndef SHIM_DRIVERS_LINUX_IO_64_NONATOMIC_HI_LO_H
#define SHIM_DRIVERS_LINUX_IO_64_NONATOMIC_HI_LO_H

#include <linux/io.h>

#include <asm/barrier.h>

void register_write(u64 val, const volatile void *addr);
u32 register_read(const volatile void *addr);

#define writel(val, addr)		register_write((u32)(val), addr)
#define writel_relaxed(val, addr)	register_write((u32)(val), addr)
#define writeq_relaxed(val, addr)	register_write(val, addr)
#define readl(addr)			register_read(addr)
#define readl_relaxed(addr)		register_read(addr)
#define readq_relaxed(addr)		((u64)register_read(addr))

#endif
