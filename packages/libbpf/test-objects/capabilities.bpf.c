// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
/*
 * Every capability of packages/libbpf in one small object, for its kernel tests.
 * Programs act only on `target_tgid`, so that whatever else runs on the host changes no number.
 */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define COMM_BYTES 16
#define ROWS_MAX 4096

struct task_struct {
	int pid;
	int tgid;
} __attribute__((preserve_access_index));

struct seq_file;
struct bpf_iter_meta {
	struct seq_file *seq;
} __attribute__((preserve_access_index));
struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} __attribute__((preserve_access_index));

struct event {
	__u32 tid;
	__u32 tgid;
	__u64 sequence;
};
_Static_assert(sizeof(struct event) == 16, "read by the test");

const volatile __u32 target_tgid;
const volatile __s32 offset_ns = -1;
const volatile char filter_comm[COMM_BYTES];
const volatile _Bool enabled = 1;

/* Neighbours in .bss: the first is written by programs all the time, the second by user space. */
__u64 switch_count;
__u64 tau_ns;
__u64 seen_tau_ns;
/* .data */
__s64 bias = -7;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ROWS_MAX);
	__type(key, __u64);
	__type(value, __u64);
} rows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32[3]);
} per_cpu_rows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} slots SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct inner);
} active_rows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} switches SEC(".maps");

SEC("tp_btf/sched_switch")
int BPF_PROG(lib_on_switch, _Bool preempt, struct task_struct *prev, struct task_struct *next)
{
	if (!enabled || prev->tgid != target_tgid)
		return 0;
	__sync_fetch_and_add(&switch_count, 1);
	seen_tau_ns = tau_ns;

	__u64 *of_task = bpf_task_storage_get(&switches, prev, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (of_task)
		*of_task += 1;

	__u32 zero = 0;
	__u32 tid = prev->pid;
	void *inner = bpf_map_lookup_elem(&active_rows, &zero);
	if (inner) {
		__u64 one = 1;
		__u64 *count = bpf_map_lookup_elem(inner, &tid);
		if (count)
			*count += 1;
		else
			bpf_map_update_elem(inner, &tid, &one, BPF_ANY);
	}

	__u32 *per_cpu = bpf_map_lookup_elem(&per_cpu_rows, &tid);
	if (per_cpu) {
		per_cpu[0] += 1;
	} else {
		__u32 first[3] = { 1, 2, 3 };
		bpf_map_update_elem(&per_cpu_rows, &tid, first, BPF_ANY);
	}

	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (event) {
		event->tid = tid;
		event->tgid = prev->tgid;
		event->sequence = switch_count;
		bpf_ringbuf_submit(event, 0);
	}
	return 0;
}

SEC("iter/task")
int lib_list_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	__u32 ids[2];

	if (!task)
		return 0;
	ids[0] = task->tgid;
	ids[1] = task->pid;
	bpf_seq_write(ctx->meta->seq, ids, sizeof(ids));
	return 0;
}
