/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spinner [MS]: keeps every CPU busy for MS with one thread a CPU, named spinner-N, that never waits by itself.
 * Truth: it wakes nobody. Whatever its threads are blamed for, an interrupt did on top of them. Two of them on one CPU
 * (spinner MS 2) share it: what its threads were not on a CPU while they spun, they were preempted.
 */
#include "workload.h"

static uint64_t until, off_cpu_ns;

static uint64_t on_cpu_ns(void)
{
	struct timespec cpu;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
	return cpu.tv_sec * 1000000000ull + cpu.tv_nsec;
}

void spin_here(void)
{
	while (now_ns() < until)
		;
}

static void *body(void *context)
{
	char name[16];
	uint64_t started, on_cpu;

	snprintf(name, sizeof(name), "spinner-%ld", (long)(intptr_t)context);
	name_thread(name);
	started = now_ns();
	on_cpu = on_cpu_ns();
	spin_here();
	__atomic_fetch_add(&off_cpu_ns, now_ns() - started - (on_cpu_ns() - on_cpu), __ATOMIC_RELAXED);
	return NULL;
}

int main(int count, char **values)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN), a_cpu = argument(count, values, 2, 1);
	pthread_t all[256];
	long threads = cpus * a_cpu;

	if (threads > 256)
		threads = 256;
	until = now_ns() + argument(count, values, 1, 1000) * 1000000ull;
	for (long i = 0; i < threads; i++)
		all[i] = start_thread(body, (void *)(intptr_t)i);
	for (long i = 0; i < threads; i++)
		pthread_join(all[i], NULL);
	printf("{\"threads\":%ld,\"offCpuNs\":%lu}\n", threads, off_cpu_ns);
	return 0;
}
