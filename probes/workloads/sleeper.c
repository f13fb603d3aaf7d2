/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sleeper [COUNT] [SLEEP_US] [NAME]: one thread that sleeps COUNT times SLEEP_US and does nothing else.
 * Truth: blocked COUNT x SLEEP_US in state S under nap_here, woken by the timer every time. asleepNs is by its own clock,
 * so it has in it the waits for a CPU after each wake: queuedNs, as the kernel's own accounting has them (0 where it
 * keeps none).
 */
#include "workload.h"

void nap_here(uint64_t ns)
{
	sleep_ns(ns);
}

/* The second number of schedstat: ns on the run queue, and not running. */
static uint64_t queued_ns(void)
{
	unsigned long long ran, queued = 0;
	FILE *file = fopen("/proc/self/schedstat", "r");

	if (!file)
		return 0;
	if (fscanf(file, "%llu %llu", &ran, &queued) != 2)
		queued = 0;
	fclose(file);
	return queued;
}

int main(int count, char **values)
{
	long naps = argument(count, values, 1, 100), nap_us = argument(count, values, 2, 10000);
	uint64_t started, asleep = 0, queued_before;

	name_thread(count > 3 ? values[3] : "sleeper");
	queued_before = queued_ns();
	for (long i = 0; i < naps; i++) {
		started = now_ns();
		nap_here(nap_us * 1000);
		asleep += now_ns() - started;
	}
	printf("{\"naps\":%ld,\"askedNs\":%ld,\"asleepNs\":%lu,\"queuedNs\":%lu}\n", naps, naps * nap_us * 1000, asleep,
	       queued_ns() - queued_before);
	return 0;
}
