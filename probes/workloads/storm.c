/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storm [THREADS] [SLEEP_US] [SECONDS]: THREADS threads (at most 4096) that sleep SLEEP_US over and over for SECONDS.
 * Truth: `naps` blocks of at least SLEEP_US each in `elapsedNs`, so the switch rate is as high as THREADS / SLEEP_US and
 * the blocks are long all the same: sampling by length alone does not thin them.
 */
#include "workload.h"

#define MAX_THREADS 4096

static uint64_t until, nap_ns;
static long naps[MAX_THREADS];

void nap_here(uint64_t ns)
{
	sleep_ns(ns);
}

static void *nap_until_over(void *context)
{
	long *mine = context;

	name_thread("storm");
	while (now_ns() < until) {
		nap_here(nap_ns);
		(*mine)++;
	}
	return NULL;
}

int main(int count, char **values)
{
	long threads = argument(count, values, 1, 400), seconds = argument(count, values, 3, 5), sum = 0;
	uint64_t started = now_ns();
	pthread_t ids[MAX_THREADS];

	nap_ns = argument(count, values, 2, 10000) * 1000;
	if (threads < 1 || threads > MAX_THREADS) {
		fprintf(stderr, "storm: 1 to %d threads\n", MAX_THREADS);
		return 2;
	}
	until = started + seconds * 1000000000ull;
	for (long i = 0; i < threads; i++)
		ids[i] = start_thread(nap_until_over, &naps[i]);
	for (long i = 0; i < threads; i++) {
		pthread_join(ids[i], NULL);
		sum += naps[i];
	}
	printf("{\"threads\":%ld,\"naps\":%ld,\"elapsedNs\":%lu}\n", threads, sum, now_ns() - started);
	return 0;
}
