// SPDX-License-Identifier: GPL-2.0
#include "walk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BIT(n)		(1ULL << (n))
#define BITS(high, low)	((BIT((high) - (low)) * 2 - 1) << (low))

const char *pt_fmt_name(enum pt_fmt fmt)
{
	static const char *const names[PT_NUM_FMTS] = {
		[PT_LPAE_32_S1]	= "lpae-32-s1",
		[PT_LPAE_32_S2]	= "lpae-32-s2",
		[PT_LPAE_64_S1]	= "lpae-64-s1",
		[PT_LPAE_64_S2]	= "lpae-64-s2",
		[PT_V7S]	= "v7s",
		[PT_MALI]	= "mali",
		[PT_X86_64]	= "x86-64",
	};

	return names[fmt];
}

void geometry_init(struct geometry *geometry, const struct pt_config *config)
{
	unsigned int page_shift = __builtin_ctzll(config->page_sizes);
	unsigned int bits = page_shift - 3;
	unsigned int i, levels, top;

	memset(geometry, 0, sizeof(*geometry));
	geometry->size = BIT(config->ias);
	if (config->ttbr1)
		geometry->start = -geometry->size;

	if (is_v7s(config)) {
		geometry->num_levels = 2;
		geometry->level[0].shift = 20;
		geometry->level[0].entries = 4096;
		geometry->level[1].shift = 12;
		geometry->level[1].entries = 256;
		geometry->entry_size = 4;
		return;
	}

	levels = (config->ias - page_shift + bits - 1) / bits;
	if (config->fmt == PT_MALI)
		levels = 4;

	/* Stage 2 may begin a level lower, with up to 16 tables side by side: VTCR.SL0 decides (Arm ARM, D5.2.6) */
	if (config->levels)
		levels = config->levels;

	top = page_shift + bits * (levels - 1);
	geometry->num_levels = levels;
	geometry->entry_size = 8;
	for (i = 0; i < levels; i++) {
		geometry->level[i].shift = top - i * bits;
		geometry->level[i].entries = 1u << bits;
	}
	geometry->level[0].entries =
		config->ias > top ? 1u << (config->ias - top) : 1;
}

int geometry_level(const struct geometry *geometry, uint64_t size)
{
	unsigned int i;

	for (i = 0; i < geometry->num_levels; i++)
		if (BIT(geometry->level[i].shift) == size)
			return i;

	return -1;
}

uint64_t software_bits(const struct pt_config *config)
{
	return is_v7s(config) ? 0 : BIT(55);
}

/* Arm ARM, D5.3.3 (stage 1 and 2 descriptor formats); Mali is its own mixture of both */
static uint64_t lpae_leaf_entry(const struct pt_config *config, bool last,
				uint64_t paddr, int prot)
{
	bool stage1 = config->fmt == PT_LPAE_32_S1 ||
		      config->fmt == PT_LPAE_64_S1;
	bool mali = config->fmt == PT_MALI;
	uint64_t entry = last && !mali ? 3 : 1;

	/* AttrIndx of MAIR: 0 non-cacheable, 1 cacheable, 2 device; or MemAttr */
	if (stage1 || mali)
		entry |= (uint64_t)(prot & PT_MMIO ? 2 : prot & PT_CACHE ? 1 : 0) << 2;
	else
		entry |= (uint64_t)(prot & PT_MMIO ? 0x1 : prot & PT_CACHE ? 0xf : 0x5) << 2;

	if (config->arm_ns)
		entry |= BIT(5);

	if (stage1) {
		if (!(prot & PT_PRIV))
			entry |= BIT(6);
		if (!(prot & PT_WRITE) && (prot & PT_READ))
			entry |= BIT(7);
		entry |= BIT(11);		/* nG */
	} else {
		if (prot & PT_READ)
			entry |= BIT(6);
		if (prot & PT_WRITE)
			entry |= BIT(7);
	}

	/* Inner shareable if cacheable, else outer; Mali's are the other way round */
	entry |= (uint64_t)(prot & PT_CACHE && !mali ? 3 : 2) << 8;
	if (!mali)
		entry |= BIT(10);		/* AF */
	if (prot & PT_NOEXEC)
		entry |= BIT(53) | BIT(54);

	/* Bits 51:48 of an address are in 15:12 (64K granule) */
	return entry | (paddr & BITS(47, 12)) | ((paddr & BITS(51, 48)) >> 36);
}

