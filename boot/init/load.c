// SPDX-License-Identifier: GPL-2.0
/*
 * load=SECONDS: real I/O through an IOMMU, all at once, every byte of it checked.
 *
 * On /dev/vda, DISK_THREADS threads write and read blocks of their own, past the page cache, so
 * that each transfer is a DMA from or to their buffers.  Between eth0 and eth1, which the machine
 * joins, a thread for each direction sends frames and waits for them on the other side.
 *
 * A mapping that is not invalidated, or too early, has a device read or write a page that is not
 * meant any more: the wrong data are then on the disk, in a frame, or in somebody else's buffer.
 *
 * It is done twice, for SECONDS / 8 and for SECONDS.  Each time the drivers are then taken away,
 * and after them the devices.  Without drivers nothing is mapped: all that was mapped must have
 * been unmapped, as the module iommu_count tells.  Without devices there is no domain: the memory
 * that comes free with them is what the domains held, for tables and for IOVAs that wait to be
 * used again; it must not grow for ever, and after the longer load as much must be free as before
 * it.  How much that is, boot/cases says: KASAN, for one, keeps what is freed for a while.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>
#include "init.h"

#define BLOCK		4096
#define DISK_SIZE	(64 << 20)
#define DISK_BLOCKS	(DISK_SIZE / BLOCK)
#define DISK_THREADS	8
#define OWN_BLOCKS	(DISK_BLOCKS / DISK_THREADS)

/* A transfer may be two page tables long.  A buffer may begin anywhere in a page. */
#define TRANSFER	(4 << 20)
#define BUFFER		(TRANSFER + BLOCK)
/* Half of the buffers are in one page of this size, so each is contiguous; the others are not. */
#define HUGE_SHIFT	25
#define HUGE_SIZE	(1 << HUGE_SHIFT)

#define MTU		9000

/* A frame with its header. */
#define FRAME_MIN	60
#define FRAME_USUAL	1514
#define FRAME_MAX	(MTU + 14)
/*
 * How many are under way in one direction.  The receiver's queues hold them all.  The sender's may
 * not: e1000 needs three of its 256 descriptors for a long frame, and on a busy host it gets those
 * of the last burst back late.
 */
#define BURST		64
#define ETHERTYPE	0x88b5	/* for local experiments */

/* Seconds that nothing takes, be the kernel ever so slow. */
#define PATIENCE	30

struct disk_thread {
	pthread_t id;
	int number;
	int fd;
	char *buffer;
	long long read;
	long long written;
};

struct net_thread {
	pthread_t id;
	int number;
	int sender;
	int receiver;
	long long frames;
};

struct counts {
	long long maps;
	long long mapped;
	long long unmaps;
	long long unmapped;
	long long large;
};

struct memory {
	long long free;
	long long held;
};

static const char *const places[] = {
	"/sys/class/net/eth0/device", "/sys/class/net/eth1/device", "/sys/class/block/vda/device",
};

#define DEVICES		(sizeof(places) / sizeof(*places))

static char devices[DEVICES][80];
static char drivers[DEVICES][80];

/* How often each block was written: with its number, that is what it holds. */
static uint32_t generations[DISK_BLOCKS];
static char *buffers[DISK_THREADS];

static bool stop;
static bool failed;

static bool stopped(void)
{
	return __atomic_load_n(&stop, __ATOMIC_RELAXED);
}

/* One thread's failure ends all. */
static void *give_up(const char *what)
{
	fail(what);
	__atomic_store_n(&failed, true, __ATOMIC_RELAXED);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	return NULL;
}

static int min(int a, int b)
{
	return a < b ? a : b;
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

static uint64_t next_random(uint64_t *state)
{
	return mix(*state += 0x9e3779b97f4a7c15);
}

/* What belongs to the key.  A word of it is hardly to be found in another place or key. */
static void fill(uint64_t *words, size_t n, uint64_t key)
{
	uint64_t word = mix(key);

	while (n--)
		*words++ = word += 0x9e3779b97f4a7c15;
}

/* The disk. */

static uint64_t block_key(int block)
{
	return (uint64_t)generations[block] << 32 | block;
}

static bool write_blocks(struct disk_thread *thread, char *buffer, int first, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		generations[first + i]++;
		fill((uint64_t *)(buffer + i * BLOCK), BLOCK / 8, block_key(first + i));
	}
	if (pwrite(thread->fd, buffer, n * BLOCK, (off_t)first * BLOCK) != n * BLOCK) {
		give_up("load: writing to the disk");
		return false;
	}
	thread->written += n * BLOCK;
	return true;
}

