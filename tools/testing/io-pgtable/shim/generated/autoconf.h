/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: what a kernel's configuration would say; a machine with all formats. It has 32 bits only for check-objects. */
#ifndef SHIM_GENERATED_AUTOCONF_H
#define SHIM_GENERATED_AUTOCONF_H

#ifdef __clang__
#define CONFIG_CLANG_VERSION	(__clang_major__ * 10000 + __clang_minor__ * 100 + __clang_patchlevel__)
#endif

#ifdef __LP64__
#define CONFIG_64BIT			1
#endif
#define CONFIG_ARCH_HAS_DMA_OPS		1
#define CONFIG_BUG			1
#define CONFIG_SMP			1
#define CONFIG_FLATMEM			1
#define CONFIG_FUNCTION_ALIGNMENT	0
#define CONFIG_PHYS_ADDR_T_64BIT	1
#define CONFIG_ZONE_DMA32		1
#define CONFIG_IOMMU_API		1
#define CONFIG_IOMMU_PT			1
#define CONFIG_IOMMU_IO_PGTABLE		1
#define CONFIG_IOMMU_IO_PGTABLE_LPAE	1
#define CONFIG_IOMMU_IO_PGTABLE_ARMV7S	1
#define CONFIG_IOMMU_IO_PGTABLE_DART	1
#ifndef NO_SELFTESTS
#define CONFIG_IOMMU_IO_PGTABLE_LPAE_SELFTEST	1
#define CONFIG_IOMMU_IO_PGTABLE_ARMV7S_SELFTEST	1
#endif

#endif
