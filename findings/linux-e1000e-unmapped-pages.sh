#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Linux's e1000e loses DMA-mapped pages each time that it is taken away with an MTU above one page.
#
# Tools: linux-image-5.10.0-32-arm64 5.10.223-1 (Debian bullseye), linux-binary- and linux-modules-7.3.4+deb13-arm64 7.3.4-1~bpo13+1
# (trixie-backports), qemu-system-arm 1:10.0.13+ds-0+deb13u1 (trixie, or its updates), aarch64-linux-gnu-gcc.
# Input: -M virt,iommu=smmuv3 with two e1000e, joined by a hub. An init sets the MTU, sends 300 frames of one length in each direction,
# each of which arrives, and unbinds the driver from both. The tracepoints iommu:map and iommu:unmap tell what stays mapped. The first
# round does not count: in it the page of the MSI doorbell is mapped for each device, and stays.
# Expected: nothing stays mapped, as with e1000 in the place of e1000e.
# Seen: with an MTU of 9000, two pages of 4 KiB for each device after frames of 3000 bytes, and one after 6000; with 5000, one after 3000.
# None after 9014, after 60, or with an MTU of 1500 or 4000. One frame of 3000 bytes in each direction does what 300 do (tried by hand):
# it is once for each device and round. QEMU 7.2.22 (bookworm) shows the same.
#
# The cause, by the source: with such an MTU a receive buffer has two or three pages, and a frame takes those that it reaches. One entry
# of the ring is always without a new buffer, that of the last frame. It still has the pages that the frame did not reach.
# e1000_clean_rx_ring() stops at an entry's first page that is not there, and so neither unmaps nor frees those behind it.
#
# So a test that counts what stays mapped finds pages that the IOMMU's side has not lost. With e1000 it finds none: boot/cases takes that.

. "$(dirname "$0")/qemu.sh"
need aarch64-linux-gnu-gcc=gcc-aarch64-linux-gnu /usr/aarch64-linux-gnu/lib/libc.a=libc6-dev-arm64-cross xz=xz-utils dpkg-deb=dpkg
. "$(dirname "$0")/fetch.sh"

# apt reads the lists of arm64, too.
printf 'APT::Architectures { "%s"; "arm64"; };\n' "$(dpkg --print-architecture)" >"$dir/apt.conf"
export APT_CONFIG="$dir/apt.conf"
fetch bullseye linux-image-5.10.0-32-arm64 5.10.223-1 "$dir/5.10.223"
fetch trixie-backports linux-binary-7.3.4+deb13-arm64 7.3.4-1~bpo13+1 "$dir/7.3.4"
fetch trixie-backports linux-modules-7.3.4+deb13-arm64 7.3.4-1~bpo13+1 "$dir/7.3.4"

mkdir "$dir/root"
aarch64-linux-gnu-gcc -O2 -static -x c -o "$dir/root/init" - <<'END'
#include <arpa/inet.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TYPE 0x88b5			/* for local experiments */

static const char *const slots[2] = { "0000:00:01.0", "0000:00:02.0" };

static void end(const char *what)
{
	printf("end: %s\n", what);
	fflush(stdout);
	reboot(RB_POWER_OFF);
}

static void must(int is_so, const char *what)
{
	if (!is_so)
		end(what);
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	must(fd >= 0 && write(fd, text, strlen(text)) > 0, path);
	close(fd);
}

static void load(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/%s.ko", name);
	fd = open(path, O_RDONLY);
	must(fd < 0 || !syscall(SYS_finit_module, fd, "", 0), path);
}

/* Pages mapped and not unmapped since the last call. */
static long left_mapped(void)
{
	long mapped = 0, unmapped = 0, size;
	char line[512], *at;
	FILE *f = fopen("/trace/per_cpu/cpu0/stats", "r");

	while (fgets(line, sizeof(line), f))
		must(strncmp(line, "overrun", 7) || !strcmp(line, "overrun: 0\n"), "the trace is not complete");
	fclose(f);
	f = fopen("/trace/trace", "r");
	while (fgets(line, sizeof(line), f)) {
		if (line[0] == '#')
			continue;
		if ((at = strstr(line, " unmapped_size=")) && sscanf(at, " unmapped_size=%ld", &size) == 1)
			unmapped += size;
		else if (strstr(line, " map: ") && (at = strstr(line, " size=")) && sscanf(at, " size=%ld", &size) == 1)
			mapped += size;
		else
			end(line);
	}
	fclose(f);
	put("/trace/trace", "\n");
	must(unmapped > 0, "nothing was traced");
	return (mapped - unmapped) / 4096;
}

