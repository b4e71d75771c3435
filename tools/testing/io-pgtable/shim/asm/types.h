/* SPDX-License-Identifier: GPL-2.0 */
/* Copy: of what an architecture's asm/types.h does. */
#ifndef SHIM_ASM_TYPES_H
#define SHIM_ASM_TYPES_H

#include <asm-generic/int-ll64.h>

#endif
