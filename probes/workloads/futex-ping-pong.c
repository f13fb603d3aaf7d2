/* SPDX-License-Identifier: Apache-2.0 */
/*
 * futex-ping-pong [ROUNDS]: two threads, ping and pong, hand a turn to each other through a futex.
 * Truth: each blocks in await_turn once a round, woken by the other one's pass_turn.
 */
#include "workload.h"

static uint32_t turn;
static long rounds;

void await_turn(uint32_t mine)
{
	uint32_t now;

	while ((now = __atomic_load_n(&turn, __ATOMIC_ACQUIRE)) != mine)
		futex_wait(&turn, now);
}

void pass_turn(uint32_t next)
{
	__atomic_store_n(&turn, next, __ATOMIC_RELEASE);
	futex_wake(&turn, 1);
}

static void *play(void *context)
{
	uint32_t mine = (uintptr_t)context;

	name_thread(mine ? "pong" : "ping");
	for (long i = 0; i < rounds; i++) {
		await_turn(mine);
		pass_turn(1 - mine);
	}
	return NULL;
}

int main(int count, char **values)
{
	uint64_t started = now_ns();
	pthread_t pong;

	rounds = argument(count, values, 1, 10000);
	pong = start_thread(play, (void *)1);
	play((void *)0);
	pthread_join(pong, NULL);
	printf("{\"rounds\":%ld,\"elapsedNs\":%lu}\n", rounds, now_ns() - started);
	return 0;
}
