/* SPDX-License-Identifier: GPL-2.0 */
/* Since 5.11: there is no such callback. */
#define FLUSH_LEAF(callback)
