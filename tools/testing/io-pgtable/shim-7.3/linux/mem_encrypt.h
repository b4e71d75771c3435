/* SPDX-License-Identifier: GPL-2.0 */
/* Copy: of linux/mem_encrypt.h for a machine that does not encrypt. */
#ifndef SHIM_7_3_LINUX_MEM_ENCRYPT_H
#define SHIM_7_3_LINUX_MEM_ENCRYPT_H

#define __sme_set(x)	(x)
#define __sme_clr(x)	(x)

#endif
