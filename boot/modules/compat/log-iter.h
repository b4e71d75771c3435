/* SPDX-License-Identifier: GPL-2.0 */
/* Since 5.12: who reads the kernel's log has a place in it. */
#ifndef LOG
#define LOG

#include <linux/kmsg_dump.h>

struct log_reader {
	struct kmsg_dump_iter iter;
};

static inline void log_begin(struct log_reader *reader)
{
	kmsg_dump_rewind(&reader->iter);
}

static inline bool log_line(struct log_reader *reader, char *line, size_t size, size_t *len)
{
	return kmsg_dump_get_line(&reader->iter, false, line, size, len);
}

#endif
