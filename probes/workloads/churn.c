/* SPDX-License-Identifier: Apache-2.0 */
/*
 * churn PROCESSES_A_SECOND SECONDS [NAP_US [NAME]]: makes short-lived processes at a steady rate, each with a name of its own
 * and on call paths of its own: the bits of its number choose left or right sixteen calls deep.
 *
 *     fork ─▶ named NAME-N, naps NAP_US on one path, on another tells the reader thread, naps again, exits
 *        └─ every fourth ─▶ execs this program, at other addresses, and lives for 400 ms more under the same name
 *
 * The parent naps between forks, on a path of its own each time; the reader thread waits for a byte of each child.
 * Truth: `processes` were made, each napped at least twice NAP_US, `longLived` of them 400 ms more; nothing else of them
 * waits by intent. `paths` distinct user stacks at the least.
 */
#include "workload.h"

#define DEPTH 16
#define LONG_NS 400000000ull

static const char *own_name = "churn";
static int told[2];
static uint64_t nap_length_ns;

static void left(uint32_t path, int depth, int telling);
static void right(uint32_t path, int depth, int telling);

static void descend(uint32_t path, int depth, int telling)
{
	if (depth == DEPTH) {
		if (telling)
			write_byte(told[1]);
		else
			sleep_ns(nap_length_ns);
	} else if (path & 1) {
		right(path >> 1, depth + 1, telling);
	} else {
		left(path >> 1, depth + 1, telling);
	}
}

static void left(uint32_t path, int depth, int telling)
{
	descend(path, depth, telling);
}

static void right(uint32_t path, int depth, int telling)
{
	descend(path, depth, telling);
}

static void *read_all(void *context)
{
	name_thread(own_name);
	while (read_byte(told[0]) == 1)
		continue;
	return context;
}

static void name_numbered(long number)
{
	char name[16];

	snprintf(name, sizeof(name), "%s-%ld", own_name, number);
	name_thread(name);
}

static void be_child(long number, char *program)
{
	char text[24];

	close(told[0]);
	name_numbered(number);
	descend(number, 0, 0);
	descend(number * 2654435761u >> 8, 0, 1);
	descend(~number, 0, 0);
	if (number % 4)
		_exit(0);
	snprintf(text, sizeof(text), "%ld", number);
	execl(program, "churn", "-", text, own_name, NULL);
	perror("exec");
	_exit(1);
}

int main(int count, char **values)
{
	long rate = argument(count, values, 1, 50), seconds = argument(count, values, 2, 5);
	long processes = 0, long_lived = 0, failed = 0;
	uint64_t started;
	pthread_t reader;
	int status;

	if (count == 4 && !strcmp(values[1], "-")) {
		long number = argument(count, values, 2, 0);

		own_name = values[3];
		name_numbered(number);
		nap_length_ns = LONG_NS;
		descend(number, 0, 0);
		return 0;
	}
	if (rate < 1 || seconds < 1) {
		fprintf(stderr, "churn: at least 1 process a second, for a second\n");
		return 2;
	}
	nap_length_ns = 1000ull * argument(count, values, 3, 2000);
	if (count > 4)
		own_name = values[4];
	open_pipe(told);
	reader = start_thread(read_all, NULL);
	name_thread(own_name);
	started = now_ns();
	while (now_ns() - started < (uint64_t)seconds * 1000000000ull) {
		long due = (now_ns() - started) / 1000 * rate / 1000000;

		while (processes < due) {
			pid_t child = fork();

			if (child < 0) {
				perror("fork");
				return 1;
			}
			if (child == 0)
				be_child(processes, values[0]);
			long_lived += processes % 4 == 0;
			processes++;
		}
		while (waitpid(-1, &status, WNOHANG) > 0)
			failed += status != 0;
		descend(processes, 0, 0);
	}
	while (wait(&status) > 0)
		failed += status != 0;
	close(told[1]);
	pthread_join(reader, NULL);
	printf("{\"processes\":%ld,\"longLived\":%ld,\"failed\":%ld,\"paths\":%ld,\"napNs\":%lu,\"elapsedNs\":%lu}\n",
	       processes, long_lived, failed, processes < 32768 ? 2 * processes : 65536, nap_length_ns, now_ns() - started);
	return failed ? 1 : 0;
}
