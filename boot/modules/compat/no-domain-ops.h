/* SPDX-License-Identifier: GPL-2.0 */
/* Up to 5.17: a domain has the ops of its IOMMU. */
#define domain_ops	iommu_ops
