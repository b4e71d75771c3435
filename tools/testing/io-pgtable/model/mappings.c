// SPDX-License-Identifier: GPL-2.0
/* The list of what should be mapped, where, how, and by pages of which size. */
#include "private.h"

#include <stdlib.h>
#include <string.h>

unsigned int find_mapping(const struct mappings *maps, uint64_t iova)
{
	unsigned int low = 0, high = maps->num;

	while (low < high) {
		unsigned int mid = (low + high) / 2;

		if (maps->at[mid].iova + maps->at[mid].size - 1 < iova)
			low = mid + 1;
		else
			high = mid;
	}

	return low;
}

bool is_in(const struct mapping *map, uint64_t iova)
{
	return iova - map->iova < map->size;
}

/* Puts @num of @with in the place of @old mappings from @at */
void replace(struct mappings *maps, unsigned int at, unsigned int old,
	     const struct mapping *with, unsigned int num)
{
	unsigned int after = maps->num - at - old;

	if (maps->num - old + num > maps->max) {
		maps->max = 2 * (maps->num - old + num);
		maps->at = realloc(maps->at, maps->max * sizeof(*maps->at));
		if (!maps->at)
			abort();
	}

	if (after)
		memmove(maps->at + at + num, maps->at + at + old,
			after * sizeof(*maps->at));
	if (with && num)
		memcpy(maps->at + at, with, num * sizeof(*maps->at));
	maps->num = at + num + after;
}

void copy(struct mappings *to, const struct mappings *from)
{
	to->num = 0;
	replace(to, 0, 0, from->at, from->num);
}

/* How many mappings begin in [iova, iova + size); @first is the first of them, or the next */
unsigned int count_in(const struct mappings *maps, uint64_t iova,
		      uint64_t size, unsigned int *first)
{
	unsigned int n = 0;

	*first = find_mapping(maps, iova);
	while (*first + n < maps->num &&
	       maps->at[*first + n].iova - iova < size)
		n++;

	return n;
}
