/* SPDX-License-Identifier: GPL-2.0 */
/* Stub: uapi/linux/kernel.h includes it, for user space. */
