/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* System calls as the raw_syscalls tracepoints tell of them: number, arguments, and whether a 32-bit program made it. */
#ifndef STALLSCOPE_SYSCALL_H
#define STALLSCOPE_SYSCALL_H

#include "kernel.h"

#include <asm/unistd.h>

/* The same number on every architecture since 424; older headers lack the last. */
#ifndef __NR_futex_waitv
#define __NR_futex_waitv 449
#endif
#ifndef __NR_futex_wait
#define __NR_futex_wait 455
#endif

/* The bit of a call of the x32 ABI, whose numbers are else those of 64-bit programs up to 511; never set elsewhere. */
#define X32_SYSCALL_BIT 0x40000000

#if defined(__TARGET_ARCH_x86)
struct thread_info___x86 {
	u32 status;
} __attribute__((preserve_access_index));

struct task_struct___x86 {
	struct thread_info___x86 thread_info;
} __attribute__((preserve_access_index));

/* arch/x86/include/asm/thread_info.h: the call was made as a 32-bit program does; since 2.6. */
#define TS_COMPAT 0x0002

struct pt_regs___x86 {
	unsigned long di;
	unsigned long si;
	unsigned long orig_ax;
} __attribute__((preserve_access_index));

static __always_inline bool is_32_bit_call(struct task_struct *task)
{
	return ((struct task_struct___x86 *)task)->thread_info.status & TS_COMPAT;
}

static __always_inline u32 syscall_number(struct pt_regs *regs)
{
	return (u32)((struct pt_regs___x86 *)regs)->orig_ax & ~X32_SYSCALL_BIT;
}

static __always_inline u64 first_argument(struct pt_regs *regs)
{
	return ((struct pt_regs___x86 *)regs)->di;
}

static __always_inline u64 second_argument(struct pt_regs *regs)
{
	return ((struct pt_regs___x86 *)regs)->si;
}
#elif defined(__TARGET_ARCH_arm64)
struct thread_info___arm64 {
	unsigned long flags;
} __attribute__((preserve_access_index));

struct task_struct___arm64 {
	struct thread_info___arm64 thread_info;
} __attribute__((preserve_access_index));

/* arch/arm64/include/asm/thread_info.h: TIF_32BIT is bit 22 since 3.7. */
#define TIF_32BIT_MASK (1UL << 22)

struct pt_regs___arm64 {
	u64 regs[31];
	/* The first argument: regs[0] is the result by the time a call ends. */
	u64 orig_x0;
	s32 syscallno;
} __attribute__((preserve_access_index));

static __always_inline bool is_32_bit_call(struct task_struct *task)
{
	return ((struct task_struct___arm64 *)task)->thread_info.flags & TIF_32BIT_MASK;
}

static __always_inline u32 syscall_number(struct pt_regs *regs)
{
	return ((struct pt_regs___arm64 *)regs)->syscallno;
}

static __always_inline u64 first_argument(struct pt_regs *regs)
{
	return ((struct pt_regs___arm64 *)regs)->orig_x0;
}

static __always_inline u64 second_argument(struct pt_regs *regs)
{
	return ((struct pt_regs___arm64 *)regs)->regs[1];
}
#endif

#endif
