// SPDX-License-Identifier: GPL-2.0
/* What else the kernel would have: messages, warnings, a device, its DMA operations, initcalls. */
#include <linux/bug.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/init.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <trace/events/iommu.h>

#include "host.h"
#include "runtime.h"
#include "tsan.h"

unsigned int warnings;
bool ratelimits = true;
bool warnings_suppressed = true;
bool quiet;
bool warnings_counted;

trace_map_probe *trace_map_to;
void *trace_map_data;

int printk(const char *fmt, ...)
{
	__builtin_va_list args;

	if (quiet)
		return 0;

	__builtin_va_start(args, fmt);
	host_vprintf(fmt, args);
	__builtin_va_end(args);
	return 0;
}

void warn_at(const char *file, int line, const char *fmt, ...)
{
	__builtin_va_list args;

	__atomic_fetch_add(&warnings, 1, __ATOMIC_RELAXED);
	if (quiet || warnings_counted)
		return;

	printk("    # WARNING at %s:%d: ", file, line);
	__builtin_va_start(args, fmt);
	host_vprintf(fmt, args);
	__builtin_va_end(args);
}

void bug_at(const char *file, int line, const char *what)
{
	host_die("BUG at %s:%d: %s\n", file, line, what);
}

#ifdef __SANITIZE_THREAD__
__thread bool tsan_wmb_done;
__thread unsigned int tsan_pause_in;

static __thread void (*tsan_meanwhile)(void);

void tsan_stop_at(unsigned int access, void (*meanwhile)(void))
{
	tsan_pause_in = access;
	tsan_meanwhile = meanwhile;
}

/* Mostly short; long enough for other threads' whole calls now and then */
void tsan_pause(void)
{
	static __thread unsigned int seed;
	void (*meanwhile)(void) = tsan_meanwhile;
	unsigned int i, times;

	if (meanwhile) {
		tsan_stop_at(-1, NULL);
		meanwhile();
	}

	seed = seed * 1664525 + 1013904223;
	tsan_pause_in = seed >> 8 & 63;
	times = seed >> 15 & 1023;
	if (!(seed >> 29))
		times *= 64;
	for (i = 0; i < times; i++)
		barrier();
	if (!(seed >> 27))
		host_yield();
}
#endif

static __thread char this_thread;

void (*lock_waits)(void);
void (*lock_freed)(void);

void spin_take(spinlock_t *lock)
{
	const void *owner = NULL;

	while (!__atomic_compare_exchange_n(&lock->owner, &owner, &this_thread,
					    false, __ATOMIC_ACQUIRE,
					    __ATOMIC_RELAXED)) {
		BUG_ON(owner == &this_thread);
		owner = NULL;
		if (lock_waits)
			lock_waits();
		host_yield();
	}
}

void spin_release(spinlock_t *lock)
{
	BUG_ON(__atomic_load_n(&lock->owner, __ATOMIC_RELAXED) != &this_thread);
	__atomic_store_n(&lock->owner, NULL, __ATOMIC_RELEASE);
	if (lock_freed)
		lock_freed();
}

struct platform_device *
platform_device_register_simple(const char *name, int id,
				const struct resource *res, unsigned int num)
{
	return kzalloc(sizeof(struct platform_device), GFP_KERNEL);
}

void platform_device_unregister(struct platform_device *pdev)
{
	kfree(pdev);
}

dma_addr_t dma_map_single(struct device *dev, void *ptr, size_t size,
			  enum dma_data_direction dir)
{
	BUG_ON(dir != DMA_TO_DEVICE);
	if (!dev || !dev->dma_ops)
		return virt_to_phys(ptr);
	if (dev->dma_ops->map_phys)
		return dev->dma_ops->map_phys(dev, virt_to_phys(ptr), size,
					      dir, 0);

	return dev->dma_ops->map_page(dev, virt_to_page(ptr),
				      offset_in_page(ptr), size, dir, 0);
}

void dma_unmap_single(struct device *dev, dma_addr_t addr, size_t size,
		      enum dma_data_direction dir)
{
	BUG_ON(dir != DMA_TO_DEVICE);
	if (!dev || !dev->dma_ops)
		return;
	if (dev->dma_ops->unmap_phys)
		dev->dma_ops->unmap_phys(dev, addr, size, dir, 0);
	else
		dev->dma_ops->unmap_page(dev, addr, size, dir, 0);
}

void dma_sync_single_for_device(struct device *dev, dma_addr_t addr,
				size_t size, enum dma_data_direction dir)
{
	BUG_ON(dir != DMA_TO_DEVICE);
	if (dev && dev->dma_ops)
		dev->dma_ops->sync_single_for_device(dev, addr, size, dir);
}

struct initcall *initcalls;

void initcall_add(struct initcall *call)
{
	call->next = initcalls;
	initcalls = call;
}
