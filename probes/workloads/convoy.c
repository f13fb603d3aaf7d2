/* SPDX-License-Identifier: Apache-2.0 */
/*
 * convoy [THREADS] [ROUNDS] [HOLD_US]: threads queue for one lock; whoever has it holds it asleep for HOLD_US, then hands
 * it to the next in order, so that the waits are known. Threads are named holder-0, holder-1, …
 * Truth: in steady state each turn of a thread is HOLD_US asleep in hold_lock, woken by the timer, and
 * (THREADS - 1) x HOLD_US waiting in wait_for_turn (waitedNsI: as thread I's own clock has it), woken by pass_lock of the thread before it, which the timer woke.
 */
#include "workload.h"

static long threads, rounds, hold_us;
/* A word each, so that only the next one is woken. */
static uint32_t may_hold[64];
static uint64_t waited_ns[64], held_ns[64];

void wait_for_turn(uint32_t mine)
{
	while (!__atomic_exchange_n(&may_hold[mine], 0, __ATOMIC_ACQUIRE))
		futex_wait(&may_hold[mine], 0);
}

void hold_lock(void)
{
	sleep_ns(hold_us * 1000);
}

void pass_lock(uint32_t mine)
{
	uint32_t *next = &may_hold[(mine + 1) % threads];

	__atomic_store_n(next, 1, __ATOMIC_RELEASE);
	futex_wake(next, 1);
}

static void *body(void *context)
{
	uint32_t mine = (uintptr_t)context;
	char name[16];

	snprintf(name, sizeof(name), "holder-%u", mine);
	name_thread(name);
	for (long i = 0; i < rounds; i++) {
		uint64_t began = now_ns();

		wait_for_turn(mine);
		waited_ns[mine] += now_ns() - began;
		began = now_ns();
		hold_lock();
		held_ns[mine] += now_ns() - began;
		pass_lock(mine);
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
	may_hold[0] = 1;
	name_thread("convoy");
	for (long i = 0; i < threads; i++)
		all[i] = start_thread(body, (void *)(uintptr_t)i);
	for (long i = 0; i < threads; i++)
		pthread_join(all[i], NULL);
	printf("{\"threads\":%ld,\"rounds\":%ld,\"holdNs\":%ld,\"elapsedNs\":%lu", threads, rounds, hold_us * 1000,
	       now_ns() - started);
	for (long i = 0; i < threads; i++)
		printf(",\"waitedNs%ld\":%lu,\"heldNs%ld\":%lu", i, waited_ns[i], i, held_ns[i]);
	printf("}\n");
	return 0;
}