static bool read_blocks(struct disk_thread *thread, char *buffer, int first, int n)
{
	uint64_t expected[BLOCK / 8];
	int i, word;

	/* What a read leaves as it was must not pass for what it should have brought. */
	memset(buffer, 0x5a, n * BLOCK);
	if (pread(thread->fd, buffer, n * BLOCK, (off_t)first * BLOCK) != n * BLOCK) {
		give_up("load: reading from the disk");
		return false;
	}
	for (i = 0; i < n; i++) {
		const uint64_t *got = (uint64_t *)(buffer + i * BLOCK);

		fill(expected, BLOCK / 8, block_key(first + i));
		if (!memcmp(expected, got, BLOCK))
			continue;
		for (word = 0; got[word] == expected[word]; word++)
			;
		say("init: load: block %d of %d from %d, byte %d: %016llx, should be %016llx\n",
		    i, n, first, word * 8, (unsigned long long)got[word],
		    (unsigned long long)expected[word]);
		errno = EBADMSG;
		give_up("load: the disk's data");
		return false;
	}
	thread->read += n * BLOCK;
	return true;
}

static void *disk_thread(void *arg)
{
	struct disk_thread *thread = arg;
	uint64_t state = thread->number;
	int own = thread->number * OWN_BLOCKS;
	bool going = true;
	int i;

	for (i = 0; going && i < OWN_BLOCKS; i += TRANSFER / BLOCK)
		going = write_blocks(thread, thread->buffer, own + i, TRANSFER / BLOCK);
	while (going && !stopped()) {
		uint64_t random = next_random(&state);
		/* As many of 1 block as of 2 and 3, of 4 to 7, and so on, and of the most. */
		int least = 1 << random % 11;
		int n = min(least + (int)((random >> 8) % least), TRANSFER / BLOCK);
		int first = own + (random >> 24) % (OWN_BLOCKS - n + 1);
		char *buffer = thread->buffer + (random >> 40) % 8 * 512;

		if (random >> 63)
			going = write_blocks(thread, buffer, first, n);
		else
			going = read_blocks(thread, buffer, first, n);
	}
	return NULL;
}

/* All of it when nothing else goes on, and its checksum for who sees the disk from outside. */
static void read_back(struct disk_thread *thread)
{
	uint32_t crc = 0;
	int i;

	for (i = 0; i < DISK_BLOCKS; i += TRANSFER / BLOCK) {
		if (!read_blocks(thread, thread->buffer, i, TRANSFER / BLOCK))
			return;
		crc = crc32(crc, thread->buffer, TRANSFER);
	}
	say("init: load: read back %d bytes, crc32 %08x\n", DISK_SIZE, crc);
}

static bool make_buffers(void)
{
	char *huge = mmap(NULL, HUGE_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | HUGE_SHIFT << MAP_HUGE_SHIFT,
			  -1, 0);
	char *small = mmap(NULL, DISK_THREADS / 2 * BUFFER, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	int i;

	if (huge == MAP_FAILED || small == MAP_FAILED) {
		fail("load: memory for buffers");
		return false;
	}
	for (i = 0; i < DISK_THREADS; i++)
		buffers[i] = (i % 2 ? small : huge) + i / 2 * BUFFER;
	return true;
}

/* The network. */

/*
 * Frame NUMBER of a direction.  Its length, too, follows from the number.  It goes to everybody,
 * which is one.
 */
static size_t make_frame(uint64_t frame[FRAME_MAX / 8 + 1], int direction, long long number)
{
	static const unsigned char header[14] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 0,
		ETHERTYPE >> 8, ETHERTYPE & 0xff
	};
	uint64_t key = (uint64_t)(direction + 1) << 56 | number;
	uint64_t random = mix(~key);
	size_t most = random >> 63 ? FRAME_USUAL : FRAME_MAX;
	size_t len = FRAME_MIN + random % (most - FRAME_MIN + 1);

	fill(frame, len / 8 + 1, key);
	memcpy(frame, header, sizeof(header));
	return len;
}

/* Past the queueing discipline, an interface without room refuses a frame: try until it has some. */
static bool send_frame(int sender, const void *frame, size_t len)
{
	int tries;

	for (tries = PATIENCE * 1000; tries; tries--) {
		if (send(sender, frame, len, 0) == (ssize_t)len)
			return true;
		if (errno != ENOBUFS)
			break;
		usleep(1000);
	}
	return false;
}

