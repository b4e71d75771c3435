/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel's side needs of the C library: no kernel header here, and no header of the library there. */
#ifndef HOST_H
#define HOST_H

/* Memory at that very address, zeroed as it is touched */
void *host_map(unsigned long addr, unsigned long size);

/* From the C library's heap, so that the sanitizers watch it */
void *host_alloc(unsigned long size);
void host_free(void *p);

/* Access is an error from now on, or is none; without AddressSanitizer nothing happens */
void host_poison(void *p, unsigned long size);
void host_unpoison(void *p, unsigned long size);

/* Runs fn(arg); false when host_abort() ended it */
int host_try(void (*fn)(void *arg), void *arg);
void host_abort(void) __attribute__((__noreturn__));

/* Other threads may go first */
void host_yield(void);

void host_vprintf(const char *fmt, __builtin_va_list args);
void host_die(const char *fmt, ...) __attribute__((__noreturn__, __format__(__printf__, 1, 2)));

#endif
