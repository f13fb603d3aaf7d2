/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crowd MS A_CPU: A_CPU threads for each CPU, crowd-0, crowd-1, …, that compute for MS and never wait by themselves.
 * Truth: each is preempted or waits for its first CPU for as long as the kernel's own accounting has it runnable and not
 * running, and blocked never.
 */
#include "account.h"

static uint64_t until_ns;

void compute_here(void)
{
	while (now_ns() < until_ns)
		;
}

static void *body(void *context)
{
	struct account *account;
	char name[16];

	snprintf(name, sizeof(name), "crowd-%ld", (long)context);
	account = open_account((long)context, name);
	compute_here();
	close_account(account);
	return NULL;
}

int main(int count, char **values)
{
	long threads = sysconf(_SC_NPROCESSORS_ONLN) * argument(count, values, 2, 2);
	if (threads < 1 || threads > MAX_ACCOUNTS)
		threads = MAX_ACCOUNTS;
	share_accounts();
	until_ns = now_ns() + argument(count, values, 1, 1000) * 1000000ull;
	run_threads(threads, body);
	print_accounts(threads, "");
	return 0;
}
