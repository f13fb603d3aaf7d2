/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * Running totals of a probe, one per CPU each. The probe's own header, included before this one, names them in an
 * `enum counter` that ends in COUNTER_COUNT: losses first, each with the function that increments it.
 */
#ifndef STALLSCOPE_COUNTERS_H
#define STALLSCOPE_COUNTERS_H

#include "kernel.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTER_COUNT);
	__type(key, u32);
	__type(value, u64);
} counters SEC(".maps");

static __always_inline void count(u32 counter)
{
	u64 *total = bpf_map_lookup_elem(&counters, &counter);

	if (total)
		*total += 1;
}

#endif
