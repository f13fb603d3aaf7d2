/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ping-pong [ROUNDS] [THINK_US]: two processes, ping and pong, pass a byte to and fro through pipes. pong thinks (spins)
 * THINK_US before it answers.
 * Truth: each blocks ROUNDS times in await_byte, and its waker is the other one's send_byte. ping's blocked time is at
 * least ROUNDS x THINK_US.
 */
#include "workload.h"

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

int main(int count, char **values)
{
	long rounds = argument(count, values, 1, 1000), think_us = argument(count, values, 2, 0);
	int there[2], back[2];
	uint64_t started;

	open_pipe(there);
	open_pipe(back);
	if (fork() == 0) {
		name_thread("pong");
		close(there[1]);
		while (await_byte(there[0])) {
			if (think_us)
				think(think_us * 1000);
			send_byte(back[1]);
		}
		_exit(0);
	}
	name_thread("ping");
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
