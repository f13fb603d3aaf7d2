/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ping-pong [ROUNDS] [THINK_US] [PING_CPU PONG_CPU]: two processes, ping and pong, pass a byte to and fro through pipes.
 * pong thinks (spins) THINK_US before it answers. Each stays on its CPU where they are given.
 * Truth: each blocks ROUNDS times in await_byte, and its waker is the other one's send_byte. ping's blocked time is at
 * least ROUNDS x THINK_US.
 */
#include "workload.h"
#include <sched.h>

int await_byte(int fd)
{
	return read_byte(fd) == 1;
}

void send_byte(int fd)
{
	write_byte(fd);
}

static void think(uint64_t ns)
{
	uint64_t until = now_ns() + ns;

	while (now_ns() < until)
		;
}

/* -1: wherever the scheduler likes. */
static void stay_on(long cpu)
{
	cpu_set_t cpus;

	if (cpu < 0)
		return;
	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus)) {
		perror("sched_setaffinity");
		exit(1);
	}
}

int main(int count, char **values)
{
	long rounds = argument(count, values, 1, 1000), think_us = argument(count, values, 2, 0);
	long ping_cpu = argument(count, values, 3, -1), pong_cpu = argument(count, values, 4, -1);
	int there[2], back[2];
	uint64_t started;

	open_pipe(there);
	open_pipe(back);
	if (fork() == 0) {
		name_thread("pong");
		stay_on(pong_cpu);
		close(there[1]);
		while (await_byte(there[0])) {
			if (think_us)
				think(think_us * 1000);
			send_byte(back[1]);
		}
		_exit(0);
	}
	name_thread("ping");
	stay_on(ping_cpu);
	close(there[0]);
	started = now_ns();
	for (long i = 0; i < rounds; i++) {
		send_byte(there[1]);
		await_byte(back[0]);
	}
	printf("{\"rounds\":%ld,\"thinkNs\":%ld,\"elapsedNs\":%lu}\n", rounds, think_us * 1000, now_ns() - started);
	close(there[1]);
	wait(NULL);
	return 0;
}
