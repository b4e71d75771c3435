// SPDX-License-Identifier: GPL-2.0
/*
 * The bytes are spread over what is worth trying: addresses near the ends of tables and of the address space, counts around the
 * sizes of tables. No byte is refused, and those that are missing are 0.
 */
#include "fuzz.h"

#include "model/model.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* One input must not take long */
#define MAX_OPS		48
#define MAX_MAPPINGS	12000
#define MAX_HOSTILE	2048		/* pages, in one operation */
#define MAX_PIECES	64		/* of a list, and mostly pages of what is no block */
#define MAX_PAGES	1040		/* of that: more than a table */
#define MAX_SEGMENT	(1U << 30)

bool fuzz_contract;
int fuzz_format = -1;

struct bytes {
	const uint8_t *at;
	size_t num;
};

static unsigned int byte(struct bytes *bytes)
{
	if (!bytes->num)
		return 0;

	bytes->num--;
	return *bytes->at++;
}

static unsigned int within(struct bytes *bytes, unsigned int low,
			   unsigned int high)
{
	return low + byte(bytes) % (high - low + 1);
}

static const uint64_t lpae_page_sizes[] = {
	(1ULL << 12) | (1ULL << 21) | (1ULL << 30),
	(1ULL << 14) | (1ULL << 25),
	(1ULL << 16) | (1ULL << 29) | (1ULL << 42),
	(1ULL << 12),
	(1ULL << 12) | (1ULL << 21),
	(1ULL << 16) | (1ULL << 29),
	(1ULL << 12) | (1ULL << 30),
};

static const uint64_t v7s_page_sizes[] = {
	(1ULL << 12) | (1ULL << 16) | (1ULL << 20) | (1ULL << 24),
	(1ULL << 12) | (1ULL << 16) | (1ULL << 20),
	(1ULL << 12) | (1ULL << 20),
};

static const unsigned int lpae_oas[] = { 48, 40, 36, 32, 42, 44, 52, 48 };

static void take_config(struct bytes *bytes, struct pt_config *config)
{
	unsigned int flags;

	*config = (struct pt_config) { .fmt = within(bytes, 0, PT_MALI) };
	if (fuzz_format >= 0)
		config->fmt = fuzz_format;

	flags = byte(bytes);
	config->coherent = !(flags & 0x01);
	config->non_strict = flags & 0x02;

	switch (config->fmt) {
	case PT_V7S:
		config->page_sizes = v7s_page_sizes[within(bytes, 0,
						ARRAY_SIZE(v7s_page_sizes) - 1)];
		config->arm_ns = flags & 0x04;
		config->no_perms = flags & 0x08;
		config->mtk_ext = config->no_perms && (flags & 0x10);
		config->tlbi_on_map = flags & 0x20;
		/* Whole supersections, as the smallest space has them */
		config->ias = 32 - within(bytes, 0, 7);
		config->oas = config->mtk_ext ? 34 : 32;
		return;
	case PT_LPAE_32_S1:
	case PT_LPAE_32_S2:
		config->page_sizes = lpae_page_sizes[0];
		config->ias = within(bytes, 13, 40);
		if (config->fmt == PT_LPAE_32_S1 && config->ias > 32)
			config->ias -= 8;
		break;
	case PT_MALI:
		config->page_sizes = lpae_page_sizes[0];
		config->ias = within(bytes, 13, 48);
		break;
	default:
		config->page_sizes = lpae_page_sizes[within(bytes, 0,
						ARRAY_SIZE(lpae_page_sizes) - 1)];
		config->ias = within(bytes, 13, 52);
		break;
	}

	config->oas = lpae_oas[byte(bytes) % ARRAY_SIZE(lpae_oas)];
	if (config->fmt != PT_LPAE_64_S1 && config->fmt != PT_LPAE_64_S2 &&
	    config->oas > 40)
		config->oas = 40;

	if (config->fmt == PT_MALI) {
		config->non_strict = false;
	} else if (config->fmt == PT_LPAE_64_S1 ||
		   config->fmt == PT_LPAE_32_S1) {
		config->arm_ns = flags & 0x04;
		config->ttbr1 = flags & 0x08;
	}
}

