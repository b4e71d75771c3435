// SPDX-License-Identifier: GPL-2.0
/*
 * The one user-space program of a boot.  It does what its arguments name (on the kernel's command
 * line after "--"), then powers the machine off.  What it says goes to the kernel's log and starts
 * with "init:"; the word FAIL is in it when something is not as it should be.
 *
 *	disk		read all of /dev/vda; say through which IOMMU domain, and the data's CRC-32
 *	insmod=NAME,PARAMETER,...
 *			load /modules/NAME.ko
 *	load=SECONDS	keep a disk and two network devices busy, see load.c
 *	debugfs=FILE,VALUE
 *			write to a file of debugfs
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "init.h"

#define ACCESS_PLATFORM	33	/* the virtio feature bit: the device's addresses are translated */

/* One write to /dev/kmsg is one line of the log: another CPU's message cannot tear it. */
void say(const char *fmt, ...)
{
	int fd = open("/dev/kmsg", O_WRONLY);
	char line[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (write(fd, line, strlen(line)) < 0)
		perror("init: FAIL: /dev/kmsg");
	close(fd);
}

void fail(const char *what)
{
	say("init: FAIL: %s: %s\n", what, strerror(errno));
}

/* The CRC-32 of zlib and gzip: start with 0, feed it its last result. */
uint32_t crc32(uint32_t crc, const void *data, size_t len)
{
	static uint32_t table[256];
	const unsigned char *byte = data;
	int i, bit;

	for (i = 0; !table[255] && i < 256; i++) {
		for (table[i] = i, bit = 0; bit < 8; bit++)
			table[i] = (table[i] >> 1) ^ (table[i] & 1 ? 0xedb88320 : 0);
	}
	crc = ~crc;
	while (len--)
		crc = (crc >> 8) ^ table[(crc ^ *byte++) & 0xff];
	return ~crc;
}

/* The first word of DIR/NAME, or of the file that the two make. */
int read_word(const char *dir, const char *name, char word[80])
{
	char path[2 * PATH_MAX];
	FILE *file;
	int found;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "r");
	if (!file)
		return 0;
	found = fscanf(file, "%79s", word) == 1;
	fclose(file);
	return found;
}

int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	int written = fd >= 0 && write(fd, text, strlen(text)) >= 0;

	if (!written)
		fail(path);
	close(fd);
	return written;
}

/* The device on the bus that the place belongs to, a virtio device's parent.  Returns true when it is in an IOMMU group. */
int bus_device(const char *place, char device[PATH_MAX], char group[PATH_MAX])
{
	char path[2 * PATH_MAX];

	if (!realpath(place, device))
		return 0;
	snprintf(path, sizeof(path), "%s/iommu_group", device);
	if (realpath(path, group))
		return 1;
	snprintf(path, sizeof(path), "%s/iommu_group", dirname(device));
	return realpath(path, group) != NULL;
}

/* Which device a disk or an interface is, and what kind of IOMMU domain its group has. */
void say_domain(const char *name, const char *place)
{
	char device[PATH_MAX], group[PATH_MAX], member[2 * PATH_MAX];
	char type[80], features[80], platform[80] = "";

	if (!bus_device(place, device, group))
		return fail(place);
	snprintf(member, sizeof(member), "%s/devices/%s", group, basename(device));
	if (access(member, F_OK))
		return fail("it is not in its IOMMU group");
	if (!read_word(group, "type", type))
		return fail("its domain type");
	if (read_word(place, "features", features))
		snprintf(platform, sizeof(platform), ", access_platform %c",
			 strlen(features) > ACCESS_PLATFORM ? features[ACCESS_PLATFORM] : '?');
	say("init: %s: %s in IOMMU group %s, domain type %s%s\n",
	    name, basename(device), basename(group), type, platform);
}

static void disk(void)
{
	static unsigned char buf[64 * 1024];
	int fd = open("/dev/vda", O_RDONLY);
	long long total = 0;
	uint32_t crc = 0;
	ssize_t n;

	if (fd < 0)
		return fail("/dev/vda");
	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		crc = crc32(crc, buf, n);
		total += n;
	}
	if (n < 0)
		fail("reading /dev/vda");
	close(fd);
	say_domain("disk", "/sys/class/block/vda/device");
	say("init: read %lld bytes, crc32 %08x\n", total, crc);
}

static void insmod(char *name)
{
	char *params = strchr(name, ',');
	char path[PATH_MAX], *comma;
	int fd;

	if (params)
		*params++ = '\0';
	for (comma = params; comma && (comma = strchr(comma, ',')); )
		*comma = ' ';
	snprintf(path, sizeof(path), "/modules/%s.ko", name);
	fd = open(path, O_RDONLY);
	if (fd < 0 || syscall(SYS_finit_module, fd, params ?: "", 0))
		return fail(path);
	close(fd);
}

/*
 * 5.10's SLUB does not free the descriptor of a cache that is destroyed before slab_sysfs_init().
 * The boot selftest of v7s has such a cache.
 */
static int known_leak(const char *report)
{
	return strstr(report, " kmem_cache_create+") && strstr(report, " arm_v7s_do_selftests+");
}

static void tell_leak(char *report)
{
	char *line;

	if (!*report || known_leak(report))
		return;
	say("init: FAIL: kmemleak:\n");
	for (line = strtok(report, "\n"); line; line = strtok(NULL, "\n"))
		say("init: kmemleak: %s\n", line);
}

/*
 * In a kernel that has kmemleak.  It does not suspect what is younger than 5 seconds; and only the
 * second scan is sure of what changed since the one before.
 */
static void kmemleak(void)
{
	const char *path = "/sys/kernel/debug/kmemleak";
	char report[8192] = "", line[256];
	FILE *file;
	int scan;

	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	if (access(path, F_OK))
		return;
	sleep(6);
	for (scan = 0; scan < 2; scan++)
		if (!write_file(path, "scan"))
			return;
	file = fopen(path, "r");
	if (!file)
		return fail(path);
	while (fgets(line, sizeof(line), file)) {
		if (line[0] != ' ') {
			tell_leak(report);
			report[0] = '\0';
		}
		strncat(report, line, sizeof(report) - strlen(report) - 1);
	}
	tell_leak(report);
	fclose(file);
	say("init: kmemleak: scanned\n");
}

static void debugfs(char *name)
{
	char *value = strchr(name, ',');
	char path[PATH_MAX];

	if (!value)
		return fail(name);
	*value++ = '\0';
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	snprintf(path, sizeof(path), "/sys/kernel/debug/%s", name);
	write_file(path, value);
}

int main(int argc, char **argv)
{
	int i;

	if (mount("devtmpfs", "/dev", "devtmpfs", 0, NULL) ||
	    mount("sysfs", "/sys", "sysfs", 0, NULL))
		fail("mount");
	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "disk"))
			disk();
		else if (!strncmp(argv[i], "insmod=", 7))
			insmod(argv[i] + 7);
		else if (!strncmp(argv[i], "load=", 5))
			load(atoi(argv[i] + 5));
		else if (!strncmp(argv[i], "debugfs=", 8))
			debugfs(argv[i] + 8);
		else
			say("init: FAIL: unknown argument %s\n", argv[i]);
	}
	kmemleak();
	say("init: done\n");
	reboot(RB_POWER_OFF);
	fail("power off");
	pause();
	return 1;
}
