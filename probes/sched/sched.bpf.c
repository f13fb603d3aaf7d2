// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * The one scheduler collection: who waits, on what stack, for how long, and who ended the wait.
 *
 * A task's life between two switches, and what is done at each point:
 *
 *     on CPU ──sched_switch(prev)──▶ blocked ──sched_waking──▶ runnable ──sched_switch(next)──▶ on CPU
 *                 │ time, state,               │ time, select;             │ both intervals' lengths are known: exact
 *                 │ user stack                 │ if selected: the waker    │ counters; if selected: kernel stack, rows
 *                 └──────────────▶ preempted ─────────────────────────────┘
 *
 * Every switch is timed; stacks cost and are kept only for selected intervals. One of length d is selected with
 * probability p = min(1, d/tau) and weighs 1/p, which is unbiased for time: a captured d < tau counts as tau.
 *
 * Locking: a task's state is written under its own pi_lock (waking) or the lock of the run queue that switches it, so
 * writes do not race but for a wake that overtakes its switch-out (`early_wake_ns`). One scratch area per CPU is enough:
 * switches and wakes of others run with interrupts off, a task that wakes itself returns before it would need one, and
 * the kernel runs no program inside itself.
 *
 * Windows: there are two sets of maps and counters, and an event belongs to the one of the window in which it happened by
 * the clock. The agent ends a window by saying when the next one began, just now, waits for a grace period, so that no
 * program is left that did not hear of it, then drains the old set: no update can be lost between.
 */
#include "../include/kernel.h"
#include "../include/kernel-stack.h"
#include "../include/user-stack.h"
#include "sched.h"
/* These use what sched.h names. */
#include "../include/counters.h"
#include "../include/interned-stacks.h"
#include "../include/task-filter.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum phase {
	PHASE_UNKNOWN = 0,
	PHASE_ON_CPU = 1,
	PHASE_BLOCKED = 2,
	PHASE_RUNNABLE = 3,
	PHASE_PREEMPTED = 4,
	/* Switched out for the last time; a zombie stays on the iterator's way until it is reaped. */
	PHASE_DEAD = 5,
};

/*
 * A stretch of a task's life between two switches, as far as it goes: on a CPU, or off it. PHASE_RUNNABLE was blocked
 * until woken_ns.
 */
struct stretch {
	/* 0: since before tracing. */
	u64 since_ns;
	u64 woken_ns;
	/*
	 * Where the switch between was not seen, it is two: on a CPU up to here and then blocked, or off it and then on it, as
	 * the kernel's own account of its time on CPUs has it. Else 0.
	 */
	u64 seam_ns;
	u8 phase;
	u8 reserved[7];
};

struct task_state {
	u64 switched_out_ns;
	u64 switched_in_ns;
	u64 woken_ns;
	/* Switched in after the last wake; preemptions since do not move it. Decides whether a chain link is a cause. */
	u64 ran_after_wake_ns;
	/* A wake that came while the task was not seen to be blocked: it was about to be. 0 when there was none. */
	u64 early_wake_ns;
	/* css_set that `matches` was computed for: a task that moves to another cgroup is looked at again. */
	u64 matched_css_set;
	/* tau that the block was selected with: its weight must use the same one though the governor moves it meanwhile. */
	u64 selected_tau_ns;
	/* State of this task's random numbers, never 0 once seeded. */
	u64 random;
	/* Of the wait it is in, interned; 0 also where there is none. Only once user_stack_is_known. */
	u64 user_stack;
	/* The same, walked at the switch-out; only when checks_stacks. */
	u64 checked_user_stack;
	u8 phase;
	u8 state;
	u8 block_selected;
	u8 matches;
	u8 user_stack_is_known;
	/* At the switch-out, into `user_stacks`: see walk_at_switch_out(). */
	u8 user_stack_is_walked;
	/* It left the CPU by preemption. */
	u8 is_preempted;
	u8 reserved;
	/* Taken by whoever empties the counters of the drained window: the iterator, or the task's own exit. */
	u32 drain_lock;
	/* Since when it is where it is, on a CPU or off it; 0: since before tracing. */
	u64 stretch_since_ns;
	/* What the kernel had counted when that began: ns on CPUs, and switches away from it. */
	u64 ran_before_ns;
	u64 switches_before;
	/*
	 * The stretch that it was in when the window began that began at boundary_ns, kept by the first event that ends it: the
	 * iterator comes later than that, and the time up to the boundary is of the window that it drains.
	 */
	struct stretch at_boundary;
	u64 boundary_ns;
	/* Start of the window up to which all that it lived has been read. */
	u64 drained_until_ns;
	/* Stacks of an open wait, interned once: valid for the wait that began at open_since_ns. */
	u64 open_since_ns;
	u64 open_user_stack;
	u64 open_kernel_stack;
	struct chain chain;
	/* Since when the waker of each link had been running when it woke: tells how far back a link can be a cause. */
	u64 chain_ran_ns[MAX_CHAIN_LINKS];
	/* Where it last was when it left the CPU, by how it left and how it had come into the kernel: see kernel_stack_of(). */
	struct known_stack known_stacks[4];
	struct thread_counters counters[2];
};

/* Half of what a page holds: one size of the kernel's allocator up, each thread would take twice the memory. */
_Static_assert(sizeof(struct task_state) <= 2048 - 128, "task storage of a thread fits 2 KiB with its header");

/* Set by the agent before load; the verifier drops the branches of what is not asked for. */
/* Bit k: intervals of enum kind k are counted. */
const volatile u32 kinds_mask = (1 << KIND_COUNT) - 1;
/* Bit s: blocked intervals of enum state_letter s are counted. */
const volatile u32 states_mask = 0xffffffff;
/* Shorter intervals are not counted. */
const volatile u64 min_interval_ns = 0;
/* False when no view asks who woke whom: wakers are then not captured. */
const volatile bool collect_wakers = true;
/* False when no view asks who woke the wakers: then only wakes of tasks that match the filter are captured. */
const volatile bool collect_chains = true;
const volatile u32 max_chain_links = MAX_CHAIN_LINKS;
/* [start, end) addresses from kallsyms, by start and apart from each other; unused ones are at the end, with start ~0. */
const volatile u64 entry_range_start[MAX_ENTRY_RANGES] = {};
const volatile u64 entry_range_end[MAX_ENTRY_RANGES] = {};
/* enum range_kind */
const volatile u8 entry_range_kind[MAX_ENTRY_RANGES] = {};

/* For tests: take each stack that was taken in the cheap way in the dear way too, and count where they differ. */
const volatile bool checks_stacks = false;

/* Written by the agent while the programs run. */
volatile u64 tau_ns = 1000000;
/* Which set the task iterator drains: the one that is not being written. */
volatile u32 drain_generation = 0;
/*
 * When the window began that is, or was last, of generation 0, and of generation 1; 0: none yet. The end of the older one is
 * the start of the newer.
 */