static uint64_t nth_page_size(uint64_t sizes, unsigned int n)
{
	n %= __builtin_popcountll(sizes);
	while (n--)
		sizes &= sizes - 1;

	return sizes & -sizes;
}

/* Where two tables meet, at some level, or an end of the space; and some pages from there */
static uint64_t take_iova(struct bytes *bytes, const struct pt_config *config)
{
	uint64_t start = 0, size = 1ULL << config->ias;
	uint64_t page = config->page_sizes & -config->page_sizes;
	unsigned int shift = __builtin_ctzll(page), bits = shift - 3;
	unsigned int where = byte(bytes);
	uint64_t at, step;

	if (config->ttbr1)
		start -= size;
	if (config->fmt == PT_V7S)
		bits = 8;

	switch (where % 5) {
	case 0:
		at = 0;
		break;
	case 1:
		at = 1ULL << (shift + bits);
		break;
	case 2:
		at = 1ULL << (shift + (config->fmt == PT_V7S ? 12 : 2 * bits));
		break;
	case 3:
		/* In the middle of a concatenated root, too */
		at = 1ULL << (shift + 3 * bits);
		break;
	default:
		at = size;
		break;
	}

	step = nth_page_size(config->page_sizes, where / 5);
	at += step * (int8_t)byte(bytes);

	/* Mostly inside */
	return start + (at & (size - 1));
}

static uint64_t take_count(struct bytes *bytes, const struct pt_config *config)
{
	uint64_t page = config->page_sizes & -config->page_sizes;
	unsigned int entries = config->fmt == PT_V7S ? 256 : page / 8;
	unsigned int n = byte(bytes);

	if (n < 192)
		return 1 + n % 24;
	if (n < 224)
		return entries - 4 + n % 8;
	if (n < 240)
		return 2 * entries - 2 + n % 4;

	return 60 + n;
}

static uint64_t take_paddr(struct bytes *bytes, const struct pt_config *config,
			   uint64_t pgsize)
{
	unsigned int where = byte(bytes);
	uint64_t end = 1ULL << config->oas, at;

	switch (where & 3) {
	case 0:
		at = 0;
		break;
	case 1:
		at = 1ULL << 32;
		break;
	case 2:
		at = 1ULL << (config->oas > 48 ? 48 : 31);
		break;
	default:
		at = end;
		break;
	}

	at += pgsize * (int8_t)where;
	return at & (end - 1) & ~(pgsize - 1);
}

static int take_prot(struct bytes *bytes)
{
	unsigned int n = byte(bytes);

	/* Mostly with access; the other bits as they come */
	if (n & 0xc0)
		n |= n & 0x40 ? PT_READ : PT_WRITE;

	return n & (PT_READ | PT_WRITE | PT_CACHE | PT_NOEXEC | PT_MMIO |
		    PT_PRIV);
}

/* A range that must be refused, though by chance it is not */
static void take_hostile(struct bytes *bytes, const struct pt_config *config,
			 uint64_t *iova, uint64_t *pgsize, uint64_t *pgcount)
{
	unsigned int how = byte(bytes), n = byte(bytes);
	uint64_t all = 1ULL << config->ias;

	switch (how % 8) {
	case 0:
		*iova += (uint64_t)n << (how >> 3);
		break;
	case 1:
		*pgsize = n ? *pgsize << (n % 32) : 0;
		break;
	case 2:
		*pgsize |= config->page_sizes & -config->page_sizes;
		*pgsize |= 1ULL << (n % 64);
		break;
	case 3:
		*pgcount = n % 2 ? 0 : -(uint64_t)n;
		break;
	case 4:
		*pgcount = all / *pgsize + (int8_t)n;
		break;
	case 5:
		*pgcount = -1ULL / *pgsize + 1 + n % 4;
		break;
	case 6:
		*iova += all;
		break;
	default:
		*iova -= n << 12;
		*pgcount = ((uint64_t)n << 32) + 1;
		break;
	}
}

