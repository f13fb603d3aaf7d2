/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * User stacks by their frame pointers: of the current task, and of one that is asleep.
 *
 * At a switch-out nobody knows yet whether the wait will be long enough to be selected, and hardly any is. A walk there
 * costs 200 ns, whether its stack is wanted or not. What a sleeper's stack holds does not change while it sleeps: it can as
 * well be read when its wait is selected, from another task's context, out of the sleeper's own memory:
 *
 *     task->mm->pgd ─▶ p4d ─▶ pud ─▶ pmd ─▶ pte ─▶ physical page ── + direct_map_base ──▶ kernel address of its bytes
 *
 * That is how get_user_pages_fast() walks page tables, and it is safe for the same reason: interrupts are off in both
 * scheduler tracepoints, which holds back whoever would free a table. All reads are of the kind that may fail: an entry
 * that makes no sense ends a stack, nothing else. Only addresses below `physical_end` are followed, so no device is read.
 * The iterator has interrupts on, and only the RCU lock that kernels free page tables under: what it reads of a process
 * that ends meanwhile may be nonsense, but cannot fault, and is no wait of anybody's by the time it has been read.
 *
 * Where the direct map begins is random at each boot and no kernel says where. find_direct_map() tries each place that it can
 * be at until the agent's own stack reads the same through page tables as it does directly; where none does, on another
 * architecture, or under memory encryption of an unknown kind, `direct_map_base` stays 0, and stacks are walked at
 * each switch-out as before.
 */
#ifndef STALLSCOPE_USER_STACK_H
#define STALLSCOPE_USER_STACK_H

#include "kernel.h"
#include "stack.h"

/* A piece of a user stack, copied at once: a copy costs by the call, not by the byte. A power of two, so none crosses a page. */
#define CHUNK_BYTES 256
#define CHUNK_WORDS (CHUNK_BYTES / sizeof(u64))
/* No chunk begins here. */
#define NO_CHUNK 1

/* arch/x86/include/asm/pgtable_types.h */
#define X86_PAGE_BYTES 4096
#define X86_PAGE_PRESENT 0x001
#define X86_PAGE_HUGE 0x080
/* Not present, yet mapped: NUMA balancing makes pages so, with the bits of the address inverted (6b28baca9b1f). */
#define X86_PAGE_PROTNONE 0x100
#define X86_TABLE_ENTRIES 512
#define X86_PAGE_SHIFT 12
#define X86_PUD_SHIFT 30
/* Where the direct map begins at the earliest: Documentation/arch/x86/x86_64/mm.rst. It begins at a whole GiB. */
#define X86_DIRECT_MAP_START 0xffff888000000000ULL
#define X86_DIRECT_MAP_START_5_LEVELS 0xff11000000000000ULL
#define DIRECT_MAP_STEP (1ULL << 30)
/* Places tried in one call of find_direct_map(). */
#define DIRECT_MAP_PLACES 64
/* Chunks of its own stack that find_direct_map() looks through for one that is not empty. */
#define MAX_OWN_CHUNKS 16

struct user_walk {
	/* Page tables of the sleeper whose memory is read; 0: the current task's, which needs none. */
	u64 page_tables;
	/* The page last looked up in them, and where it is in the direct map. */
	u64 page;
	u64 page_at;
	u64 chunk_start;
	u64 chunk[CHUNK_WORDS];
	/* The stack goes on in a page that is not in memory. */
	u32 is_paged_out;
	u32 reserved;
	struct stack stack;
};

/* Set by the agent before load. */
/* Bytes: no memory of this machine lies at or beyond this physical address. */
const volatile u64 physical_end = 0;
/* Bits of a page table entry that are an address. */
const volatile u64 physical_mask = 0;

/* Kernel address of physical address 0; 0 when it is not known, and sleepers cannot be read. */
volatile u64 direct_map_base = 0;
/* Which DIRECT_MAP_PLACES the next call of find_direct_map() tries. */
volatile u32 direct_map_turn = 0;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct user_walk);
} user_walk SEC(".maps");

