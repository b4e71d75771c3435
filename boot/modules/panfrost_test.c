// SPDX-License-Identifier: GPL-2.0
/*
 * panfrost's MMU code, with a model of a Mali GPU's MMU behind its registers.
 *
 * QEMU has no Mali, so the driver's own files are part of this module, as they are in the kernel's
 * tree; but what they read from and write to registers comes to the model.  The model walks the page
 * tables as the hardware does, and keeps what it came by, leaves and tables, until that is flushed:
 * of the region that was locked, and not before the driver has waited for it.  What the GPU can
 * reach after an unmap, or a table that is freed while the GPU knows it, is a fault of the driver.
 *
 * A test that fails says why, and boot/cases has what 5.10 is known to fail, and for what reason.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/iopoll.h>
#include <linux/module.h>
#include <linux/pm_runtime.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include "few_maps.h"
#include "ktap.h"
#include "no_snoop.h"

static u32 mali_read(const void __iomem *reg);
static void mali_write(u32 value, void __iomem *reg);
static int map_chunk(struct sg_table *sgt);

#undef readl
#undef readl_relaxed
#undef writel
#undef dma_map_sgtable
#define readl(reg)				mali_read(reg)
#define readl_relaxed(reg)			mali_read(reg)
#define writel(value, reg)			mali_write(value, reg)
#define dma_map_sgtable(dev, sgt, dir, attrs)	map_chunk(sgt)
#define dma_unmap_sgtable(dev, sgt, dir, attrs)	((void)(sgt))

#include "panfrost_mmu.c"
#include "panfrost_gem.c"
#include "panfrost_gem_shrinker.c"

#define REGISTERS	0x4000
#define SPACES		16
#define LEVELS		4
#define IOVA		((u64)SZ_64M)
#define PADDR		((phys_addr_t)SZ_2G)

/* What the MMU has come by on a walk: a leaf, or the table of the next level. */
struct known {
	int as;
	u64 start, last;
	u64 *table;		/* NULL: a leaf */
	int level;		/* of that table */
};

static struct {
	char registers[REGISTERS];
	struct {
		u64 transtab;			/* as of the last UPDATE */
		u64 locked_start, locked_last;
		bool locked;
		u32 command;			/* that is being done */
		unsigned int left;		/* so many reads of the status until it is */
	} space[SPACES];
	unsigned int takes;			/* reads of the status per command */
	bool stuck;				/* no command is ever done */
	struct known known[4096];
	unsigned int nr_known;
	unsigned int flushes, resets;
	const char *wrong;			/* what the driver should not have done */
} mali;

static struct panfrost_device gpu;

/* What goes wrong on purpose, beside maps: a scatterlist cannot be mapped */
static bool chunk_fails;
/* And what happens in the middle of an unmap */
static u64 fault_in_unmap;
static struct drm_gem_object *purge_in_unmap;
static bool purged;

/* The model */

static u32 *reg(u32 offset)
{
	return (u32 *)(mali.registers + offset);
}

static u64 reg64(u32 offset)
{
	return *reg(offset) | (u64)*reg(offset + 4) << 32;
}

static void mali_wrong(const char *wrong)
{
	if (!mali.wrong)
		mali.wrong = wrong;
}

static void mali_forget(int as, u64 start, u64 last)
{
	unsigned int i, n = 0;

	for (i = 0; i < mali.nr_known; i++)
		if (mali.known[i].as != as || mali.known[i].last < start ||
		    mali.known[i].start > last)
			mali.known[n++] = mali.known[i];
	mali.nr_known = n;
}

static void mali_remember(int as, u64 iova, int shift, u64 *table, int level)
{
	u64 start = iova & ~(BIT_ULL(shift) - 1);

	if (mali.nr_known == ARRAY_SIZE(mali.known)) {
		mali_wrong("the model's TLB is full");
		return;
	}
	mali.known[mali.nr_known++] = (struct known) {
		.as = as, .start = start, .last = start + BIT_ULL(shift) - 1,
		.table = table, .level = level,
	};
}

