// SPDX-License-Identifier: GPL-2.0
/*
 * driver-tlbs: what arm-smmu, qcom_iommu and msm_iommu do about TLBs, out of their files by driver-parts, when the core maps and unmaps. A
 * device uses all that is mapped, all the time; its TLB keeps pages, and where tables are, until an invalidation that comes when they are
 * gone, and a sync that waits for it. msm_iommu's also keeps what was not mapped. Prints how many there were for an unmap of 4K pages. Ends
 * in one line: N passed, N failed. What differs between kernels is in kernel/BASE-drivers.h.
 */
#include <linux/bitfield.h>
#include <linux/clk.h>
#include <linux/device.h>
#include <linux/io-64-nonatomic-hi-lo.h>
#include <linux/io-pgtable.h>
#include <linux/iommu.h>
#include <linux/iopoll.h>
#include <linux/irqreturn.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "host.h"
#include "runtime.h"

#define __iomem
#define cpu_relax()		do { } while (0)
#define udelay(us)		do { } while (0)
#define dev_err_ratelimited	dev_err
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]
#define __exit
/* Contexts are not allocated here */
#define find_next_zero_bit(map, end, start)	((void)(map), (start) + 0 * (end))
#define test_and_set_bit(bit, map)		((bit) < 0)

#include "drivers/iommu/arm/arm-smmu/arm-smmu.h"
#include "drivers/iommu/msm_iommu.h"
#include "drivers/iommu/msm_iommu_hw-8xxx.h"

#define arm_smmu_rpm_get(smmu)		((void)(smmu))
#define arm_smmu_rpm_put(smmu)		((void)(smmu))
#define pm_runtime_get_sync(dev)	do { } while (0)
#define pm_runtime_put_sync(dev)	do { } while (0)

#include "arm-smmu-parts.h"
#include "qcom-iommu-parts.h"
#include "msm-iommu-parts.h"
#include DRIVERS_H

#define IOVA		0x40000000UL
#define PADDR		0x80000000UL
#define PADDR_PAGES	(PADDR + SZ_4K)		/* cannot be mapped by larger ones */
#define MAX_PAGES	(SZ_1G / SZ_4K + 1024)
#define MAX_CTXS	3
#define ASID		5
#define MAX_ADDRESSES	64			/* a context is told of; of more it is told once */

enum cached {
	NOT_CACHED,
	CACHED,
	/* Invalidated: by a register of the context, or one of all contexts, whose sync is yet to come */
	PENDING_ONE,
	PENDING_ALL,
};

static struct tlb {
	unsigned char pages[MAX_PAGES], tables[MAX_PAGES];
	/* That a page was not mapped */
	unsigned char holes[MAX_PAGES];
} tlbs[MAX_CTXS];

/* By what a page was mapped: one invalidation is of all of that */
static unsigned char shifts[MAX_PAGES];

/* What is tried just now */
static struct {
	const char		*name, *size_name;
	const struct iommu_domain_ops *driver;
	struct iommu_domain	*domain;
	struct io_pgtable_ops	*ops;		/* of its tables */
	unsigned long		iova;		/* of what the TLBs begin with */
	bool			maps;		/* just now: what is mapped may be told */
	size_t			table;		/* what a table maps that is freed with its pages; 0: none is */
	size_t			num_pages;
	unsigned int		num_ctxs;
	void			(*write)(u64 val, unsigned long addr);
	unsigned int		invalidations, syncs;
	size_t			mapped, leaves;	/* in bytes, and by how many entries */
	bool			stage_2;
	bool			vmid_alone;	/* SMMUv1 has no way to invalidate an address */
	bool			tables_by_context;	/* just now: of a freed table, no address may be told */
	bool			locks;		/* msm_iommu: a lock for each call */
	bool			keeps_holes;	/* msm_iommu: a TLB keeps what was not mapped */
	unsigned int		held, most_held;	/* with a lock */
	size_t			most_bytes;
	bool			ok;
} now;

static void fail(const char *what, unsigned long iova)
{
	if (now.ok)
		printk("# %s %s: %s at %lx\n", now.name, now.size_name, what,
		       iova);
	now.ok = false;
}

