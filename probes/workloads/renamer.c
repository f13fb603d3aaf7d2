/* SPDX-License-Identifier: Apache-2.0 */
/*
 * renamer [COUNT] [SLEEP_US]: sleeps COUNT times under the name first-name, then renames itself and sleeps as often under
 * second-name.
 * Truth: COUNT x SLEEP_US blocked under either name.
 */
#include "workload.h"

int main(int count, char **values)
{
	long naps = argument(count, values, 1, 20), nap_us = argument(count, values, 2, 5000);

	name_thread("first-name");
	for (long i = 0; i < naps; i++)
		sleep_ns(nap_us * 1000);
	name_thread("second-name");
	for (long i = 0; i < naps; i++)
		sleep_ns(nap_us * 1000);
	printf("{\"naps\":%ld,\"askedNs\":%ld}\n", naps, naps * nap_us * 1000);
	return 0;
}
