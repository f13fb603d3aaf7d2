/* SPDX-License-Identifier: Apache-2.0 */
/*
 * switcher SWITCHES_A_SECOND SECONDS [STACKS]: two processes switch to and fro at a steady rate, in bursts of a
 * millisecond, each time from another of STACKS (at most 1024) call paths: the bits of a counter choose left or right
 * ten calls deep.
 * Truth: about SWITCHES_A_SECOND switches, from STACKS distinct user stacks of the process named switcher.
 */
#include "workload.h"

#define DEPTH 10

static int there[2], back[2];

static void left(unsigned int path, int depth);
static void right(unsigned int path, int depth);

static void descend(unsigned int path, int depth)
{
	if (depth == DEPTH) {
		write_byte(there[1]);
		read_byte(back[0]);
	} else if (path & 1) {
		right(path >> 1, depth + 1);
	} else {
		left(path >> 1, depth + 1);
	}
}

static void left(unsigned int path, int depth)
{
	descend(path, depth);
}

static void right(unsigned int path, int depth)
{
	descend(path, depth);
}

int main(int count, char **values)
{
	long rate = argument(count, values, 1, 1000), seconds = argument(count, values, 2, 5);
	long stacks = argument(count, values, 3, 500), rounds = 0;
	uint64_t started, due;

	if (rate < 2 || stacks < 1 || stacks > 1024) {
		fprintf(stderr, "switcher: at least 2 switches a second, 1 to 1024 stacks\n");
		return 2;
	}
	open_pipe(there);
	open_pipe(back);
	if (fork() == 0) {
		name_thread("switcher-peer");
		close(there[1]);
		while (read_byte(there[0]) == 1)
			write_byte(back[1]);
		_exit(0);
	}
	name_thread("switcher");
	close(there[0]);
	started = now_ns();
	/* A round is two switches: to the peer and back. */
	while (now_ns() - started < (uint64_t)seconds * 1000000000ull) {
		due = (now_ns() - started) / 1000 * rate / 2 / 1000000;
		while ((uint64_t)rounds < due)
			descend(rounds++ % stacks, 0);
		sleep_ns(1000000);
	}
	printf("{\"rounds\":%ld,\"elapsedNs\":%lu}\n", rounds, now_ns() - started);
	close(there[1]);
	wait(NULL);
	return 0;
}