/* The GPU accesses @iova: does it get anywhere?  What it learns on the way, it keeps. */
static bool mali_access(int as, u64 iova)
{
	u64 *table = NULL, pte;
	int level = 0, shift;
	unsigned int i;

	if ((mali.space[as].transtab & AS_TRANSTAB_LPAE_ADRMODE_MASK) ==
	    AS_TRANSTAB_LPAE_ADRMODE_TABLE)
		table = phys_to_virt(mali.space[as].transtab & PAGE_MASK);

	for (i = 0; i < mali.nr_known; i++) {
		struct known *known = &mali.known[i];

		if (known->as != as || iova < known->start || iova > known->last)
			continue;
		if (!known->table)
			return true;
		if (!table || known->level > level) {
			table = known->table;
			level = known->level;
		}
	}

	for (; table; level++) {
		shift = 39 - 9 * level;
		pte = READ_ONCE(table[(iova >> shift) & 511]);
		if ((pte & 3) == 1) {
			mali_remember(as, iova, shift, NULL, level);
			return true;
		}
		if ((pte & 3) != 3 || level == LEVELS - 1)
			break;
		table = phys_to_virt(pte & GENMASK_ULL(39, 12));
		mali_remember(as, iova, shift, table, level + 1);
	}
	return false;
}

static bool mali_knows_table(void *table)
{
	unsigned int i;

	for (i = 0; i < mali.nr_known; i++)
		if (mali.known[i].table == table)
			return true;
	for (i = 0; i < SPACES; i++)
		if (mali.space[i].transtab &&
		    phys_to_virt(mali.space[i].transtab & PAGE_MASK) == table)
			return true;
	return false;
}

static void mali_done(int as)
{
	switch (mali.space[as].command) {
	case AS_COMMAND_UPDATE:
		mali.space[as].transtab = reg64(AS_TRANSTAB_LO(as));
		break;
	case AS_COMMAND_FLUSH_PT:
	case AS_COMMAND_FLUSH_MEM:
		mali_forget(as, mali.space[as].locked_start, mali.space[as].locked_last);
		mali.space[as].locked = false;
		break;
	}
}

/* A region of 2^(width + 1) bytes, aligned to that */
static void mali_lock(int as)
{
	u64 address = reg64(AS_LOCKADDR_LO(as));
	unsigned int width = address & 0x3f;
	u64 size = 2ULL << width;

	if (width < 14)
		mali_wrong("a region of less than 32 KiB is locked");
	mali.space[as].locked_start = address & -size;
	mali.space[as].locked_last = mali.space[as].locked_start + size - 1;
	mali.space[as].locked = true;
}

static void mali_command(int as, u32 command)
{
	if (mali.space[as].left)
		return mali_wrong("a command is given before the last one is done");

	mali.space[as].command = command;
	mali.space[as].left = mali.takes;
	switch (command) {
	case AS_COMMAND_UPDATE:
		break;
	case AS_COMMAND_LOCK:
		mali_lock(as);
		break;
	case AS_COMMAND_FLUSH_PT:
	case AS_COMMAND_FLUSH_MEM:
		mali.flushes++;
		if (!mali.space[as].locked)
			mali_wrong("a flush without a region");
		break;
	default:
		mali_wrong("a command that there is not");
	}
}

/* Nobody looks for a while */
static void mali_settle(void)
{
	int as;

	for (as = 0; as < SPACES; as++) {
		if (!mali.stuck && mali.space[as].left) {
			mali.space[as].left = 0;
			mali_done(as);
		}
	}
}

static u32 mali_read(const void __iomem *addr)
{
	u32 offset = (const char __force *)addr - mali.registers;
	int as = (offset - MMU_AS(0)) / (MMU_AS(1) - MMU_AS(0));

	if (offset >= MMU_AS(0) && offset < MMU_AS(SPACES) && offset == AS_STATUS(as)) {
		if (mali.stuck)
			return AS_STATUS_AS_ACTIVE;
		if (!mali.space[as].left)
			return 0;
		if (!--mali.space[as].left)
			mali_done(as);
		return AS_STATUS_AS_ACTIVE;
	}
	return *reg(offset);
}

static void mali_write(u32 value, void __iomem *addr)
{
	u32 offset = (char __force *)addr - mali.registers;
	int as = (offset - MMU_AS(0)) / (MMU_AS(1) - MMU_AS(0));

	if (offset >= MMU_AS(0) && offset < MMU_AS(SPACES) && offset == AS_COMMAND(as))
		mali_command(as, value);
	else if (offset == MMU_INT_CLEAR)
		*reg(MMU_INT_RAWSTAT) = *reg(MMU_INT_STAT) &= ~value;
	else
		*reg(offset) = value;
}

/* What the driver has in other files */

