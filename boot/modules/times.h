/* SPDX-License-Identifier: GPL-2.0 */
/* Times of one thing that was done ROUNDS times, in nanoseconds. */
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/sort.h>

#define ROUNDS	31

/*
 * No interrupt is counted with what is timed.  With PREEMPT_RT it may be: what is timed can take
 * locks that sleep there, which a CPU with interrupts off must not.
 */
static __always_inline unsigned long begin_timing(void)
{
	unsigned long flags = 0;

	if (!IS_ENABLED(CONFIG_PREEMPT_RT))
		local_irq_save(flags);

	return flags;
}

static __always_inline void end_timing(unsigned long flags)
{
	if (!IS_ENABLED(CONFIG_PREEMPT_RT))
		local_irq_restore(flags);
}

static inline int compare_times(const void *one, const void *other)
{
	u64 a = *(const u64 *)one, b = *(const u64 *)other;

	return a < b ? -1 : a > b;
}

/* The least is the first of them afterwards. */
static inline u64 median(u64 times[ROUNDS])
{
	sort(times, ROUNDS, sizeof(*times), compare_times, NULL);
	return times[ROUNDS / 2];
}

/* A share of a time, with one decimal.  The buffer is the caller's. */
static inline const char *share(char text[24], u64 time, unsigned int parts)
{
	u32 tenth;
	u64 whole = div_u64_rem(div_u64(10 * time, parts), 10, &tenth);

	snprintf(text, 24, "%llu.%u", whole, tenth);
	return text;
}
