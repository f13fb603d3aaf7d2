/* SPDX-License-Identifier: Apache-2.0 */
/*
 * condvar WAITERS ROUNDS SLEEP_US: waiters waiter-0, waiter-1, … wait in wait_for_news for the next round; the thread
 * broadcaster sleeps SLEEP_US in gather_news and wakes them all in tell_all.
 * Truth: every wait of a waiter is ended by broadcaster in tell_all, which the timer woke. A waiter that had not gone to
 * sleep when the news came did not wait.
 */
#include "account.h"

#define MAX_ROUNDS 10000

static uint32_t round_word;
/* When the news of each round were told: until then whoever waits for them is to be blocked. */
static uint64_t told_ns[MAX_ROUNDS];
static long waiters, rounds, sleep_us;

void wait_for_news(uint32_t round)
{
	uint32_t now;

	while ((now = __atomic_load_n(&round_word, __ATOMIC_ACQUIRE)) <= round)
		futex_wait(&round_word, now);
}

void gather_news(uint64_t ns)
{
	sleep_ns(ns);
}

void tell_all(uint32_t round)
{
	__atomic_store_n(&round_word, round + 1, __ATOMIC_RELEASE);
	futex_wake(&round_word, 1 << 30);
}

static void *wait_body(void *context)
{
	long mine = (long)context;
	struct account *account;
	char name[16];

	snprintf(name, sizeof(name), "waiter-%ld", mine);
	account = open_account(1 + mine, name);
	for (long round = 0; round < rounds; round++) {
		uint64_t blocks = thread_blocks(), began = now_ns(), told;
		int has_slept;

		wait_for_news(round);
		told = __atomic_load_n(&told_ns[round], __ATOMIC_ACQUIRE);
		has_slept = thread_blocks() != blocks;
		add_wait(&account->waits[0], "wait_for_news", began, has_slept && told > began ? told - began : 0);
		account->waits[0].slept += has_slept;
	}
	account->waits[0].whole = account->waits[0].slept;
	close_account(account);
	return NULL;
}

static void *broadcast_body(void *context)
{
	struct account *account = open_account(0, "broadcaster");

	for (long round = 0; round < rounds; round++) {
		uint64_t began = now_ns();

		gather_news(sleep_us * 1000);
		add_wait(&account->waits[0], "gather_news", began, sleep_us * 1000);
		__atomic_store_n(&told_ns[round], now_ns(), __ATOMIC_RELEASE);
		tell_all(round);
	}
	close_account(account);
	return context;
}

int main(int count, char **values)
{
	pthread_t all[MAX_ACCOUNTS], broadcaster;

	waiters = argument(count, values, 1, 4);
	rounds = argument(count, values, 2, 200);
	sleep_us = argument(count, values, 3, 5000);
	if (waiters < 1 || waiters >= MAX_ACCOUNTS || rounds > MAX_ROUNDS) {
		fprintf(stderr, "condvar: 1 to %d waiters, at most %d rounds\n", MAX_ACCOUNTS - 1, MAX_ROUNDS);
		return 2;
	}
	share_accounts();
	for (long i = 0; i < waiters; i++)
		all[i] = start_thread(wait_body, (void *)i);
	broadcaster = start_thread(broadcast_body, NULL);
	for (long i = 0; i < waiters; i++)
		pthread_join(all[i], NULL);
	pthread_join(broadcaster, NULL);
	print_accounts(1 + waiters, "");
	return 0;
}
