/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: no device memory, only what asm/io.h has. */
#ifndef SHIM_LINUX_IO_H
#define SHIM_LINUX_IO_H

#include <asm/io.h>

#endif
