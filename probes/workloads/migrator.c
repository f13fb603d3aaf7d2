/* SPDX-License-Identifier: Apache-2.0 */
/*
 * migrator SEED MS NAP_US: threads mover-0 to mover-3 sleep NAP_US in nap_here over and over for MS. mover-0 and mover-1
 * move themselves to another CPU between naps, mover-2 and mover-3 are moved by the thread driver while they sleep.
 * Truth: as without moves: blocked as long as asked, up to as long as it took, and the timer alone ends each nap. A move
 * of itself is a wait too, for the kernel's migration thread, in move_here.
 */
#include "account.h"
#include "seeded.h"
#include <sched.h>

#define MOVERS 4

static uint64_t until_ns, seed, nap_ns;
static long cpus;
static int tids[MOVERS];

void nap_here(uint64_t ns)
{
	sleep_ns(ns);
}

long move_here(int tid, long cpu)
{
	unsigned long mask[16] = { 0 };

	mask[cpu / 64] = 1ul << (cpu % 64);
	return bare_syscall(SYS_sched_setaffinity, tid, sizeof(mask), (long)mask, 0);
}

static void *move_body(void *context)
{
	long mine = (long)context, cpu = mine % cpus;
	struct account *account;
	char name[16];

	snprintf(name, sizeof(name), "mover-%ld", mine);
	account = open_account(mine, name);
	__atomic_store_n(&tids[mine], account->tid, __ATOMIC_RELEASE);
	while (now_ns() < until_ns) {
		uint64_t began;

		if (mine < 2) {
			cpu = (cpu + 1) % cpus;
			began = now_ns();
			move_here(0, cpu);
			add_wait(&account->waits[1], "move_here", began, 0);
		}
		began = now_ns();
		nap_here(nap_ns);
		add_wait(&account->waits[0], "nap_here", began, nap_ns);
	}
	close_account(account);
	return NULL;
}

static void *drive_body(void *context)
{
	uint64_t own_seed = seed;

	name_thread("driver");
	/* Ends before the movers do: a tid that is gone may be another's. */
	while (now_ns() + 100000000ull < until_ns) {
		int tid = __atomic_load_n(&tids[draw_between(&own_seed, 2, MOVERS - 1)], __ATOMIC_ACQUIRE);

		sleep_ns(draw_between(&own_seed, nap_ns / 4, nap_ns));
		if (tid)
			move_here(tid, draw_between(&own_seed, 0, cpus - 1));
	}
	return context;
}

int main(int count, char **values)
{
	pthread_t all[MOVERS], driver;

	seed = argument(count, values, 1, 1);
	nap_ns = argument(count, values, 3, 2000) * 1000;
	cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (cpus > 1024)
		cpus = 1024;
	share_accounts();
	until_ns = now_ns() + argument(count, values, 2, 1000) * 1000000ull;
	for (long i = 0; i < MOVERS; i++)
		all[i] = start_thread(move_body, (void *)i);
	driver = start_thread(drive_body, NULL);
	for (long i = 0; i < MOVERS; i++)
		pthread_join(all[i], NULL);
	pthread_join(driver, NULL);
	print_accounts(MOVERS, "");
	return 0;
}
