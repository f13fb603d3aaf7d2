/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * Records that the CPU probe leaves in its maps for the agent, whose TypeScript layouts are generated from the object's BTF.
 *
 *     cpu_row_key ──user_stack, kernel_stack──▶ struct stack, in the map of the scheduler probe where that runs too
 *          └── slice: the 10 ms of wall-clock time in which the samples were taken
 */
#ifndef STALLSCOPE_CPU_H
#define STALLSCOPE_CPU_H

#include "../include/stack.h"

/* SLICE_MS of packages/profile: how finely a sample keeps its time. */
#define SLICE_NS 10000000ULL

/* Running totals, one per CPU each. The first group are losses; each names the function that increments it. */
enum counter {
	/* add_sample(): the window's row map is full, or was busy while a sample came in an NMI. */
	LOST_ROW_MAP_FULL = 0,
	/* intern_stack(): the stack map is full, the sample is counted and has no stack. */
	LOST_STACK_MAP_FULL = 1,
	/* finish_walk(): the kernel returned an error for a stack. */
	LOST_STACK_ERROR = 2,
	/* finish_walk(): the stack has MAX_STACK_FRAMES or more, its root is cut off. */
	LOST_STACK_TRUNCATED = 3,
	/* count_missed(): periods that went by without a sample while a thread of the filter was running at their end. */
	LOST_SAMPLE = 4,
	LOST_COUNT = 5,

	/* Not losses. Each time that the sampling event fired, idle or not. */
	COUNT_TICKS = 5,
	COUNT_SAMPLES = 6,
	COUNT_STACKS_INSERTED = 7,
	COUNTER_COUNT = 8,
};

struct cpu_row_key {
	u64 user_stack;
	u64 kernel_stack;
	u64 cgroup;
	/* Wall-clock time since the epoch in SLICE_NS. */
	u64 slice;
	u32 tgid;
	u32 tid;
	char comm[COMM_BYTES];
};

struct cpu_row_value {
	u64 samples;
};

_Static_assert(sizeof(struct cpu_row_key) == 56, "cpu_row_key is a map key: no padding");
_Static_assert(sizeof(struct cpu_row_value) == 8, "cpu_row_value has no padding");
_Static_assert(LOST_COUNT == COUNT_TICKS, "losses come first");

#endif
