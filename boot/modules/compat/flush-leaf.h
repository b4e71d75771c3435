/* SPDX-License-Identifier: GPL-2.0 */
/* Up to 5.10: a callback that splitting a block makes. */
#define FLUSH_LEAF(callback)	.tlb_flush_leaf = callback,
