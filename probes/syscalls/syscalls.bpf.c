// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * How long system calls take, from entry to exit, by call. A call that does not return (exit, a signal's return) has no
 * length, and one that a signal cuts short and the kernel restarts is two.
 *
 * Operation: the call's number on this architecture; those of 32-bit programs, which count otherwise, with IS_32_BIT_CALL.
 */
#include "../include/in-flight-threads.h"
#include "../include/syscall.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* IS_32_BIT_CALL of syscalls-route.ts. */
#define IS_32_BIT_CALL 0x8000

SEC("tp_btf/sys_enter")
int BPF_PROG(sys_enter, struct pt_regs *regs, long number)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u16 operation = (number & ~X32_SYSCALL_BIT) & 0x7fff;

	begin_of_thread(task, 0, is_32_bit_call(task) ? operation | IS_32_BIT_CALL : operation, 0);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit, struct pt_regs *regs, long result)
{
	u64 now_ns = bpf_ktime_get_ns();
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread_operation *begun = begun_of_thread(task, 0);

	if (begun)
		finish_of_thread(task, begun, now_ns);
	return 0;
}
