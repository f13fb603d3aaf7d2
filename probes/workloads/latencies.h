/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a workload measured of its own operations, each by the clock around it, printed at its end:
 *
 *     {"tgid":1,"latencies":[{"of":"connected","tid":2,"ns":31000},…]}
 */
#ifndef STALLSCOPE_LATENCIES_H
#define STALLSCOPE_LATENCIES_H

#include "workload.h"

#define MAX_LATENCIES 8192

struct latency {
	/* A literal. */
	const char *of;
	int tid;
	uint64_t ns;
};

static struct latency latencies[MAX_LATENCIES];
static uint32_t latency_count;

/* Of one that began at `began_ns` and has just ended; of any thread. */
static inline void add_latency(const char *of, uint64_t began_ns)
{
	uint64_t ns = now_ns() - began_ns;
	uint32_t at = __sync_fetch_and_add(&latency_count, 1);

	if (at >= MAX_LATENCIES) {
		fprintf(stderr, "more than %d latencies\n", MAX_LATENCIES);
		exit(1);
	}
	latencies[at] = (struct latency){ of, syscall(SYS_gettid), ns };
}

static inline void print_latencies(void)
{
	printf("{\"tgid\":%d,\"latencies\":[", getpid());
	for (uint32_t i = 0; i < latency_count; i++)
		printf("%s{\"of\":\"%s\",\"tid\":%d,\"ns\":%llu}", i ? "," : "", latencies[i].of, latencies[i].tid,
		       (unsigned long long)latencies[i].ns);
	printf("]}\n");
}

#endif
