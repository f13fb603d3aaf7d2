// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * How long threads wait in futexes: the calls that wait for a wake or for a lock, from entry to exit. A call that finds
 * that it need not wait is counted too, short as it is. What 32-bit programs call has other numbers and is not seen.
 *
 * Operation: enum futex_operation.
 */
#include "../include/in-flight-threads.h"
#include "../include/syscall.h"

#include <linux/futex.h>

/* 5.14; older headers lack it. */
#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Order is that of FUTEX_OPERATIONS in the agent. */
enum futex_operation {
	WAITS_FUTEX_WAIT = 0,
	WAITS_FUTEX_WAIT_BITSET = 1,
	WAITS_FUTEX_LOCK_PI = 2,
	WAITS_FUTEX_LOCK_PI2 = 3,
	WAITS_FUTEX_WAIT_REQUEUE_PI = 4,
	WAITS_FUTEX_WAITV = 5,
	/* The system call of its own, since 6.7. */
	WAITS_FUTEX_WAIT_CALL = 6,
	WAITS_NOT = 7,
};

static __always_inline bool is_futex_call(u32 number)
{
	return number == __NR_futex || number == __NR_futex_waitv || number == __NR_futex_wait;
}

static __always_inline enum futex_operation operation_of(u32 number, struct pt_regs *regs)
{
	if (number == __NR_futex_waitv)
		return WAITS_FUTEX_WAITV;
	if (number == __NR_futex_wait)
		return WAITS_FUTEX_WAIT_CALL;
	switch (second_argument(regs) & FUTEX_CMD_MASK & 0xffffffff) {
	case FUTEX_WAIT:
		return WAITS_FUTEX_WAIT;
	case FUTEX_WAIT_BITSET:
		return WAITS_FUTEX_WAIT_BITSET;
	case FUTEX_LOCK_PI:
		return WAITS_FUTEX_LOCK_PI;
	case FUTEX_LOCK_PI2:
		return WAITS_FUTEX_LOCK_PI2;
	case FUTEX_WAIT_REQUEUE_PI:
		return WAITS_FUTEX_WAIT_REQUEUE_PI;
	default:
		return WAITS_NOT;
	}
}

SEC("tp_btf/sys_enter")
int BPF_PROG(sys_enter, struct pt_regs *regs, long call)
{
	u32 number = (u32)call & ~X32_SYSCALL_BIT;
	enum futex_operation operation;
	struct task_struct *task;

	if (!is_futex_call(number))
		return 0;
	task = bpf_get_current_task_btf();
	if (is_32_bit_call(task))
		return 0;
	operation = operation_of(number, regs);
	if (operation == WAITS_NOT)
		pass_over_of_thread(task, 0);
	else
		begin_of_thread(task, 0, operation, 0);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit, struct pt_regs *regs, long result)
{
	struct thread_operation *begun;
	struct task_struct *task;
	u64 now_ns;

	if (!is_futex_call(syscall_number(regs)))
		return 0;
	now_ns = bpf_ktime_get_ns();
	task = bpf_get_current_task_btf();
	if (is_32_bit_call(task))
		return 0;
	begun = begun_of_thread(task, 0);
	if (begun)
		finish_of_thread(task, begun, now_ns);
	return 0;
}