volatile u64 window_started_ns_0 = 0;
volatile u64 window_started_ns_1 = 0;
/*
 * CPUs of this host hand packets over to each other (receive packet steering): one that a task receives as it sends may
 * then be another's.
 */
volatile bool packets_are_steered = false;

/* Whether the lengths of the window of that generation are told apart to a quarter of an octave, and counted by thread. */
volatile bool fine_lengths_0 = false;
volatile bool fine_lengths_1 = false;

/* What a thread begins with. */
const volatile struct length_counts no_lengths = {};

/* Nothing reads these: they keep enums, otherwise used as plain constants, in the BTF that layouts are generated from. */
enum counter *counter_in_btf;
enum kind *kind_in_btf;
enum state_letter *state_letter_in_btf;
enum chain_end *chain_end_in_btf;
enum range_kind *range_kind_in_btf;
enum life *life_in_btf;

/* Sizes are defaults: the agent sets them before load (MapSizes in the agent says why each is what it is). */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_state);
} task_states SEC(".maps");

/* Empty where sleepers can be read. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct stack);
} user_stacks SEC(".maps");

struct rows {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct row_key);
	__type(value, struct row_value);
};
struct rows rows_0 SEC(".maps");
struct rows rows_1 SEC(".maps");

struct exited_threads {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct exited_key);
	__type(value, struct thread_record);
};
struct exited_threads exited_threads_0 SEC(".maps");
struct exited_threads exited_threads_1 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, struct link);
} links SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, struct chain);
} chains SEC(".maps");

/* Only while lengths are fine. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct length_key);
	__type(value, struct length_counts);
} lengths_0 SEC(".maps"), lengths_1 SEC(".maps");

struct scratch {
	struct stack kernel;
	struct stack user;
	struct raw_stack raw;
	/* Of interrupt_depth(): in memory, as the verifier would follow each value that a register can have. */
	u32 softirq_depth;
	u32 is_backlog;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct scratch);
} scratch SEC(".maps");

/* The iterator may be preempted by the tracepoints on its own CPU, so it cannot share theirs. One reader at a time. */
struct iterator_scratch {
	struct stack stack;
	struct thread_record record;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct iterator_scratch);
} iterator_scratch SEC(".maps");

/*
 * Holds nothing that matters: bpf(2) waits for an RCU grace period when a map of maps is updated, after which no
 * program that began before still runs. The agent updates it between flipping a window and draining the old one.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, u32);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_ARRAY);
		__uint(max_entries, 1);
		__type(key, u32);
		__type(value, u32);
	});
} grace_period SEC(".maps");

static __always_inline struct scratch *this_scratch(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&scratch, &zero);
}

/* Clocks of two CPUs may be read in another order than the events had: such an interval has no length. */
static __always_inline u64 elapsed_ns(u64 since, u64 now)
{
	return now > since ? now - since : 0;
}

static __always_inline u8 state_letter(u32 bits)
{
	if (bits & TASK_UNINTERRUPTIBLE)
		return bits & TASK_NOLOAD ? STATE_IDLE : STATE_DISK;
	if (bits & TASK_INTERRUPTIBLE)
		return STATE_SLEEPING;
	if (bits & TASK_STOPPED)
		return STATE_STOPPED;
	if (bits & TASK_TRACED)
		return STATE_TRACED;
	if (bits & (EXIT_DEAD | TASK_DEAD))
		return STATE_DEAD;
	if (bits & EXIT_ZOMBIE)
		return STATE_ZOMBIE;
	if (bits & TASK_PARKED)
		return STATE_PARKED;
	if (bits & TASK_RTLOCK_WAIT)
		return STATE_DISK;
	return bits ? STATE_OTHER : STATE_RUNNING;
}

static __always_inline bool matches_filter(struct task_struct *task, struct task_state *state)
{
	if (!matches_who(task))
		return false;
	if (filter_by_cgroup) {
		u64 css_set = (u64)task->cgroups;

		if (!state)
			return is_under_filtered_cgroup(task);
		if (state->matched_css_set != css_set) {
			state->matched_css_set = css_set;
			state->matches = is_under_filtered_cgroup(task);
		}
		return state->matches;
	}
	return true;
}

static __always_inline struct task_state *state_of(struct task_struct *task)
{
	struct task_state *state;

	state = bpf_task_storage_get(&task_states, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!state && matches_filter(task, NULL))
		count(LOST_TASK_STORAGE_REFUSED);
	return state;
}

/* Of the current task; valid until the next walk on this CPU. */
static __always_inline struct stack *walk_current_user(void *ctx, struct task_struct *task)
{
	struct scratch *area;

#if defined(__TARGET_ARCH_x86)
	if (has_task_pt_regs()) {
		struct user_walk *walk = walk_user(task, (struct pt_regs *)bpf_task_pt_regs(task), 0, false);

		if (!walk)
			return NULL;
		if (walk->stack.depth >= MAX_STACK_FRAMES)
			count(LOST_STACK_TRUNCATED);
		return &walk->stack;
	}
#endif
	area = this_scratch();
	if (!area)
		return NULL;
	finish_walk(&area->user, bpf_get_stack(ctx, area->user.frames, sizeof(area->user.frames), BPF_F_USER_STACK));
	return &area->user;
}

static __always_inline bool keep_current_user(void *ctx, struct task_struct *task, struct stack *kept)
{
	struct stack *walked = walk_current_user(ctx, task);

	if (!walked)
		return false;
	__builtin_memcpy(kept, walked, sizeof(*kept));
	return true;
}

/* Where they cannot be read, stacks are walked when their owners leave the CPU, wanted or not. */
static __always_inline bool reads_sleepers(void)
{
	return direct_map_base != 0;
}

/* The user stack of a task that is off the CPU, valid until the next walk here; NULL when it has none. */
static __always_inline struct stack *walk_sleeping_user(struct task_struct *task, struct task_state *state,
							bool is_iterator)
{
	if (!has_user_stack(task))
		return NULL;
#if defined(__TARGET_ARCH_x86)
	if (reads_sleepers()) {
		struct user_walk *walk = walk_user(task, (struct pt_regs *)bpf_task_pt_regs(task),
						   (u64)task->mm->pgd, is_iterator);

		if (!walk)
			return NULL;
		if (walk->is_paged_out)
			count(LOST_STACK_PAGED_OUT);
		if (walk->stack.depth >= MAX_STACK_FRAMES)
			count(LOST_STACK_TRUNCATED);
		return &walk->stack;
	}
#endif
	return state && state->user_stack_is_walked ? bpf_task_storage_get(&user_stacks, task, NULL, 0) : NULL;
}

static __always_inline void count_check(u64 cheap, u64 dear)
{
	count(COUNT_STACKS_CHECKED);
	if (cheap != dear)
		count(COUNT_STACKS_DIFFERENT);
}

