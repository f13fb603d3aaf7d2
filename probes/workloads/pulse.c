/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pulse [SLEEP_US] [NAME]: one thread that sleeps once and says when by the clock on the wall that sleep was over.
 * Truth: blocked SLEEP_US in state S under pulse_wait; endedRealtimeNs is read right after it, so it is never too early.
 */
#include "workload.h"

void pulse_wait(uint64_t ns)
{
	sleep_ns(ns);
}

int main(int count, char **values)
{
	long sleep_us = argument(count, values, 1, 50000);
	struct timespec ended;

	name_thread(count > 2 ? values[2] : "pulse");
	pulse_wait(sleep_us * 1000);
	clock_gettime(CLOCK_REALTIME, &ended);
	printf("{\"sleptNs\":%ld,\"endedRealtimeNs\":%lu}\n", sleep_us * 1000,
	       ended.tv_sec * 1000000000ul + ended.tv_nsec);
	return 0;
}
