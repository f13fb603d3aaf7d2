/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mutex SEED THREADS MS SHORTEST_US LONGEST_US: threads owner-0, owner-1, … take one lock over and over for MS, hold it
 * asleep in hold_lock for a drawn length, give it back in give_back and compute a little. A waiter waits in
 * wait_for_lock; whoever gives the lock back hands it to the one that has waited longest.
 * Truth: a wait for the lock is ended by another owner in give_back, which the timer woke in hold_lock. `whole` counts
 * those waits in which the one that handed over had itself gone to sleep after the waiter had.
 */
#include "account.h"
#include "seeded.h"

#define MAX_THREADS 32

/* The lock and its queue, under a spin lock that is held for some ten instructions. */
static uint32_t is_guarded, is_held, head, tail;
static uint32_t queue[MAX_THREADS + 1];
static uint32_t is_mine[MAX_THREADS];
/* When the lock was handed to each, last: until then it is to be blocked. */
static uint64_t handed_ns[MAX_THREADS];
static uint64_t until_ns, seed, shortest_ns, longest_ns;
static long threads;

static void guard(void)
{
	/* On one CPU the owner may be preempted within: give way, not spin. */
	while (__atomic_exchange_n(&is_guarded, 1, __ATOMIC_ACQUIRE))
		bare_syscall(SYS_sched_yield, 0, 0, 0, 0);
}

static void unguard(void)
{
	__atomic_store_n(&is_guarded, 0, __ATOMIC_RELEASE);
}

void wait_for_lock(uint32_t *mine)
{
	while (!__atomic_exchange_n(mine, 0, __ATOMIC_ACQUIRE))
		futex_wait(mine, 0);
}

void hold_lock(uint64_t ns)
{
	sleep_ns(ns);
}

void give_back(void)
{
	long next = -1;

	guard();
	if (head == tail)
		is_held = 0;
	else
		next = queue[head++ % (MAX_THREADS + 1)];
	unguard();
	if (next >= 0) {
		handed_ns[next] = now_ns();
		__atomic_store_n(&is_mine[next], 1, __ATOMIC_RELEASE);
		futex_wake(&is_mine[next], 1);
	}
}

static int take_or_queue(long mine)
{
	int taken;

	guard();
	taken = !is_held;
	if (taken)
		is_held = 1;
	else
		queue[tail++ % (MAX_THREADS + 1)] = mine;
	unguard();
	return taken;
}

static void *body(void *context)
{
	long mine = (long)context;
	uint64_t own_seed = seed + mine, asked, began;
	struct account *account;
	char name[16];

	snprintf(name, sizeof(name), "owner-%ld", mine);
	account = open_account(mine, name);
	while (now_ns() < until_ns) {
		if (!take_or_queue(mine)) {
			uint64_t blocks = thread_blocks();
			int has_slept;

			began = now_ns();
			wait_for_lock(&is_mine[mine]);
			has_slept = thread_blocks() != blocks;
			add_wait(&account->waits[0], "wait_for_lock", began,
				 has_slept && handed_ns[mine] > began ? handed_ns[mine] - began : 0);
			account->waits[0].slept += has_slept;
		}
		asked = draw_length(&own_seed, shortest_ns, longest_ns);
		began = now_ns();
		hold_lock(asked);
		add_wait(&account->waits[1], "hold_lock", began, asked);
		give_back();
	}
	close_account(account);
	return NULL;
}

int main(int count, char **values)
{
	seed = argument(count, values, 1, 1);
	threads = argument(count, values, 2, 4);
	until_ns = now_ns() + argument(count, values, 3, 1000) * 1000000ull;
	shortest_ns = argument(count, values, 4, 200) * 1000;
	longest_ns = argument(count, values, 5, 5000) * 1000;
	if (threads < 2 || threads > MAX_THREADS || shortest_ns < 1000 || longest_ns < shortest_ns) {
		fprintf(stderr, "mutex: 2 to %d threads, lengths from 1 us\n", MAX_THREADS);
		return 2;
	}
	share_accounts();
	run_threads(threads, body);
	print_accounts(threads, "");
	return 0;
}
