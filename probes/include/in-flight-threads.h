/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * Operations in flight that a thread begins and ends itself, one of a kind at a time: kept with the thread, so that it
 * takes along what it has not ended when it exits. IN_FLIGHT_SLOTS, 1 if not defined before, is how many kinds may be
 * within each other.
 *
 *     begin_of_thread(slot, …) ─▶ in the thread's storage ─▶ end_of_thread(slot)
 *
 * A thread that was never seen to begin anything has no storage: what it ends began before the probe was attached, and
 * that is no loss. Of one that has, every end must have its beginning.
 */
#ifndef STALLSCOPE_IN_FLIGHT_THREADS_H
#define STALLSCOPE_IN_FLIGHT_THREADS_H

#include "latency.h"

#ifndef IN_FLIGHT_SLOTS
#define IN_FLIGHT_SLOTS 1
#endif

enum thread_phase {
	/* Nothing was seen to begin. */
	PHASE_NONE = 0,
	PHASE_BEGUN = 1,
	/* It began, and is not to be counted. */
	PHASE_PASSED_OVER = 2,
};

struct thread_operation {
	/* CLOCK_MONOTONIC */
	u64 began_ns;
	u32 target;
	u16 operation;
	/* enum thread_phase */
	u8 phase;
	u8 reserved;
};

struct thread_operations {
	struct thread_operation slots[IN_FLIGHT_SLOTS];
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct thread_operations);
} thread_operations SEC(".maps");

/* Of the running thread, made where it has none; NULL where it is not asked for, or the kernel has no memory for it. */
static __always_inline struct thread_operation *slot_of_thread(struct task_struct *task, u32 slot)
{
	struct thread_operations *operations = bpf_task_storage_get(&thread_operations, task, NULL, 0);

	if (!operations) {
		if (!matches_filter(task))
			return NULL;
		operations = bpf_task_storage_get(&thread_operations, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
		if (!operations) {
			count(LOST_IN_FLIGHT_FULL);
			return NULL;
		}
	}
	return &operations->slots[slot];
}

static __always_inline void begin_of_thread(struct task_struct *task, u32 slot, u16 operation, u32 target)
{
	struct thread_operation *begun = slot_of_thread(task, slot);

	if (!begun)
		return;
	if (begun->phase == PHASE_BEGUN)
		count(LOST_END_MISSED);
	begun->operation = operation;
	begun->target = target;
	begun->phase = PHASE_BEGUN;
	/* Last: what is done above is not part of it. */
	begun->began_ns = bpf_ktime_get_ns();
}

/* Something began in its place that is not to be counted, so that its end is not missed a beginning. */
static __always_inline void pass_over_of_thread(struct task_struct *task, u32 slot)
{
	struct thread_operation *begun = slot_of_thread(task, slot);

	if (!begun)
		return;
	if (begun->phase == PHASE_BEGUN)
		count(LOST_END_MISSED);
	begun->phase = PHASE_PASSED_OVER;
}

/* What the thread has begun, if it is to be counted: then finish_of_thread() counts it. */
static __always_inline struct thread_operation *begun_of_thread(struct task_struct *task, u32 slot)
{
	struct thread_operations *operations = bpf_task_storage_get(&thread_operations, task, NULL, 0);
	struct thread_operation *begun;
	u8 phase;

	if (!operations)
		return NULL;
	begun = &operations->slots[slot];
	phase = begun->phase;
	begun->phase = PHASE_NONE;
	if (phase == PHASE_BEGUN)
		return begun;
	if (phase == PHASE_NONE)
		count(LOST_START_MISSED);
	return NULL;
}

static __always_inline void finish_of_thread(struct task_struct *task, struct thread_operation *begun, u64 now_ns)
{
	struct latency_key key = {
		.tgid = task->tgid,
		.tid = task->pid,
		.target = begun->target,
		.operation = begun->operation,
	};

	count_latency(&key, now_ns - begun->began_ns);
}

#endif
