/* SPDX-License-Identifier: Apache-2.0 */
/*
 * renamer [COUNT] [SLEEP_US]: sleeps COUNT times under the name first-name, then renames itself and sleeps as often under
 * second-name.
 * Truth: under either name COUNT x SLEEP_US (askedNs) blocked at least, and under the first no longer than it slept by its
 * own clock (asleepNs).
 */
#include "workload.h"

int main(int count, char **values)
{
	long naps = argument(count, values, 1, 20), nap_us = argument(count, values, 2, 5000);
	uint64_t started, asleep;

	name_thread("first-name");
	started = now_ns();
	for (long i = 0; i < naps; i++)
		sleep_ns(nap_us * 1000);
	asleep = now_ns() - started;
	name_thread("second-name");
	for (long i = 0; i < naps; i++)
		sleep_ns(nap_us * 1000);
	printf("{\"naps\":%ld,\"askedNs\":%ld,\"asleepNs\":%lu}\n", naps, naps * nap_us * 1000, asleep);
	return 0;
}
