/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What page tables must do, without how: a list of mappings, a device that may cache all it ever saw, and the rules of
 * unmap_pages(), map_pages() and the other ops. Every operation is done here and on a kernel's page tables, and both are compared.
 */
#ifndef MODEL_H
#define MODEL_H

#include "pt.h"

struct model;

/* The function that does an operation */
enum via {
	VIA_PAGES,		/* map() and unmap() of struct pt_kernel, with a gather */
	VIA_PAGES_NO_GATHER,
	VIA_PAGE,		/* the op for one page, where there is one */
	VIA_SG,
	VIA_CORE,
};

/* @num segments, as pt_list() has them, of which the first @nents are to be mapped */
struct model_list {
	const struct pt_piece	*pieces;
	unsigned int		num, nents, per_array;
	bool			end;
};

/*
 * NULL if the format refuses @config. With @contract, to all of the contract of unmap_pages() and map_pages(): what it says of warnings, cleans and
 * flushes is not what other kernels do.
 */
struct model *model_new(const struct pt_kernel *kernel,
			const struct pt_config *config, bool contract);
/* Frees the page tables, too */
void model_free(struct model *model);

const struct pt_config *model_config(const struct model *model);

/* How many mappings there are, of any size */
unsigned int model_num_mappings(const struct model *model);

/* Is nothing mapped there? */
bool model_is_hole(const struct model *model, uint64_t iova, uint64_t size);

/* Before one of the others, model_new() too: the allocation after so many fails */
void model_fail_after(unsigned int allocations);

/* Returns how many bytes were mapped; of VIA_CORE, which undoes what it cannot finish, 0. @atomic: the caller may not sleep */
size_t model_map(struct model *model, enum via via, uint64_t iova,
		 uint64_t paddr, uint64_t pgsize, uint64_t pgcount, int prot,
		 bool atomic);
/* map_sg(), or of VIA_CORE iommu_map_sg(), which takes pages of any size */
size_t model_map_sg(struct model *model, enum via via, uint64_t iova,
		    uint64_t page_sizes, const struct model_list *list,
		    int prot, bool atomic);
void model_unmap(struct model *model, enum via via, uint64_t iova,
		 uint64_t pgsize, uint64_t pgcount);

/* Prints each operation, and what came of it */
extern bool model_verbose;

/* What is called when a rule was broken: does not return to the model. The text ends in a newline */
extern void (*model_broken)(const char *text);

#endif