static bool translates(unsigned long iova)
{
	return now.ops->iova_to_phys(now.ops, iova);
}

static size_t num_tables(void)
{
	return now.table ? now.num_pages * SZ_4K / now.table : 0;
}

static bool table_is_there(size_t table)
{
	unsigned long iova = now.iova + table * now.table;
	size_t i;

	for (i = 0; i < now.table; i += SZ_4K)
		if (translates(iova + i))
			return true;

	return false;
}

static void invalidate_page(unsigned int ctx, unsigned long iova, bool leaf,
			    enum cached then)
{
	size_t page = (iova - now.iova) / SZ_4K, num, i;
	struct tlb *tlb = &tlbs[ctx];

	now.invalidations++;
	if (iova < now.iova || page >= now.num_pages)
		return fail("invalidates what is not unmapped", iova);
	if (!leaf && now.tables_by_context)
		fail("a table is invalidated by address", iova);
	if (translates(iova)) {
		if (!now.maps)
			fail("invalidates what is mapped", iova);
		tlb->holes[page] = NOT_CACHED;
		return;
	}

	num = (1UL << shifts[page]) / SZ_4K;
	for (i = ALIGN_DOWN(page, num); i < ALIGN_DOWN(page, num) + num; i++)
		if (tlb->pages[i])
			tlb->pages[i] = then;
	if (!leaf && now.table && tlb->tables[page * SZ_4K / now.table])
		tlb->tables[page * SZ_4K / now.table] = then;
}

/* What is still mapped, or is not, is found again at once */
static void invalidate_all(unsigned int ctx, enum cached then)
{
	struct tlb *tlb = &tlbs[ctx];
	size_t i;

	now.invalidations++;
	for (i = 0; i < now.num_pages; i++) {
		if (translates(now.iova + i * SZ_4K))
			tlb->holes[i] = NOT_CACHED;
		else if (tlb->pages[i])
			tlb->pages[i] = then;
	}
	for (i = 0; i < num_tables(); i++)
		if (tlb->tables[i] && !table_is_there(i))
			tlb->tables[i] = then;
}

static void sync_entry(unsigned char *cached, bool all)
{
	if (*cached == PENDING_ONE || (all && *cached == PENDING_ALL))
		*cached = NOT_CACHED;
}

static void sync(unsigned int ctx, bool all)
{
	struct tlb *tlb = &tlbs[ctx];
	size_t i;

	now.syncs++;
	for (i = 0; i < now.num_pages; i++)
		sync_entry(&tlb->pages[i], all);
	for (i = 0; i < num_tables(); i++)
		sync_entry(&tlb->tables[i], all);
}

void register_write(u64 val, const volatile void *addr)
{
	if (lock_freed)
		now.held++;
	now.most_held = max(now.most_held, now.held);
	now.write(val, (unsigned long)addr);
}

/* A walker may be told to forget a table, and still be in it: that is what the sync is for */
static void table_is_freed(uint64_t addr, uint64_t size)
{
	size_t i, ctx;

	for (ctx = 0; ctx < now.num_ctxs; ctx++)
		for (i = 0; i < num_tables(); i++)
			if (tlbs[ctx].tables[i] == PENDING_ONE ||
			    tlbs[ctx].tables[i] == PENDING_ALL)
				fail("table is freed before the sync",
				     now.iova + i * now.table);
}

static void table_is_allocated(uint64_t addr, uint64_t size, unsigned int gfp)
{
}

static const struct mm_watch watch = {
	.alloc	= table_is_allocated,
	.free	= table_is_freed,
};

static void lock_is_free(void)
{
	now.held = 0;
}

/* arm-smmu */

#define SMMU_BASE	0x10000000UL
#define SMMU_CB		1

static struct arm_smmu_device smmu = {
	.base		= (void *)SMMU_BASE,
	.numpage	= 16,
	.pgshift	= 12,
	.features	= ARM_SMMU_FEAT_COHERENT_WALK,
};
static struct arm_smmu_domain smmu_domain;