/* Task iterators may be preempted by the tracepoints on their own CPU, so they cannot share theirs. One reader at a time. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct user_walk);
} iterator_user_walk SEC(".maps");

static __always_inline struct user_walk *walk_of(bool is_iterator)
{
	u32 zero = 0;

	return is_iterator ? bpf_map_lookup_elem(&iterator_user_walk, &zero) : bpf_map_lookup_elem(&user_walk, &zero);
}

#if defined(__TARGET_ARCH_x86)

/* The direct map has 5-level tables below 0xff.., 4-level ones at the top of the address space. */
static __always_inline bool has_5_levels(u64 page_tables)
{
	return page_tables >> 48 != 0xffff;
}

/* Kernel address of a user page; 0 when there is none, and is_paged_out when it is elsewhere than in memory. */
static __noinline u64 find_page(struct user_walk *walk, u64 page)
{
	u64 table, entry = 0, physical, base = direct_map_base;
	u32 shift;

	if (!walk)
		return 0;
	table = walk->page_tables;
	shift = has_5_levels(table) ? 48 : 39;
	for (int level = 0; level < 5; level++) {
		if (bpf_probe_read_kernel(&entry, sizeof(entry), (void *)(table + 8 * (page >> shift & (X86_TABLE_ENTRIES - 1)))))
			return 0;
		if (!(entry & X86_PAGE_PRESENT)) {
			if (!(entry & X86_PAGE_PROTNONE)) {
				walk->is_paged_out = entry != 0;
				return 0;
			}
			entry = ~entry;
			/* Inverted, too: a huge page is told by its level alone, tables are never without access. */
			if (shift > X86_PAGE_SHIFT)
				entry |= X86_PAGE_HUGE;
		}
		physical = entry & physical_mask;
		if (shift == X86_PAGE_SHIFT || (shift <= X86_PUD_SHIFT && entry & X86_PAGE_HUGE)) {
			u64 within = (1ULL << shift) - 1;

			physical = (physical & ~within) | (page & within);
			return physical < physical_end ? base + physical : 0;
		}
		if (physical >= physical_end)
			return 0;
		table = base + physical;
		shift -= 9;
	}
	return 0;
}

/*
 * Copies the chunk that an address of the walk's task is in. 0 when it cannot be read. Not static: the verifier then looks
 * at it once, not in each turn of the loop that calls it.
 */
__noinline int load_chunk(u64 at, bool is_iterator)
{
	struct user_walk *walk = walk_of(is_iterator);
	u64 start = at & ~(u64)(CHUNK_BYTES - 1), page = at & ~(u64)(X86_PAGE_BYTES - 1);
	const void *from = (const void *)start;

	if (!walk)
		return 0;
	walk->chunk_start = NO_CHUNK;
	/* Halves of the address space: the upper one is the kernel's. */
	if (!start || start >> 63)
		return 0;
	if (!walk->page_tables) {
		if (bpf_probe_read_user(walk->chunk, CHUNK_BYTES, from))
			return 0;
	} else {
		if (walk->page != page) {
			walk->page_at = find_page(walk, page);
			walk->page = page;
		}
		if (!walk->page_at)
			return 0;
		from = (const void *)(walk->page_at + (start - page));
		if (bpf_probe_read_kernel(walk->chunk, CHUNK_BYTES, from))
			return 0;
	}
	walk->chunk_start = start;
	return 1;
}

/* A word of a user stack, 4 bytes wide for a 32-bit program. False when it cannot be read. */
static __always_inline bool read_word(struct user_walk *walk, u64 at, bool is_32_bit, bool is_iterator, u64 *word)
{
	if ((at & ~(u64)(CHUNK_BYTES - 1)) != walk->chunk_start && !load_chunk(at, is_iterator))
		return false;
	*word = walk->chunk[at / sizeof(u64) % CHUNK_WORDS];
	if (is_32_bit)
		*word = (u32)(at & 4 ? *word >> 32 : *word);
	return true;
}

/*
 * Into walk->stack: this instruction, then the return addresses above the frames that begin at this frame pointer. Frames
 * lie above each other: one that does not is none, but the register of code that was built without them.
 */