/* A physical address that must be refused, or that may not be followed by so many pages */
static uint64_t take_hostile_paddr(struct bytes *bytes,
				   const struct pt_config *config,
				   uint64_t pgsize)
{
	unsigned int how = byte(bytes), n = byte(bytes);
	uint64_t end = 1ULL << config->oas;

	switch (how % 4) {
	case 0:
		return take_paddr(bytes, config, pgsize) +
		       ((uint64_t)n << (how >> 3));
	case 1:
		return end - n % 32 * pgsize;
	case 2:
		return end + n * pgsize;
	default:
		return -(uint64_t)n * pgsize;
	}
}

enum { MAP, UNMAP, MAP_CORE, UNMAP_CORE, MAP_PAGE, UNMAP_PAGE, UNMAP_NO_GATHER,
       HOSTILE, NUM_OPS };

/* Of the byte that says which page size: the caller of a map may not sleep */
#define ATOMIC		0x20

/* Of the byte that says which operation, to whom keeps the contract */
#define FAIL_LATER	0x40		/* a map: if an allocation fails, not the first ones */
#define UNROLL		0x80		/* what was mapped before it failed */
#define INSIDE		0x20		/* a map: no page goes beyond the addresses */
#define HOSTILE_MAP	0x20		/* not an unmap */
#define HOSTILE_PADDR	0x40		/* not iova, size or count */
#define HOSTILE_IS_LIST	0x80		/* a map of a list; with HOSTILE_MAP, of a wrong iova or to a wrong address */

/* Of the byte that says how a list is made */
#define LIST_NENTS	0x1f
#define LIST_NO_END	0x20
#define LIST_LONGER	0x40		/* than what is mapped of it */
#define LIST_CORE	0x80

/* Of the byte that says how a segment is made */
#define PIECE_GOES_ON	0x04		/* in memory, with the one before */

/*
 * The next segments, which are one but where a page comes in pieces. @iova is where they go. Few of them are to be mapped by many pages:
 * a large one that cannot be a block is cut
 */
static unsigned int take_pieces(struct bytes *bytes,
				const struct pt_config *config, uint64_t sizes,
				uint64_t iova, struct pt_piece *piece,
				unsigned int room)
{
	unsigned int how = byte(bytes), count = how >> 3, num = 1, i;
	uint64_t smallest = config->page_sizes & -config->page_sizes;
	uint64_t page, unit, size, most, paddr;

	sizes &= config->page_sizes;
	if (!sizes)
		sizes = config->page_sizes;
	page = sizes & -sizes;
	unit = page;
	if (how & 1)
		unit = nth_page_size(sizes, count);
	if (unit > MAX_SEGMENT)
		unit = page;

	paddr = how & PIECE_GOES_ON ? piece[-1].paddr + piece[-1].length :
				      take_paddr(bytes, config, unit);
	size = unit;
	if (!(how & 2)) {
		/* Some of them, as one segment */
		size *= unit > MAX_SEGMENT / 4 ? 1 : count / 4 + 1;
	} else if (how & 1) {
		num = count % 4 + 2;
	} else if (count < 31) {
		/* Nothing, or less than a page, or a page that is too small */
		size = count < 28 ? 0 : smallest / 8 << (count - 28) * 3 / 2;
	} else if (!(how & PIECE_GOES_ON)) {
		/* As long as a page, across two */
		paddr += page / 8;
	}
	most = page * (count == 31 ? MAX_PAGES : MAX_PIECES);
	if ((iova | paddr) & (unit - 1) && size > most)
		size = most;

	if (num > room)
		num = room;
	for (i = 0; i < num; i++) {
		piece[i].paddr = paddr;
		piece[i].length = i + 1 == num ? size : size / 8 * (i % 2 + 1);
		paddr += piece[i].length;
		size -= piece[i].length;
	}

	return num;
}

