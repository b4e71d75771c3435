/* SPDX-License-Identifier: GPL-2.0 */
/* Copy: of the macro in linux/string.h that 7.3 has beyond 5.10. */
#ifndef SHIM_7_3_LINUX_STRING_H
#define SHIM_7_3_LINUX_STRING_H

#include_next <linux/string.h>

#define memset_after(obj, v, member)					\
	memset((char *)(obj) + offsetofend(typeof(*(obj)), member), v,	\
	       sizeof(*(obj)) - offsetofend(typeof(*(obj)), member))

#endif
