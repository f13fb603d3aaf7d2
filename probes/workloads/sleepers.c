/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sleepers SEED MS LENGTH_US…: a thread for each LENGTH_US, nap-0, nap-1, …, that sleeps that long over and over for MS.
 * LENGTH_US 0 draws each length anew, from 50 us to 20 ms.
 * Truth: each is blocked at least as long as it asked for, at most as long as it took, in state S under nap_here, and the
 * timer alone wakes it.
 */
#include "account.h"
#include "seeded.h"

static uint64_t until_ns, seed;
static char **lengths;

void nap_here(uint64_t ns)
{
	sleep_ns(ns);
}

static void *body(void *context)
{
	long mine = (long)context;
	uint64_t own_seed = seed + mine, length = strtoul(lengths[mine], NULL, 10) * 1000, asked, began;
	struct account *account;
	char name[16];

	snprintf(name, sizeof(name), "nap-%ld", mine);
	account = open_account(mine, name);
	while ((began = now_ns()) < until_ns) {
		asked = length ? length : draw_length(&own_seed, 50000, 20000000);
		nap_here(asked);
		add_wait(&account->waits[0], "nap_here", began, asked);
	}
	close_account(account);
	return NULL;
}

int main(int count, char **values)
{
	long threads = count - 3;

	if (threads < 1 || threads > MAX_ACCOUNTS) {
		fprintf(stderr, "usage: sleepers SEED MS LENGTH_US…, at most %d\n", MAX_ACCOUNTS);
		return 2;
	}
	seed = argument(count, values, 1, 1);
	lengths = values + 3;
	share_accounts();
	until_ns = now_ns() + argument(count, values, 2, 1000) * 1000000ull;
	run_threads(threads, body);
	print_accounts(threads, "");
	return 0;
}
