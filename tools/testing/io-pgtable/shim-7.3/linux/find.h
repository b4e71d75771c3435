/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: by what asm/bitops.h has, for bitmaps of one word. */
#ifndef SHIM_7_3_LINUX_FIND_H
#define SHIM_7_3_LINUX_FIND_H

#include <linux/bitops.h>

#define for_each_set_bit(bit, addr, size)				\
	for ((bit) = find_first_bit(addr, size); (bit) < (size);	\
	     (bit) = find_next_bit(addr, size, (bit) + 1))

#endif
