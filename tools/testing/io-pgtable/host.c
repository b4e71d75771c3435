// SPDX-License-Identifier: GPL-2.0
/* The host's side: the only file that is compiled with the C library's headers. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "host.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, size)	((void)(p), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(p, size)	((void)(p), (void)(size))
#endif

/* A sanitizer ends the program without a flush */
__attribute__((__constructor__)) static void host_init(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
}

void *host_map(unsigned long addr, unsigned long size)
{
	void *p = mmap((void *)addr, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
		       MAP_FIXED_NOREPLACE, -1, 0);

	if (p != (void *)addr) {
		perror("mmap");
		host_die("there is no room for page tables at 0x%lx\n", addr);
	}

	return p;
}

void *host_alloc(unsigned long size)
{
	return malloc(size);
}

void host_free(void *p)
{
	free(p);
}

void host_poison(void *p, unsigned long size)
{
	ASAN_POISON_MEMORY_REGION(p, size);
}

void host_unpoison(void *p, unsigned long size)
{
	ASAN_UNPOISON_MEMORY_REGION(p, size);
}

static jmp_buf *on_abort;

int host_try(void (*fn)(void *arg), void *arg)
{
	jmp_buf here;
	int aborted;

	on_abort = &here;
	aborted = setjmp(here);
	if (!aborted)
		fn(arg);
	on_abort = NULL;

	return !aborted;
}

void host_abort(void)
{
	if (!on_abort)
		host_die("an assertion failed outside of a test\n");

	longjmp(*on_abort, 1);
}

void host_yield(void)
{
	sched_yield();
}

void host_vprintf(const char *fmt, va_list args)
{
	vprintf(fmt, args);
}

void host_die(const char *fmt, ...)
{
	va_list args;

	/* What was said before must not be lost, nor come after */
	fflush(stdout);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	abort();
}
