// SPDX-License-Identifier: GPL-2.0
/* core.c for KUnit, which also looks at what is traced. */
#define TRACE_MAPS
#include "core.c"
