// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * What threads do while they are on a CPU: a perf event on each CPU fires at a fixed rate, and whoever runs there is counted
 * with its stacks and the 10 ms of wall-clock time in which it was seen.
 *
 *     CPU 0  ──╷────╷────╷────╷──▶   each ╷: who runs? idle → nothing; else rows[thread, stacks, slice] += 1
 *     CPU 1  ──╷────╷────╷────╷──▶
 *
 * Windows are those of the scheduler probe: `window_generation` picks one of two maps, the agent flips both probes, waits
 * for one grace period, then drains the old set.
 *
 * The event may be an NMI (hardware cycles). Then it may come while this CPU holds the lock of a map that is written below:
 * the kernel refuses that update instead of waiting, and it is counted. The kernel runs no perf-event program inside
 * itself, so scratch and counters of a CPU have one writer.
 */
#include "../include/kernel.h"
#include "cpu.h"
/* These use what cpu.h names. */
#include "../include/counters.h"
#include "../include/interned-stacks.h"
#include "../include/task-filter.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Set by the agent before load. The sampling period, ns; 0 where it is no fixed time (cycles): missed periods are not told. */
const volatile u64 period_ns = 0;

/* Written by the agent while the program runs. */
volatile u32 window_generation = 0;
/* Wall-clock time less CLOCK_MONOTONIC, ns. */
volatile u64 wall_clock_offset_ns = 0;
/* When CPUs last came: what of one was not sampled before is told by the agent, which knows that it was away. */
volatile u64 cpus_came_ns = 0;

/* Nothing reads it: it keeps the enum, otherwise used as plain constants, in the BTF that layouts are generated from. */
enum counter *counter_in_btf;

/* Sizes are defaults: the agent sets them before load. Preallocated: a perf event may not allocate. */
struct rows {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct cpu_row_key);
	__type(value, struct cpu_row_value);
};
struct rows rows_0 SEC(".maps");
struct rows rows_1 SEC(".maps");

struct scratch {
	/* When the event was due that fired last on this CPU, CLOCK_MONOTONIC ns; 0: none yet. */
	u64 due_ns;
	struct cpu_row_key key;
	struct stack stack;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct scratch);
} scratch SEC(".maps");

static __always_inline bool matches_filter(struct task_struct *task)
{
	return matches_who(task) && (!filter_by_cgroup || is_under_filtered_cgroup(task));
}

/*
 * The event keeps a beat: however late it is, it is due again a period after it was due. Whole periods that went by are
 * skipped: interrupts were off, no program may run where it fired, or the machine itself did not run. How many they were.
 */
static __always_inline u64 follow_beat(struct scratch *area, u64 now_ns)
{
	u64 due_ns = area->due_ns + period_ns, skipped;

	if (!period_ns || !area->due_ns || area->due_ns <= cpus_came_ns || now_ns < due_ns) {
		/* The first, or sooner than thought: the beat was taken from one that was late. */
		area->due_ns = now_ns;
		return 0;
	}
	skipped = (now_ns - due_ns) / period_ns;
	area->due_ns = due_ns + skipped * period_ns;
	return skipped;
}

static __always_inline void count_skipped(u64 skipped)
{
	u32 counter = LOST_SAMPLE;
	u64 *total = bpf_map_lookup_elem(&counters, &counter);

	if (total)
		*total += skipped;
}

static __always_inline void add_sample(struct cpu_row_key *key, u32 generation)
{
	struct cpu_row_value *value;

	value = generation ? bpf_map_lookup_elem(&rows_1, key) : bpf_map_lookup_elem(&rows_0, key);
	if (!value) {
		struct cpu_row_value zero = {};

		if (generation) {
			bpf_map_update_elem(&rows_1, key, &zero, BPF_NOEXIST);
			value = bpf_map_lookup_elem(&rows_1, key);
		} else {
			bpf_map_update_elem(&rows_0, key, &zero, BPF_NOEXIST);
			value = bpf_map_lookup_elem(&rows_0, key);
		}
		if (!value) {
			count(LOST_ROW_MAP_FULL);
			return;
		}
	}
	count(COUNT_SAMPLES);
	/* A plain add: a row is of one thread, which runs on one CPU at a time. */
	value->samples += 1;
}

SEC("perf_event")
int sample_cpu(struct bpf_perf_event_data *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u32 zero = 0, generation = window_generation & 1;
	u64 now_ns = bpf_ktime_get_ns(), skipped;
	struct scratch *area;

	area = bpf_map_lookup_elem(&scratch, &zero);
	if (!area)
		return 0;
	count(COUNT_TICKS);
	skipped = follow_beat(area, now_ns);
	/* Each CPU has an idle task of its own, all of the one id. */
	if (!task->pid || !matches_filter(task))
		return 0;
	if (skipped)
		count_skipped(skipped);

	area->key.slice = (now_ns + wall_clock_offset_ns) / SLICE_NS;
	area->key.cgroup = cgroup_id(task);
	area->key.tgid = task->tgid;
	area->key.tid = task->pid;
	__builtin_memcpy(area->key.comm, task->comm, COMM_BYTES);
	area->key.user_stack = 0;
	if (has_user_stack(task)) {
		finish_walk(&area->stack,
			    bpf_get_stack(ctx, area->stack.frames, sizeof(area->stack.frames), BPF_F_USER_STACK));
		area->key.user_stack = intern_stack(&area->stack);
	}
	finish_walk(&area->stack, bpf_get_stack(ctx, area->stack.frames, sizeof(area->stack.frames), 0));
	area->key.kernel_stack = intern_stack(&area->stack);
	add_sample(&area->key, generation);
	return 0;
}
