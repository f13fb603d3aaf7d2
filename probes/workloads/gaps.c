/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gaps MS: two threads on one CPU that never wait by themselves. The first looks at the clock all the time: where it jumps,
 * the thread was not on the CPU.
 * Truth: lengths of the jumps of half a millisecond and more, which no interrupt takes: it was preempted for as long, but for
 * the two switches.
 */
#include "own-lengths.h"
#include <sched.h>

#define LEAST_GAP_NS 500000ull

static uint64_t until;

static void *rival(void *unused)
{
	(void)unused;
	name_thread("rival");
	while (now_ns() < until)
		;
	return NULL;
}

int main(int count, char **values)
{
	uint64_t before, now;
	pthread_t other;
	cpu_set_t one;

	until = now_ns() + argument(count, values, 1, 2000) * 1000000ull;
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	/* Inherited by the thread that is started next. */
	must(sched_setaffinity(0, sizeof(one), &one), "sched_setaffinity");
	name_thread("gaps");
	other = start_thread(rival, NULL);
	for (before = now_ns(); (now = now_ns()) < until; before = now)
		if (now - before >= LEAST_GAP_NS)
			add_length("preempted", now - before);
	pthread_join(other, NULL);
	print_own_lengths();
	return 0;
}
