/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the program share. */
#include <limits.h>
#include <stddef.h>
#include <stdint.h>

void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void fail(const char *what);
uint32_t crc32(uint32_t crc, const void *data, size_t len);
int write_file(const char *path, const char *text);
int read_word(const char *dir, const char *name, char word[80]);
int bus_device(const char *place, char device[PATH_MAX], char group[PATH_MAX]);
void say_domain(const char *name, const char *place);

void load(int seconds);
