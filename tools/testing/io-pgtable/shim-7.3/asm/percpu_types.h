/* SPDX-License-Identifier: GPL-2.0 */
/* Stub: nothing is per CPU. */
