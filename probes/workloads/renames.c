/* SPDX-License-Identifier: Apache-2.0 */
/*
 * renames NAPS NAP_US NAMES: a thread that sleeps NAPS times NAP_US in nap_here under each of NAMES names in turn: name-0,
 * name-1, …
 * Truth: NAPS x NAP_US blocked under each name, ended by the timer; an account for each name.
 */
#include "account.h"

void nap_here(uint64_t ns)
{
	sleep_ns(ns);
}

static long naps, nap_ns, names;

static void *nap_body(void *context)
{
	for (int i = 0; i < names; i++) {
		struct account *account;
		char name[16];

		snprintf(name, sizeof(name), "name-%d", i);
		account = open_account(i, name);
		for (long k = 0; k < naps; k++) {
			uint64_t began = now_ns();

			nap_here(nap_ns);
			add_wait(&account->waits[0], "nap_here", began, nap_ns);
		}
		close_account(account);
	}
	return context;
}

int main(int count, char **values)
{
	naps = argument(count, values, 1, 20);
	nap_ns = argument(count, values, 2, 5000) * 1000;
	names = argument(count, values, 3, 4);
	if (names < 1 || names > MAX_ACCOUNTS) {
		fprintf(stderr, "renames: 1 to %d names\n", MAX_ACCOUNTS);
		return 2;
	}
	share_accounts();
	pthread_join(start_thread(nap_body, NULL), NULL);
	print_accounts(names, "");
	return 0;
}
