/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: the kernel's generic ones, where it has them as inline functions. */
#ifndef SHIM_ASM_BITOPS_H
#define SHIM_ASM_BITOPS_H

#include <asm/bitsperlong.h>
#include <linux/compiler.h>
#include <linux/types.h>

#include <asm-generic/bitops/builtin-__ffs.h>
#include <asm-generic/bitops/builtin-__fls.h>
#include <asm-generic/bitops/builtin-ffs.h>
#include <asm-generic/bitops/builtin-fls.h>
#include <asm-generic/bitops/ffz.h>
#include <asm-generic/bitops/fls64.h>
#include <asm-generic/bitops/arch_hweight.h>
#include <asm-generic/bitops/const_hweight.h>
#include <asm-generic/bitops/non-atomic.h>

static inline void set_bit(unsigned int nr, volatile unsigned long *addr)
{
	__atomic_fetch_or(addr + BIT_WORD(nr), BIT_MASK(nr), __ATOMIC_RELAXED);
}

static inline void clear_bit(unsigned int nr, volatile unsigned long *addr)
{
	__atomic_fetch_and(addr + BIT_WORD(nr), ~BIT_MASK(nr),
			   __ATOMIC_RELAXED);
}

/* Of one word only, which is all that page size bitmaps need */
static inline unsigned long find_next_bit(const unsigned long *addr,
					  unsigned long size,
					  unsigned long offset)
{
	unsigned long word;

	if (offset >= size || size > BITS_PER_LONG)
		return size;

	word = *addr & (~0UL << offset);
	if (!word || __ffs(word) >= size)
		return size;

	return __ffs(word);
}

#define find_first_bit(addr, size) find_next_bit(addr, size, 0)

#endif