static void *net_thread(void *arg)
{
	struct net_thread *thread = arg;
	uint64_t expected[FRAME_MAX / 8 + 1], got[FRAME_MAX / 8 + 1];
	uint64_t state = DISK_THREADS + thread->number;
	size_t len;
	int i, n;

	while (!stopped()) {
		n = 1 + next_random(&state) % BURST;
		for (i = 0; i < n; i++) {
			len = make_frame(expected, thread->number, thread->frames + i);
			if (!send_frame(thread->sender, expected, len))
				return give_up("load: sending a frame");
		}
		for (i = 0; i < n; i++) {
			ssize_t received = recv(thread->receiver, got, sizeof(got), 0);

			if (received < 0)
				return give_up("load: a frame is lost");
			len = make_frame(expected, thread->number, thread->frames);
			if (received != (ssize_t)len || memcmp(got, expected, len)) {
				say("init: load: frame %lld from eth%d: %zd bytes, should be %zu\n",
				    thread->frames, thread->number, received, len);
				errno = EBADMSG;
				return give_up("load: a frame's data");
			}
			thread->frames++;
		}
	}
	return NULL;
}

/* A socket that takes our frames from the interface; or, with no protocol, none, and is to send. */
static int packet_socket(const char *name, int protocol)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(protocol),
	};
	struct ifreq request = {};
	struct timeval patience = { .tv_sec = PATIENCE };
	int size = BURST * 2 * FRAME_MAX;
	int yes = 1;
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	strcpy(request.ifr_name, name);
	if (ioctl(fd, SIOCGIFINDEX, &request))
		fail(name);
	address.sll_ifindex = request.ifr_ifindex;
	/* Room for a burst.  Past the queueing discipline, where frames could overtake others. */
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof(yes)))
		fail(name);
	return fd;
}

static void interface_up(const char *name)
{
	struct ifreq mtu = { .ifr_mtu = MTU }, request = { .ifr_flags = IFF_UP };
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	strcpy(mtu.ifr_name, name);
	strcpy(request.ifr_name, name);
	if (ioctl(fd, SIOCSIFMTU, &mtu) || ioctl(fd, SIOCSIFFLAGS, &request))
		fail(name);
	close(fd);
}

static void wait_for_carrier(const char *name)
{
	char carrier[80], path[PATH_MAX];
	int tries;

	snprintf(path, sizeof(path), "/sys/class/net/%s", name);
	for (tries = PATIENCE * 10; tries; tries--) {
		if (read_word(path, "carrier", carrier) && *carrier == '1')
			return;
		usleep(100000);
	}
	errno = ETIME;
	fail(name);
}

static void check_count(const char *name, const char *what, long long expected)
{
	char path[PATH_MAX], count[80];

	snprintf(path, sizeof(path), "/sys/class/net/%s/statistics", name);
	if (!read_word(path, what, count) || atoll(count) != expected)
		say("init: FAIL: load: %s: %s is %s, should be %lld\n",
		    name, what, count, expected);
}

/* The devices. */

static bool find_devices(void)
{
	char device[PATH_MAX], driver[PATH_MAX], path[2 * PATH_MAX];
	size_t i;

	for (i = 0; i < DEVICES; i++) {
		if (!bus_device(places[i], device, path)) {
			fail(places[i]);
			return false;
		}
		snprintf(devices[i], sizeof(devices[i]), "%s", basename(device));
		snprintf(path, sizeof(path), "%s/driver", device);
		if (!realpath(path, driver)) {
			fail(path);
			return false;
		}
		snprintf(drivers[i], sizeof(drivers[i]), "%s", basename(driver));
	}
	say_domain("eth0", places[0]);
	say_domain("eth1", places[1]);
	say_domain("disk", places[2]);
	return true;
}

static struct counts read_counts(void)
{
	static const char path[] = "/sys/module/iommu_count/parameters/counts";
	struct counts counts = {};
	FILE *file = fopen(path, "r");

	if (!file || fscanf(file, "%lld %lld %lld %lld %lld", &counts.maps, &counts.mapped,
			    &counts.unmaps, &counts.unmapped, &counts.large) != 5)
		fail(path);
	if (file)
		fclose(file);
	return counts;
}

static long long free_memory(void)
{
	struct sysinfo info;

	/* What is freed late is free by then. */
	sleep(2);
	sysinfo(&info);
	return (long long)info.freeram * info.mem_unit;
}

