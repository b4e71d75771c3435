/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page tables as the programs here see them: the same of every kernel. kernel/NAME.c is what a kernel NAME does; only these
 * files include headers of a kernel, and this one includes none.
 */
#ifndef PT_H
#define PT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pt_fmt {
	PT_LPAE_32_S1,
	PT_LPAE_32_S2,
	PT_LPAE_64_S1,
	PT_LPAE_64_S2,
	PT_V7S,
	PT_MALI,
	PT_X86_64,
	PT_NUM_FMTS,
};

/* "lpae-64-s1" and so on */
const char *pt_fmt_name(enum pt_fmt fmt);

/* As IOMMU_READ and the others */
#define PT_READ		0x01
#define PT_WRITE	0x02
#define PT_CACHE	0x04
#define PT_NOEXEC	0x08
#define PT_MMIO		0x10
#define PT_PRIV		0x20

struct pt_config {
	enum pt_fmt	fmt;
	unsigned int	ias, oas;
	uint64_t	page_sizes;
	bool		coherent;	/* the walker snoops the CPU's caches */
	bool		non_strict;	/* leaves are invalidated later, all at once */
	bool		ttbr1;
	bool		arm_ns;
	bool		no_perms;
	bool		mtk_ext;
	bool		tlbi_on_map;
	unsigned int	levels;		/* stage 2: of tables, as VTCR says; set by alloc() */
};

/*
 * What a driver, and the device behind it, get to know. Addresses of tables are physical, which is virtual here.
 */
struct pt_watch {
	/* TLB: done when these return. @size and @granule in bytes */
	void (*flush_all)(void *cookie);
	void (*flush_walk)(void *cookie, uint64_t iova, uint64_t size,
			   uint64_t granule);
	void (*flush_leaf)(void *cookie, uint64_t iova, uint64_t size,
			   uint64_t granule);
	/* Invalidation of a run of leaves is asked for: to be done by a sync */
	void (*add)(void *cookie, uint64_t iova, uint64_t size,
		    uint64_t granule);
	/* Invalidates leaves of @granule from @first to @last; none if @granule is 0 */
	void (*sync)(void *cookie, uint64_t first, uint64_t last,
		     uint64_t granule);

	/* The device is to see these bytes; only if it does not snoop */
	void (*clean)(void *cookie, uint64_t addr, uint64_t size);
};

/* A segment of a list */
struct pt_piece {
	uint64_t	paddr;
	unsigned int	length;
};

/*
 * A list of @num segments, as the kernel has it: in arrays of @per_array, 2 or more, all but the last of which have a chain for their last
 * entry; with a mark at the @end. It may be given with fewer segments than it has, and without a mark it says nowhere that it ends.
 */
struct scatterlist;
struct scatterlist *pt_list(const struct pt_piece *pieces, unsigned int num,
			    unsigned int per_array, bool end);
void pt_list_free(struct scatterlist *list);

/* The page tables of one domain */
struct pt {
	const struct pt_kernel	*kernel;
	struct pt_config	config;		/* as the format made it */
	uint64_t		root;		/* what the hardware starts from */
	unsigned int		gfp;		/* to map with: GFP_KERNEL, unless it is set */
};

struct pt_kernel {
	const char	*name;

	/* Keeps the contract of unmap_pages() and map_pages(), which has more than what must be so in any kernel */
	bool		contract;

	/* Where a kernel means to be otherwise. No part of a block is unmapped, nor a block by smaller pages */
	bool		no_split;
	/* map() is -EINVAL without PT_READ and PT_WRITE, and not 0, but without a warning */
	bool		wants_access;
	/* map() may end before the pages that it could still map */
	bool		map_gives_up;
	/* An entry keeps the address of its table until that is freed. That it becomes 0 then need not be cleaned */
	bool		marks_tables;
	/* There is no op for a list: map_sg() is map() of each run, of which the contract says nothing */
	bool		lists_are_runs;
	/* A list that is not aligned gets a line in the log and no warning */
	bool		says_unaligned;
	/* Does not look at where a range ends, and has v7s tables that are too short if ias is below 32 */
	bool		trusts_callers;

	/* The core refuses a range that passes the last address before it maps any of it, and cuts it before it unmaps any */
	bool		looks_ahead;

	/* NULL if the format refuses @config. Without @watch: a driver that gathers as arm-smmu-v3 does, and a silent device */
	struct pt *(*alloc)(const struct pt_config *config,
			    const struct pt_watch *watch, void *cookie);
	void (*free)(struct pt *pt);

	/*
	 * io-pgtable, without the core. A kernel that has no op for more than one page has its single-page op called, until
	 * that fails. map() returns 0 or a negative errno, unmap() bytes. Without @gather the caller invalidates.
	 */
	int (*map)(struct pt *pt, uint64_t iova, uint64_t paddr, size_t pgsize,
		   size_t pgcount, int prot, size_t *mapped);
	size_t (*unmap)(struct pt *pt, uint64_t iova, size_t pgsize,
			size_t pgcount, bool gather);
	/* The ops for one page, where a kernel has them; else NULL */
	int (*map_page)(struct pt *pt, uint64_t iova, uint64_t paddr,
			size_t size, int prot);
	size_t (*unmap_page)(struct pt *pt, uint64_t iova, size_t size,
			     bool gather);
	uint64_t (*iova_to_phys)(struct pt *pt, uint64_t iova);
	/*
	 * @nents segments of a list, one behind the other from @iova on, by the largest of @page_sizes that fit. A kernel without
	 * such an op has map() called for each run of segments that follow each other in memory
	 */
	int (*map_sg)(struct pt *pt, uint64_t iova, uint64_t page_sizes,
		      struct scatterlist *sg, unsigned int nents, int prot,
		      size_t *mapped);

	/* iommu_map() and iommu_unmap() of a domain with these tables */
	int (*core_map)(struct pt *pt, uint64_t iova, uint64_t paddr,
			size_t size, int prot);
	size_t (*core_unmap)(struct pt *pt, uint64_t iova, size_t size);
	/* iommu_map_sg(): bytes, 0 if it fails */
	size_t (*core_map_sg)(struct pt *pt, uint64_t iova,
			      struct scatterlist *sg, unsigned int nents,
			      int prot);
};

/* All kernels that are linked in, in no order */
extern const struct pt_kernel *const __start_pt_kernels[];
extern const struct pt_kernel *const __stop_pt_kernels[];

#define PT_KERNEL(kernel)						\
	static const struct pt_kernel *const kernel##_entry		\
	__attribute__((__used__, __section__("pt_kernels"))) = &(kernel)

#endif