static void smmu_write(u64 val, unsigned long addr)
{
	bool is_64 = smmu_domain.cfg.fmt == ARM_SMMU_CTX_FMT_AARCH64;
	unsigned int page = (addr - SMMU_BASE) >> 12, reg = addr & 0xfff;
	unsigned long iova = is_64 ? sign_extend64(val << 12, 55) :
				     val & ~0xfffUL;
	unsigned int asid = is_64 ? val >> 48 : val & 0xfff;

	if (page == ARM_SMMU_GR0 && reg == ARM_SMMU_GR0_TLBIVMID) {
		if (val != smmu_domain.cfg.vmid)
			fail("another VMID", val);
		return invalidate_all(0, PENDING_ALL);
	}
	if (page == ARM_SMMU_GR0 && reg == ARM_SMMU_GR0_sTLBGSYNC)
		return sync(0, true);
	if (page != smmu.numpage + SMMU_CB)
		return fail("another context bank", addr);

	switch (reg) {
	case ARM_SMMU_CB_S1_TLBIVA:
	case ARM_SMMU_CB_S1_TLBIVAL:
		if (asid != ASID)
			fail("another ASID", val);
		return invalidate_page(0, iova, reg == ARM_SMMU_CB_S1_TLBIVAL,
				       PENDING_ONE);
	case ARM_SMMU_CB_S1_TLBIASID:
		if (val != ASID)
			fail("another ASID", val);
		return invalidate_all(0, PENDING_ONE);
	case ARM_SMMU_CB_S2_TLBIIPAS2:
	case ARM_SMMU_CB_S2_TLBIIPAS2L:
		return invalidate_page(0, val << 12,
				       reg == ARM_SMMU_CB_S2_TLBIIPAS2L,
				       PENDING_ONE);
	case ARM_SMMU_CB_TLBSYNC:
		return sync(0, false);
	default:
		fail("another register", addr);
	}
}

/* qcom_iommu, its contexts' registers behind each other */

#define QCOM_BASE	0x20000000UL

static struct qcom_iommu_dev *qcom;
static struct qcom_iommu_domain qcom_domain;

static void qcom_write(u64 val, unsigned long addr)
{
	unsigned int ctx = (addr - QCOM_BASE) >> 12, asid = ctx + 1;

	switch (addr & 0xfff) {
	case ARM_SMMU_CB_S1_TLBIVA:
	case ARM_SMMU_CB_S1_TLBIVAL:
		if ((val & 0xfff) != asid)
			fail("another ASID", val);
		return invalidate_page(ctx, val & ~0xfffUL,
				       (addr & 0xfff) == ARM_SMMU_CB_S1_TLBIVAL,
				       PENDING_ONE);
	case ARM_SMMU_CB_S1_TLBIASID:
		if (val != asid)
			fail("another ASID", val);
		return invalidate_all(ctx, PENDING_ONE);
	case ARM_SMMU_CB_TLBSYNC:
		return sync(ctx, false);
	default:
		fail("another register", addr);
	}
}

/* msm_iommu: one IOMMU with two contexts, one with one. Each write is done when the next one is. */

#define MSM_BASE	0x30000000UL
#define MSM_STEP	0x1000000UL

static struct msm_priv msm;
static struct msm_iommu_dev msm_iommus[2];
static struct msm_iommu_ctx_dev msm_ctxs[MAX_CTXS];
static struct clk clks[4];

int clk_enable(struct clk *clk)
{
	clk->enabled++;
	return 0;
}

void clk_disable(struct clk *clk)
{
	clk->enabled--;
}

/* The number of the context, beside those of the other IOMMU */
static unsigned int msm_ctx(unsigned long addr)
{
	unsigned int iommu = (addr - MSM_BASE) / MSM_STEP;

	if (clks[iommu * 2].enabled != 1 || clks[iommu * 2 + 1].enabled != 1)
		fail("the clocks are off", addr);

	return (addr % MSM_STEP >> CTX_SHIFT) + iommu * 2;
}

