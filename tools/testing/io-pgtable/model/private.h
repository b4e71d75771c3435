/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the model share. */
#ifndef MODEL_PRIVATE_H
#define MODEL_PRIVATE_H

#include "model.h"
#include "runtime.h"
#include "walk.h"

#define MAX_TABLES	4096

/* For v7s, how many tables may wait for one flush */
#define V7S_TABLE_BATCH	64

/* How often we look at the tables in an operation: before it, and before each split but the first ones */
#define MAX_SEEN	8

struct mapping {
	uint64_t	iova, size;
	uint64_t	paddr;
	int		prot;
};

/* In the order of their addresses */
struct mappings {
	struct mapping	*at;
	unsigned int	num, max;
};

struct model {
	struct pt		*pt;
	const struct pt_kernel	*kernel;
	bool			contract;
	bool			silent;		/* what is refused makes no warning */
	struct geometry		geometry;
	struct mappings		mappings, expected;
	/*
	 * What the device may have seen, from before the operation on: block splits install tables whose entries it may use
	 * before they, too, are split
	 */
	struct walk		seen[MAX_SEEN], after;
	unsigned int		num_seen;

	struct {
		uint64_t	addr, bytes;
	} live[MAX_TABLES];
	unsigned int		num_live;

	/* The operation at hand */
	enum { OP_ALLOC, OP_MAP, OP_UNMAP, OP_FREE } op;
	bool			gather;		/* leaves are to be gathered */
	bool			flushed_all;
	bool			undoes;		/* the core unmaps what it has mapped itself */
	char			name[160];
	unsigned int		allocs, frees, cleans, walk_flushes, leaf_flushes;
	unsigned int		adds, syncs;
	uint64_t		flushed_bytes;	/* by walk flushes */
	struct {
		uint64_t	iova, size;
		bool		mapped;		/* by then, as the device sees it: the last byte of it */
	} last_flush;
	uint64_t		added_bytes;	/* since the last sync */
	/* Segments of a list follow each other in one walk */
	struct {
		bool		on;
		uint64_t	iova;		/* where it begins */
		int		level;		/* of the last page; -1 before the first */
	} list;
	unsigned int		warned;
	long			mm_live;	/* before there was anything */

	/* What it may take */
	unsigned int		may_clean, may_flush_walk, may_flush_leaf;
	unsigned int		may_add, may_sync, may_alloc;
	unsigned int		must_warn;
};

__attribute__((__noreturn__, __format__(__printf__, 2, 3)))
void broken(struct model *m, const char *fmt, ...);

/* model.c */
/* Was an allocation made to fail? No other is from now on */
bool has_failed(void);
/* What holds of each map that has mapped @got bytes */
void end_map(struct model *m, uint64_t iova, uint64_t size, size_t got,
	     int prot);
extern const char *const via_names[];

/* mappings.c */
unsigned int find_mapping(const struct mappings *maps, uint64_t iova);
bool is_in(const struct mapping *map, uint64_t iova);
/* Puts @num of @with in the place of @old mappings from @at */
void replace(struct mappings *maps, unsigned int at, unsigned int old,
	     const struct mapping *with, unsigned int num);
void copy(struct mappings *to, const struct mappings *from);
/* How many mappings begin in [iova, iova + size); @first is the first of them, or the next */
unsigned int count_in(const struct mappings *maps, uint64_t iova,
		      uint64_t size, unsigned int *first);

/* tables.c */
extern struct model *the_model;
extern const struct mm_watch model_mm_watch;
void shadow_init(void);
/* Where a device that does not snoop finds what is at @addr */
void *shadow(uint64_t addr);
bool is_live(void *cookie, uint64_t addr, uint64_t bytes);
/* What the device reads at @addr */
uint64_t device_entry(struct model *m, uint64_t addr);
bool can_reach_table(struct model *m, const struct walk *seen,
		     const struct table *table);
bool can_reach_leaf(struct model *m, const struct walk *seen,
		    const struct leaf *leaf);
/* A device that does not snoop sees all that was stored, but for what is new, if @but_new */
bool is_visible(struct model *m, bool but_new);
/* It must see all of that, by now */
void check_visible(struct model *m, const char *when);
/* What a table maps that has entries for @size bytes, or 16 for one of that size; 0 of the root, which goes all the way */
uint64_t table_span(struct model *m, uint64_t size);
bool starts_table(struct model *m, uint64_t iova, uint64_t size);
/* Before the operation */
bool was_table(struct model *m, uint64_t iova, uint64_t span);
uint64_t smallest_page(struct model *m);

#define for_each_seen(m, walk)						\
	for ((walk) = (m)->seen; (walk) < (m)->seen + (m)->num_seen; (walk)++)

/* watch.c */
extern const struct pt_watch model_watch;

/* unmap.c */
/* Bytes that go away; less than all if there is a hole */
uint64_t expect_unmap(struct model *m, uint64_t iova, uint64_t pgsize,
		      uint64_t pgcount);
/* After an allocation failed: takes what is left from the tables */
void expect_unmapped(struct model *m, uint64_t iova, uint64_t size);

/* map.c */
/* Bytes that get mapped; if not all, why the next page does not */
uint64_t expect_map(struct model *m, uint64_t iova, uint64_t paddr,
		    uint64_t size, uint64_t num, int prot, int *err);
/* Tables on the way to these pages that are not there yet */
unsigned int missing_tables(struct model *m, uint64_t iova,
			    uint64_t size, uint64_t pgsize);
/* Why such a range cannot be unmapped, or mapped, whatever is there: as the contract has it. To unmap, @paddr is 0 */
int check_range(struct model *m, uint64_t iova, uint64_t paddr,
		uint64_t pgsize, uint64_t pgcount);

/* core.c */
/* As the core picks them: the size of the next pages, and how many there are before another size comes */
uint64_t pick_pages(uint64_t sizes, uint64_t iova, uint64_t paddr,
		    uint64_t size, uint64_t *pgcount);
/* Bytes that go away, and how many warnings there are */
uint64_t expect_core_unmap(struct model *m, uint64_t iova, uint64_t size,
			   unsigned int *warns);
unsigned int expect_unroll(struct model *m, uint64_t iova, uint64_t size,
			   int prot);
int expect_core_map(struct model *m, uint64_t iova, uint64_t paddr,
		    uint64_t size, int prot);

/* check.c */
void begin_op(struct model *m, int op, bool gather);
void check_limits(struct model *m);
void end_op(struct model *m, uint64_t iova, uint64_t size);

#endif
