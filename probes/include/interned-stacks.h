/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * Stacks by content: each is in `stacks` once, under a hash of its frames, whoever captured it. A probe that runs beside
 * another may be given the other's map, so that a stack has one id and one place in both.
 *
 * Needs of the probe's enum counter: LOST_STACK_MAP_FULL, LOST_STACK_ERROR, LOST_STACK_TRUNCATED, COUNT_STACKS_INSERTED.
 */
#ifndef STALLSCOPE_INTERNED_STACKS_H
#define STALLSCOPE_INTERNED_STACKS_H

#include "counters.h"
#include "stack.h"

/* Its size is a default: the agent sets it before load (MapSizes in the agent says why). */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, struct stack);
} stacks SEC(".maps");

static __always_inline void finish_walk(struct stack *stack, long bytes)
{
	stack->own = STACK_UNKNOWN;
	if (bytes < 0) {
		stack->depth = 0;
		count(LOST_STACK_ERROR);
		return;
	}
	stack->depth = bytes / sizeof(u64);
	if (stack->depth >= MAX_STACK_FRAMES)
		count(LOST_STACK_TRUNCATED);
}

static __always_inline bool has_user_stack(struct task_struct *task)
{
	return task->mm && !(task->flags & PF_KTHREAD);
}

static __always_inline u64 hash_stack(const struct stack *stack)
{
	u64 hash = hash_seed(stack->depth);

	for (u32 i = 0; i < MAX_STACK_FRAMES; i++) {
		if (i >= stack->depth)
			break;
		hash = hash_step(hash, stack->frames[i]);
	}
	return hash_end(hash);
}

/* The stack's id, 0 for an empty one. Not static, as others below: see load_chunk(). */
__noinline u64 intern_stack(struct stack *stack)
{
	long error;
	u64 id;

	if (!stack || !stack->depth)
		return 0;
	id = hash_stack(stack);
	if (bpf_map_lookup_elem(&stacks, &id))
		return id;
	error = bpf_map_update_elem(&stacks, &id, stack, BPF_NOEXIST);
	if (!error) {
		count(COUNT_STACKS_INSERTED);
		return id;
	}
	/* Another CPU was first. */
	if (bpf_map_lookup_elem(&stacks, &id))
		return id;
	count(LOST_STACK_MAP_FULL);
	return 0;
}

#endif