u32 register_read(const volatile void *addr)
{
	unsigned long reg = (unsigned long)addr;

	if (reg >= MSM_BASE && reg % (1 << CTX_SHIFT) == CONTEXTIDR)
		return msm_ctx(reg) + 1;

	return 0;
}

static void msm_write(u64 val, unsigned long addr)
{
	unsigned int ctx = msm_ctx(addr);
	unsigned long reg = addr % MSM_STEP - ((ctx < 2 ? ctx : 0) << CTX_SHIFT);

	if (reg == CTX_TLBIALL)
		return invalidate_all(ctx, NOT_CACHED);
	if (reg != TLBIVA)
		return fail("another register", addr);
	if ((val & 0xff) != ctx + 1)
		fail("another ASID", val);
	invalidate_page(ctx, val & ~0xfffUL, false, NOT_CACHED);
}

static const struct iommu_domain_ops smmu_ops = {
	.map_pages	= arm_smmu_map_pages,
	.unmap_pages	= arm_smmu_unmap_pages,
	.iotlb_sync	= arm_smmu_iotlb_sync,
};

static const struct iommu_domain_ops qcom_ops = {
	.map_pages	= qcom_iommu_map,
	.unmap_pages	= qcom_iommu_unmap,
	.iotlb_sync	= qcom_iommu_iotlb_sync,
};

static const struct iommu_domain_ops msm_ops = {
	.map_pages	= msm_iommu_map,
	.unmap_pages	= msm_iommu_unmap,
	.iotlb_sync_map	= msm_iommu_sync_map,
};

/* The ops that the core calls: the driver's, and a device that uses at once what is mapped */

static void count_locked(size_t done, size_t pgsize)
{
	if (now.locks && done > pgsize)
		now.most_bytes = max(now.most_bytes, done);
}

static void use(unsigned long iova, size_t size, size_t pgsize)
{
	size_t first = (iova - now.iova) / SZ_4K, num = size / SZ_4K, from;
	unsigned int ctx;

	memset(shifts + first, __ffs(pgsize), num);
	for (ctx = 0; ctx < now.num_ctxs; ctx++) {
		memset(tlbs[ctx].pages + first, CACHED, num);
		if (pgsize >= now.table)
			continue;
		from = first * SZ_4K / now.table;
		memset(tlbs[ctx].tables + from, CACHED,
		       DIV_ROUND_UP((first + num) * SZ_4K, now.table) - from);
	}
}

static int watch_map(struct iommu_domain *domain, unsigned long iova,
		     phys_addr_t paddr, size_t pgsize, size_t pgcount, int prot,
		     gfp_t gfp, size_t *mapped)
{
	size_t done = 0;
	int ret = now.driver->map_pages(domain, iova, paddr, pgsize, pgcount,
					prot, gfp, &done);

	use(iova, done, pgsize);
	count_locked(done, pgsize);
	now.mapped += done;
	now.leaves += done / pgsize;
	*mapped += done;
	return ret;
}

static size_t watch_unmap(struct iommu_domain *domain, unsigned long iova,
			  size_t pgsize, size_t pgcount,
			  struct iommu_iotlb_gather *gather)
{
	size_t done = now.driver->unmap_pages(domain, iova, pgsize, pgcount,
					      gather);

	count_locked(done, pgsize);
	return done;
}

struct limits {
	const char	*name;
	unsigned long	offset;
	size_t		size;
	unsigned int	writes, addresses;	/* invalidations and syncs, of each context; and its 4K pages */
};

static const struct limits limits[] = {
	{ "4K", 0, SZ_4K, 2, 1 },
	{ "64K", 0, SZ_64K, 17, 16 },
	{ "256K", 0, SZ_256K, 65, 64 },
	{ "320K", 0, SZ_256K + SZ_64K, 3, 80 },
	{ "1M", 0, SZ_1M, 3, 256 },
	{ "2M", 0, SZ_2M, 3, 512 },
	{ "16M", 0, SZ_16M, 3, 4096 },
	{ "16M-across", SZ_64K, SZ_16M, 21, 4096 },
	{ "32M", 0, SZ_32M, 3, 8192 },
	{ "32M-across", SZ_64K, SZ_32M, 22, 8192 },
	{ "1G", SZ_2M, SZ_1G, 7, 262144 },
	{ "1G-across", SZ_64K, SZ_1G, 22, 262144 },
};

