/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * Records that the scheduler probe leaves in its maps for the agent. The agent's TypeScript layouts are generated from
 * the object's BTF: change a struct here, run the generator, and a stale layout fails the tests.
 *
 * Identity is by content. A stack, a waker link and a chain are named by a 64-bit hash of what they hold, never 0:
 *
 *     row ──chain──▶ struct chain { link[0], link[1], … } ──link[i]──▶ struct link { who, kernel stack, user stack }
 *      └──user_stack, kernel_stack──▶ struct stack { frames }  ◀──────────────┘
 *
 * so an id means the same in every window, the agent may delete what it has read, and a later capture of the same thing
 * puts it back under the same id. With n distinct stacks two share a hash with probability n²/2^65: 3e-8 at a million.
 *
 * BPF_MAP_TYPE_STACK_TRACE is not used: its buckets hold one stack each, so at 2,000 stacks in 16,384 buckets about
 * 6 % of them would be lost to a collision or silently replaced; a hash map loses none until it is full, and is counted.
 */
#ifndef STALLSCOPE_SCHED_H
#define STALLSCOPE_SCHED_H

#include "../include/length-bucket.h"
#include "../include/stack.h"

/* Wakers a chain: beyond it a chain is cut, and says so. */
#define MAX_CHAIN_LINKS 16
/* Lengths by octave, as rows and exact counters have them. */
#define DURATION_BUCKETS LENGTH_OCTAVES
/* Ranges of code that tell an interrupt's work from a task's; x86-64 needs about 25 once neighbours are merged. A power of 2. */
#define MAX_ENTRY_RANGES 64
/* Longest tau: keeps the sums of variance in 64 bits for a million captures a window. */
#define MAX_TAU_NS 100000000ULL

enum kind {
	KIND_BLOCKED = 0,
	KIND_RUNQ = 1,
	KIND_PREEMPTED = 2,
	KIND_COUNT = 3,
};

/* What a thread is at in an instant of its life: one of the kinds above, or on a CPU. Every instant is one of them. */
enum life {
	LIFE_BLOCKED = KIND_BLOCKED,
	LIFE_RUNQ = KIND_RUNQ,
	LIFE_PREEMPTED = KIND_PREEMPTED,
	LIFE_ON_CPU = 3,
	LIFE_COUNT = 4,
};

/* One letter of ps(1) each; order is that of STATES in packages/profile. */
enum state_letter {
	STATE_RUNNING = 0,
	STATE_SLEEPING = 1,
	STATE_DISK = 2,
	STATE_STOPPED = 3,
	STATE_TRACED = 4,
	STATE_DEAD = 5,
	STATE_ZOMBIE = 6,
	STATE_PARKED = 7,
	STATE_IDLE = 8,
	STATE_OTHER = 9,
};

/* Why nothing is linked behind the last link of a chain; order is that of CHAIN_ENDS in packages/profile. */
enum chain_end {
	CHAIN_LINKED = 0,
	CHAIN_CAUSE = 1,
	CHAIN_INTERRUPT = 2,
	CHAIN_CUT = 3,
	CHAIN_UNSAMPLED = 4,
};

/* What a frame in a range of kernel code says of the waker; order is that of RANGE_KINDS in the agent. */
enum range_kind {
	/* An interrupt enters the kernel here. */
	RANGE_INTERRUPT = 0,
	/* Below the entry of an interrupt the task itself goes on: signals, task work, exit. */
	RANGE_TASK = 1,
	/* Deferred work of interrupts: nobody's own, whoever happens to run it. */
	RANGE_SOFTIRQ = 2,
	/* Softirq work that receives what was sent on this host: the sender's own if it runs it as it sends. */
	RANGE_BACKLOG = 3,
	/* A task sends a packet. */
	RANGE_SEND = 4,
};

/* Running totals, one per CPU each. The first group are losses; each names the function that increments it. */
enum counter {
	/* state_of(): task storage could not be created, the task is not timed until a later switch. */
	LOST_TASK_STORAGE_REFUSED = 0,
	/* add_row(): the window's row map is full, the interval is in the exact counters only. */
	LOST_ROW_MAP_FULL = 1,
	/* intern_stack(): the stack map is full, the row keeps its time and has no stack. */
	LOST_STACK_MAP_FULL = 2,
	/* capture_waker(): the link map is full, the chain has no links. */
	LOST_LINK_MAP_FULL = 3,
	/* intern_chain(): the chain map is full, the row keeps its time and has no chain. */
	LOST_CHAIN_MAP_FULL = 4,
	/* keep_exited_record(): too many threads exited in one window, their exact counters are lost. */
	LOST_EXITED_MAP_FULL = 5,
	/* walk_*(): the kernel returned an error for a stack. */
	LOST_STACK_ERROR = 6,
	/* walk_*(): the stack has MAX_STACK_FRAMES or more, its root is cut off. */
	LOST_STACK_TRUNCATED = 7,
	/* switched_in(): a blocked task runs though no wake was seen; all of its wait counts as blocked, by no known waker. */
	LOST_WAKE_MISSED = 8,
	/* switched_out(): a task leaves the CPU that was not seen to come; how long it had waited for it is counted nowhere. */
	LOST_SWITCH_MISSED = 9,
	/* user_stack_of(): part of a sleeper's stack was not in memory when it was read, its root is cut off. */
	LOST_STACK_PAGED_OUT = 10,
	/* count_length(): too many threads waited in one window, the length is in the counters by octave only. */
	LOST_LENGTHS_FULL = 11,
	LOST_COUNT = 12,

