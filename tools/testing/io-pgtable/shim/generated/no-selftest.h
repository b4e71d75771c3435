/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: the formats as they are without their selftests, after autoconf.h. */
#undef CONFIG_IOMMU_IO_PGTABLE_LPAE_SELFTEST
#undef CONFIG_IOMMU_IO_PGTABLE_ARMV7S_SELFTEST