/* Some of the format's sizes, all of them, or none; and one that it has not */
static uint64_t take_page_sizes(unsigned int n, uint64_t sizes)
{
	uint64_t all = sizes;
	unsigned int i;

	for (i = 0; i < 3; i++)
		if (n & (1 << i))
			sizes &= ~nth_page_size(all, i);

	return n & 8 ? sizes | 1ULL << 24 : sizes;
}

static void take_list(struct bytes *bytes, struct model *model,
		      unsigned int how, bool fails, bool atomic, uint64_t iova)
{
	/* The first one may go on with what is before it */
	static struct pt_piece pieces[1 + MAX_PIECES];
	const struct pt_config *config = model_config(model);
	uint64_t page = config->page_sizes & -config->page_sizes;
	unsigned int flags = byte(bytes), n = byte(bytes), num, i;
	bool core = flags & LIST_CORE ||
		    (fuzz_contract && fuzz_kernel()->lists_are_runs);
	enum via via = core ? VIA_CORE : VIA_SG;
	struct model_list list = {
		.pieces		= pieces + 1,
		.per_array	= n & 0x08 ? MAX_PIECES : 2 + n % 8,
		.end		= !(flags & LIST_NO_END),
	};
	uint64_t sizes, size = 0;
	int prot = take_prot(bytes);

	sizes = via == VIA_CORE ? config->page_sizes :
				  take_page_sizes(n >> 4, config->page_sizes);
	if (how & HOSTILE_MAP && how & HOSTILE_PADDR)
		iova += n & 0x80 ? 1ULL << config->ias : page / 4;
	else if (sizes & config->page_sizes)
		iova &= -(sizes & config->page_sizes & -sizes);

	num = flags & LIST_NENTS;
	while (list.num < num) {
		i = list.num;
		list.num += take_pieces(bytes, config, sizes, iova + size,
					&pieces[1 + i], num - i);
		if (!i && how & HOSTILE_MAP && !(how & HOSTILE_PADDR))
			pieces[1].paddr = take_hostile_paddr(bytes, config,
							     page);
		for (; i < list.num; i++)
			size += pieces[1 + i].length;
	}

	list.nents = num;
	if (flags & LIST_LONGER)
		list.nents -= num / 4;

	/* What was there is not known afterwards */
	if (via == VIA_CORE && fails && !model_is_hole(model, iova, size))
		model_fail_after(1000000);
	model_map_sg(model, via, iova, sizes, &list, prot, atomic);
}