static unsigned int passed, failed;

static void result(void)
{
	printk("%s %u - %s %s\n", now.ok ? "ok" : "not ok",
	       passed + failed + 1, now.name, now.size_name);
	if (now.ok)
		passed++;
	else
		failed++;
}

static void count_from_here(void)
{
	now.invalidations = now.syncs = 0;
	now.held = now.most_held = 0;
	now.most_bytes = 0;
}

/* The device finds that nothing is mapped. Maps, of which it may have to be told */
static int map(const struct limits *l, phys_addr_t paddr)
{
	unsigned int ctx;
	int ret;

	for (ctx = 0; ctx < now.num_ctxs; ctx++) {
		memset(tlbs[ctx].pages, NOT_CACHED, now.num_pages);
		memset(tlbs[ctx].tables, NOT_CACHED, now.num_pages);
		memset(tlbs[ctx].holes, now.keeps_holes ? CACHED : NOT_CACHED,
		       now.num_pages);
	}
	memset(shifts, __ffs(SZ_4K), now.num_pages);

	count_from_here();
	now.mapped = now.leaves = 0;
	now.maps = true;
	ret = core_map(now.domain, now.iova + l->offset, paddr, l->size,
		       IOMMU_READ | IOMMU_WRITE);
	now.maps = false;

	return ret;
}

static void check_lock(const struct limits *l)
{
	unsigned long iova = now.iova + l->offset;

	if (now.most_bytes > SZ_2M)
		fail("is done under one lock", iova);
	if (now.locks && now.most_held > MAX_ADDRESSES * now.num_ctxs)
		fail("is told under one lock", iova);
}

static void try_map(const struct limits *l, phys_addr_t paddr)
{
	unsigned long iova = now.iova + l->offset;
	unsigned int ctx, told = 0;
	size_t i;

	if (map(l, paddr))
		fail("cannot be mapped", iova);

	for (ctx = 0; ctx < now.num_ctxs; ctx++)
		for (i = l->offset / SZ_4K; i < now.num_pages; i++)
			if (tlbs[ctx].holes[i])
				fail("is no hole any more, but in the TLB",
				     now.iova + i * SZ_4K);

	if (now.keeps_holes)
		told = l->addresses > MAX_ADDRESSES ? 1 : l->addresses;
	if (now.invalidations != told * now.num_ctxs || now.syncs)
		fail("is mapped with another number of writes", iova);
	check_lock(l);
}

/* Of the first @size bytes, and of tables whose pages are all among them */
static void check_gone(const struct limits *l, size_t size)
{
	size_t end = l->offset + size, i;
	unsigned int ctx;

	for (i = l->offset; i < end; i += SZ_4K)
		if (translates(now.iova + i))
			fail("is mapped still", now.iova + i);

	for (ctx = 0; ctx < now.num_ctxs; ctx++) {
		for (i = l->offset; i < end; i += SZ_4K)
			if (tlbs[ctx].pages[i / SZ_4K])
				fail("is in the TLB still", now.iova + i);
		for (i = 0; i < num_tables() && (i + 1) * now.table <= end; i++)
			if (tlbs[ctx].tables[i] && i * now.table >= l->offset)
				fail("of its table is in the TLB still",
				     now.iova + i * now.table);
	}
}

static void unmap(const struct limits *l)
{
	unsigned long iova = now.iova + l->offset;

	count_from_here();
	if (iommu_unmap(now.domain, iova, l->size) != l->size)
		fail("is not all unmapped", iova);
	check_gone(l, l->size);
	check_lock(l);
}

/* Without memory for one table or another: what was mapped goes, and the device has used it */
static void try_failing_maps(const struct limits *l)
{
	unsigned int nth;

	for (nth = 0;; nth = 2 * nth + 1) {
		mm_fail_after = nth;
		if (!map(l, PADDR_PAGES))
			break;
		check_gone(l, now.mapped);
		check_lock(l);
	}
	mm_fail_after = -1;
	unmap(l);
}

