/* SPDX-License-Identifier: GPL-2.0 */
/* Page tables as the architecture defines them, read without the kernel's help. */
#ifndef WALK_H
#define WALK_H

#include "pt.h"

#define WALK_LEVELS	4

/* What a configuration makes of the input addresses (Arm ARM, "Translation table walks"; for v7s, "Short-descriptor") */
struct geometry {
	unsigned int	num_levels;
	struct {
		unsigned int	shift;		/* what an entry maps, as a power of 2 */
		unsigned int	entries;
	} level[WALK_LEVELS];
	unsigned int	entry_size;
	uint64_t	start, size;		/* of the input addresses */
};

struct table {
	uint64_t	addr;
	uint64_t	bytes;
	uint64_t	iova, span;
	unsigned int	level;
	int		parent;			/* -1: the root */
	uint64_t	slot;			/* the address of the entry that leads here, and what it was */
	uint64_t	entry;
	bool		flushed;		/* for the model: no walk cache knows it any more */
};

struct leaf {
	uint64_t	iova, size;
	uint64_t	paddr;
	unsigned int	table;
	uint64_t	slot;			/* of the first entry, if there are 16 */
	uint64_t	entry;
	bool		flushed;		/* for the model: no TLB has it any more */
	bool		added;			/* for the model: it is gathered */
};

/* In the order of their addresses; a table comes before what it holds */
struct walk {
	struct table	*tables;
	unsigned int	num_tables, max_tables;
	struct leaf	*leaves;
	unsigned int	num_leaves, max_leaves;
	char		error[160];		/* a table that cannot be; empty if all is well */
};

void geometry_init(struct geometry *geometry, const struct pt_config *config);

/* The level whose single entries map @size bytes, or -1 */
int geometry_level(const struct geometry *geometry, uint64_t size);

/* Is there a table of so many bytes at @addr? */
typedef bool is_table_fn(void *cookie, uint64_t addr, uint64_t bytes);

void walk_tables(struct walk *walk, const struct pt *pt,
		 const struct geometry *geometry, is_table_fn *is_table,
		 void *cookie);

/* The leaf that holds @iova, or the first after it (num_leaves: none) */
unsigned int walk_find(const struct walk *walk, uint64_t iova);

/* The entry that maps @size bytes at @paddr; of 16 the first, and all others too */
uint64_t leaf_entry(const struct pt_config *config,
		    const struct geometry *geometry, uint64_t paddr,
		    uint64_t size, int prot);

/* Set in a table's entry by software, which no walker looks at */
uint64_t software_bits(const struct pt_config *config);

static inline bool is_v7s(const struct pt_config *config)
{
	return config->fmt == PT_V7S;
}

static inline uint64_t read_entry(uint64_t addr, unsigned int size)
{
	if (size == 8)
		return __atomic_load_n((uint64_t *)(uintptr_t)addr,
				       __ATOMIC_RELAXED);

	return __atomic_load_n((uint32_t *)(uintptr_t)addr, __ATOMIC_RELAXED);
}

#endif
