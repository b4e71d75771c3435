/* SPDX-License-Identifier: GPL-2.0 */
/* Up to 5.11: who reads the kernel's log is one who dumps it. */
#ifndef LOG
#define LOG

#include <linux/kmsg_dump.h>

struct log_reader {
	struct kmsg_dumper dumper;
};

static inline void log_begin(struct log_reader *reader)
{
	reader->dumper.active = true;
	kmsg_dump_rewind(&reader->dumper);
}

static inline bool log_line(struct log_reader *reader, char *line, size_t size, size_t *len)
{
	return kmsg_dump_get_line(&reader->dumper, false, line, size, len);
}

#endif
