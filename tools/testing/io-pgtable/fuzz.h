/* SPDX-License-Identifier: GPL-2.0 */
/* Bytes as a configuration and operations on it. */
#ifndef FUZZ_H
#define FUZZ_H

#include "pt.h"

/* The kernel that is tried: the one that is linked in */
const struct pt_kernel *fuzz_kernel(void);

/* Try it as a kernel that keeps the contract, and with ranges that it must refuse */
extern bool fuzz_contract;

/* That format, whatever the bytes say; any of PT_MALI and those before it if negative */
extern int fuzz_format;

/* Calls model_broken if a rule is broken. Any bytes will do */
void fuzz(const uint8_t *bytes, size_t num);

#endif