/*
 * By pages, of which there are the most. @by_address: the implementation wants it so, which makes of an unmap what it was without a
 * threshold
 */
static void try_pages(const struct limits *l, bool by_address)
{
	unsigned long iova = now.iova + l->offset;
	unsigned int per_ctx, maps, writes, addresses;

	try_map(l, PADDR_PAGES);
	maps = now.invalidations;
	/* Walk caches of Tegra194 and Tegra234 are not invalidated by address */
	now.tables_by_context = now.driver == &smmu_ops && !by_address;
	unmap(l);
	now.tables_by_context = false;

	writes = l->writes;
	/* msm_iommu has no sync: a call for each 2 MiB, or 16 MiB, as it holds a lock */
	if (now.locks)
		writes += l->size / SZ_16M + SZ_16M / SZ_2M;
	/* Two for each run of tables that are freed together */
	else if (now.table == SZ_1M)
		writes += 2 * (l->size / V7S_TABLES);
	if (now.stage_2)
		writes += STAGE_2_SYNCS;

	per_ctx = (now.invalidations + now.syncs) / now.num_ctxs;
	printk("# %s %s: %u+%u", now.name, l->name, now.invalidations, now.syncs);
	if (now.locks)
		printk(", %u for the map; under a lock at most %u, and %zu bytes",
		       maps, now.most_held, now.most_bytes);
	printk("\n");
	addresses = now.invalidations / now.num_ctxs;
	if (by_address ? addresses < l->addresses : per_ctx > writes)
		fail("takes another number of writes", iova);
	/* Few pages: what the device may still use is not worth it */
	if (l->addresses <= MAX_ADDRESSES && !now.vmid_alone &&
	    addresses != l->addresses)
		fail("is not told by address", iova);
}

/* By the largest that fit */
static void try_blocks(const struct limits *l)
{
	try_map(l, PADDR + l->offset);
	unmap(l);
	if (now.invalidations > now.leaves * now.num_ctxs)
		fail("takes more writes than there were entries",
		     now.iova + l->offset);
}

static void try_range(const struct limits *l, bool by_address)
{
	now.size_name = l->name;
	now.ok = true;
	now.num_pages = (l->offset + l->size) / SZ_4K;
	mm_watch = &watch;
	try_failing_maps(l);
	try_pages(l, by_address);
	try_blocks(l);
	mm_watch = NULL;
	result();
}

static void try_all(struct io_pgtable_cfg *cfg, size_t largest, bool by_address)
{
	struct iommu_domain_ops ops = *now.driver;
	unsigned int i;

	ops.map_pages = watch_map;
	ops.unmap_pages = watch_unmap;
	now.domain->ops = &ops;
	now.domain->type = IOMMU_DOMAIN_UNMANAGED;
	now.domain->pgsize_bitmap = cfg->pgsize_bitmap;
	now.domain->geometry.aperture_end = ~0UL;
	for (i = 0; i < ARRAY_SIZE(limits); i++)
		if (limits[i].size <= largest)
			try_range(&limits[i], by_address);
}

static struct device dev;