void panfrost_device_reset(struct panfrost_device *pfdev)
{
	mali.nr_known = 0;
	memset(mali.space, 0, sizeof(mali.space));
	mali.stuck = false;
	mali.resets++;
	panfrost_mmu_reset(pfdev);
}

const char *panfrost_exception_name(struct panfrost_device *pfdev, u32 code)
{
	return "of the model";
}

/* What the tables go through, see no_snoop.h */

static void table_made(void *table, size_t size)
{
}

static void table_freed(void *table, size_t size)
{
	if (mali_knows_table(table))
		mali_wrong("a table is freed that the GPU may walk");
}

static void entries_cleaned(void *entry, size_t size)
{
}

static int map_chunk(struct sg_table *sgt)
{
	struct scatterlist *sg;
	int i;

	if (chunk_fails)
		return -ENOMEM;
	for_each_sg(sgt->sgl, sg, sgt->orig_nents, i) {
		sg_dma_address(sg) = sg_phys(sg);
		sg_dma_len(sg) = sg->length;
	}
	sgt->nents = sgt->orig_nents;
	return 0;
}

/* The GPU faults at @iova, and the driver sees to it */
static void fault(int as, u64 iova)
{
	*reg(AS_FAULTSTATUS(as)) = 0x3c3;
	*reg(AS_FAULTADDRESS_LO(as)) = lower_32_bits(iova);
	*reg(AS_FAULTADDRESS_HI(as)) = upper_32_bits(iova);
	*reg(MMU_INT_RAWSTAT) = *reg(MMU_INT_STAT) = BIT(as);
	if (panfrost_mmu_irq_handler(0, &gpu) != IRQ_WAKE_THREAD)
		mali_wrong("an interrupt is not taken");
	panfrost_mmu_irq_handler_thread(0, &gpu);
	mali_settle();
}

static void unmapped(void)
{
	u64 iova = fault_in_unmap;

	fault_in_unmap = 0;
	if (iova)
		fault(0, iova);
	if (purge_in_unmap)
		purged = panfrost_gem_purge(purge_in_unmap);
	purge_in_unmap = NULL;
}

static size_t interrupted_unmap(struct io_pgtable_ops *ops, unsigned long iova, size_t size,
				struct iommu_iotlb_gather *gather)
{
	size_t done = real_ops.unmap(ops, iova, size, gather);

	unmapped();
	return done;
}

#ifdef HAVE_MAP_PAGES
static size_t interrupted_unmap_pages(struct io_pgtable_ops *ops, unsigned long iova, size_t pgsize,
				      size_t pgcount, struct iommu_iotlb_gather *gather)
{
	size_t done = real_ops.unmap_pages(ops, iova, pgsize, pgcount, gather);

	unmapped();
	return done;
}
#endif

/* A process that has the GPU open; its tables are in address space @as when it has entered one */
struct process {
	struct drm_file file;
	struct panfrost_file_priv priv;
	int as;
};

static struct process first, second;

static void enter(struct process *process)
{
	process->as = panfrost_mmu_as_get(&gpu, process->priv.mmu);
	mali_settle();
}

static int open_gpu(struct process *process)
{
	struct panfrost_mmu *mmu = panfrost_mmu_ctx_create(&gpu);

	if (IS_ERR(mmu))
		return PTR_ERR(mmu);

	limit_maps(mmu->pgtbl_ops);
	mmu->pgtbl_ops->unmap = interrupted_unmap;
#ifdef HAVE_MAP_PAGES
	mmu->pgtbl_ops->unmap_pages = interrupted_unmap_pages;
#endif
	process->priv.pfdev = &gpu;
	process->priv.mmu = mmu;
	process->file.driver_priv = &process->priv;
	return 0;
}

static void close_gpu(struct process *process)
{
	panfrost_mmu_as_put(&gpu, process->priv.mmu);
	panfrost_mmu_ctx_put(process->priv.mmu);
}

/* A buffer of one process, of memory that is not there: nobody accesses it but the model. */
struct buffer {
	struct panfrost_gem_object bo;
	struct panfrost_gem_mapping mapping;
	struct sg_table sgt;
	struct scatterlist sg;
};

static struct buffer buffer;