/* Of the wait that a task is in, interned once; 0 when it has none. */
static __always_inline u64 user_stack_of(struct task_struct *task, struct task_state *state)
{
	if (!state->user_stack_is_known) {
		state->user_stack = intern_stack(walk_sleeping_user(task, state, false));
		state->user_stack_is_known = 1;
		if (checks_stacks && reads_sleepers() && state->user_stack_is_walked)
			count_check(state->user_stack, state->checked_user_stack);
	}
	return state->user_stack;
}

/* Of a task that is being switched in: it is not running yet, so its kernel stack still is the one it went to sleep with. */
static __always_inline u64 unwind_sleeper(struct task_struct *task, struct stack *stack)
{
	finish_walk(stack, bpf_get_task_stack(task, stack->frames, sizeof(stack->frames), 0));
	return intern_stack(stack);
}

static __always_inline u64 kernel_stack_of(struct task_struct *task, struct task_state *state, struct scratch *area)
{
#if defined(__TARGET_ARCH_x86)
	if (has_task_pt_regs()) {
		struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
		/* orig_ax is the number of a system call, negative for other ways into the kernel. */
		struct known_stack *known = &state->known_stacks[(state->is_preempted & 1) << 1 | regs->orig_ax >> 63];
		u64 id;

		if (is_known_stack(task, regs, known, &area->raw) && bpf_map_lookup_elem(&stacks, &known->id)) {
			if (checks_stacks)
				count_check(known->id, unwind_sleeper(task, &area->kernel));
			return known->id;
		}
		id = unwind_sleeper(task, &area->kernel);
		/* Slept there twice: worth knowing. */
		if (id && id == known->id)
			learn_places(task, regs, known, &area->raw, &area->kernel);
		else
			known->depth = 0;
		known->id = id;
		return id;
	}
#endif
	return unwind_sleeper(task, &area->kernel);
}

__noinline u64 intern_chain(struct chain *chain)
{
	u64 id;

	if (!chain || !chain->depth)
		return 0;
	/* What lies behind `depth` is left over from longer chains, and no part of it. */
	id = hash_seed(chain->depth);
	for (u32 i = 0; i < MAX_CHAIN_LINKS; i++) {
		if (i >= chain->depth)
			break;
		id = hash_step(id, chain->links[i]);
	}
	id = hash_end(hash_step(id, chain->end));
	if (bpf_map_lookup_elem(&chains, &id))
		return id;
	if (!bpf_map_update_elem(&chains, &id, chain, BPF_NOEXIST)) {
		count(COUNT_CHAINS_INSERTED);
		return id;
	}
	if (bpf_map_lookup_elem(&chains, &id))
		return id;
	count(LOST_CHAIN_MAP_FULL);
	return 0;
}

/*
 * xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled"), 32 bits of it. Each
 * task has a sequence of its own, seeded by the kernel: the helper costs 28 ns a number, this 2, three times a wait.
 */
static __always_inline u32 next_random(struct task_state *state)
{
	u64 x = state->random;

	if (!x)
		x = (u64)bpf_get_prandom_u32() << 32 | bpf_get_prandom_u32() | 1;
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	state->random = x;
	return (x * 0x2545f4914f6cdd1dULL) >> 32;
}

/* Selected with probability min(1, length/tau). */
static __always_inline bool is_selected(struct task_state *state, u64 length_ns, u64 tau)
{
	if (length_ns >= tau)
		return true;
	return ((next_random(state) * tau) >> 32) < length_ns;
}

static __always_inline bool is_counted(u32 kind, u8 state, u64 length_ns)
{
	if (!(kinds_mask & (1 << kind)))
		return false;
	if (kind == KIND_BLOCKED && !(states_mask & (1 << state)))
		return false;
	return length_ns >= min_interval_ns;
}

static __always_inline bool are_lengths_fine(u32 generation)
{
	return generation ? fine_lengths_1 : fine_lengths_0;
}

/* Not static: verified once. Called for each wait of a thread in a window in which lengths are fine. */
__noinline int count_length(u32 tgid, u32 tid, u32 kind, u64 length_ns, u32 generation)
{
	struct length_key key = { .tgid = tgid, .tid = tid, .kind = kind };
	struct length_counts *counts;
	u32 bucket = length_bucket(length_ns);

	counts = generation ? bpf_map_lookup_elem(&lengths_1, &key) : bpf_map_lookup_elem(&lengths_0, &key);
	if (!counts) {
		if (generation) {
			bpf_map_update_elem(&lengths_1, &key, (const void *)&no_lengths, BPF_NOEXIST);
			counts = bpf_map_lookup_elem(&lengths_1, &key);
		} else {
			bpf_map_update_elem(&lengths_0, &key, (const void *)&no_lengths, BPF_NOEXIST);
			counts = bpf_map_lookup_elem(&lengths_0, &key);
		}
		if (!counts) {
			count(LOST_LENGTHS_FULL);
			return 0;
		}
	}
	/* A plain add, as in rows. */
	if (bucket < LENGTH_BUCKETS)
		counts->count[bucket] += 1;
	return 0;
}

static __always_inline void add_exact(struct task_struct *task, struct thread_counters *exact, u32 kind, u64 length_ns,
				      u32 generation)
{
	u32 bucket = length_octave(length_ns);

	exact->ns[kind] += length_ns;
	exact->count[kind] += 1;
	if (bucket < DURATION_BUCKETS)
		exact->histogram[kind][bucket] += 1;
	if (are_lengths_fine(generation))
		count_length(task->tgid, task->pid, kind, length_ns, generation);
}

static __always_inline u64 window_start(u32 generation)
{
	return generation ? window_started_ns_1 : window_started_ns_0;
}

/* Of the window that `now` is in. The newer may have begun since the event was timed. */
static __always_inline u32 generation_at(u64 now)
{
	u64 started_0 = window_started_ns_0, started_1 = window_started_ns_1;
	u32 newer = started_1 > started_0;

	if (now < (newer ? started_1 : started_0) && (newer ? started_0 : started_1))
		return 1 - newer;
	return newer;
}

/* [from, to) as far as it lies in [start, end). */
static __always_inline void add_lived(u64 *lived_ns, u32 life, u64 from, u64 to, u64 start, u64 end)
{
	if (from < start)
		from = start;
	if (to > end)
		to = end;
	if (to > from)
		lived_ns[life] += to - from;
}

/* A stretch that went on until `until`, as far as it lies in [start, end). */
static __always_inline void add_stretch(u64 *lived_ns, const struct stretch *stretch, u64 until, u64 start, u64 end)
{
	u64 on_since = until, on_until = until, off_since = stretch->since_ns, off_until = until;
	u64 seam = stretch->seam_ns && stretch->seam_ns < until ? stretch->seam_ns : until;
	u32 life = LIFE_BLOCKED;

	switch (stretch->phase) {
	case PHASE_ON_CPU:
		on_since = stretch->since_ns;
		on_until = off_since = seam;
		break;
	case PHASE_RUNNABLE:
		add_lived(lived_ns, LIFE_BLOCKED, off_since, stretch->woken_ns, start, end);
		off_since = stretch->woken_ns;
		life = LIFE_RUNQ;
		on_since = off_until = seam;
		break;
	case PHASE_PREEMPTED:
		life = LIFE_PREEMPTED;
		on_since = off_until = seam;
		break;
	case PHASE_BLOCKED:
		on_since = off_until = seam;
		break;
	default:
		return;
	}
	add_lived(lived_ns, life, off_since, off_until, start, end);
	add_lived(lived_ns, LIFE_ON_CPU, on_since, on_until, start, end);
}

