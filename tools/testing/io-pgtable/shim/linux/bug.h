/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: a warning is printed and counted; a BUG ends the program. See kernel.c. */
#ifndef SHIM_LINUX_BUG_H
#define SHIM_LINUX_BUG_H

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/printk.h>
#include <linux/types.h>

__cold __printf(3, 4)
void warn_at(const char *file, int line, const char *fmt, ...);

#define WARN(condition, fmt, ...) ({					\
	int __ret_warn_on = !!(condition);				\
	if (unlikely(__ret_warn_on))					\
		warn_at(__FILE__, __LINE__, fmt, ##__VA_ARGS__);	\
	unlikely(__ret_warn_on);					\
})
#define WARN_ON(condition)	WARN(condition, "%s\n", #condition)
#define WARN_ONCE(condition, fmt, ...)	WARN(condition, fmt, ##__VA_ARGS__)
#define WARN_ON_ONCE(condition)		WARN_ON(condition)

void bug_at(const char *file, int line, const char *what)
	__attribute__((__noreturn__));

#define BUG_ON(condition) do {						\
	if (unlikely(condition))					\
		bug_at(__FILE__, __LINE__, #condition);			\
} while (0)

#endif
