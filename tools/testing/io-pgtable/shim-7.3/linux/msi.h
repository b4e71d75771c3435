/* SPDX-License-Identifier: GPL-2.0 */
/* Stub: drivers/iommu/iommu-priv.h includes it. */
