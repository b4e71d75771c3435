/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: an initcall is remembered, to be run by main.c. */
#ifndef SHIM_LINUX_INIT_H
#define SHIM_LINUX_INIT_H

#include <linux/compiler.h>

#define __init
#define __initdata
#define __initconst

typedef int (*initcall_t)(void);

struct initcall {
	const char *name;
	initcall_t fn;
	struct initcall *next;
};

/* All there are, to be run by main.c */
extern struct initcall *initcalls;
void initcall_add(struct initcall *call);

#define subsys_initcall(fn)						\
	static void __attribute__((__constructor__)) fn##_add(void)	\
	{								\
		static struct initcall call = { #fn, fn };		\
									\
		initcall_add(&call);					\
	}

#endif
