/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* Whose doings a probe counts: of the processes, threads, thread names and cgroups that the agent names, or of all. */
#ifndef STALLSCOPE_TASK_FILTER_H
#define STALLSCOPE_TASK_FILTER_H

#include "kernel.h"

/* Processes of the tracer itself that are left out: agent, hub, and what started them. */
#define MAX_EXCLUDED_TGIDS 4
/* Set by the agent before load; the verifier drops the branches of what is not asked for. */
const volatile bool filter_by_tgid = false;
const volatile bool filter_by_tid = false;
const volatile bool filter_by_cgroup = false;
const volatile bool filter_by_comm = false;
const volatile char filter_comm[COMM_BYTES] = {};
const volatile u32 excluded_tgids[MAX_EXCLUDED_TGIDS] = {};

struct filter_ids {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u64);
	__type(value, u8);
};
struct filter_ids filter_tgids SEC(".maps");
struct filter_ids filter_tids SEC(".maps");
struct filter_ids filter_cgroups SEC(".maps");

static __always_inline u64 cgroup_id(struct task_struct *task)
{
	return BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
}

/* A cgroup filter means the cgroup and everything below it. */
static __noinline bool is_under_filtered_cgroup(struct task_struct *task)
{
	struct cgroup *cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp);
	struct cgroup___before_6_1 *old = (void *)cgroup;
	int level = BPF_CORE_READ(cgroup, level);
	u64 id;

	/* 16 levels: Kubernetes nests 5 deep, systemd user sessions 7. Deeper tasks match by their first 16 ancestors. */
	for (int i = 0; i < 16; i++) {
		if (i > level)
			break;
		if (bpf_core_field_exists(old->ancestor_ids)) {
			bpf_core_read(&id, sizeof(id), &old->ancestor_ids[i]);
		} else {
			struct cgroup *ancestor = NULL;

			bpf_core_read(&ancestor, sizeof(ancestor), &cgroup->ancestors[i]);
			id = BPF_CORE_READ(ancestor, kn, id);
		}
		if (bpf_map_lookup_elem(&filter_cgroups, &id))
			return true;
	}
	id = cgroup_id(task);
	return bpf_map_lookup_elem(&filter_cgroups, &id) != NULL;
}

/* By process, thread and thread name. */
static __always_inline bool matches_who(struct task_struct *task)
{
	u64 tgid = (u32)task->tgid, tid = (u32)task->pid;

	for (int i = 0; i < MAX_EXCLUDED_TGIDS; i++)
		if (excluded_tgids[i] && excluded_tgids[i] == tgid)
			return false;
	if (filter_by_tgid && !bpf_map_lookup_elem(&filter_tgids, &tgid))
		return false;
	if (filter_by_tid && !bpf_map_lookup_elem(&filter_tids, &tid))
		return false;
	if (filter_by_comm) {
		for (int i = 0; i < COMM_BYTES; i++) {
			if (task->comm[i] != filter_comm[i])
				return false;
			if (!filter_comm[i])
				break;
		}
	}
	return true;
}

#endif
