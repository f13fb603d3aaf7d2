/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * The few kernel structures that the probes read, hand-kept rather than dumped: only the fields in use are declared,
 * libbpf relocates them against the running kernel's BTF (CO-RE), so one object serves every kernel that has them.
 */
#ifndef STALLSCOPE_KERNEL_H
#define STALLSCOPE_KERNEL_H

#include "fixed-width.h"

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/* include/linux/sched.h: part of task_struct.flags since 2.6, the value is in the tracepoint ABI. */
#define PF_KTHREAD 0x00200000

/* include/linux/sched.h, task_struct.__state; stable since 4.14, TASK_NOLOAD since 4.2. */
#define TASK_INTERRUPTIBLE 0x0001
#define TASK_UNINTERRUPTIBLE 0x0002
#define TASK_STOPPED 0x0004
#define TASK_TRACED 0x0008
#define EXIT_DEAD 0x0010
#define EXIT_ZOMBIE 0x0020
#define TASK_PARKED 0x0040
#define TASK_DEAD 0x0080
#define TASK_NOLOAD 0x0400
#define TASK_NEW 0x0800
#define TASK_RTLOCK_WAIT 0x1000

/* include/linux/sched.h, TASK_COMM_LEN: a thread's name and a zero. */
#define COMM_BYTES 16

struct kernfs_node {
	__u64 id;
} __attribute__((preserve_access_index));

struct cgroup {
	int level;
	struct kernfs_node *kn;
	/* 6.1 replaced ancestor_ids[] by this (7f203bc89eb6). */
	struct cgroup *ancestors[];
} __attribute__((preserve_access_index));

struct cgroup___before_6_1 {
	int level;
	__u64 ancestor_ids[];
} __attribute__((preserve_access_index));

struct css_set {
	struct cgroup *dfl_cgrp;
} __attribute__((preserve_access_index));

struct mm_struct {
	void *pgd;
} __attribute__((preserve_access_index));

struct thread_struct {
	/* Of a task that is not running; x86 only. */
	unsigned long sp;
} __attribute__((preserve_access_index));

struct sched_entity {
	/* ns on a CPU, up to date when the task is switched out. */
	__u64 sum_exec_runtime;
	/* The same when the task was last put on a CPU. */
	__u64 prev_sum_exec_runtime;
} __attribute__((preserve_access_index));

struct task_struct {
	unsigned int __state;
	unsigned int flags;
	int pid;
	int tgid;
	struct mm_struct *mm;
	struct css_set *cgroups;
	char comm[COMM_BYTES];
	/* CLOCK_MONOTONIC ns at which it was forked. */
	__u64 start_time;
	/* A CPU runs it or is just switching it out. Not on kernels for one CPU alone. */
	int on_cpu;
	struct sched_entity se;
	/* Voluntary and other switches away from it, so far. */
	unsigned long nvcsw;
	unsigned long nivcsw;
	struct thread_struct thread;
} __attribute__((preserve_access_index));

/* 5.14 renamed task_struct.state to __state and made it unsigned int (2f064a59a11f). */
struct task_struct___before_5_14 {
	volatile long state;
} __attribute__((preserve_access_index));

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long bp;
	unsigned long ip;
	unsigned long orig_ax;
	unsigned long cs;
	unsigned long sp;
} __attribute__((preserve_access_index));

/* arch/x86/include/asm/segment.h: code segment of 32-bit programs, whose stack frames are half as wide. */
#define USER32_CS 0x23
#endif

/* The helper came in 5.15 (dd6e10fbd9fb). */
enum bpf_func_id___with_task_pt_regs {
	BPF_FUNC_task_pt_regs___with_task_pt_regs = 175,
};

static __always_inline bool has_task_pt_regs(void)
{
	return bpf_core_enum_value_exists(enum bpf_func_id___with_task_pt_regs,
					  BPF_FUNC_task_pt_regs___with_task_pt_regs);
}

struct bpf_iter_meta {
	struct seq_file *seq;
} __attribute__((preserve_access_index));

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} __attribute__((preserve_access_index));

static __always_inline __u32 task_state_bits(struct task_struct *task)
{
	struct task_struct___before_5_14 *old = (void *)task;

	if (bpf_core_field_exists(task->__state))
		return BPF_CORE_READ(task, __state);
	return (__u32)BPF_CORE_READ(old, state);
}

#endif
