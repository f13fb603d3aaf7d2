/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sleeper [COUNT] [SLEEP_US] [NAME]: one thread that sleeps COUNT times SLEEP_US and does nothing else.
 * Truth: blocked COUNT x SLEEP_US in state S under nap_here, woken by the timer every time.
 */
#include "workload.h"

void nap_here(uint64_t ns)
{
	sleep_ns(ns);
}

int main(int count, char **values)
{
	long naps = argument(count, values, 1, 100), nap_us = argument(count, values, 2, 10000);
	uint64_t started, asleep = 0;

	name_thread(count > 3 ? values[3] : "sleeper");
	for (long i = 0; i < naps; i++) {
		started = now_ns();
		nap_here(nap_us * 1000);
		asleep += now_ns() - started;
	}
	printf("{\"naps\":%ld,\"askedNs\":%ld,\"asleepNs\":%lu}\n", naps, naps * nap_us * 1000, asleep);
	return 0;
}