__noinline int walk_frames(u64 ip, u64 at, bool is_32_bit, bool is_iterator)
{
	struct user_walk *walk = walk_of(is_iterator);
	u64 next, return_address;
	u32 depth = 1;

	if (!walk)
		return 0;
	walk->chunk_start = NO_CHUNK;
	walk->page = NO_CHUNK;
	walk->is_paged_out = 0;
	walk->stack.frames[0] = ip;
	for (u32 i = 1; i < MAX_STACK_FRAMES; i++) {
		if (!read_word(walk, at, is_32_bit, is_iterator, &next) ||
		    !read_word(walk, at + (is_32_bit ? 4 : 8), is_32_bit, is_iterator, &return_address))
			break;
		if (!return_address)
			break;
		walk->stack.frames[i] = return_address;
		depth = i + 1;
		if (next <= at)
			break;
		at = next;
	}
	walk->stack.depth = depth;
	return depth;
}

static __always_inline struct user_walk *walk_user(struct task_struct *task, struct pt_regs *regs, u64 page_tables,
						   bool is_iterator)
{
	struct user_walk *walk = walk_of(is_iterator);
	u64 ip = regs->ip;

	if (!walk)
		return NULL;
	walk->stack.depth = 0;
	walk->stack.own = STACK_UNKNOWN;
	walk->is_paged_out = 0;
	walk->page_tables = page_tables;
	/* Threads of the kernel that borrow a process's memory have no user frame. */
	if (ip)
		walk_frames(ip, regs->bp, regs->cs == USER32_CS, is_iterator);
	return walk;
}

/* Copies a chunk of the current task's stack, to be known again. 0 when there is too little in it: empty memory is everywhere. */
__noinline int copy_own_chunk(u64 at)
{
	struct user_walk *walk = walk_of(true);
	u64 first_half = 0, second_half = 0;

	if (!walk || bpf_probe_read_user(walk->stack.frames, CHUNK_BYTES, (const void *)at))
		return 0;
	for (u32 i = 0; i < CHUNK_WORDS / 2; i++) {
		first_half |= walk->stack.frames[i];
		second_half |= walk->stack.frames[i + CHUNK_WORDS / 2];
	}
	return first_half && second_half;
}

/* One place of the direct map: does the chunk that copy_own_chunk() copied read the same from there? */
__noinline int reads_back(u64 base, u64 at)
{
	struct user_walk *walk = walk_of(true);
	u64 differing = 0;

	if (!walk)
		return 0;
	direct_map_base = base;
	walk->page = NO_CHUNK;
	if (!load_chunk(at, true))
		return 0;
	/* Without branches, each of which would double what the verifier looks at. */
	for (u32 i = 0; i < CHUNK_WORDS; i++)
		differing |= walk->chunk[i] ^ walk->stack.frames[i];
	return !differing;
}

/*
 * Looks for the direct map from the context of whoever reads it, upwards: a place below the right one leads to addresses
 * that hold nothing or other memory, never beyond the end of the map. The agent reads it until direct_map_base is set or
 * all places have been tried.
 */
SEC("iter/task")
int find_direct_map(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task, *current;
	struct user_walk *walk = walk_of(true);
	u64 page_tables, lowest, least, base, at;
	bool is_copied = false;

	if (!has_task_pt_regs())
		return 0;
	current = bpf_get_current_task_btf();
	if (!task || !walk || task->pid != current->pid || direct_map_base || !physical_end)
		return 0;
	page_tables = (u64)BPF_CORE_READ(current, mm, pgd);
	/* Upwards: what is above the stack pointer is in use. */
	at = ((struct pt_regs *)bpf_task_pt_regs(current))->sp & ~(u64)(CHUNK_BYTES - 1);
	for (u32 i = 0; i < MAX_OWN_CHUNKS; i++) {
		at += CHUNK_BYTES;
		is_copied = copy_own_chunk(at);
		if (is_copied)
			break;
	}
	if (!is_copied)
		return 0;
	walk->page_tables = page_tables;
	least = has_5_levels(page_tables) ? X86_DIRECT_MAP_START_5_LEVELS : X86_DIRECT_MAP_START;
	lowest = (page_tables & ~(DIRECT_MAP_STEP - 1)) - (physical_end & ~(DIRECT_MAP_STEP - 1));
	if (lowest < least)
		lowest = least;
	lowest += direct_map_turn * DIRECT_MAP_PLACES * DIRECT_MAP_STEP;
	for (u32 i = 0; i < DIRECT_MAP_PLACES; i++) {
		base = lowest + i * DIRECT_MAP_STEP;
		if (base > page_tables)
			break;
		if (reads_back(base, at))
			return 0;
	}
	direct_map_base = 0;
	return 0;
}

#endif
#endif
