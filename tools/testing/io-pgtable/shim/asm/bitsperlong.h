/* SPDX-License-Identifier: GPL-2.0 */
/* Copy: of the definition in asm-generic/bitsperlong.h for CONFIG_64BIT. */
#ifndef SHIM_ASM_BITSPERLONG_H
#define SHIM_ASM_BITSPERLONG_H

#define BITS_PER_LONG		64
#define BITS_PER_LONG_LONG	64

#endif
