/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: clocks that know how often they are enabled; see driver-tlbs.c. */
#ifndef SHIM_DRIVERS_LINUX_CLK_H
#define SHIM_DRIVERS_LINUX_CLK_H

struct clk {
	unsigned int enabled;
};

struct clk_bulk_data {
	struct clk *clk;
};

int clk_enable(struct clk *clk);
void clk_disable(struct clk *clk);

#endif
