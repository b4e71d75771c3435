/* SPDX-License-Identifier: GPL-2.0 */
/* Custom: a maple tree is a list of ranges, of which no two meet; nothing else takes it, so it is not locked. */
#ifndef SHIM_PEER_LINUX_MAPLE_TREE_H
#define SHIM_PEER_LINUX_MAPLE_TREE_H

#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sizes.h>

#define MAPLE_RESERVED_RANGE	SZ_4K
#define XA_ZERO_ENTRY		NULL

struct maple_range {
	unsigned long first, last;
};

/* A test puts one in for each time that it goes round, at most */
struct maple_tree {
	struct maple_range	ranges[1000];
	unsigned int		num;
};

struct ma_state {
	struct maple_tree	*tree;
	unsigned long		index, last;	/* of the range that was found */
	struct maple_range	*found;
};

#define MA_STATE(name, mt, start, end) \
	struct ma_state name = { .tree = mt, .index = start, .last = end }

static inline void mt_init(struct maple_tree *mt)
{
	mt->num = 0;
}

static inline void mtree_destroy(struct maple_tree *mt)
{
	mt->num = 0;
}

#define mtree_lock(mt)		((void)(mt))
#define mtree_unlock(mt)	((void)(mt))
#define mas_pause(mas)		((void)(mas))

/* The lowest that meets [first, last] */
static inline struct maple_range *
maple_find(struct maple_tree *mt, unsigned long first, unsigned long last)
{
	struct maple_range *found = NULL;
	unsigned int i;

	for (i = 0; i < mt->num; i++) {
		struct maple_range *range = &mt->ranges[i];

		if (range->first <= last && range->last >= first &&
		    (!found || range->first < found->first))
			found = range;
	}

	return found;
}

static inline int mtree_insert_range(struct maple_tree *mt, unsigned long first,
				     unsigned long last, void *entry, gfp_t gfp)
{
	if (maple_find(mt, first, last))
		return -EEXIST;
	if (mt->num == ARRAY_SIZE(mt->ranges))
		return -ENOMEM;

	mt->ranges[mt->num++] = (struct maple_range) { first, last };
	return 0;
}

static inline void *mas_next(struct ma_state *mas, unsigned long first,
			     unsigned long max)
{
	mas->found = first <= max ? maple_find(mas->tree, first, max) : NULL;
	if (mas->found) {
		mas->index = mas->found->first;
		mas->last = mas->found->last;
	}

	return mas->found;
}

/* The last range ends where addresses do, at most: there is none behind */
#define mas_for_each(mas, entry, max)					\
	for ((entry) = mas_next(mas, (mas)->index, max); (entry);	\
	     (entry) = (mas)->last == ULONG_MAX ? NULL :		\
		       mas_next(mas, (mas)->last + 1, max))

static inline void mas_erase(struct ma_state *mas)
{
	*mas->found = mas->tree->ranges[--mas->tree->num];
}

#endif