/* FILE of each device's driver, "bind" or "unbind". */
static void tell_drivers(const char *file)
{
	char path[PATH_MAX];
	size_t i;

	for (i = 0; i < DEVICES; i++) {
		snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s/%s", drivers[i], file);
		write_file(path, devices[i]);
	}
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* Until then: a request that is never done does not end its thread. */
static void wait_for(pthread_t thread, const struct timespec *end, const char *what)
{
	errno = pthread_timedjoin_np(thread, NULL, end);
	if (errno)
		give_up(what);
}

static void load_for(int seconds)
{
	struct disk_thread disk[DISK_THREADS] = {};
	struct net_thread net[2] = {};
	long long read = 0, written = 0;
	struct counts before, after;
	double start, elapsed;
	struct timespec end;
	size_t i;
	int fd;

	interface_up("eth0");
	interface_up("eth1");
	wait_for_carrier("eth0");
	wait_for_carrier("eth1");
	write_file("/sys/block/vda/queue/max_sectors_kb", "4096");
	fd = open("/dev/vda", O_RDWR | O_DIRECT);
	if (fd < 0 || lseek(fd, 0, SEEK_END) != DISK_SIZE)
		return (void)give_up("load: /dev/vda");

	stop = false;
	before = read_counts();
	start = now();
	for (i = 0; i < DISK_THREADS; i++) {
		disk[i].number = i;
		disk[i].fd = fd;
		disk[i].buffer = buffers[i];
		if (pthread_create(&disk[i].id, NULL, disk_thread, &disk[i]))
			give_up("load: a thread");
	}
	for (i = 0; i < 2; i++) {
		net[i].number = i;
		net[i].sender = packet_socket(i ? "eth1" : "eth0", 0);
		net[i].receiver = packet_socket(i ? "eth0" : "eth1", ETHERTYPE);
		if (pthread_create(&net[i].id, NULL, net_thread, &net[i]))
			give_up("load: a thread");
	}
	while (!stopped() && now() < start + seconds)
		usleep(100000);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += 2 * PATIENCE;
	for (i = 0; i < DISK_THREADS; i++) {
		wait_for(disk[i].id, &end, "load: a disk's thread hangs");
		read += disk[i].read;
		written += disk[i].written;
	}
	for (i = 0; i < 2; i++)
		wait_for(net[i].id, &end, "load: a network's thread hangs");
	elapsed = now() - start;
	after = read_counts();
	if (failed)
		return;

	read_back(&disk[0]);
	close(fd);
	for (i = 0; i < 2; i++) {
		close(net[i].sender);
		close(net[i].receiver);
		check_count(i ? "eth1" : "eth0", "tx_packets", net[i].frames);
		check_count(i ? "eth0" : "eth1", "rx_packets", net[i].frames);
	}
	say("init: load: %d s: disk %lld MiB read, %lld MiB written; %lld frames; "
	    "%.0f unmaps/s, %.0f KiB each, %lld of 2 MiB or more\n",
	    seconds, read >> 20, written >> 20, net[0].frames + net[1].frames,
	    (after.unmaps - before.unmaps) / elapsed,
	    (after.unmapped - before.unmapped) / 1024. / (after.unmaps - before.unmaps),
	    after.large - before.large);
}

/*
 * The buffers that a driver holds go with the driver, the domain with the device.  How much memory
 * is free then, and how much of it had the domains?
 */
static struct memory round_of(int seconds)
{
	struct memory memory = {};
	struct counts before, after;
	long long mapped, left, unbound;
	char path[PATH_MAX];
	size_t i;

	tell_drivers("unbind");
	before = read_counts();
	tell_drivers("bind");
	load_for(seconds);
	/* A driver does not go while a request hangs. */
	if (failed)
		return memory;
	tell_drivers("unbind");
	unbound = free_memory();
	after = read_counts();
	for (i = 0; i < DEVICES; i++) {
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/remove", devices[i]);
		write_file(path, "1");
	}
	memory.free = free_memory();
	memory.held = memory.free - unbound;

	mapped = after.mapped - before.mapped;
	left = mapped - (after.unmapped - before.unmapped);
	say("init: %s: %d s: %lld bytes mapped, %lld of them not unmapped\n",
	    left ? "FAIL: load" : "load", seconds, mapped, left);
	return memory;
}

void load(int seconds)
{
	struct memory first, last;

	if (!find_devices() || !make_buffers())
		return;
	first = round_of(seconds / 8);
	if (failed)
		return;
	write_file("/sys/bus/pci/rescan", "1");
	last = round_of(seconds);
	if (failed)
		return;
	say("init: load: domains held %lld KiB; %lld KiB less are free now\n",
	    last.held / 1024, (first.free - last.free) / 1024);
}
