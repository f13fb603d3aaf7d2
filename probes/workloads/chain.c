/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain [ROUNDS] [SLEEP_US]: three processes in a row. stage-c sleeps, then writes to stage-b; stage-b, woken, writes to
 * stage-a; stage-a, woken, tells stage-c to begin the next round only after all of them are asleep again.
 * Truth: stage-a blocks in stage_a_wait about ROUNDS x SLEEP_US; its waker is stage-b in stage_b_pass_on, whose waker is
 * stage-c in stage_c_start, whose waker is the timer.
 */
#include "workload.h"

void stage_a_wait(int fd)
{
	read_byte(fd);
}

long stage_b_wait(int fd)
{
	return read_byte(fd);
}

void stage_b_pass_on(int fd)
{
	write_byte(fd);
}

void stage_c_sleep(uint64_t ns)
{
	sleep_ns(ns);
}

void stage_c_start(int fd)
{
	write_byte(fd);
}

int main(int count, char **values)
{
	long rounds = argument(count, values, 1, 100), sleep_us = argument(count, values, 2, 10000);
	int to_a[2], to_b[2];
	uint64_t started;

	open_pipe(to_a);
	open_pipe(to_b);
	if (fork() == 0) {
		name_thread("stage-b");
		close(to_b[1]);
		while (stage_b_wait(to_b[0]) == 1)
			stage_b_pass_on(to_a[1]);
		_exit(0);
	}
	if (fork() == 0) {
		name_thread("stage-c");
		for (long i = 0; i < rounds; i++) {
			stage_c_sleep(sleep_us * 1000);
			stage_c_start(to_b[1]);
		}
		_exit(0);
	}
	close(to_b[1]);
	name_thread("stage-a");
	started = now_ns();
	for (long i = 0; i < rounds; i++)
		stage_a_wait(to_a[0]);
	printf("{\"rounds\":%ld,\"sleepNs\":%ld,\"elapsedNs\":%lu}\n", rounds, sleep_us * 1000, now_ns() - started);
	while (wait(NULL) > 0)
		;
	return 0;
}
