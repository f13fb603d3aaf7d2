/* SPDX-License-Identifier: Apache-2.0 */
/*
 * convoy [THREADS] [ROUNDS] [HOLD_US]: threads queue for one lock; whoever has it holds it asleep for HOLD_US, then hands
 * it to the next in order, so that the waits are known. Threads are named holder-0, holder-1, …
 * Truth: in steady state each turn of a thread is HOLD_US asleep in hold_lock, woken by the timer, and
 * (THREADS - 1) x HOLD_US waiting in wait_for_turn, woken by pass_lock of the thread before it, which the timer woke.
 */
#include "workload.h"

static long threads, rounds, hold_us;
static uint32_t turn;

void wait_for_turn(uint32_t mine)
{
	uint32_t now;

	while ((now = __atomic_load_n(&turn, __ATOMIC_ACQUIRE)) % threads != mine)
		futex_wait(&turn, now);
}

void hold_lock(void)
{
	sleep_ns(hold_us * 1000);
}

void pass_lock(void)
{
	__atomic_add_fetch(&turn, 1, __ATOMIC_RELEASE);
	futex_wake(&turn, 1 << 30);
}

static void *body(void *context)
{
	uint32_t mine = (uintptr_t)context;
	char name[16];

	snprintf(name, sizeof(name), "holder-%u", mine);
	name_thread(name);
	for (long i = 0; i < rounds; i++) {
		wait_for_turn(mine);
		hold_lock();
		pass_lock();
	}
	return NULL;
}

int main(int count, char **values)
{
	pthread_t all[64];
	uint64_t started = now_ns();

	threads = argument(count, values, 1, 3);
	rounds = argument(count, values, 2, 50);
	hold_us = argument(count, values, 3, 5000);
	if (threads < 1 || threads > 64) {
		fprintf(stderr, "convoy: THREADS is 1 to 64\n");
		return 2;
	}
	name_thread("convoy");
	for (long i = 0; i < threads; i++)
		all[i] = start_thread(body, (void *)(uintptr_t)i);
	for (long i = 0; i < threads; i++)
		pthread_join(all[i], NULL);
	printf("{\"threads\":%ld,\"rounds\":%ld,\"holdNs\":%ld,\"elapsedNs\":%lu}\n", threads, rounds, hold_us * 1000,
	       now_ns() - started);
	return 0;
}
