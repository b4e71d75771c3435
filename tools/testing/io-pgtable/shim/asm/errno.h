/* SPDX-License-Identifier: GPL-2.0 */
/* Copy: of what an architecture's asm/errno.h does. */
#ifndef SHIM_ASM_ERRNO_H
#define SHIM_ASM_ERRNO_H

#include <uapi/asm-generic/errno.h>

#endif
