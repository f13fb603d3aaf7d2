// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * Who a program is, at the instant of its exec: also one that has ended before anybody could look into /proc.
 *
 *     exec ──sched_process_exec──▶ { tgid, parent, user, cgroup, command line } ──▶ ring
 *
 * The command line is in the new program's memory, written by the kernel just before: it is there, and reads without a
 * fault. What the program does with it afterwards (setproctitle) is for /proc to tell.
 */
#include "../include/kernel.h"
#include "process.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct cred {
	struct {
		u32 val;
	} euid;
} __attribute__((preserve_access_index));

/* What the other probes have no use for. */
struct mm_struct___args {
	unsigned long arg_start;
	unsigned long arg_end;
} __attribute__((preserve_access_index));

struct task_struct___family {
	struct task_struct *real_parent;
	const struct cred *cred;
} __attribute__((preserve_access_index));

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	/* 500 execs between two looks of the agent, 10 of which are taken a second. */
	__uint(max_entries, 512 * 1024);
} execs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, EXEC_COUNTER_COUNT);
	__type(key, u32);
	__type(value, u64);
} exec_counters SEC(".maps");

/* So that its layout is in the object: everything else goes through the ring. */
const struct exec_record *exec_record_layout __attribute__((unused));
const enum exec_counter *exec_counter_layout __attribute__((unused));

static __always_inline void count(u32 counter)
{
	u64 *value = bpf_map_lookup_elem(&exec_counters, &counter);

	if (value)
		(*value)++;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task)
{
	struct task_struct___family *family = (void *)task;
	struct mm_struct___args *mm = (void *)BPF_CORE_READ(task, mm);
	struct exec_record *record = bpf_ringbuf_reserve(&execs, sizeof(*record), 0);
	unsigned long start, end;
	u32 bytes;

	if (!record) {
		count(EXEC_LOST);
		return 0;
	}
	record->time_ns = bpf_ktime_get_ns();
	record->cgroup = bpf_get_current_cgroup_id();
	record->tgid = BPF_CORE_READ(task, tgid);
	record->parent_tgid = BPF_CORE_READ(family, real_parent, tgid);
	record->uid = BPF_CORE_READ(family, cred, euid.val);
	record->reserved = 0;
	start = BPF_CORE_READ(mm, arg_start);
	end = BPF_CORE_READ(mm, arg_end);
	record->args_bytes = end > start ? end - start : 0;
	bytes = record->args_bytes;
	if (bytes > MAX_ARGS_BYTES)
		bytes = MAX_ARGS_BYTES;
	if (bpf_probe_read_user(record->args, bytes, (void *)start))
		bytes = 0;
	record->args_read = bytes;
	/* The agent looks by itself. */
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	return 0;
}
