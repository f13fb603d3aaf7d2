/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own-calls SEED COUNT SHORTEST_US LONGEST_US: makes COUNT each of system calls that take a drawn time: nanosleep, poll,
 * futex (FUTEX_WAIT, and FUTEX_WAIT_BITSET with an absolute time), futex_waitv where the kernel has it; and as many that
 * take none: getppid, and FUTEX_WAKE, which waits for nobody.
 * Truth: each is one call of that name; what its own clock says is a little more than what the call took.
 */
#include "own-lengths.h"
#include "seeded.h"
#include <poll.h>

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

static uint32_t word;

static struct timespec at(uint64_t ns)
{
	return (struct timespec){ ns / 1000000000ull, ns % 1000000000ull };
}

/* linux/futex.h has it since 5.16 only. */
struct waiter {
	uint64_t val, uaddr;
	uint32_t flags, reserved;
};

int main(int count, char **values)
{
	uint64_t seed = argument(count, values, 1, 1);
	long times = argument(count, values, 2, 100);
	uint64_t shortest = argument(count, values, 3, 100) * 1000, longest = argument(count, values, 4, 10000) * 1000;
	struct waiter waiter = { .uaddr = (uint64_t)&word, .flags = 2 /* FUTEX2_SIZE_U32 */ };

	name_thread("own-calls");
	for (long i = 0; i < times; i++) {
		struct timespec length, until;

		length = at(draw_length(&seed, shortest, longest));
		TIMED("nanosleep", bare_syscall(SYS_nanosleep, (long)&length, 0, 0, 0));
		length = at(draw_length(&seed, shortest, longest));
		TIMED("ppoll", bare_syscall(SYS_ppoll, 0, 0, (long)&length, 0));
		length = at(draw_length(&seed, shortest, longest));
		TIMED("wait", syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &length, NULL, 0));
		until = at(now_ns() + draw_length(&seed, shortest, longest));
		TIMED("wait_bitset", syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, 0, &until, NULL, ~0u));
		until = at(now_ns() + draw_length(&seed, shortest, longest));
		TIMED("futex_waitv", syscall(SYS_futex_waitv, &waiter, 1, 0, &until, CLOCK_MONOTONIC));
		TIMED("getppid", syscall(SYS_getppid));
		TIMED("wake", syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	}
	print_own_lengths();
	return 0;
}