static void try_smmu(const char *name, enum io_pgtable_fmt fmt,
		     enum arm_smmu_context_fmt ctx_fmt,
		     enum arm_smmu_arch_version version, bool by_address,
		     bool ttbr1, bool pages_alone)
{
	bool s2 = fmt == ARM_64_LPAE_S2 || fmt == ARM_32_LPAE_S2;
	struct io_pgtable_cfg cfg = {
		.pgsize_bitmap	= pages_alone ? SZ_4K : fmt == ARM_V7S ? SZ_4K | SZ_64K | SZ_1M | SZ_16M :
						   SZ_4K | SZ_2M | SZ_1G,
		.ias		= ctx_fmt == ARM_SMMU_CTX_FMT_AARCH64 ? 39 : 32,
		.oas		= fmt == ARM_V7S ? 32 : 40,
		.coherent_walk	= true,
		.iommu_dev	= &dev,
		.quirks		= ttbr1 ? IO_PGTABLE_QUIRK_ARM_TTBR1 : 0,
	};

	memset(&smmu_domain, 0, sizeof(smmu_domain));
	smmu.version = version;
	smmu_domain.smmu = &smmu;
	smmu_domain.stage = s2 ? ARM_SMMU_DOMAIN_S2 : ARM_SMMU_DOMAIN_S1;
	smmu_domain.flush_ops = !s2 ? &arm_smmu_s1_tlb_ops :
				version == ARM_SMMU_V2 ? &arm_smmu_s2_tlb_ops_v2 :
							 &arm_smmu_s2_tlb_ops_v1;
	smmu_domain.cfg.cbndx = SMMU_CB;
	smmu_domain.cfg.asid = ASID;
	smmu_domain.cfg.fmt = ctx_fmt;
	smmu_domain.cfg.flush_walk_prefer_tlbiasid = !by_address;
	spin_lock_init(&smmu_domain.cb_lock);
	spin_lock_init(&smmu.global_sync_lock);
	cfg.tlb = smmu_domain.flush_ops;
	smmu_domain.pgtbl_ops = alloc_io_pgtable_ops(fmt, &cfg, &smmu_domain);
	BUG_ON(!smmu_domain.pgtbl_ops);

	now.name = name;
	now.driver = &smmu_ops;
	now.domain = &smmu_domain.domain;
	now.ops = smmu_domain.pgtbl_ops;
	now.iova = IOVA | (ttbr1 ? ~0UL << cfg.ias : 0);
	now.table = pages_alone ? 0 : fmt == ARM_V7S ? SZ_1M : SZ_2M;
	now.num_ctxs = 1;
	now.stage_2 = s2;
	now.vmid_alone = s2 && version != ARM_SMMU_V2;
	now.write = smmu_write;
	try_all(&cfg, by_address ? SZ_32M : SZ_1G, by_address);
	free_io_pgtable_ops(smmu_domain.pgtbl_ops);
}

static void try_qcom(const char *name, unsigned int num_ctxs)
{
	struct io_pgtable_cfg cfg = {
		.pgsize_bitmap	= SZ_4K,
		.ias		= 32,
		.oas		= 40,
		.tlb		= &qcom_flush_ops,
		.iommu_dev	= &dev,
	};
	struct qcom_iommu_ctx ctxs[MAX_CTXS] = {};
	struct iommu_fwspec *fwspec;
	unsigned int i;

	fwspec = kzalloc(sizeof(*fwspec) + num_ctxs * sizeof(u32), GFP_KERNEL);
	qcom = kzalloc(sizeof(*qcom) + (num_ctxs + 1) * sizeof(void *), GFP_KERNEL);
	fwspec->num_ids = num_ctxs;
	for (i = 0; i < num_ctxs; i++) {
		fwspec->ids[i] = i + 1;
		ctxs[i].base = (void *)(QCOM_BASE + (i << 12));
		ctxs[i].asid = i + 1;
		qcom->ctxs[QCOM_CTX(i + 1)] = &ctxs[i];
	}
	qcom_domain.iommu = qcom;
	qcom_domain.fwspec = fwspec;
	qcom_domain.pgtbl_ops = alloc_io_pgtable_ops(ARM_32_LPAE_S1, &cfg,
						     &qcom_domain);
	BUG_ON(!qcom_domain.pgtbl_ops);

	now.name = name;
	now.driver = &qcom_ops;
	now.domain = &qcom_domain.domain;
	now.ops = qcom_domain.pgtbl_ops;
	now.iova = IOVA;
	now.table = 0;
	now.num_ctxs = num_ctxs;
	now.stage_2 = now.vmid_alone = false;
	now.write = qcom_write;
	try_all(&cfg, SZ_32M, false);
	free_io_pgtable_ops(qcom_domain.pgtbl_ops);
	kfree(qcom);
	kfree(fwspec);
}

