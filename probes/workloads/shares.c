/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shares [MS] [SEED]: three threads that know what they do while they are on a CPU, for MS of time each.
 *
 *     share-user    burn_three for three times as long as burn_one, by turns, both under burn
 *     share-napper  burn_between_naps for a quarter of its time, asleep for the rest
 *     share-kernel  burn_in_kernel: fills memory from /dev/zero, all of it inside a system call
 *
 * Truth: CPU time of each function, by the thread's own clock. Turns are of drawn lengths, so that no sampling clock keeps
 * step with them.
 */
#include "workload.h"
#include "seeded.h"

#define FILL_BYTES (1 << 20)

static uint64_t until, seed, three_ns, one_ns, napper_ns, kernel_ns;

static uint64_t on_cpu_ns(void)
{
	struct timespec cpu;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
	return cpu.tv_sec * 1000000000ull + cpu.tv_nsec;
}

/* In the frame of its caller: no function of its own to find samples in. */
static inline __attribute__((always_inline)) uint64_t burn_for(uint64_t ns)
{
	uint64_t started = on_cpu_ns(), now;
	volatile uint64_t work = 0;

	do {
		for (int i = 0; i < 20000; i++)
			work += i;
		now = on_cpu_ns();
	} while (now - started < ns);
	return now - started;
}

void burn_three(uint64_t ns)
{
	three_ns += burn_for(3 * ns);
}

void burn_one(uint64_t ns)
{
	one_ns += burn_for(ns);
}

void burn_between_naps(uint64_t ns)
{
	napper_ns += burn_for(ns);
}

void burn_in_kernel(int fd, char *bytes)
{
	uint64_t started = on_cpu_ns();

	for (int i = 0; i < 8; i++)
		bare_syscall(SYS_read, fd, (long)bytes, FILL_BYTES, 0);
	kernel_ns += on_cpu_ns() - started;
}

static void *user_body(void *context)
{
	uint64_t mine = seed;

	(void)context;
	name_thread("share-user");
	while (now_ns() < until) {
		uint64_t ns = draw_between(&mine, 500000, 1500000);

		burn_three(ns);
		burn_one(ns);
	}
	return NULL;
}

static void *napper_body(void *context)
{
	uint64_t mine = seed + 1;

	(void)context;
	name_thread("share-napper");
	while (now_ns() < until) {
		uint64_t ns = draw_between(&mine, 500000, 1500000);

		burn_between_naps(ns);
		sleep_ns(3 * ns);
	}
	return NULL;
}

static void *kernel_body(void *context)
{
	int fd = open("/dev/zero", O_RDONLY);
	char *bytes = malloc(FILL_BYTES);

	(void)context;
	name_thread("share-kernel");
	while (now_ns() < until)
		burn_in_kernel(fd, bytes);
	free(bytes);
	close(fd);
	return NULL;
}

int main(int count, char **values)
{
	void *(*bodies[])(void *) = { user_body, napper_body, kernel_body };
	pthread_t threads[3];

	until = now_ns() + argument(count, values, 1, 2000) * 1000000ull;
	seed = argument(count, values, 2, 1);
	for (int i = 0; i < 3; i++)
		threads[i] = start_thread(bodies[i], NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	printf("{\"threeNs\":%lu,\"oneNs\":%lu,\"napperNs\":%lu,\"kernelNs\":%lu}\n", three_ns, one_ns, napper_ns, kernel_ns);
	return 0;
}