/* ARMv7-A ARM, B3.5.1; MediaTek's address bits 32 and 33 are in 9 and 4 */
static uint64_t v7s_leaf_entry(const struct pt_config *config, uint64_t paddr,
			       uint64_t size, int prot)
{
	bool section = size >= BIT(20), large = size == BIT(16);
	/* AP[0], AP[1], TEX, AP[2], S and nG are one field at two places */
	unsigned int field = section ? 10 : 4;
	unsigned int tex = large ? 12 : field + 2;
	uint64_t entry = section ? 2 : large ? 1 : 2;

	entry |= BIT(field + 6) | BIT(field + 7);
	if (!(prot & PT_MMIO))
		entry |= BIT(tex);

	if (!config->no_perms) {
		entry |= BIT(field);
		if (!(prot & PT_PRIV))
			entry |= BIT(field + 1);
		if (!(prot & PT_WRITE))
			entry |= BIT(field + 5);
		if (prot & PT_NOEXEC)
			entry |= section ? BIT(4) : large ? BIT(15) : BIT(0);
	}

	if (prot & PT_MMIO)
		entry |= BIT(2);
	else if (prot & PT_CACHE)
		entry |= BIT(2) | BIT(3);

	if (section && config->arm_ns)
		entry |= BIT(19);
	if (size == BIT(24))
		entry |= BIT(18);

	if (config->mtk_ext) {
		if (paddr & BIT(32))
			entry |= BIT(9);
		if (paddr & BIT(33))
			entry |= BIT(4);
	}

	return entry | (paddr & BITS(31, 12));
}

uint64_t leaf_entry(const struct pt_config *config,
		    const struct geometry *geometry, uint64_t paddr,
		    uint64_t size, int prot)
{
	bool last = geometry_level(geometry, size) ==
		    (int)geometry->num_levels - 1;

	if (is_v7s(config))
		return v7s_leaf_entry(config, paddr, size, prot);

	return lpae_leaf_entry(config, last, paddr, prot);
}

struct walker {
	struct walk		*walk;
	const struct pt_config	*config;
	const struct geometry	*geometry;
	is_table_fn		*is_table;
	void			*cookie;
};

#define fail(w, ...) do {						\
	if (!(w)->walk->error[0])					\
		snprintf((w)->walk->error, sizeof((w)->walk->error),	\
			 __VA_ARGS__);					\
} while (0)

/* Where the next leaf goes: a copy of each would be most of the work */
static struct leaf *room_for_leaf(struct walk *walk)
{
	if (walk->num_leaves == walk->max_leaves) {
		walk->max_leaves = 2 * walk->max_leaves + 512;
		walk->leaves = realloc(walk->leaves,
				       walk->max_leaves * sizeof(*walk->leaves));
		if (!walk->leaves)
			abort();
	}
	return &walk->leaves[walk->num_leaves];
}

static int add_table(struct walk *walk, const struct table *table)
{
	if (walk->num_tables == walk->max_tables) {
		walk->max_tables = 2 * walk->max_tables + 32;
		walk->tables = realloc(walk->tables,
				       walk->max_tables * sizeof(*table));
		if (!walk->tables)
			abort();
	}
	walk->tables[walk->num_tables] = *table;
	return walk->num_tables++;
}

enum kind { INVALID, LEAF, LEAF_OF_16, TABLE };

static enum kind lpae_kind(const struct walker *w, uint64_t entry,
			   unsigned int level)
{
	bool last = level == w->geometry->num_levels - 1;

	switch (entry & 3) {
	case 1:
		/* A block; Mali's pages, too */
		return last && w->config->fmt != PT_MALI ? INVALID : LEAF;
	case 3:
		if (!last)
			return TABLE;
		return w->config->fmt == PT_MALI ? INVALID : LEAF;
	default:
		return INVALID;
	}
}

static enum kind v7s_kind(uint64_t entry, unsigned int level)
{
	switch (entry & 3) {
	case 0:
		return INVALID;
	case 1:
		return level ? LEAF_OF_16 : TABLE;
	default:
		return !level && (entry & BIT(18)) ? LEAF_OF_16 : LEAF;
	}
}

static uint64_t lpae_paddr(const struct walker *w, uint64_t entry)
{
	uint64_t addr = entry & BITS(47, 12);
	unsigned int last = w->geometry->num_levels - 1;

	if (w->geometry->level[last].shift == 16)
		addr = (addr & ~BITS(15, 12)) | ((entry & BITS(15, 12)) << 36);

	return addr;
}

static uint64_t v7s_paddr(const struct walker *w, uint64_t entry,
			  uint64_t size)
{
	uint64_t addr = entry & 0xffffffff & ~(size - 1);

	if (w->config->mtk_ext) {
		if (entry & BIT(9))
			addr |= BIT(32);
		if (entry & BIT(4))
			addr |= BIT(33);
	}

	return addr;
}

/* How many of the next entries are 0, in steps: most are, and there are many */
#if defined(__clang__)
__attribute__((__no_sanitize__("address", "undefined")))
#else
__attribute__((__no_sanitize_address__))
#endif
static unsigned int skip_zeroes(uint64_t addr, unsigned int bytes)
{
	const uint64_t *p = (const uint64_t *)(uintptr_t)addr;
	unsigned int n;

	for (n = 0; n + 64 <= bytes; n += 64, p += 8)
		if (p[0] | p[1] | p[2] | p[3] | p[4] | p[5] | p[6] | p[7])
			break;

	return n;
}