static int map_buffer(u64 iova, phys_addr_t paddr, size_t size)
{
	memset(&buffer, 0, sizeof(buffer));
	sg_init_table(&buffer.sg, 1);
	sg_dma_address(&buffer.sg) = paddr;
	sg_dma_len(&buffer.sg) = size;
	buffer.sgt.sgl = &buffer.sg;
	buffer.sgt.nents = buffer.sgt.orig_nents = 1;
	buffer.bo.base.base.dev = gpu.ddev;
	buffer.bo.base.sgt = &buffer.sgt;
	buffer.bo.noexec = true;
	buffer.mapping.obj = &buffer.bo;
	buffer.mapping.mmu = first.priv.mmu;
	buffer.mapping.mmnode.start = iova >> PAGE_SHIFT;
	buffer.mapping.mmnode.size = size >> PAGE_SHIFT;
	return panfrost_mmu_map(&buffer.mapping);
}

/* How many pages of a range does the GPU reach? */
static size_t reached(int as, u64 iova, size_t size)
{
	size_t offset, pages = 0;

	for (offset = 0; offset < size; offset += SZ_4K)
		pages += mali_access(as, iova + offset);
	return pages;
}

/* Map, have the GPU use all of it, unmap. */
static const char *map_and_unmap(u64 iova, phys_addr_t paddr, size_t size)
{
	if (map_buffer(iova, paddr, size))
		return "not mapped";
	mali_settle();
	if (reached(first.as, iova, size) != size / SZ_4K)
		return "the GPU does not reach what is mapped";
	if (mali_access(first.as, iova + size))
		return "the GPU reaches more than is mapped";
	panfrost_mmu_unmap(&buffer.mapping);
	if (reached(first.as, iova, size))
		return "the GPU reaches what was unmapped";
	return NULL;
}

static const char *one_page(void)
{
	return map_and_unmap(IOVA, PADDR, SZ_4K);
}

static const char *blocks(void)
{
	return map_and_unmap(IOVA, PADDR, SZ_4M);
}

static const char *mixture(void)
{
	return map_and_unmap(IOVA - SZ_64K, PADDR - SZ_64K, SZ_4M + SZ_1M);
}

/* The last page of 4 MiB, and 2 MiB behind it: a block, so that there is no table to free */
static const char *lock_unaligned(void)
{
	return map_and_unmap(IOVA + 0x3ff000, PADDR + 0x1ff000, 0x201000);
}

/* Each start within 64 KiB, and each size up to that */
static const char *lock_any(void)
{
	const char *wrong = NULL;
	u64 start, size;

	for (start = 0; start < SZ_64K && !wrong; start += SZ_4K)
		for (size = SZ_4K; size <= SZ_64K && !wrong; size += SZ_4K)
			wrong = map_and_unmap(IOVA + start, PADDR + SZ_4K, size);
	return wrong;
}

/* 4 KiB pages, so that there is a table to free: when they go, and when a block takes its place */
static const char *tables(void)
{
	return map_and_unmap(IOVA, PADDR + SZ_4K, SZ_2M);
}

static const char *block_for_table(void)
{
	const char *wrong = map_and_unmap(IOVA, PADDR, SZ_4K);

	return wrong ? wrong : map_and_unmap(IOVA, PADDR, SZ_2M);
}

static const char *page_at_0(void)
{
	return map_and_unmap(IOVA, 0, SZ_4K);
}

static const char *block_at_0(void)
{
	return map_and_unmap(IOVA, 0, SZ_2M);
}

/* Some 5 ms, by the 10 us between two reads */
static const char *slow_flush(void)
{
	const char *wrong;

	mali.takes = 500;
	wrong = map_and_unmap(IOVA, PADDR, SZ_64K);
	mali.takes = 1;
	if (!wrong && mali.resets)
		wrong = "the GPU was reset, but was only slow";
	mali_settle();
	return wrong;
}

static const char *stuck_flush(void)
{
	if (map_buffer(IOVA, PADDR + SZ_4K, SZ_2M))
		return "not mapped";
	mali_settle();
	reached(first.as, IOVA, SZ_2M);
	mali.stuck = true;
	panfrost_mmu_unmap(&buffer.mapping);
	if (reached(first.as, IOVA, SZ_2M))
		return "the GPU reaches what was unmapped";
	if (mali.resets != 1)
		return "the GPU was not reset";
	/* And now it is of use again */
	enter(&first);
	return map_and_unmap(IOVA, PADDR, SZ_64K);
}

