/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * Operations in flight of which many may be one thread's, and which end in whatever context: each is known by a kernel
 * object's address (a request, a socket) from its beginning to its end.
 *
 *     begin_object(rq, …) ─▶ in_flight[rq] ─▶ end_object(rq)
 *
 * An object that is freed without an end leaves its entry until the address is used again, which overwrites it, and is
 * counted as an end that was missed: see to it that every way out is an end or a drop_object().
 */
#ifndef STALLSCOPE_IN_FLIGHT_OBJECTS_H
#define STALLSCOPE_IN_FLIGHT_OBJECTS_H

#include "latency.h"

struct in_flight {
	/* CLOCK_MONOTONIC; 0: it is known whose it is, it has not begun. */
	u64 began_ns;
	u32 tgid;
	u32 tid;
	u32 target;
	u16 operation;
	/* Of the probe's own; 0 to begin with. */
	u8 mark;
	/* It is not of the threads that are asked for: it ends without being counted, and nothing of it was missed. */
	u8 is_passed_over;
};

_Static_assert(sizeof(struct in_flight) == 24, "in_flight has no padding");

/* The size is a default: the agent sets it before load. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, struct in_flight);
} in_flight SEC(".maps");

/* Set by the agent once beginnings are seen and before ends are: what began before is not counted, and not lost. */
volatile u64 attached_ns = 0;

static __always_inline struct in_flight *find_object(void *object)
{
	u64 key = (u64)object;

	return bpf_map_lookup_elem(&in_flight, &key);
}

/* Of `task`, in place of what was `known` of this address. `began_ns` 0: it begins later. */
static __always_inline void begin_in_place_of(struct in_flight *known, void *object, struct task_struct *task,
					      u64 began_ns)
{
	u64 key = (u64)object;
	struct in_flight begun = {
		.began_ns = began_ns,
		.tgid = task->tgid,
		.tid = task->pid,
		.is_passed_over = !matches_filter(task),
	};

	if (known && known->began_ns && !known->is_passed_over)
		count(LOST_END_MISSED);
	if (bpf_map_update_elem(&in_flight, &key, &begun, BPF_ANY))
		count(LOST_IN_FLIGHT_FULL);
}

static __always_inline void begin_object(void *object, struct task_struct *task, u64 began_ns)
{
	begin_in_place_of(find_object(object), object, task, began_ns);
}

static __always_inline void drop_object(void *object)
{
	u64 key = (u64)object;

	bpf_map_delete_elem(&in_flight, &key);
}

/* Counts it and forgets it. */
static __always_inline void end_object(void *object, struct in_flight *ended, u64 now_ns)
{
	bool is_passed_over = ended->is_passed_over;
	struct latency_key key = {
		.tgid = ended->tgid,
		.tid = ended->tid,
		.target = ended->target,
		.operation = ended->operation,
	};
	u64 ns = now_ns - ended->began_ns;

	drop_object(object);
	if (!is_passed_over)
		count_latency(&key, ns);
}

#endif