/* The interface of that slot, up and with a link. */
static int opened(const char *slot, int mtu)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = htons(TYPE) };
	struct ifreq request = { .ifr_mtu = mtu };
	int s = socket(AF_PACKET, SOCK_RAW, htons(TYPE)), on = 1, i;
	char path[64];
	glob_t found;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/net/*", slot);
	must(!glob(path, 0, NULL, &found), "no interface");
	strncpy(request.ifr_name, strrchr(found.gl_pathv[0], '/') + 1, IFNAMSIZ - 1);
	globfree(&found);
	must(!ioctl(s, SIOCSIFMTU, &request), "MTU");
	request.ifr_flags = IFF_UP;
	must(!ioctl(s, SIOCSIFFLAGS, &request), "up");
	for (i = 0; !(request.ifr_flags & IFF_RUNNING); i++) {
		must(i < 600, "no link");
		usleep(100000);
		ioctl(s, SIOCGIFFLAGS, &request);
	}
	ioctl(s, SIOCGIFINDEX, &request);
	to.sll_ifindex = request.ifr_ifindex;
	must(!setsockopt(s, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) && !bind(s, (void *)&to, sizeof(to)), "socket");
	return s;
}

/* One frame to all, again until it arrives: the link may just have come. */
static void sent(int from, int to, int length)
{
	static unsigned char out[9014] = { 255, 255, 255, 255, 255, 255, 2, [12] = TYPE >> 8, TYPE & 255 }, in[sizeof(out)];
	struct pollfd ready = { .fd = to, .events = POLLIN };
	int tries, i;

	for (i = 14; i < length; i++)
		out[i] = rand();
	for (tries = 0; tries < 100; tries++) {
		must(send(from, out, length, 0) == length, "send");
		while (poll(&ready, 1, 300) > 0)
			if (recv(to, in, sizeof(in), 0) == length && !memcmp(in, out, length))
				return;
	}
	end("a frame is lost");
}

int main(void)
{
	char *nic = getenv("nic"), *this, path[64];
	int mtu, length, s[2], i;

	mkdir("/sys", 0755);
	mkdir("/trace", 0755);
	must(!mount("none", "/sys", "sysfs", 0, NULL) && !mount("none", "/trace", "tracefs", 0, NULL), "mount");
	put("/trace/buffer_size_kb", "16384");
	put("/trace/events/iommu/map/enable", "1");
	put("/trace/events/iommu/unmap/enable", "1");
	load("pps_core");
	load("ptp");
	load(nic);
	for (this = strtok(getenv("rounds"), ","); this; this = strtok(NULL, ",")) {
		must(sscanf(this, "%d/%d", &mtu, &length) == 2, this);
		for (i = 0; i < 2; i++)
			s[i] = opened(slots[i], mtu);
		sent(s[0], s[1], 60);
		sent(s[1], s[0], 60);
		for (i = 0; i < 600; i++)
			sent(s[i % 2], s[1 - i % 2], length);
		snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s/unbind", nic);
		for (i = 0; i < 2; i++) {
			close(s[i]);
			put(path, slots[i]);
		}
		printf("left %s %ld\n", this, left_mapped());
		fflush(stdout);
		snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s/bind", nic);
		for (i = 0; i < 2; i++)
			put(path, slots[i]);
	}
	end("done");
}
END

# The archive that a kernel unpacks, of the files in $dir/root.
padded() { head -c $(((4 - $1 % 4) % 4)) /dev/zero; }
# entry NAME SIZE
entry() {
	printf 070701
	printf %08x $((n += 1)) 0100755 0 0 1 0 "$2" 0 0 0 0 $((${#1} + 1)) 0
	printf '%s\0' "$1"
	padded $((110 + ${#1} + 1))
}
archive() {
	n=0
	for file in "$dir"/root/*; do
		size=$(wc -c <"$file")
		entry "${file##*/}" "$size"
		cat "$file"
		padded "$size"
	done
	entry 'TRAILER!!!' 0
}

# try KERNEL NIC MTU/LENGTH:PAGES...: one boot with all these rounds, and what each left mapped, of both devices.
try() {
	kernel=$1 nic=$2; shift 2
	rm -f "$dir"/root/*.ko
	for module in pps_core ptp "$nic"; do
		file=$(find "$dir/$kernel" -name "$module.ko" -o -name "$module.ko.xz")
		case $file in
		*.xz) xz -dc "$file" >"$dir/root/$module.ko" ;;
		*.ko) cp "$file" "$dir/root/$module.ko" ;;
		esac
	done
	archive >"$dir/initramfs"
	rounds=1500/60
	for round in "$@"; do rounds=$rounds,${round%:*}; done
	timeout 900 "$qemu" -M virt,iommu=smmuv3 -cpu cortex-a57 -m 512 -nodefaults -display none -serial stdio -no-reboot \
		-kernel "$(find "$dir/$kernel" -name 'vmlinuz*' -type f)" -initrd "$dir/initramfs" \
		-append "console=ttyAMA0 loglevel=1 panic=-1 ipv6.disable=1 iommu.passthrough=0 nic=$nic rounds=$rounds" \
		-netdev hubport,id=a,hubid=0 -netdev hubport,id=b,hubid=0 \
		-device "$nic,netdev=a,addr=1,romfile=" -device "$nic,netdev=b,addr=2,romfile=" </dev/null 2>&1 | tr -d '\r' >"$dir/log" || :
	grep -q '^end: done' "$dir/log" || { tail "$dir/log" >&2; die "Linux $kernel with $nic did not come to its end"; }
	sed -n '1,/^left/d; s/^left //p' "$dir/log" >"$dir/left"
	for round in "$@"; do
		read -r what pages && [ "$what" = "${round%:*}" ] || die "Linux $kernel with $nic: rounds are missing"
		as_before "pages left by Linux $kernel, $nic, MTU ${what%/*}, frames of ${what#*/}" "${round#*:}" "$pages"
	done <"$dir/left"
}
for kernel in 5.10.223 7.3.4; do
	try $kernel e1000e 1500/1514:0 4000/3000:0 5000/3000:2 9000/60:0 9000/3000:4 9000/6000:2 9000/9014:0 9000/3000:4
	try $kernel e1000 1500/1514:0 5000/3000:0 9000/60:0 9000/3000:0 9000/6000:0 9000/9014:0
done
exit $failed
