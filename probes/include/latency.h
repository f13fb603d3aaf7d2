/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * What every latency probe is made of: exact counts of how long operations took, by who, what and how long. An operation
 * is counted when it ends, in one of two sets of counts:
 *
 *     begins ── in-flight-objects.h or in-flight-threads.h ──▶ ends: counts[who, operation, target, bucket] += 1
 *
 * The agent ends a window by turning `window_generation`, waits for a grace period, so that no program is left that did
 * not hear of it, then drains the old set: no count can be lost between. What a code of operation or target means is the
 * probe's own; the agent's entry for it in src/latency/ says it in words.
 */
#ifndef STALLSCOPE_LATENCY_H
#define STALLSCOPE_LATENCY_H

#include "kernel.h"
#include "length-bucket.h"

/* Running totals, one per CPU each. The first group are losses; each names the function that increments it. */
enum counter {
	/* count_latency(): the window's counts are full, the operation is missing. */
	LOST_COUNTS_FULL = 0,
	/* An operation ended whose beginning was not seen: how long it took is not known. */
	LOST_START_MISSED = 1,
	/* begin_object(), begin_of_thread(): no room for a further operation in flight, which is then not counted. */
	LOST_IN_FLIGHT_FULL = 2,
	/*
	 * begin_object(), begin_of_thread(): another began in its place, so it has ended and that was not seen. Some kernels
	 * run no program in the context of processes that they protect, which an interrupt may have found there.
	 */
	LOST_END_MISSED = 3,
	LOST_COUNT = 4,

	/* Not losses. Operations that were counted. */
	COUNT_OPERATIONS = 4,
	COUNTER_COUNT = 5,
};

struct latency_key {
	/* The thread whose operation it was. */
	u32 tgid;
	u32 tid;
	u32 target;
	u16 operation;
	/* Of length-bucket.h. */
	u8 bucket;
	u8 reserved;
};

_Static_assert(sizeof(struct latency_key) == 16, "latency_key is a map key: no padding");
_Static_assert(LENGTH_BUCKETS <= 256, "a bucket is one byte");
_Static_assert(LOST_COUNT == COUNT_OPERATIONS, "losses come first");

/* These use what is named above. */
#include "counters.h"
#include "task-filter.h"

/* Written by the agent while the programs run. */
volatile u32 window_generation = 0;

/* Nothing reads these: they keep types that are used as plain constants in the BTF that layouts are generated from. */
enum counter *counter_in_btf;
struct latency_key *latency_key_in_btf;

/* Sizes are defaults: the agent sets them before load. Preallocated: operations end in interrupts, too. */
struct latency_counts {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct latency_key);
	__type(value, u64);
};
struct latency_counts counts_0 SEC(".maps");
struct latency_counts counts_1 SEC(".maps");

static __always_inline bool matches_filter(struct task_struct *task)
{
	return matches_who(task) && (!filter_by_cgroup || is_under_filtered_cgroup(task));
}

static __always_inline void add_to(void *counts, struct latency_key *key)
{
	u64 *total = bpf_map_lookup_elem(counts, key), one = 1;

	if (!total) {
		if (!bpf_map_update_elem(counts, key, &one, BPF_NOEXIST))
			return;
		/* Put there meanwhile by another CPU, or there is no room. */
		total = bpf_map_lookup_elem(counts, key);
	}
	if (total)
		__sync_fetch_and_add(total, 1);
	else
		count(LOST_COUNTS_FULL);
}

/* Once, when an operation has ended that took `ns`; fills in the bucket of `key`. */
static __always_inline void count_latency(struct latency_key *key, u64 ns)
{
	key->bucket = length_bucket(ns);
	key->reserved = 0;
	count(COUNT_OPERATIONS);
	if (window_generation & 1)
		add_to(&counts_1, key);
	else
		add_to(&counts_0, key);
}

#endif
