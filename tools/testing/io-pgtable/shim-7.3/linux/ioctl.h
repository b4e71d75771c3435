/* SPDX-License-Identifier: GPL-2.0 */
/* Stub: uapi/linux/iommufd.h includes it, and no number of an ioctl is used here. */
