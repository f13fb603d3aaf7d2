/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * Kernel stacks of sleepers that are known already.
 *
 * Unwinding costs 100 ns a frame, and in exact mode it is most of what the probe costs; yet a thread mostly sleeps where it
 * slept the time before. What the unwinder reads of a sleeper's stack are its return addresses, nothing else: where each of
 * them lies as it lay, the stack is the same. So their places are learned, and the next time only these are read: the hash
 * of what they hold is the id of the stack, or it is another stack.
 *
 *     sp ─▶ [saved registers] [schedule+…] … [do_syscall_64+…] … (random gap) … [entry_SYSCALL_64+…] ◀─ top: user registers
 *            └──────────── places counted from sp ───────────┘                   └── the word at the top ──┘
 *
 * That this is sound: the first return address lies at a fixed place; each next one lies where the unwind rule of the one
 * before says, a constant distance away, whatever else is on the stack. The one distance that varies is the random gap
 * that the kernel leaves at each system call (randomize_kstack_offset), and beyond it there is but one address, at the
 * very top. Places are learned only when the frames fit the words of the stack in one way: left over from an earlier call, a
 * return address may also lie where it means nothing.
 */
#ifndef STALLSCOPE_KERNEL_STACK_H
#define STALLSCOPE_KERNEL_STACK_H

#include "kernel.h"
#include "stack.h"

/* Deeper stacks, or those that take more room, are unwound each time. */
#define MAX_KNOWN_FRAMES 32
/* The random gap takes up to 1 KiB of it. A power of two. */
#define MAX_RAW_BYTES 2048
#define RAW_WORDS (MAX_RAW_BYTES / sizeof(u64))
/* The place of the word at the top. */
#define TOP_PLACE (RAW_WORDS - 1)

/* Part of a task's state. */
struct known_stack {
	/* Of the stack last unwound; it is learned when the next is the same. */
	u64 id;
	/* 0: its places are not known. */
	u8 depth;
	/* From sp as far as the last place counted from there. */
	u8 words;
	/* In words from sp, or TOP_PLACE. */
	u8 places[MAX_KNOWN_FRAMES];
};

struct raw_stack {
	/* In memory, so that the verifier does not follow each value. */
	u32 cursor;
	u32 words;
	/* In memory, where a pointer becomes a number that may be reckoned with. */
	u64 top;
	u64 word[RAW_WORDS];
};

#if defined(__TARGET_ARCH_x86)

static __always_inline u64 top_of_stack(struct raw_stack *raw, struct pt_regs *regs)
{
	raw->top = (u64)regs;
	return *(volatile u64 *)&raw->top;
}

/* The id that the stack has if all of its return addresses lie where they lay. Not static: see load_chunk(). */
__noinline u64 hash_known_places(struct known_stack *known, struct raw_stack *raw)
{
	u64 hash;

	if (!known || !raw)
		return 0;
	hash = hash_seed(known->depth);
	for (u32 i = 0; i < MAX_KNOWN_FRAMES; i++) {
		if (i >= known->depth)
			break;
		hash = hash_step(hash, raw->word[known->places[i] % RAW_WORDS]);
	}
	return hash_end(hash);
}

/* Does a sleeper's stack hold at the known places what it held there? */
static __always_inline bool is_known_stack(struct task_struct *task, struct pt_regs *regs, struct known_stack *known,
					   struct raw_stack *raw)
{
	u64 sp, bytes = known->words * sizeof(u64), top;

	if (!known->depth || !bytes || bytes > MAX_RAW_BYTES)
		return false;
	sp = BPF_CORE_READ(task, thread.sp);
	top = top_of_stack(raw, regs);
	if (sp + bytes >= top || bpf_probe_read_kernel(raw->word, bytes, (void *)sp))
		return false;
	if (bpf_probe_read_kernel(&raw->word[TOP_PLACE], sizeof(u64), (void *)(top - sizeof(u64))))
		return false;
	return hash_known_places(known, raw) == known->id;
}

/* Where the frames of this stack lie; nothing when they can be found in two ways. Not static: see load_chunk(). */
__noinline int find_places(struct known_stack *known, struct raw_stack *raw, struct stack *stack)
{
	volatile u32 *cursor;
	u32 at, words;

	if (!known || !raw || !stack)
		return 0;
	known->depth = 0;
	if (!stack->depth || stack->depth > MAX_KNOWN_FRAMES)
		return 0;
	cursor = &raw->cursor;
	/* Each frame at the first word after the one before that holds it … */
	*cursor = 0;
	for (u32 i = 0; i < RAW_WORDS; i++) {
		at = *cursor;
		if (i >= raw->words || at >= stack->depth || at >= MAX_KNOWN_FRAMES)
			break;
		if (raw->word[i] == stack->frames[at]) {
			known->places[at] = i;
			*cursor = at + 1;
		}
	}
	if (*cursor != stack->depth)
		return 0;
	/* … and at the last: in one way only, if both are the same. */
	for (u32 i = 0; i < RAW_WORDS; i++) {
		u32 place = raw->words - 1 - i;

		at = *cursor - 1;
		if (place >= RAW_WORDS || at >= MAX_KNOWN_FRAMES)
			break;
		if (raw->word[place] == stack->frames[at]) {
			if (known->places[at] != place)
				return 0;
			*cursor = at;
		}
	}
	at = stack->depth - 1;
	if (at >= MAX_KNOWN_FRAMES)
		return 0;
	words = known->places[at] + 1;
	if (words == raw->words) {
		known->places[at] = TOP_PLACE;
		words = at ? known->places[(at - 1) % MAX_KNOWN_FRAMES] + 1 : 0;
	}
	/* The word that the top is read into is not one of these. */
	if (words >= TOP_PLACE)
		return 0;
	known->words = words;
	known->depth = stack->depth;
	return 1;
}

/* Of a sleeper whose stack has just been unwound. */
static __always_inline void learn_places(struct task_struct *task, struct pt_regs *regs, struct known_stack *known,
					 struct raw_stack *raw, struct stack *stack)
{
	u64 sp = BPF_CORE_READ(task, thread.sp), bytes = top_of_stack(raw, regs) - sp;

	known->depth = 0;
	if (bytes < sizeof(u64) || bytes > MAX_RAW_BYTES)
		return;
	if (bpf_probe_read_kernel(raw->word, bytes, (void *)sp))
		return;
	raw->words = bytes / sizeof(u64);
	find_places(known, raw, stack);
}

#endif
#endif
