// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * How long programs wait for names to be resolved: from the call of a function of the C library to its return, whatever it
 * does meanwhile (files, a cache, a resolver on the network) and whatever it finds.
 *
 *     getaddrinfo() ──uprobe──▶ call { when, which, where on the stack } ──uretprobe──▶ counts
 *
 * The agent attaches the programs to each C library that is in use, by file. A call is known again by the place of its
 * frame, so these come out right:
 *   - a resolver that calls another resolver (NSS modules): both are counted, each under its own name;
 *   - a function that becomes another by a tail call (musl: gethostbyname → gethostbyname2): one call, that of the first;
 *   - one that never returns (longjmp out of it by an alarm, an exec): dropped by the next call that shows that it is gone;
 *   - one library that is attached to twice, by way of two overlays: what it calls is counted once.
 */
#include "../include/kernel.h"
#include "dns.h"
#include "../include/latency.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Calls within calls that are followed; a resolver's module that asks another resolver is two. */
#define MAX_CALLS 4
/* By how much the stack pointer is higher after the return than at the call: the return address, where it is on the stack. */
#define MAX_RETURN_BYTES 16

struct call {
	u64 began_ns;
	u64 stack_pointer;
	u32 function;
	u32 is_open;
};

struct calls {
	struct call stack[MAX_CALLS];
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct calls);
} calls SEC(".maps");

/* Nothing reads it: it keeps the enum in the BTF that layouts are generated from. */
enum dns_function *dns_function_in_btf;

static __always_inline u64 stack_pointer(struct pt_regs *ctx)
{
#if defined(__TARGET_ARCH_x86)
	return ctx->sp;
#else
	return PT_REGS_SP(ctx);
#endif
}

/* Outermost first; those that are open come before those that are free. */
static __always_inline int call_begins(struct pt_regs *ctx, u32 function)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u64 sp = stack_pointer(ctx);
	struct calls *of_task;

	if (!matches_filter(task))
		return 0;
	of_task = bpf_task_storage_get(&calls, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!of_task) {
		count(LOST_IN_FLIGHT_FULL);
		return 0;
	}
	for (int i = 0; i < MAX_CALLS; i++) {
		struct call *call = &of_task->stack[i];

		/* Stacks grow downwards: a frame below this one is gone, and so are those within it. */
		if (call->is_open && call->stack_pointer < sp) {
			count(LOST_START_MISSED);
			call->is_open = false;
		}
		if (call->is_open) {
			if (call->stack_pointer != sp)
				continue;
			/* Another function in the same frame is a tail call. The same one is it anew, or a second uprobe. */
			if (call->function == function)
				call->began_ns = bpf_ktime_get_ns();
			return 0;
		}
		call->stack_pointer = sp;
		call->function = function;
		call->is_open = true;
		for (int within = i + 1; within < MAX_CALLS; within++)
			of_task->stack[within].is_open = false;
		/* Last: what is done here is not the call's. */
		call->began_ns = bpf_ktime_get_ns();
		return 0;
	}
	count(LOST_IN_FLIGHT_FULL);
	return 0;
}

static __always_inline int call_ends(struct pt_regs *ctx, u32 function)
{
	u64 now_ns = bpf_ktime_get_ns(), sp = stack_pointer(ctx);
	struct task_struct *task = bpf_get_current_task_btf();
	struct latency_key key = { .tgid = task->tgid, .tid = task->pid, .operation = function };
	struct calls *of_task = bpf_task_storage_get(&calls, task, NULL, 0);

	if (!of_task)
		return 0;
	for (int i = 0; i < MAX_CALLS; i++) {
		struct call *call = &of_task->stack[i];

		if (!call->is_open || call->function != function || sp - call->stack_pointer > MAX_RETURN_BYTES)
			continue;
		for (int within = i; within < MAX_CALLS; within++)
			of_task->stack[within].is_open = false;
		count_latency(&key, now_ns - call->began_ns);
		return 0;
	}
	return 0;
}

#define FOLLOW(name, function)                                            \
	SEC("uprobe")                                                     \
	int name##_called(struct pt_regs *ctx)                            \
	{                                                                 \
		return call_begins(ctx, function);                        \
	}                                                                 \
	SEC("uretprobe")                                                  \
	int name##_returned(struct pt_regs *ctx)                          \
	{                                                                 \
		return call_ends(ctx, function);                          \
	}

FOLLOW(getaddrinfo, DNS_GETADDRINFO)
FOLLOW(gethostbyname, DNS_GETHOSTBYNAME)
FOLLOW(gethostbyname2, DNS_GETHOSTBYNAME2)