/* Another process gets the address space while the MMU is stuck */
static const char *stuck_handover(void)
{
	const char *wrong = NULL;

	if (map_buffer(IOVA, PADDR, SZ_64K))
		return "not mapped";
	mali_settle();
	reached(first.as, IOVA, SZ_64K);
	gpu.features.as_present = 1;
	panfrost_mmu_as_put(&gpu, first.priv.mmu);
	mali.stuck = true;
	enter(&second);
	if (second.as < 0) {
		/* So no job is started, and the caller resets the GPU */
		panfrost_device_reset(&gpu);
		enter(&second);
		if (second.as < 0)
			return "there is no address space after a reset";
	}
	if (reached(second.as, IOVA, SZ_64K))
		wrong = "the GPU reaches what another process has";
	mali.stuck = false;
	atomic_set(&second.priv.mmu->as_count, 0);
	panfrost_mmu_unmap(&buffer.mapping);
	return wrong;
}

/* What was mapped is unmapped, and nothing is flushed when that is nothing */
static const char *map_fails(void)
{
	unsigned int flushes;

	maps_left = 5;
	if (!map_buffer(IOVA, PADDR + SZ_4K, SZ_64K))
		return "a map that failed reports success";
	if (reached(first.as, IOVA, SZ_64K))
		return "the GPU reaches a buffer that is not mapped";

	maps_left = 0;
	flushes = mali.flushes;
	if (!map_buffer(IOVA, PADDR + SZ_4K, SZ_64K))
		return "a map that failed reports success";
	return mali.flushes == flushes ? NULL : "a flush for nothing";
}

/* Memory of its own for a buffer, as drm_gem_shmem_get_pages_sgt() finds it then */
static int give_pages(struct panfrost_gem_object *bo)
{
	struct sg_table *sgt = kzalloc(sizeof(*sgt), GFP_KERNEL);
	int ret;

	if (!sgt)
		return -ENOMEM;
	ret = drm_gem_shmem_get_pages(&bo->base);
	if (!ret)
		ret = sg_alloc_table_from_pages(sgt, bo->base.pages,
						bo->base.base.size >> PAGE_SHIFT, 0,
						bo->base.base.size, GFP_KERNEL);
	if (ret) {
		kfree(sgt);
		return ret;
	}
	map_chunk(sgt);
	bo->base.sgt = sgt;
	return 0;
}

static u64 iova_of(struct panfrost_gem_object *bo, struct process *process)
{
	struct panfrost_gem_mapping *mapping = panfrost_gem_mapping_get(bo, &process->priv);
	u64 iova = mapping->mmnode.start << PAGE_SHIFT;

	panfrost_gem_mapping_put(mapping);
	return iova;
}

/* A heap gets its pages when the GPU wants them */
static struct panfrost_gem_object *open_bo(struct process *process, size_t size, u32 flags,
					   u64 *iova)
{
	struct panfrost_gem_object *bo = panfrost_gem_create(gpu.ddev, size, flags);

	if (IS_ERR(bo))
		return NULL;
	if ((!bo->is_heap && give_pages(bo)) ||
	    panfrost_gem_open(&bo->base.base, &process->file)) {
		drm_gem_object_put(&bo->base.base);
		return NULL;
	}
	*iova = iova_of(bo, process);
	return bo;
}

static void close_bo(struct process *process, struct panfrost_gem_object *bo)
{
	panfrost_gem_close(&bo->base.base, &process->file);
	drm_gem_object_put(&bo->base.base);
}

/* Two chunks */
static struct panfrost_gem_object *open_heap(struct process *process, u64 *iova)
{
	return open_bo(process, SZ_4M, PANFROST_BO_NOEXEC | PANFROST_BO_HEAP, iova);
}

static const char *heap(void)
{
	const char *wrong = NULL;
	struct panfrost_gem_object *bo;
	u64 iova;

	bo = open_heap(&first, &iova);
	if (!bo)
		return "no heap";
	fault(first.as, iova + SZ_2M + SZ_4K);
	if (reached(first.as, iova, SZ_4M) != SZ_2M / SZ_4K)
		wrong = "not the chunk that the GPU wants is mapped";
	fault(first.as, iova + SZ_2M + SZ_8K);
	fault(first.as, iova);
	if (reached(first.as, iova, SZ_4M) != SZ_4M / SZ_4K)
		wrong = "not all is mapped";
	close_bo(&first, bo);
	return !wrong && reached(first.as, iova, SZ_4M) ? "the GPU reaches what was unmapped" : wrong;
}