static __always_inline u64 switches_of(struct task_struct *task)
{
	return task->nvcsw + task->nivcsw;
}

/* The task is on a CPU by what was seen: when it was switched away from meanwhile, when that was; else 0. */
static __always_inline u64 seam_of_unseen_leave(struct task_struct *task, const struct task_state *state, u64 since_ns,
						u64 switches)
{
	if (!since_ns || switches == state->switches_before)
		return 0;
	return since_ns + (task->se.sum_exec_runtime - state->ran_before_ns);
}

/*
 * The task leaves a stretch of its life: what of it lies in the running window is added to that, and the stretch is kept
 * if it began before. To be called before anything else of `state` is changed; `is_leaving` is a switch-out.
 */
static __always_inline void end_stretch(struct task_struct *task, struct task_state *state, bool is_leaving,
					bool matches, u64 now, u32 generation)
{
	u64 start = window_start(generation), switches = switches_of(task);
	struct stretch stretch = {
		.since_ns = state->stretch_since_ns, .woken_ns = state->woken_ns, .phase = state->phase
	};

	if (stretch.phase == PHASE_UNKNOWN && !is_leaving) {
		/* It waited for a CPU since before tracing. */
		stretch.phase = PHASE_RUNNABLE;
		stretch.woken_ns = 0;
	} else if (stretch.phase == PHASE_UNKNOWN) {
		/*
		 * On a CPU since before tracing, or put on one without being seen. The kernel counts what it has run since it
		 * was; what it did before is not known, and mostly it slept.
		 */
		stretch.phase = PHASE_BLOCKED;
		stretch.seam_ns = now - (task->se.sum_exec_runtime - task->se.prev_sum_exec_runtime);
	} else if (stretch.phase == PHASE_BLOCKED && state->early_wake_ns) {
		/* It did not sleep, see switched_in(). */
		stretch.phase = PHASE_RUNNABLE;
		stretch.woken_ns = stretch.since_ns;
	}
	if (stretch.phase == PHASE_ON_CPU)
		stretch.seam_ns = seam_of_unseen_leave(task, state, stretch.since_ns, switches - is_leaving);
	else if (is_leaving && !stretch.seam_ns)
		stretch.seam_ns = now - (task->se.sum_exec_runtime - state->ran_before_ns);
	/* Else tracing has not begun: there is no window that it could be of. */
	if (start) {
		struct thread_counters *exact = &state->counters[generation & 1];

		if (stretch.since_ns < start && state->boundary_ns != start) {
			state->at_boundary = stretch;
			/* An exchange, as it is a barrier: whoever sees boundary_ns sees what is at it. */
			__sync_lock_test_and_set(&state->boundary_ns, start);
		}
		if (matches && exact->lived_since_ns != start) {
			/* Left over from a window whose drain did not come by. */
			__builtin_memset(exact->lived_ns, 0, sizeof(exact->lived_ns));
			exact->lived_since_ns = start;
		}
		if (matches)
			add_stretch(exact->lived_ns, &stretch, now, start, ~0ULL);
	}
	state->stretch_since_ns = now;
	state->ran_before_ns = task->se.sum_exec_runtime;
	state->switches_before = switches;
}