	/* Not losses. */
	COUNT_SWITCHES = 12,
	COUNT_CAPTURES = 13,
	COUNT_STACKS_INSERTED = 14,
	COUNT_LINKS_INSERTED = 15,
	COUNT_CHAINS_INSERTED = 16,
	/* Only when `checks_stacks`: stacks taken in the cheap way, and those that the dear way gave another answer for. */
	COUNT_STACKS_CHECKED = 17,
	COUNT_STACKS_DIFFERENT = 18,
	COUNTER_COUNT = 19,
};

/* A waker as it was when it woke. All ids 0 and no comm for an interrupt, whose kernel stack ends at its entry frame. */
struct link {
	u64 user_stack;
	u64 kernel_stack;
	u32 tgid;
	u32 tid;
	char comm[COMM_BYTES];
	u32 is_interrupt;
	u32 reserved;
};

/* links[0] woke the task itself, links[1] woke that waker, and so on. */
struct chain {
	u64 links[MAX_CHAIN_LINKS];
	u32 depth;
	/* enum chain_end of the last link. */
	u32 end;
};

struct row_key {
	u64 user_stack;
	u64 kernel_stack;
	u64 chain;
	u64 cgroup;
	u32 tgid;
	u32 tid;
	char comm[COMM_BYTES];
	u8 kind;
	u8 state;
	/* Octave of the length, and the part of it that the length is in: 0 unless lengths are fine. */
	u8 bucket;
	u8 quarter;
	u8 reserved[4];
};

struct row_value {
	u64 captures;
	/* Sum of 1/p, in 1/1024. */
	u64 count_q10;
	/* Sum of d/p, ns. */
	u64 ns;
	/* Sum of the variance estimate (1-p)/p² d² = tau (tau - d) of captures with d < tau, in 1024 ns². */
	u64 variance_kns2;
};

/* Exact, of one thread in one window. */
struct thread_counters {
	/* Of intervals that ended in the window, whole. */
	u64 ns[KIND_COUNT];
	u64 on_cpu_ns;
	/*
	 * By enum life, of the window that began at lived_since_ns: what lies within it and no more, whatever began before it
	 * or goes on. In a record they add up to how long the thread was there.
	 */
	u64 lived_ns[LIFE_COUNT];
	u64 lived_since_ns;
	u32 count[KIND_COUNT];
	u32 switches;
	u32 histogram[KIND_COUNT][DURATION_BUCKETS];
};

/*
 * From the task iterator, of each thread that was there in the window, and of threads that have exited: who, what it
 * counted, and what it is waiting for now.
 */
struct thread_record {
	u32 tgid;
	u32 tid;
	char comm[COMM_BYTES];
	/* Since when it has been off CPU (CLOCK_MONOTONIC ns); 0: since before tracing, or it is not waiting. */
	u64 off_cpu_since_ns;
	u64 user_stack;
	u64 kernel_stack;
	/* enum kind of the open wait, only when is_waiting. */
	u8 waiting_kind;
	u8 waiting_state;
	u8 is_waiting;
	u8 is_kernel_thread;
	/* Written without its histogram, which is empty: most threads of a host did nothing. */
	u8 is_short;
	u8 reserved[3];
	struct thread_counters counters;
};

/* Of one thread in one window, only while lengths are fine: exact, each wait that is in its thread_counters too. */
struct length_key {
	u32 tgid;
	u32 tid;
	u32 kind;
	u32 reserved;
};

struct length_counts {
	u32 count[LENGTH_BUCKETS];
};

struct exited_key {
	u64 exit_ns;
	u32 tid;
	/* Window generation that the counters are of. */
	u32 generation;
};

_Static_assert(sizeof(struct link) == 48, "link is a hashed key: no padding");
_Static_assert(sizeof(struct chain) == 8 * MAX_CHAIN_LINKS + 8, "chain has no padding");
_Static_assert(sizeof(struct row_key) == 64, "row_key is a map key: no padding");
_Static_assert(sizeof(struct row_value) == 32, "row_value has no padding");
_Static_assert(sizeof(struct thread_counters) == 88 + 4 * KIND_COUNT * DURATION_BUCKETS, "no padding");
_Static_assert(sizeof(struct thread_record) == 56 + sizeof(struct thread_counters), "no padding");
_Static_assert(sizeof(struct length_key) == 16, "length_key is a map key: no padding");
_Static_assert(LOST_COUNT == COUNT_SWITCHES, "losses come first");

#endif
