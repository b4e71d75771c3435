# SPDX-License-Identifier: GPL-2.0
"""The rows of the table of costs in Documentation/performance.md, which boot/costs makes and scripts/figures checks."""

MAP, UNMAP = 0, 1
# How its columns begin, and the case that counts: its name ends in -lazy for a lazy domain, then in -base without the series
SMMUS = {"SMMUv3": "arm64-cost", "arm-smmu": "arm64-smmuv2-cost"}
# What the table calls it, what the log of boot/modules/iommu_cost.c does, which of its two, and whether it is that of a lazy domain.
ROWS = (
    ("iommu_map(), 4 KiB", "4K", MAP, ""),
    ("iommu_map(), 64 KiB", "64K", MAP, ""),
    ("iommu_map(), 1 MiB", "1M", MAP, ""),
    ("iommu_map_sg(), 1 page", "list-1", MAP, ""),
    ("iommu_map_sg(), 16 scattered pages", "list-16", MAP, ""),
    ("iommu_map_sg(), 256 scattered pages", "list", MAP, ""),
    ("iommu_map_sg(), 4096 scattered pages", "list-4096", MAP, ""),
    ("iommu_map_sg(), 16 segments of 64 KiB", "list-64K-16", MAP, ""),
    ("iommu_map_sg(), 256 segments of 64 KiB", "list-64K-256", MAP, ""),
    ("iommu_unmap(), 4 KiB", "4K", UNMAP, ""),
    ("iommu_unmap(), 64 KiB", "64K", UNMAP, ""),
    ("iommu_unmap(), 1 MiB", "1M", UNMAP, ""),
    ("iommu_unmap(), 16 MiB", "16M", UNMAP, ""),
    ("dma_map_page()", "dma", MAP, ""),
    ("dma_unmap_page()", "dma", UNMAP, ""),
    ("dma_unmap_page(), lazy", "dma", UNMAP, "-lazy"),
    ("dma_map_sg(), 1 page", "dma-list-1", MAP, ""),
    ("dma_unmap_sg(), 1 page", "dma-list-1", UNMAP, ""),
    ("dma_map_sg(), 16 scattered pages", "dma-list-16", MAP, ""),
    ("dma_unmap_sg(), 16 scattered pages", "dma-list-16", UNMAP, ""),
    ("dma_map_sg(), 256 scattered pages", "dma-list", MAP, ""),
    ("dma_unmap_sg(), 256 scattered pages", "dma-list", UNMAP, ""),
    ("dma_unmap_sg(), 256 scattered pages, lazy", "dma-list", UNMAP, "-lazy"),
    ("dma_map_sg(), 4096 scattered pages", "dma-list-4096", MAP, ""),
    ("dma_unmap_sg(), 4096 scattered pages", "dma-list-4096", UNMAP, ""),
    ("dma_map_sg(), 16 segments of 64 KiB", "dma-list-64K-16", MAP, ""),
    ("dma_unmap_sg(), 16 segments of 64 KiB", "dma-list-64K-16", UNMAP, ""),
    ("dma_map_sg(), 256 segments of 64 KiB", "dma-list-64K-256", MAP, ""),
    ("dma_unmap_sg(), 256 segments of 64 KiB", "dma-list-64K-256", UNMAP, ""),
    ("dma_unmap_sg(), 256 segments of 64 KiB, lazy", "dma-list-64K-256", UNMAP, "-lazy"),
)