static void try_msm(void)
{
	struct io_pgtable_cfg *cfg = &msm.cfg;
	unsigned int i;

	*cfg = (struct io_pgtable_cfg) {
		.pgsize_bitmap	= MSM_IOMMU_PGSIZES,
		.ias		= 32,
		.oas		= 32,
		.tlb		= &msm_iommu_flush_ops,
		.iommu_dev	= &dev,
	};
	INIT_LIST_HEAD(&msm.list_attached);
	spin_lock_init(&msm.pgtlock);
	for (i = 0; i < ARRAY_SIZE(msm_iommus); i++) {
		msm_iommus[i].base = (void *)(MSM_BASE + i * MSM_STEP);
		msm_iommus[i].pclk = &clks[i * 2];
		msm_iommus[i].clk = &clks[i * 2 + 1];
		INIT_LIST_HEAD(&msm_iommus[i].ctx_list);
		list_add_tail(&msm_iommus[i].dom_node, &msm.list_attached);
	}
	for (i = 0; i < MAX_CTXS; i++) {
		msm_ctxs[i].num = i % 2;
		list_add_tail(&msm_ctxs[i].list, &msm_iommus[i / 2].ctx_list);
	}
	msm.iop = alloc_io_pgtable_ops(ARM_V7S, cfg, &msm);
	BUG_ON(!msm.iop);
	lock_freed = lock_is_free;

	now.name = "msm_iommu";
	now.driver = &msm_ops;
	now.domain = &msm.domain;
	now.ops = msm.iop;
	now.iova = IOVA;
	now.table = SZ_1M;
	now.num_ctxs = MAX_CTXS;
	now.locks = now.keeps_holes = true;
	now.write = msm_write;
	try_all(cfg, SZ_1G, false);
	free_io_pgtable_ops(msm.iop);
	lock_freed = NULL;
}

int main(void)
{
	long live = mm_live;

	try_smmu("arm-smmu", ARM_64_LPAE_S1, ARM_SMMU_CTX_FMT_AARCH64, ARM_SMMU_V2, false, false, false);
	try_smmu("arm-smmu, TTBR1", ARM_64_LPAE_S1, ARM_SMMU_CTX_FMT_AARCH64, ARM_SMMU_V2, false, true, false);
	/* As Tegra194 and Tegra234 */
	try_smmu("arm-smmu, no blocks", ARM_64_LPAE_S1, ARM_SMMU_CTX_FMT_AARCH64, ARM_SMMU_V2, false, false, true);
	try_smmu("arm-smmu, 32 bit", ARM_32_LPAE_S1, ARM_SMMU_CTX_FMT_AARCH32_L, ARM_SMMU_V2, false, false, false);
	try_smmu("arm-smmu, v7s", ARM_V7S, ARM_SMMU_CTX_FMT_AARCH32_S, ARM_SMMU_V2, false, false, false);
	try_smmu("arm-smmu, stage 2", ARM_64_LPAE_S2, ARM_SMMU_CTX_FMT_AARCH64, ARM_SMMU_V2, false, false, false);
	try_smmu("SMMUv1", ARM_32_LPAE_S1, ARM_SMMU_CTX_FMT_AARCH32_L, ARM_SMMU_V1, false, false, false);
	try_smmu("SMMUv1, stage 2", ARM_32_LPAE_S2, ARM_SMMU_CTX_FMT_AARCH32_L, ARM_SMMU_V1, false, false, false);
	try_smmu("arm-smmu, by address", ARM_64_LPAE_S1, ARM_SMMU_CTX_FMT_AARCH64, ARM_SMMU_V2, true, false, false);
	try_smmu("arm-smmu, v7s, by address", ARM_V7S, ARM_SMMU_CTX_FMT_AARCH32_S, ARM_SMMU_V2, true, false, false);
	try_smmu("arm-smmu, stage 2, by address", ARM_64_LPAE_S2, ARM_SMMU_CTX_FMT_AARCH64, ARM_SMMU_V2, true, false, false);
	try_qcom("qcom_iommu", 1);
	try_qcom("qcom_iommu, two contexts", 2);
	try_msm();

	if (mm_live != live || warnings) {
		printk("# %ld allocations leaked, %u warnings\n", mm_live - live, warnings);
		failed++;
	}
	printk("%u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