static void walk_table(struct walker *w, int at);

static void add_child(struct walker *w, int parent, const struct leaf *at)
{
	const struct geometry *geometry = w->geometry;
	uint64_t entry = at->entry & ~software_bits(w->config);
	struct table table = {
		.iova	= at->iova,
		.span	= at->size,
		.level	= w->walk->tables[parent].level + 1,
		.parent	= parent,
		.slot	= at->slot,
		.entry	= entry,
	};
	uint64_t attributes;

	table.bytes = (uint64_t)geometry->entry_size *
		      geometry->level[table.level].entries;
	if (geometry->entry_size == 4) {
		table.addr = entry & BITS(31, 10);
		attributes = 1 | (w->config->arm_ns ? BIT(3) : 0);
	} else {
		table.addr = lpae_paddr(w, entry);
		attributes = 3 | (w->config->arm_ns ? BIT(63) : 0);
	}

	if (entry != (table.addr | attributes))
		fail(w, "the entry of the table of 0x%" PRIx64 " is 0x%" PRIx64,
		     table.iova, entry);
	else if (!w->is_table(w->cookie, table.addr, table.bytes))
		fail(w, "0x%" PRIx64 " leads to 0x%" PRIx64
		     ", where no table is", table.iova, table.addr);
	else
		walk_table(w, add_table(w->walk, &table));
}

static void walk_table(struct walker *w, int at)
{
	const struct geometry *geometry = w->geometry;
	struct table table = w->walk->tables[at];
	unsigned int entry_size = geometry->entry_size;
	unsigned int shift = geometry->level[table.level].shift;
	unsigned int i, j, entries = geometry->level[table.level].entries;
	struct leaf *leaf;
	enum kind kind;
	uint64_t entry;

	for (i = 0; i < entries && !w->walk->error[0]; i++) {
		uint64_t slot = table.addr + i * entry_size;

		if (!(i * entry_size % 64)) {
			i += skip_zeroes(slot, (entries - i) * entry_size) /
			     entry_size;
			if (i == entries)
				break;
			slot = table.addr + i * entry_size;
		}

		entry = read_entry(slot, entry_size);
		if (!entry)
			continue;

		kind = entry_size == 4 ? v7s_kind(entry, table.level) :
					 lpae_kind(w, entry, table.level);
		leaf = room_for_leaf(w->walk);
		*leaf = (struct leaf) {
			.iova	= table.iova + ((uint64_t)i << shift),
			.size	= BIT(shift),
			.table	= at,
			.slot	= slot,
			.entry	= entry,
		};

		switch (kind) {
		case INVALID:
			fail(w, "entry %u of the table of 0x%" PRIx64 " is 0x%"
			     PRIx64 ", neither valid nor 0", i, table.iova,
			     entry);
			break;
		case LEAF_OF_16:
			leaf->size *= 16;
			for (j = 1; j < 16; j++)
				if (i % 16 || read_entry(slot + j * entry_size,
							 entry_size) != entry)
					fail(w, "the 16 entries of 0x%" PRIx64
					     " are not all the same",
					     leaf->iova);
			i += 15;
			/* fallthrough */
		case LEAF:
			leaf->paddr = entry_size == 4 ?
				     v7s_paddr(w, entry, leaf->size) :
				     lpae_paddr(w, entry);
			if (leaf->paddr & (leaf->size - 1))
				fail(w, "0x%" PRIx64 " is mapped to 0x%" PRIx64
				     ", which is not aligned to 0x%" PRIx64,
				     leaf->iova, leaf->paddr, leaf->size);
			w->walk->num_leaves++;
			break;
		case TABLE:
			add_child(w, at, leaf);
			break;
		}
	}
}

void walk_tables(struct walk *walk, const struct pt *pt,
		 const struct geometry *geometry, is_table_fn *is_table,
		 void *cookie)
{
	struct walker w = {
		.walk		= walk,
		.config		= &pt->config,
		.geometry	= geometry,
		.is_table	= is_table,
		.cookie		= cookie,
	};

	walk->num_tables = 0;
	walk->num_leaves = 0;
	walk->error[0] = 0;
	add_table(walk, &(struct table) {
		.addr	= pt->root,
		.bytes	= (uint64_t)geometry->entry_size *
			  geometry->level[0].entries,
		.iova	= geometry->start,
		.span	= geometry->size,
		.parent	= -1,
	});
	walk_table(&w, 0);
}

unsigned int walk_find(const struct walk *walk, uint64_t iova)
{
	unsigned int low = 0, high = walk->num_leaves;

	while (low < high) {
		unsigned int mid = (low + high) / 2;

		/* Inclusive, as the last leaf may end where addresses do */
		if (walk->leaves[mid].iova + walk->leaves[mid].size - 1 < iova)
			low = mid + 1;
		else
			high = mid;
	}

	return low;
}
