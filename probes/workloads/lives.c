/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lives MS [alone]: threads whose lives have parts that each knows of itself, for MS:
 *
 *     hog       computes, and never waits by itself; with alone, for half a second at a time in a real-time class, so that
 *               none takes its CPU, and then for a tenth as others do, so that they get theirs
 *     half      computes for 5 ms and sleeps for 5 ms, over and over
 *     sleeper   sleeps once, for all of it
 *     brief-N   one after the other, born and dead within some milliseconds: computes for 2 ms and sleeps for 3 ms
 *
 * Truth: of each how long it lived, was on a CPU, runnable and not running, and how long it was asked to sleep and did.
 */
#include "account.h"
#include <sched.h>

#define FIRST_BRIEF 3
#define PART_NS 5000000ull
#define ALONE_NS 500000000ull
#define AMONG_OTHERS_NS 100000000ull

static uint64_t until_ns;
static int is_alone;

void compute_here(uint64_t until)
{
	while (now_ns() < until)
		;
}

void nap_here(uint64_t ns)
{
	sleep_ns(ns);
}

static void nap(struct account *account, uint64_t ns)
{
	uint64_t began_ns = now_ns();

	nap_here(ns);
	add_wait(&account->waits[0], "nap_here", began_ns, ns);
}

static void enter_class(int policy, int priority)
{
	struct sched_param param = { .sched_priority = priority };

	if (sched_setscheduler(0, policy, &param)) {
		perror("sched_setscheduler");
		exit(1);
	}
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void *hog(void *context)
{
	struct account *account = open_account((long)context, "hog");

	while (is_alone && now_ns() < until_ns) {
		enter_class(SCHED_FIFO, 1);
		compute_here(earlier(now_ns() + ALONE_NS, until_ns));
		enter_class(SCHED_OTHER, 0);
		compute_here(earlier(now_ns() + AMONG_OTHERS_NS, until_ns));
	}
	compute_here(until_ns);
	close_account(account);
	return NULL;
}

static void *half(void *context)
{
	struct account *account = open_account((long)context, "half");

	while (now_ns() < until_ns) {
		compute_here(now_ns() + PART_NS);
		nap(account, PART_NS);
	}
	close_account(account);
	return NULL;
}

static void *sleeper(void *context)
{
	struct account *account = open_account((long)context, "sleeper");

	nap(account, until_ns - now_ns());
	close_account(account);
	return NULL;
}

static void *brief(void *context)
{
	struct account *account;
	char name[16];

	snprintf(name, sizeof(name), "brief-%u", (uint8_t)((long)context - FIRST_BRIEF));
	account = open_account((long)context, name);
	compute_here(now_ns() + 2000000);
	nap(account, 3000000);
	close_account(account);
	return NULL;
}

int main(int count, char **values)
{
	pthread_t long_lived[FIRST_BRIEF];
	long index = FIRST_BRIEF;

	share_accounts();
	is_alone = count > 2;
	until_ns = now_ns() + argument(count, values, 1, 1500) * 1000000ull;
	long_lived[0] = start_thread(hog, (void *)0);
	long_lived[1] = start_thread(half, (void *)1);
	long_lived[2] = start_thread(sleeper, (void *)2);
	while (index < MAX_ACCOUNTS && now_ns() < until_ns)
		pthread_join(start_thread(brief, (void *)index++), NULL);
	for (int i = 0; i < FIRST_BRIEF; i++)
		pthread_join(long_lived[i], NULL);
	print_accounts(index, "");
	return 0;
}
