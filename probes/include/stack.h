/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
#ifndef STALLSCOPE_STACK_H
#define STALLSCOPE_STACK_H

#include "kernel.h"

/* Frames a stack: the kernel's own limit, kernel.perf_event_max_stack, is 127 by default. */
#define MAX_STACK_FRAMES 127

/* Whether a kernel stack is its task's own, or an interrupt is on top of it. */
enum own_stack {
	STACK_UNKNOWN = 0,
	STACK_OWN = 1,
	/* With a packet that the task has just sent, as long as no packets of others can be among them. */
	STACK_OWN_UNLESS_STEERED = 2,
};

/* Leaf first. */
struct stack {
	u32 depth;
	/* enum own_stack; no part of what a stack is, so not of its hash. */
	u32 own;
	u64 frames[MAX_STACK_FRAMES];
};

/* Content hash: multiply and fold, one word at a time. Never 0, which means none. */
static __always_inline u64 hash_seed(u32 word_count)
{
	return 0x9e3779b97f4a7c15ULL + word_count;
}

static __always_inline u64 hash_step(u64 hash, u64 word)
{
	hash = (hash ^ word) * 0xff51afd7ed558ccdULL;
	return hash ^ hash >> 32;
}

static __always_inline u64 hash_end(u64 hash)
{
	return hash ? hash : 1;
}

_Static_assert(sizeof(struct stack) == 8 + 8 * MAX_STACK_FRAMES, "stack has no padding");

#endif