static const char *heap_map_fails(struct panfrost_gem_object *bo, u64 iova)
{
	const char *wrong = NULL;

	maps_left = 0;
	fault(first.as, iova);
	maps_left = UINT_MAX;
	fault(first.as, iova);
	if (reached(first.as, iova, SZ_2M) != SZ_2M / SZ_4K)
		wrong = "the fault is not tried again";
	return wrong;
}

static const char *heap_chunk_fails(struct panfrost_gem_object *bo, u64 iova)
{
	const char *wrong = NULL;

	fault(first.as, iova);
	chunk_fails = true;
	fault(first.as, iova + SZ_2M);
	chunk_fails = false;
	if (reached(first.as, iova, SZ_2M) && !(bo->base.pages && bo->base.pages[0]))
		wrong = "the pages of another chunk are put";
	fault(first.as, iova + SZ_2M);
	if (!wrong && reached(first.as, iova + SZ_2M, SZ_2M) != SZ_2M / SZ_4K)
		wrong = "the fault is not tried again";
	return wrong;
}

/* As by a dma-buf that the other process has imported */
static const char *heap_shared(struct panfrost_gem_object *bo, u64 iova)
{
	const char *wrong = NULL;

	if (panfrost_gem_open(&bo->base.base, &second.file))
		return "no second mapping";
	enter(&second);
	fault(first.as, iova);
	iova = iova_of(bo, &second);
	fault(second.as, iova);
	if (reached(second.as, iova, SZ_2M) != SZ_2M / SZ_4K)
		wrong = "a chunk is not mapped, as another process has it";
	panfrost_mmu_as_put(&gpu, second.priv.mmu);
	panfrost_gem_close(&bo->base.base, &second.file);
	return wrong;
}

/* As by an mmap() of its dma-buf, and an munmap() later */
static const char *heap_mmapped(struct panfrost_gem_object *bo, u64 iova)
{
	const char *wrong = NULL;

	if (drm_gem_shmem_get_pages(&bo->base))
		return "no pages";
	fault(first.as, iova);
	if (reached(first.as, iova, SZ_2M) != SZ_2M / SZ_4K)
		wrong = "a chunk is not mapped, as userspace has";
	drm_gem_shmem_put_pages(&bo->base);
	if (!wrong && !bo->base.pages)
		wrong = "pages that the GPU reaches are put";
	return wrong;
}

/* The second chunk is unmapped, and then the GPU wants the first */
static const char *heap_released(void)
{
	struct panfrost_gem_object *bo;
	u64 iova;

	bo = open_heap(&first, &iova);
	if (!bo)
		return "no heap";
	fault(first.as, iova + SZ_2M);
#ifndef HAVE_MAP_PAGES
	/* Without the series, of a reference count */
	pr_info("expect 2 warnings\n");
#endif
	fault_in_unmap = iova;
	close_bo(&first, bo);
	return reached(first.as, iova, SZ_4M) ? "the GPU reaches a heap that is gone" : NULL;
}

/* The shrinker comes when the mapping is in no list any more, and the GPU still has it */
static const char *purged_while_unmapped(void)
{
	const char *wrong = NULL;
	struct panfrost_gem_object *bo;
	u64 iova;

	bo = open_bo(&first, SZ_64K, PANFROST_BO_NOEXEC, &iova);
	if (!bo)
		return "no buffer";
	if (reached(first.as, iova, SZ_64K) != SZ_64K / SZ_4K)
		wrong = "not all is mapped";

	bo->base.madv = 1;
	purged = false;
	purge_in_unmap = &bo->base.base;
	panfrost_gem_close(&bo->base.base, &first.file);
	if (!wrong && purge_in_unmap)
		wrong = "nothing was unmapped";
	if (!wrong && purged)
		wrong = "pages are freed that the GPU may reach";
	purge_in_unmap = NULL;
	drm_gem_object_put(&bo->base.base);
	return wrong;
}

/* While its mapping is in the list, it can be */
static const char *purged_while_mapped(void)
{
	const char *wrong = NULL;
	struct panfrost_gem_object *bo;
	u64 iova;

	bo = open_bo(&first, SZ_64K, PANFROST_BO_NOEXEC, &iova);
	if (!bo)
		return "no buffer";
	bo->base.madv = 1;
	if (!panfrost_gem_purge(&bo->base.base))
		wrong = "it is not purged";
	close_bo(&first, bo);
	return wrong;
}

