/* SPDX-License-Identifier: GPL-2.0 */
/* Copy: of what most architectures' asm/rwonce.h does. */
#ifndef SHIM_ASM_RWONCE_H
#define SHIM_ASM_RWONCE_H

#include <asm-generic/rwonce.h>

#endif
