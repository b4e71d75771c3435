/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a range check must say, apart from the kernel's code; comes after a format's file. Everything that has no value here can have
 * any: cbmc tries all of them.
 */

/* Wide enough for the end of any range */
typedef unsigned __CPROVER_bitvector[136] wide;

/* With REACHED, it is not whether a property holds, but whether a call comes to it: then each fails */
#ifdef REACHED
#define must(condition, name)	__CPROVER_assert(false, name)
#else
#define must(condition, name)	__CPROVER_assert(condition, name)
#endif

#define BITS_OF(type)	(8 * (unsigned int)sizeof(type))

size_t nondet_size(void);
unsigned long nondet_long(void);
phys_addr_t nondet_phys(void);
unsigned int nondet_int(void);
struct io_pgtable_cfg nondet_cfg(void);
struct scatterlist nondet_sg(void);
void *nondet_pointer(void);

/* The call, and what it is to return: 0 if it is to be accepted */
static unsigned long the_iova;
static phys_addr_t the_paddr;
static size_t the_pgsize, the_size;
static int the_prot, the_answer;

static unsigned int warnings;

/* For kernels that ask whether they may, and for those that do not */
bool io_pgtable_may_warn(struct io_pgtable *iop)
{
	warnings++;
	return false;
}

void warn_at(const char *file, int line, const char *fmt, ...)
{
	warnings++;
}

void io_pgtable_refuse_run(REFUSED_RUN)
{
	warnings++;
}

void *kmalloc(size_t size, gfp_t gfp)
{
	return __CPROVER_allocate(size, 0);
}

void kfree(const void *p)
{
}

/* Addresses end at @bits, or with the type that has @most bits */
static wide end_of(unsigned int bits, unsigned int most)
{
	return (wide)1 << (bits < most ? bits : most);
}

/* Are @size bytes from @iova on beyond what tables of this configuration translate? */
static bool beyond_ias(const struct io_pgtable_cfg *cfg, unsigned long iova, wide size)
{
	wide first = 0, end = end_of(cfg->ias, BITS_OF(long));

	/* The upper half ends with the last of 64 bits, so a long of 32 bits has none of it */
	if (cfg->quirks & IO_PGTABLE_QUIRK_ARM_TTBR1) {
		first = ((wide)1 << 64) - end;
		end = (wide)1 << 64;
	}
	return iova < first || iova + size > end;
}

/* Do @size bytes from @paddr on need more bits than an output address has? */
static bool beyond_oas(unsigned int oas, phys_addr_t paddr, wide size)
{
	return paddr + size > end_of(oas, BITS_OF(phys_addr_t));
}

/* The call that is tried has pages of 1 << @shift bytes; NO_SIZE: of a size that no table of this format has */
#define NO_SIZE		(~0U)

/*
 * Any call with such pages, and what is to come of it. A wrong size, address or count comes before a wrong range.
 * Each page size is tried by itself, as a constant: cbmc then has no product of two numbers of which it knows nothing.
 */
static size_t any_call(const struct io_pgtable_cfg *cfg, bool map, unsigned int shift)
{
	size_t pgcount = nondet_size();
	wide size;

	the_iova = nondet_long();
	the_paddr = map ? nondet_phys() : 0;
	if (shift == NO_SIZE) {
		the_pgsize = nondet_size();
#define OTHER(size) __CPROVER_assume(the_pgsize != (wide)1 << (size));
		PAGE_SIZES(OTHER)
		must(!(the_pgsize & cfg->pgsize_bitmap) || the_pgsize & (the_pgsize - 1), "there are no other page sizes");
		the_answer = -EINVAL;
		return pgcount;
	}

	the_pgsize = (size_t)1 << shift;
	size = (wide)pgcount << shift;
	the_size = size;
	if (!(cfg->pgsize_bitmap & the_pgsize) || the_iova % the_pgsize || the_paddr % the_pgsize || !pgcount)
		the_answer = -EINVAL;
	else if (size >= (wide)1 << BITS_OF(size_t) || beyond_ias(cfg, the_iova, size) ||
		 (map && beyond_oas(cfg->oas, the_paddr, size)))
		the_answer = -ERANGE;
	else
		the_answer = 0;

	return pgcount;
}

/* A map has come back without a step into the tables: it refused, or there was no access to give, or no segment with a byte */
static void mapped_nothing(int ret, size_t was, size_t mapped)
{
	bool access = the_prot & (IOMMU_READ | IOMMU_WRITE);

	must(the_answer || (access ? !ret && !the_size : ret == 0 || ret == NO_ACCESS), "map: what is refused is wrong");
	must(!the_answer || ret == the_answer, "map: what is wrong is refused as what it is");
	must(warnings == !!the_answer, "map: one warning of what is wrong");
	must(mapped == MAPPED(ret, was), "map: says what is mapped");
}

static void prove_map_pages(struct io_pgtable *iop, unsigned int shift)
{
	size_t pgcount, was = nondet_size(), mapped = was;
	int ret;

	the_prot = nondet_int();
	pgcount = any_call(&iop->cfg, true, shift);
	ret = iop->ops.map_pages(&iop->ops, the_iova, the_paddr, the_pgsize, pgcount, the_prot, nondet_int(), &mapped);
	mapped_nothing(ret, was, mapped);
}

/* A list of one segment. It may be empty, and then there is nothing to refuse. */
static void prove_map_list(struct io_pgtable *iop)
{
	unsigned long pgsizes = nondet_long(), usable = pgsizes & iop->cfg.pgsize_bitmap, low;
	size_t was = nondet_size(), mapped = was;
	struct scatterlist sg = nondet_sg();
	int ret;

	the_prot = nondet_int();
	the_iova = nondet_long();
	the_paddr = sg_phys(&sg);
	the_size = sg.length;
	low = (usable & -usable) - 1;
	if (!usable)
		the_answer = -EINVAL;
	else if (!the_size)
		the_answer = 0;
	else if (the_iova & low || the_paddr & low || the_size & low)
		the_answer = -EINVAL;
	else if (beyond_ias(&iop->cfg, the_iova, the_size) || beyond_oas(iop->cfg.oas, the_paddr, the_size))
		the_answer = -ERANGE;
	else
		the_answer = 0;

	ret = iop->ops.map_sg(&iop->ops, the_iova, pgsizes, &sg, 1, the_prot, nondet_int(), &mapped);
	mapped_nothing(ret, was, mapped);
}

static void prove_unmap_pages(struct io_pgtable *iop, unsigned int shift)
{
	size_t pgcount, ret;

	pgcount = any_call(&iop->cfg, false, shift);
	ret = iop->ops.unmap_pages(&iop->ops, the_iova, the_pgsize, pgcount, nondet_pointer());

	must(the_answer, "unmap: what is refused is wrong");
	must(!ret, "unmap: says that nothing is unmapped");
	must(warnings == 1, "unmap: one warning of what is wrong");
}

/* The format goes to the tables: that is the end of what is proved */
static void accepted(unsigned long iova, size_t left, bool map, phys_addr_t paddr)
{
	must(!the_answer, "what is accepted is right");
	must(iova == the_iova && left == the_size && (!map || paddr == the_paddr), "all of it is accepted");
	must(!warnings, "no warning of what is right");
	__CPROVER_assume(false);
}

/* Nor is this: the format has not gone to the tables */
static void not_reached(void)
{
	must(false, "nothing is done before the tables");
	__CPROVER_assume(false);
}
