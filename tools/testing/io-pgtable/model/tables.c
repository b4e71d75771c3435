// SPDX-License-Identifier: GPL-2.0
/* The tables that are allocated, and the memory in which a device finds them. */
#include "private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* What memory holds that was never cleaned */
#define GARBAGE		0x6b

/* mm_watch has no cookie, and there is one at a time */
struct model *the_model;

bool is_live(void *cookie, uint64_t addr, uint64_t bytes)
{
	struct model *m = cookie;
	unsigned int i;

	for (i = 0; i < m->num_live; i++)
		if (m->live[i].addr == addr)
			return m->live[i].bytes >= bytes;

	return false;
}

/* A device that does not snoop reads tables from there: what was cleaned. As large as the arena of mm.c, which is below that */
#define SHADOW_SIZE	0x50000000UL
static char *shadow_memory;

void shadow_init(void)
{
	if (shadow_memory)
		return;

	shadow_memory = mmap(NULL, SHADOW_SIZE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
			     0);
	if (shadow_memory == MAP_FAILED)
		abort();
}

void *shadow(uint64_t addr)
{
	return shadow_memory + addr;
}

/* What the device reads at @addr */
uint64_t device_entry(struct model *m, uint64_t addr)
{
	uint64_t at = m->pt->config.coherent ? addr : (uintptr_t)shadow(addr);

	return read_entry(at, m->geometry.entry_size) &
	       ~software_bits(&m->pt->config);
}

bool can_reach_table(struct model *m, const struct walk *seen,
		     const struct table *table)
{
	if (table->parent < 0)
		return true;

	return can_reach_table(m, seen, &seen->tables[table->parent]) &&
	       device_entry(m, table->slot) == table->entry;
}

bool can_reach_leaf(struct model *m, const struct walk *seen,
		    const struct leaf *leaf)
{
	return can_reach_table(m, seen, &seen->tables[leaf->table]) &&
	       device_entry(m, leaf->slot) == leaf->entry;
}

#if defined(__clang__)
__attribute__((__no_sanitize__("address", "undefined")))
#else
__attribute__((__no_sanitize_address__))
#endif
static bool same_entries(uint64_t addr, uint64_t bytes, uint64_t ignored)
{
	const uint64_t *mem = (const uint64_t *)(uintptr_t)addr;
	const uint64_t *dev = shadow(addr);
	uint64_t i, differ = 0;

	for (i = 0; i < bytes / 8; i++)
		differ |= (mem[i] ^ dev[i]) & ~ignored;

	return !differ;
}

/* A device that does not snoop sees all that was stored, but for what is new, if @but_new */
bool is_visible(struct model *m, bool but_new)
{
	unsigned int i, size = m->geometry.entry_size;
	uint64_t addr, at, dev, mem;

	if (m->pt->config.coherent)
		return true;

	for (i = 0; i < m->num_live; i++) {
		addr = m->live[i].addr;
		if (same_entries(addr, m->live[i].bytes,
				 software_bits(&m->pt->config)))
			continue;
		if (!but_new && !m->kernel->marks_tables)
			return false;
		for (at = addr; at < addr + m->live[i].bytes; at += size) {
			dev = device_entry(m, at);
			mem = read_entry(at, size) &
			      ~software_bits(&m->pt->config);
			if (dev == mem || (but_new && !dev))
				continue;
			/* It ignores what has no type */
			if (!m->kernel->marks_tables || (dev | mem) & 3)
				return false;
		}
	}

	return true;
}

/* It must see all of that, by now */
void check_visible(struct model *m, const char *when)
{
	if (!is_visible(m, false))
		broken(m, "not all entries were cleaned before %s", when);
}

static void look(struct model *m)
{
	struct walk *walk = &m->seen[m->num_seen++];

	walk_tables(walk, m->pt, &m->geometry, is_live, m);
	if (walk->error[0])
		broken(m, "%s", walk->error);
}

/* A map as its caller says, an unmap without sleep; what the first table takes is the format's own business */
static void check_gfp(struct model *m, unsigned int gfp)
{
	unsigned int want;

	if (m->op == OP_ALLOC)
		return;

	want = m->op == OP_UNMAP ? gfp_atomic : m->pt->gfp;
	if (is_v7s(&m->pt->config))
		want |= gfp_dma32;
	if (gfp != want)
		broken(m, "a table is allocated with flags 0x%x, which should be 0x%x",
		       gfp, want);
}

static void on_alloc(uint64_t addr, uint64_t bytes, unsigned int gfp)
{
	struct model *m = the_model;

	if (m->num_live == MAX_TABLES)
		abort();

	check_gfp(m, gfp);

	/* A split, and another one before it in the same operation */
	if (m->op == OP_UNMAP && (m->allocs || m->leaf_flushes) &&
	    m->num_seen < MAX_SEEN)
		look(m);

	m->allocs++;
	m->live[m->num_live].addr = addr;
	m->live[m->num_live].bytes = bytes;
	m->num_live++;
	memset(shadow(addr), GARBAGE, bytes);
}

static void on_free(uint64_t addr, uint64_t bytes)
{
	struct model *m = the_model;
	const struct table *table;
	const struct walk *walk = &m->seen[0];
	bool found = false;
	unsigned int i;

	m->frees++;

	for (i = 0; i < m->num_live; i++)
		if (m->live[i].addr == addr)
			break;
	if (i == m->num_live || m->live[i].bytes > bytes)
		broken(m, "0x%" PRIx64 " is freed, which is no table", addr);

	m->live[i] = m->live[--m->num_live];
	if (m->op == OP_FREE && !m->flushed_all)
		broken(m, "tables are freed before TLBs are flushed");
	if (m->op == OP_FREE || m->op == OP_ALLOC)
		return;

	for (i = 0; i < walk->num_tables; i++) {
		table = &walk->tables[i];
		if (table->addr != addr)
			continue;

		found = true;
		if (can_reach_table(m, walk, table))
			broken(m, "the table of 0x%" PRIx64
			       " is freed while an entry leads to it",
			       table->iova);
		if (!table->flushed)
			broken(m, "the table of 0x%" PRIx64
			       " is freed before walk caches are flushed",
			       table->iova);
	}

	if (m->contract && m->op == OP_MAP && !m->undoes && !found)
		broken(m, "a table is allocated and freed again");
}

const struct mm_watch model_mm_watch = {
	.alloc	= on_alloc,
	.free	= on_free,
};

/* What a table maps that has entries for @size bytes, or 16 for one of that size; 0 of the root, which goes all the way */
uint64_t table_span(struct model *m, uint64_t size)
{
	unsigned int level = 0;

	while (level + 1 < m->geometry.num_levels &&
	       size < 1ULL << m->geometry.level[level].shift)
		level++;

	return level ? 1ULL << m->geometry.level[level - 1].shift : 0;
}

bool starts_table(struct model *m, uint64_t iova, uint64_t size)
{
	uint64_t span = table_span(m, size);

	return span && !(iova & (span - 1));
}

bool was_table(struct model *m, uint64_t iova, uint64_t span)
{
	unsigned int i;

	for (i = 1; i < m->seen[0].num_tables; i++)
		if (m->seen[0].tables[i].iova == iova &&
		    m->seen[0].tables[i].span == span)
			return true;

	return false;
}

uint64_t smallest_page(struct model *m)
{
	return m->pt->config.page_sizes & -m->pt->config.page_sizes;
}