static __always_inline void add_row(struct row_key *key, u32 kind, u8 state, u64 length_ns, u64 tau, u32 generation)
{
	struct row_value *value;

	key->kind = kind;
	key->state = state;
	key->bucket = length_octave(length_ns);
	key->quarter = are_lengths_fine(generation) ? length_quarter(length_ns) : 0;
	value = generation ? bpf_map_lookup_elem(&rows_1, key) : bpf_map_lookup_elem(&rows_0, key);
	if (!value) {
		struct row_value zero = {};

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
	count(COUNT_CAPTURES);
	/* Plain adds: a row is of one thread, and only its own switches, which are one after the other, write here. */
	value->captures += 1;
	if (length_ns >= tau) {
		value->count_q10 += 1024;
		value->ns += length_ns;
		return;
	}
	/* Weighs 1/p = tau/d. length_ns is not 0: is_selected() never takes an empty interval below tau. */
	value->count_q10 += length_ns ? (tau << 10) / length_ns : 0;
	value->ns += tau;
	value->variance_kns2 += (tau * (tau - length_ns)) >> 10;
}

#define NO_RANGE 255

/* Not static: verified once, by itself, and not anew for each frame of a stack. */
__noinline u32 range_kind_of(u64 frame)
{
	u32 at = 0;

	/* How many ranges begin at or before the frame. */
	for (u32 step = MAX_ENTRY_RANGES / 2; step; step /= 2)
		if (frame >= entry_range_start[(at + step - 1) & (MAX_ENTRY_RANGES - 1)])
			at += step;
	if (!at || frame >= entry_range_end[(at - 1) & (MAX_ENTRY_RANGES - 1)])
		return NO_RANGE;
	return entry_range_kind[(at - 1) & (MAX_ENTRY_RANGES - 1)];
}

/*
 * Depth at which an interrupt entered, counted from the leaf and including the entry frame; 0 when the stack is a
 * task's own. The frame nearest to the leaf decides: it is what runs. Exceptions such as page faults are not in the
 * ranges, they act for the task. A task that leaves its own local_bh_enable() runs what softirqs have piled up meanwhile,
 * timers of others among them: none of its own, but for a packet that it is just sending to this host.
 */
__noinline u32 interrupt_depth(struct stack *stack)
{
	struct scratch *area = this_scratch();

	if (!stack || !area)
		return 0;
	area->softirq_depth = 0;
	area->is_backlog = 0;
	for (u32 i = 0; i < MAX_STACK_FRAMES; i++) {
		if (i >= stack->depth)
			break;
		switch (range_kind_of(stack->frames[i])) {
		case RANGE_INTERRUPT:
			return i + 1;
		case RANGE_TASK:
			goto found;
		case RANGE_SOFTIRQ:
			if (!area->softirq_depth)
				area->softirq_depth = i + 1;
			break;
		case RANGE_BACKLOG:
			area->is_backlog = 1;
			break;
		case RANGE_SEND:
			if (!area->softirq_depth || !area->is_backlog)
				break;
			if (packets_are_steered)
				return area->softirq_depth;
			stack->own = STACK_OWN_UNLESS_STEERED;
			return 0;
		}
	}
found:
	if (!area->softirq_depth)
		stack->own = STACK_OWN;
	return area->softirq_depth;
}

/*
 * The id of a kernel stack that is held already, and was found to be a task's own: a waker mostly wakes where it woke
 * before, and looking at each frame anew would cost more than a lookup. 0 when it is to be looked at.
 */
__noinline u64 id_of_own_stack(struct stack *stack)
{
	const struct stack *held;
	u64 id;

	if (!stack || !stack->depth)
		return 0;
	id = hash_stack(stack);
	held = bpf_map_lookup_elem(&stacks, &id);
	if (!held)
		return 0;
	return held->own == STACK_OWN || (held->own == STACK_OWN_UNLESS_STEERED && !packets_are_steered) ? id : 0;
}

static __always_inline u64 intern_link(struct link *link)
{
	u64 *words = (u64 *)link, id = hash_seed(sizeof(*link) / sizeof(u64));

	for (u32 i = 0; i < sizeof(*link) / sizeof(u64); i++)
		id = hash_step(id, words[i]);
	id = hash_end(id);
	if (bpf_map_lookup_elem(&links, &id))
		return id;
	if (!bpf_map_update_elem(&links, &id, link, BPF_NOEXIST)) {
		count(COUNT_LINKS_INSERTED);
		return id;
	}
	if (bpf_map_lookup_elem(&links, &id))
		return id;
	count(LOST_LINK_MAP_FULL);
	return 0;
}

/* Interns the current context as a waker; 0 when it could not be kept. */
static __always_inline u64 capture_waker(void *ctx, struct task_struct *waker, struct link *link)
{
	struct scratch *area = this_scratch();
	u32 entry;

	if (!area)
		return 0;
	finish_walk(&area->kernel, bpf_get_stack(ctx, area->kernel.frames, sizeof(area->kernel.frames), 0));
	link->kernel_stack = waker->pid ? id_of_own_stack(&area->kernel) : 0;
	entry = link->kernel_stack ? 0 : interrupt_depth(&area->kernel);
	if (entry || waker->pid == 0) {
		if (entry)
			area->kernel.depth = entry;
		link->is_interrupt = 1;
	} else {
		link->tgid = waker->tgid;
		link->tid = waker->pid;
		__builtin_memcpy(link->comm, waker->comm, COMM_BYTES);
		if (waker->mm)
			link->user_stack = intern_stack(walk_current_user(ctx, waker));
	}
	if (!link->kernel_stack)
		link->kernel_stack = intern_stack(&area->kernel);
	return intern_link(link);
}

static __always_inline void clear_chain(struct chain *chain, u32 end)
{
	chain->depth = 0;
	chain->end = end;
}

/*
 * target's chain = this waker, and behind it as much of the waker's own chain as can have caused the target's wait. What
 * woke a waker is a cause only if that waker was itself waiting while the target was blocked; one that has been running
 * (or merely preempted) since before the target went to sleep is the cause, and the chain ends with it. So the chain of a
 * short wait is short, however long its wakers have been waking each other:
 *
 *     ping blocked ─────────────────────────▶ woken by pong, which ran after ping went to sleep,
 *                                             woken by ping, which was running before that: the cause
 */
static __noinline void link_chain(struct task_state *target, u64 link, u32 is_interrupt, struct task_state *waker,
				  u64 blocked_since_ns)
{
	u32 depth = 1, limit = max_chain_links;
	struct chain *chain;
	u64 ran_ns;

	if (!target)
		return;
	chain = &target->chain;
	clear_chain(chain, CHAIN_CAUSE);
	if (!link) {
		chain->end = CHAIN_UNSAMPLED;
		return;
	}
	chain->links[0] = link;
	chain->depth = 1;
	if (is_interrupt) {
		chain->end = CHAIN_INTERRUPT;
		return;
	}
	ran_ns = waker ? waker->ran_after_wake_ns : 0;
	/* Not seen to be switched in. */
	if (waker && waker->phase == PHASE_RUNNABLE)
		ran_ns = waker->woken_ns;
	/* It runs, and was seen neither to be woken nor to be switched in: the wake that is known is an older one. */
	if (waker && waker->phase == PHASE_BLOCKED) {
		target->chain_ran_ns[0] = ~0ULL;
		chain->end = CHAIN_UNSAMPLED;
		return;
	}
	target->chain_ran_ns[0] = ran_ns;
	if (ran_ns <= blocked_since_ns)
		return;
	for (u32 i = 0; i < MAX_CHAIN_LINKS - 1; i++) {
		if (i >= waker->chain.depth || i + 1 >= limit)
			break;
		ran_ns = waker->chain_ran_ns[i];
		chain->links[i + 1] = waker->chain.links[i];
		target->chain_ran_ns[i + 1] = ran_ns;
		depth = i + 2;
		/* The last link of a chain that ended with an interrupt has no task that could have been running. */
		if (i + 1 == waker->chain.depth && waker->chain.end == CHAIN_INTERRUPT)
			break;
		if (ran_ns <= blocked_since_ns) {
			chain->depth = depth;
			return;
		}
	}
	chain->end = depth < waker->chain.depth + 1 ? CHAIN_CUT : waker->chain.end;
	chain->depth = depth;
}

static __always_inline void on_waking(void *ctx, struct task_struct *task, bool is_new)
{
	struct task_state *state = state_of(task), *waker_state;
	struct task_struct *waker;
	u64 now = bpf_ktime_get_ns(), tau = tau_ns, length_ns;

	if (!state)
		return;
	/*
	 * A task that has set its state and is running, or was preempted before it could sleep, can be woken so; mostly it then
	 * does not sleep at all. But it may just be switching out: then no other wake comes, see switched_in().
	 */
	if (state->phase == PHASE_ON_CPU || state->phase == PHASE_PREEMPTED) {
		state->early_wake_ns = now;
		return;
	}
	if (state->phase == PHASE_RUNNABLE)
		return;
	/* The switch-out may have been timed a little after this wake began: then the block has no length. */
	if (state->phase == PHASE_BLOCKED && now < state->switched_out_ns)
		now = state->switched_out_ns;
	length_ns = state->phase == PHASE_BLOCKED ? elapsed_ns(state->switched_out_ns, now) : 0;
	state->woken_ns = now;
	/* A fork costs tens of microseconds: its waker is always worth keeping, so that chains run through it. */
	state->block_selected = is_new || is_selected(state, length_ns, tau);
	state->selected_tau_ns = tau;
	/* While it still sleeps: should its switch-in be missed, the stack would be lost with it. */
	if (state->phase == PHASE_BLOCKED && state->block_selected && is_counted(KIND_BLOCKED, state->state, length_ns) &&
	    matches_filter(task, state))
		user_stack_of(task, state);
	if (!collect_wakers || !state->block_selected || (!collect_chains && !matches_filter(task, state))) {
		clear_chain(&state->chain, CHAIN_UNSAMPLED);
	} else {
		struct link link = {};
		u64 id;

		waker = bpf_get_current_task_btf();
		id = capture_waker(ctx, waker, &link);
		waker_state = link.is_interrupt ? NULL : bpf_task_storage_get(&task_states, waker, NULL, 0);
		link_chain(state, id, link.is_interrupt, waker_state,
			   state->phase == PHASE_BLOCKED ? state->switched_out_ns : now);
	}
	/*
	 * Not seen since tracing began. Either it was asleep: its wait has no start, and only its time on the run queue is
	 * known. Or it is on a CPU: then this wake overtakes its switch-out.
	 */
	if (state->phase == PHASE_UNKNOWN) {
		/* Whether the waker had been running for all of a wait that has no start cannot be said. */
		if (state->chain.end == CHAIN_CAUSE && !is_new)
			state->chain.end = CHAIN_UNSAMPLED;
		state->switched_out_ns = 0;
		state->early_wake_ns = now;
		/* A new thread begins here. */
		state->stretch_since_ns = is_new ? now : 0;
		state->ran_before_ns = task->se.sum_exec_runtime;
		state->switches_before = switches_of(task);
	}
	state->phase = PHASE_RUNNABLE;
}

static __always_inline void keep_exited_record(struct thread_record *record, u64 now, u32 generation)
{
	struct exited_key key = { .exit_ns = now, .tid = record->tid, .generation = generation };
	long error;

	error = generation ? bpf_map_update_elem(&exited_threads_1, &key, record, BPF_ANY)
			   : bpf_map_update_elem(&exited_threads_0, &key, record, BPF_ANY);
	if (error)
		count(LOST_EXITED_MAP_FULL);
}

/*
 * Makes what was copied of the counters of a window that is over whole: the stretch that the task was in at its end is
 * added, as far as it lies in the window. `was_there` is false where the task does not count, or was not there any more.
 */
static __always_inline void finish_lived(struct task_struct *task, struct thread_counters *copy,
					 struct task_state *state, u32 generation, bool was_there)
{
	u64 start = window_start(generation), end = window_start(1 - generation);
	struct stretch stretch = {};

	if (copy->lived_since_ns != start) {
		__builtin_memset(copy->lived_ns, 0, sizeof(copy->lived_ns));
		copy->lived_since_ns = start;
	}
	if (!was_there || !start || end <= start)
		return;
	/* In this order: an event that comes between keeps the stretch first, then sets boundary_ns, then changes these. */
	stretch.phase = *(volatile u8 *)&state->phase;
	stretch.since_ns = *(volatile u64 *)&state->stretch_since_ns;
	stretch.woken_ns = *(volatile u64 *)&state->woken_ns;
	if (stretch.phase == PHASE_ON_CPU)
		stretch.seam_ns = seam_of_unseen_leave(task, state, stretch.since_ns, switches_of(task));
	if (__sync_fetch_and_add(&state->boundary_ns, 0) == end)
		stretch = state->at_boundary;
	else if (stretch.phase == PHASE_UNKNOWN)
		return;
	add_stretch(copy->lived_ns, &stretch, end, start, end);
}

static __always_inline void keep_exited(struct task_struct *task, struct task_state *state, u64 now, u32 generation,
					bool was_there)
{
	struct thread_counters *exact = &state->counters[generation & 1];
	struct scratch *area = this_scratch();
	struct thread_record *record;

	if (!area)
		return;
	/* The scratch stacks are not in use here, and a record is too large for the BPF stack. */
	_Static_assert(sizeof(struct thread_record) <= sizeof(struct stack), "a record fits a scratch stack");
	record = (struct thread_record *)&area->kernel;
	__builtin_memset(record, 0, sizeof(*record));
	record->tgid = task->tgid;
	record->tid = task->pid;
	__builtin_memcpy(record->comm, task->comm, COMM_BYTES);
	__builtin_memcpy(&record->counters, exact, sizeof(*exact));
	finish_lived(task, &record->counters, state, generation, was_there);
	keep_exited_record(record, now, generation);
}

static __always_inline bool has_counted(const struct thread_counters *exact)
{
	return exact->switches || exact->on_cpu_ns || exact->count[KIND_BLOCKED] || exact->count[KIND_RUNQ] ||
	       exact->count[KIND_PREEMPTED];
}

/*
 * A dead task's storage goes with it: its counters move to a map of their own. Those of the window that is being drained
 * too, if the iterator has not come by: a task that has been reaped is no longer on its way. The agent reads the exited
 * after the iterator, so they are in the same window as the rows.
 */
static __always_inline void flush_exited(struct task_struct *task, struct task_state *state, u64 now, u32 generation)
{
	u64 start = window_start(generation);
	bool was_there = start && state->boundary_ns == start && state->drained_until_ns != start;

	state->phase = PHASE_DEAD;
	if (has_counted(&state->counters[generation])) {
		keep_exited(task, state, now, generation, false);
		__builtin_memset(&state->counters[generation], 0, sizeof(state->counters[generation]));
	}
	if ((was_there || has_counted(&state->counters[1 - generation])) &&
	    !__sync_lock_test_and_set(&state->drain_lock, 1))
		keep_exited(task, state, now, 1 - generation, was_there);
}

/*
 * The task ran though it was not seen to be switched in. When its wake was seen, the block is known and is kept, without
 * its kernel stack; how long it then waited for a CPU is not.
 */
static __noinline void switch_in_was_missed(struct task_struct *task, struct task_state *state, u32 generation)
{
	struct row_key key = {};
	u64 blocked_ns;

	count(LOST_SWITCH_MISSED);
	if (state->phase != PHASE_RUNNABLE || !state->switched_out_ns)
		return;
	blocked_ns = elapsed_ns(state->switched_out_ns, state->woken_ns);
	if (!is_counted(KIND_BLOCKED, state->state, blocked_ns))
		return;
	add_exact(task, &state->counters[generation & 1], KIND_BLOCKED, blocked_ns, generation & 1);
	if (!state->block_selected)
		return;
	key.user_stack = state->user_stack_is_known ? state->user_stack : 0;
	key.chain = intern_chain(&state->chain);
	key.cgroup = cgroup_id(task);
	key.tgid = task->tgid;
	key.tid = task->pid;
	__builtin_memcpy(key.comm, task->comm, COMM_BYTES);
	add_row(&key, KIND_BLOCKED, state->state, blocked_ns, state->selected_tau_ns, generation);
}

/* What has to be kept of the user stack while its owner is still here: see the head of user-stack.h. */
static __always_inline void walk_at_switch_out(void *ctx, struct task_struct *task, struct task_state *state)
{
	struct stack *kept;

	if (checks_stacks && reads_sleepers()) {
		state->checked_user_stack = intern_stack(walk_current_user(ctx, task));
		state->user_stack_is_walked = 1;
	} else if (!tau_ns) {
		/* Every wait is selected: it costs the same now as later, and nothing can have been paged out yet. */
		state->user_stack = intern_stack(walk_current_user(ctx, task));
		state->user_stack_is_known = 1;
	} else if (!reads_sleepers()) {
		kept = bpf_task_storage_get(&user_stacks, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
		if (kept && keep_current_user(ctx, task, kept))
			state->user_stack_is_walked = 1;
		else if (!kept)
			count(LOST_TASK_STORAGE_REFUSED);
	}
}

static __always_inline void switched_out(void *ctx, struct task_struct *task, bool preempted, u32 state_bits, u64 now,
					 u32 generation)
{
	struct task_state *state;
	struct thread_counters *exact;
	bool matches;

	/* The idle task is no thread: it does not wait. */
	if (task->pid == 0)
		return;
	state = state_of(task);
	if (!state)
		return;
	matches = matches_filter(task, state);
	end_stretch(task, state, true, matches, now, generation);
	/* It was woken and has run, and neither was seen: whoever woke it before has nothing to do with what it does now. */
	if (state->phase == PHASE_BLOCKED) {
		clear_chain(&state->chain, CHAIN_UNSAMPLED);
		state->ran_after_wake_ns = now;
	}
	exact = &state->counters[generation & 1];
	if (!matches) {
		state->user_stack_is_known = state->user_stack_is_walked = 0;
		/* It may have matched before it renamed itself or was moved. */
		if (state_bits & TASK_DEAD) {
			flush_exited(task, state, now, generation);
			return;
		}
		state->phase = preempted || !state_bits ? PHASE_PREEMPTED : PHASE_BLOCKED;
		state->switched_out_ns = now;
		return;
	}
	if (state->phase == PHASE_ON_CPU)
		exact->on_cpu_ns += elapsed_ns(state->switched_in_ns, now);
	else if (state->phase != PHASE_UNKNOWN)
		switch_in_was_missed(task, state, generation);
	exact->switches += 1;
	if (state_bits & TASK_DEAD) {
		flush_exited(task, state, now, generation);
		return;
	}
	state->switched_out_ns = now;
	state->state = STATE_RUNNING;
	state->phase = PHASE_PREEMPTED;
	state->is_preempted = 1;
	if (!preempted && state_bits) {
		state->is_preempted = 0;
		state->state = state_letter(state_bits);
		state->phase = PHASE_BLOCKED;
	}
	state->user_stack_is_known = state->user_stack_is_walked = 0;
	if (has_user_stack(task) && (state->phase == PHASE_BLOCKED ? kinds_mask & (1 << KIND_BLOCKED | 1 << KIND_RUNQ)
								   : kinds_mask & (1 << KIND_PREEMPTED)))
		walk_at_switch_out(ctx, task, state);
}

static __always_inline void switched_in(struct task_struct *task, u64 now, u32 generation)
{
	u64 tau = tau_ns, blocked_ns = 0, waited_ns, waited_since;
	bool take_blocked = false, take_waited;
	struct thread_counters *exact;
	struct task_state *state;
	struct scratch *area;
	u32 waited_kind = KIND_RUNQ;
	bool has_block = false, has_wait = true, matches;

	if (task->pid == 0)
		return;
	/* One that waited for a CPU since before tracing is not known yet. */
	state = bpf_task_storage_get(&task_states, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!state)
		return;
	matches = matches_filter(task, state);
	end_stretch(task, state, false, matches, now, generation);
	switch (state->phase) {
	case PHASE_RUNNABLE:
		has_block = state->switched_out_ns != 0;
		blocked_ns = has_block ? elapsed_ns(state->switched_out_ns, state->woken_ns) : 0;
		waited_since = state->woken_ns;
		state->ran_after_wake_ns = now;
		state->early_wake_ns = 0;
		break;
	case PHASE_PREEMPTED:
		waited_kind = KIND_PREEMPTED;
		waited_since = state->switched_out_ns;
		break;
	case PHASE_BLOCKED:
		waited_since = now;
		has_block = true;
		blocked_ns = elapsed_ns(state->switched_out_ns, now);
		state->selected_tau_ns = tau;
		state->block_selected = is_selected(state, blocked_ns, tau);
		clear_chain(&state->chain, CHAIN_UNSAMPLED);
		if (state->early_wake_ns) {
			/*
			 * Woken between deciding to sleep and being switched out: the wake was seen first, and the block has
			 * no length. All of the time was spent on the run queue.
			 */
			has_block = false;
			waited_since = state->switched_out_ns;
		} else if (matches) {
			count(LOST_WAKE_MISSED);
			has_wait = false;
		}
		state->ran_after_wake_ns = now;
		state->early_wake_ns = 0;
		break;
	default:
		goto on_cpu;
	}
	waited_ns = elapsed_ns(waited_since, now);
	if (!matches)
		goto on_cpu;

	exact = &state->counters[generation];
	has_block = has_block && is_counted(KIND_BLOCKED, state->state, blocked_ns);
	if (has_block) {
		add_exact(task, exact, KIND_BLOCKED, blocked_ns, generation);
		take_blocked = state->block_selected;
	}
	take_waited = has_wait && is_counted(waited_kind, STATE_RUNNING, waited_ns);
	if (take_waited) {
		add_exact(task, exact, waited_kind, waited_ns, generation);
		take_waited = is_selected(state, waited_ns, tau);
	}
	if (!take_blocked && !take_waited)
		goto on_cpu;
	area = this_scratch();
	if (area) {
		struct row_key key = {};

		key.kernel_stack = kernel_stack_of(task, state, area);
		key.user_stack = user_stack_of(task, state);
		key.cgroup = cgroup_id(task);
		key.tgid = task->tgid;
		key.tid = task->pid;
		__builtin_memcpy(key.comm, task->comm, COMM_BYTES);
		if (take_waited)
			add_row(&key, waited_kind, STATE_RUNNING, waited_ns, tau, generation);
		if (take_blocked) {
			key.chain = intern_chain(&state->chain);
			add_row(&key, KIND_BLOCKED, state->state, blocked_ns, state->selected_tau_ns, generation);
		}
	}
on_cpu:
	state->phase = PHASE_ON_CPU;
	state->switched_in_ns = now;
}

static __always_inline int on_switch(void *ctx, bool preempted, struct task_struct *prev, struct task_struct *next,
				     u32 prev_state)
{
	u64 now = bpf_ktime_get_ns();
	u32 generation = generation_at(now) & 1;

	count(COUNT_SWITCHES);
	switched_out(ctx, prev, preempted, prev_state, now, generation);
	switched_in(next, now, generation);
	return 0;
}

/* 5.18 appended prev_state (9c2136be0878); the agent loads the one that fits the running kernel's BTF. */
SEC("tp_btf/sched_switch")
int BPF_PROG(sched_switch, bool preempt, struct task_struct *prev, struct task_struct *next, unsigned int prev_state)
{
	return on_switch(ctx, preempt, prev, next, prev_state);
}

SEC("tp_btf/sched_switch")
int BPF_PROG(sched_switch_before_5_18, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	return on_switch(ctx, preempt, prev, next, task_state_bits(prev));
}

SEC("tp_btf/sched_waking")
int BPF_PROG(sched_waking, struct task_struct *task)
{
	on_waking(ctx, task, false);
	return 0;
}

/* A new thread waits for its first CPU from here; there is no sched_waking for it. */
SEC("tp_btf/sched_wakeup_new")
int BPF_PROG(sched_wakeup_new, struct task_struct *task)
{
	on_waking(ctx, task, true);
	return 0;
}

/* A record as far as its histogram. */
#define SHORT_RECORD_BYTES                                                                                             \
	(__builtin_offsetof(struct thread_record, counters) + __builtin_offsetof(struct thread_counters, histogram))

/* The wait that a thread is in, if it began before `until`. False when it is not in one. */
static __always_inline bool read_open_wait(struct task_struct *task, struct task_state *state,
					   struct iterator_scratch *area, u64 until)
{
	struct thread_record *record = &area->record;
	u64 since;
	u8 phase;

	if (!state || state->phase == PHASE_UNKNOWN) {
		u32 bits = task_state_bits(task);

		/* Not switched since tracing began: its start is not known. */
		if (!bits || bits & (EXIT_DEAD | EXIT_ZOMBIE | TASK_DEAD))
			return false;
		record->waiting_state = state_letter(bits);
		record->user_stack = intern_stack(walk_sleeping_user(task, state, true));
		finish_walk(&area->stack,
			    bpf_get_task_stack(task, area->stack.frames, sizeof(area->stack.frames), 0));
		record->kernel_stack = intern_stack(&area->stack);
		return true;
	}
	since = state->switched_out_ns;
	phase = state->phase;
	if (phase == PHASE_RUNNABLE)
		since = state->woken_ns;
	if (phase == PHASE_ON_CPU || phase == PHASE_DEAD || since >= until)
		return false;
	record->waiting_kind = phase == PHASE_BLOCKED ? KIND_BLOCKED : phase == PHASE_RUNNABLE ? KIND_RUNQ : KIND_PREEMPTED;
	record->waiting_state = phase == PHASE_BLOCKED ? state->state : STATE_RUNNING;
	record->off_cpu_since_ns = since;
	if (state->open_since_ns != since) {
		struct stack *user = walk_sleeping_user(task, state, true);

		state->open_user_stack = 0;
		if (user) {
			/* A copy: kept at a switch-out, it changes with the next. */
			__builtin_memcpy(&area->stack, user, sizeof(area->stack));
			state->open_user_stack = intern_stack(&area->stack);
		}
		finish_walk(&area->stack,
			    bpf_get_task_stack(task, area->stack.frames, sizeof(area->stack.frames), 0));
		state->open_kernel_stack = intern_stack(&area->stack);
		/* The task may have run meanwhile: then these stacks are of no wait at all. */
		if (state->phase != phase || (phase == PHASE_RUNNABLE ? state->woken_ns : state->switched_out_ns) != since)
			return false;
		state->open_since_ns = since;
	}
	record->user_stack = state->open_user_stack;
	record->kernel_stack = state->open_kernel_stack;
	return true;
}

/* It has not been switched since tracing began, so it did the same for all of the window that it was there. */
static __always_inline void add_unseen(struct task_struct *task, struct thread_counters *copy, u64 start, u64 end)
{
	u32 bits = task_state_bits(task), life = LIFE_BLOCKED;

	if (bits & (EXIT_DEAD | EXIT_ZOMBIE | TASK_DEAD | TASK_NEW))
		return;
	if (!bits)
		life = !bpf_core_field_exists(task->on_cpu) || task->on_cpu ? LIFE_ON_CPU : LIFE_RUNQ;
	add_lived(copy->lived_ns, life, task->start_time, end, start, end);
}

static __always_inline bool has_lived(const struct thread_counters *exact)
{
	return exact->lived_ns[LIFE_BLOCKED] || exact->lived_ns[LIFE_RUNQ] || exact->lived_ns[LIFE_PREEMPTED] ||
	       exact->lived_ns[LIFE_ON_CPU];
}

/*
 * Read by the agent once a window: a thread_record for each thread that was there in the drained window. Nothing is added
 * to the drained set any more, so it can be cleared as it is read; an exiting task may be emptying its own, see drain_lock.
 */
SEC("iter/task")
int drain_threads(struct bpf_iter__task *ctx)
{
	u32 zero = 0, generation = drain_generation & 1;
	u64 start = window_start(generation), end = window_start(1 - generation);
	struct task_struct *task = ctx->task;
	struct iterator_scratch *area;
	struct thread_counters *exact = NULL;
	struct thread_record *record;
	struct task_state *state;
	bool matches, is_mine = false, is_active = false;
	long refused;

	if (!task)
		return 0;
	area = bpf_map_lookup_elem(&iterator_scratch, &zero);
	if (!area)
		return 0;
	state = bpf_task_storage_get(&task_states, task, NULL, 0);
	record = &area->record;
	__builtin_memset(record, 0, sizeof(*record));
	record->tgid = task->tgid;
	record->tid = task->pid;
	__builtin_memcpy(record->comm, task->comm, COMM_BYTES);
	record->is_kernel_thread = (task->flags & PF_KTHREAD) != 0;
	matches = matches_filter(task, state);
	/* What was counted belongs to the window even if the task has since been renamed or moved out of the filter. */
	record->is_waiting = matches && read_open_wait(task, state, area, end);
	record->counters.lived_since_ns = start;
	if (state) {
		exact = &state->counters[generation];
		/* Else it is exiting, and does itself what is done here. */
		is_mine = !__sync_lock_test_and_set(&state->drain_lock, 1);
		if (is_mine) {
			is_active = has_counted(exact);
			__builtin_memcpy(&record->counters, exact, sizeof(*exact));
			finish_lived(task, &record->counters, state, generation, matches);
		}
	}
	if (matches && start && end > start && (!state || (is_mine && state->phase == PHASE_UNKNOWN)))
		add_unseen(task, &record->counters, start, end);
	record->is_short = !is_active;
	if (!is_active && !record->is_waiting && !has_lived(&record->counters))
		refused = 0;
	else if (record->is_short)
		refused = bpf_seq_write(ctx->meta->seq, record, SHORT_RECORD_BYTES);
	else
		refused = bpf_seq_write(ctx->meta->seq, record, sizeof(*record));
	if (!is_mine)
		return 0;
	/* On overflow the kernel calls again for the same task with a fresh buffer: clear only what was taken. */
	if (!refused) {
		__builtin_memset(exact, 0, sizeof(*exact));
		state->drained_until_ns = end;
	}
	/*
	 * A task that exited meanwhile found the lock taken and left its counters to this pass. If the write had no room for
	 * them they are still there, and the task may not be found again: they go where its exit would have put them. The
	 * exchange is a barrier: either the exit sees the lock free, or this sees that the task is dead.
	 */
	__sync_lock_test_and_set(&state->drain_lock, 0);
	if (refused && state->phase == PHASE_DEAD && !__sync_lock_test_and_set(&state->drain_lock, 1)) {
		record->is_waiting = 0;
		record->is_short = 0;
		keep_exited_record(record, bpf_ktime_get_ns(), generation);
		__builtin_memset(exact, 0, sizeof(*exact));
	}
	return 0;
}
