/* SPDX-License-Identifier: GPL-2.0 */
/* What run-prove calls of a format, one by one: comes last, after any_tables(). */

#define PROVE_MAP(size)		void prove_map_##size(void) { prove_map_pages(any_tables(), size); }
#define PROVE_UNMAP(size)	void prove_unmap_##size(void) { prove_unmap_pages(any_tables(), size); }
PAGE_SIZES(PROVE_MAP)
PAGE_SIZES(PROVE_UNMAP)
void prove_map_other(void) { prove_map_pages(any_tables(), NO_SIZE); }
void prove_unmap_other(void) { prove_unmap_pages(any_tables(), NO_SIZE); }

void prove_map_sg(void)
{
	struct io_pgtable *iop = any_tables();

	/* v7s takes an ias of 0, too, of which 7.3's io_pgtable_room() makes a shift by 64. No driver has that. */
	__CPROVER_assume(iop->cfg.ias >= LIST_IAS);
	prove_map_list(iop);
}