/* The tables are freed with it, see table_freed() */
static const char *last_close(void)
{
	struct process process = {};

	if (open_gpu(&process))
		return "no address space";
	enter(&process);
	close_gpu(&process);
	mali_settle();
	return NULL;
}

static const struct test {
	const char *name;
	const char *(*run)(void);
	/* In place of that: with a heap, of which no chunk has pages yet */
	const char *(*on_heap)(struct panfrost_gem_object *bo, u64 iova);
} all_tests[] = {
	{ "a page", one_page },
	{ "blocks of 2 MiB", blocks },
	{ "pages, blocks, pages", mixture },
	{ "0x201000 bytes at 0x3ff000", lock_unaligned },
	{ "all within 64 KiB", lock_any },
	{ "a table is freed by an unmap", tables },
	{ "a table is freed by a map", block_for_table },
	{ "a page at physical address 0", page_at_0 },
	{ "a block at physical address 0", block_at_0 },
	{ "a flush of 5 ms", slow_flush },
	{ "a flush that is never done", stuck_flush },
	{ "an address space that is not flushed", stuck_handover },
	{ "a map that fails", map_fails },
	{ "a heap", heap },
	{ "a heap, a map that fails", .on_heap = heap_map_fails },
	{ "a heap, a chunk that fails", .on_heap = heap_chunk_fails },
	{ "a heap of two processes", .on_heap = heap_shared },
	{ "a heap that userspace maps", .on_heap = heap_mmapped },
	{ "a heap, a fault when it is released", heap_released },
	{ "a buffer that is purged when it is closed", purged_while_unmapped },
	{ "a buffer that is purged", purged_while_mapped },
	{ "the last close", last_close },
};

static const char *try(const struct test *test)
{
	struct panfrost_gem_object *bo;
	const char *wrong;
	u64 iova;

	if (test->run)
		return test->run();

	bo = open_heap(&first, &iova);
	if (!bo)
		return "no heap";
	wrong = test->on_heap(bo, iova);
	close_bo(&first, bo);
	return wrong;
}

static int run(const struct test *test)
{
	const char *wrong;
	int ret;

	/* What a fault of the last test has left is none of this one's */
	memset(&mali, 0, sizeof(mali));
	mali.takes = 1;
	maps_left = UINT_MAX;
	gpu.features.as_present = 0xff;
	panfrost_mmu_reset(&gpu);

	ret = open_gpu(&first);
	if (!ret)
		ret = open_gpu(&second);
	if (ret)
		return ret;
	enter(&first);

	wrong = try(test);
	maps_left = UINT_MAX;
	mali.takes = 1;
	if (!wrong)
		wrong = mali.wrong;
	if (wrong)
		pr_err("%s: %s\n", test->name, wrong);
	ktap_result(test->name, !wrong);

	atomic_set(&first.priv.mmu->as_count, 1);
	close_gpu(&first);
	panfrost_mmu_ctx_put(second.priv.mmu);
	return 0;
}

static struct drm_driver driver = {
	.driver_features = DRIVER_GEM,
	.gem_create_object = panfrost_gem_create_object,
	.name = KBUILD_MODNAME,
	.desc = "a model",
	.date = "20260101",
};

static int __init panfrost_test_init(void)
{
	struct device *dev = tables_device();
	int i, ret = 0;

	if (IS_ERR(dev))
		return PTR_ERR(dev);

	gpu.dev = dev;
	gpu.iomem = (void __iomem *)mali.registers;
	gpu.features.mmu_features = 40 << 8 | 48;
	spin_lock_init(&gpu.as_lock);
	INIT_LIST_HEAD(&gpu.as_lru_list);
	mutex_init(&gpu.shrinker_lock);
	gpu.ddev = drm_dev_alloc(&driver, dev);
	if (IS_ERR(gpu.ddev)) {
		root_device_unregister(dev);
		return PTR_ERR(gpu.ddev);
	}
	gpu.ddev->dev_private = &gpu;

	ktap_plan(ARRAY_SIZE(all_tests));
	for (i = 0; i < ARRAY_SIZE(all_tests) && !ret; i++)
		ret = run(&all_tests[i]);

	drm_dev_put(gpu.ddev);
	root_device_unregister(dev);
	return ret;
}
module_init(panfrost_test_init);

static void __exit panfrost_test_exit(void)
{
}
module_exit(panfrost_test_exit);

MODULE_DESCRIPTION("panfrost's MMU code, with a model of the MMU");
MODULE_LICENSE("GPL");
