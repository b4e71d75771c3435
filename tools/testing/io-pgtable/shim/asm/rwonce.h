/* SPDX-License-Identifier: GPL-2.0 */
/* Copy: of what most architectures' asm/rwonce.h does; but for ThreadSanitizer, see tsan.h. */
#ifndef SHIM_ASM_RWONCE_H
#define SHIM_ASM_RWONCE_H

#include <asm-generic/rwonce.h>

#ifdef __SANITIZE_THREAD__
#include "tsan.h"

#undef __READ_ONCE
#undef __WRITE_ONCE
#define __READ_ONCE(x)		tsan_load(&(x))
#define __WRITE_ONCE(x, val)	tsan_store(&(x), val)
#endif

#endif