static void take_op(struct bytes *bytes, struct model *model)
{
	const struct pt_config *config = model_config(model);
	uint64_t page = config->page_sizes & -config->page_sizes;
	uint64_t start = config->ttbr1 ? -(1ULL << config->ias) : 0;
	uint64_t size = 1ULL << config->ias;
	uint64_t iova, paddr, pgsize, pgcount, left;
	unsigned int how = byte(bytes), n = byte(bytes), op;
	uint64_t room, step, mapped;
	bool atomic;
	int prot;

	pgsize = nth_page_size(config->page_sizes, n);
	iova = take_iova(bytes, config);
	pgcount = take_count(bytes, config);

	/* To the end of the space, where the last table ends */
	left = size - (iova - start);
	op = (how >> 3) % 4 ? how % 2 : how % NUM_OPS;
	atomic = n & ATOMIC;
	if (!fuzz_contract)
		how = 0;
	if (n & 0x40)
		model_fail_after(((n >> 3) & 3) +
				 (op == MAP && how & FAIL_LATER ? 2 : 0));

	switch (op) {
	case MAP:
	case MAP_PAGE:
	case MAP_CORE:
		paddr = take_paddr(bytes, config, pgsize);
		prot = take_prot(bytes);
		iova &= ~(pgsize - 1);
		if (fuzz_contract ? how & INSIDE :
				    fuzz_kernel()->trusts_callers) {
			room = size - (iova - start);
			if (room > (1ULL << config->oas) - paddr)
				room = (1ULL << config->oas) - paddr;
			step = op == MAP_CORE ? page : pgsize;
			if (pgcount > room / step)
				pgcount = room / step;
			if (!pgcount && fuzz_contract)
				pgcount = 1;
			if (!pgcount || iova - start >= size)
				break;
		}
		if (op == MAP) {
			mapped = model_map(model, VIA_PAGES, iova, paddr,
					   pgsize, pgcount, prot, atomic);
			if (how & UNROLL && mapped && mapped < pgsize * pgcount)
				model_unmap(model, VIA_PAGES, iova, pgsize,
					    mapped / pgsize);
		} else if (op == MAP_PAGE) {
			model_map(model, VIA_PAGE, iova, paddr, pgsize, 1,
				  prot, atomic);
		} else {
			/* What was there is not known afterwards */
			if (n & 0x40 && !(fuzz_contract &&
					  model_is_hole(model, iova,
							page * pgcount)))
				model_fail_after(1000000);
			if (n & 0x80 && (!fuzz_contract || how & HOSTILE_PADDR))
				paddr += page / 2;
			model_map(model, VIA_CORE, iova, paddr, page, pgcount,
				  prot, atomic);
		}
		break;
	case UNMAP:
	case UNMAP_NO_GATHER:
	case UNMAP_PAGE:
		iova &= ~(pgsize - 1);
		left = size - (iova - start);
		if (pgcount > left / pgsize)
			pgcount = left / pgsize;
		if (op == UNMAP_PAGE)
			pgcount = 1;
		model_unmap(model, op == UNMAP ? VIA_PAGES :
			    op == UNMAP_PAGE ? VIA_PAGE : VIA_PAGES_NO_GATHER,
			    iova, pgsize, pgcount);
		break;
	case UNMAP_CORE:
		iova &= ~(page - 1);
		left = size - (iova - start);
		if (n & 0x80)
			pgcount *= pgsize / page;
		if (pgcount > left / page)
			pgcount = left / page;
		model_unmap(model, VIA_CORE, iova, page, pgcount);
		break;
	default:
		if (!fuzz_contract)
			break;
		if (how & HOSTILE_IS_LIST) {
			take_list(bytes, model, how, n & 0x40, atomic, iova);
			break;
		}
		if (!(how & HOSTILE_MAP)) {
			take_hostile(bytes, config, &iova, &pgsize, &pgcount);
			model_unmap(model, VIA_PAGES, iova, pgsize, pgcount);
			break;
		}

		iova &= ~(pgsize - 1);
		if (how & HOSTILE_PADDR) {
			paddr = take_hostile_paddr(bytes, config, pgsize);
		} else {
			paddr = take_paddr(bytes, config, pgsize);
			take_hostile(bytes, config, &iova, &pgsize, &pgcount);
		}
		prot = take_prot(bytes);
		/* What is not refused is not to take long */
		left = size - (iova - start);
		if (iova - start < size && pgsize && pgcount > MAX_HOSTILE &&
		    pgcount <= left / pgsize)
			pgcount = MAX_HOSTILE;
		model_map(model, VIA_PAGES, iova, paddr, pgsize, pgcount,
			  prot, atomic);
		break;
	}
}

const struct pt_kernel *fuzz_kernel(void)
{
	return *__start_pt_kernels;
}

void fuzz(const uint8_t *at, size_t num)
{
	struct bytes bytes = { at, num };
	struct pt_config config;
	struct model *model;
	unsigned int n, ops = 0;

	take_config(&bytes, &config);
	n = byte(&bytes);
	if (n & 0x80)
		model_fail_after(n % 4);

	model = model_new(fuzz_kernel(), &config, fuzz_contract);
	if (!model)
		return;

	while (bytes.num && ops++ < MAX_OPS &&
	       model_num_mappings(model) < MAX_MAPPINGS)
		take_op(&bytes, model);

	model_free(model);
}
