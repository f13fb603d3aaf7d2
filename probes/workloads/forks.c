/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forks SEED STORMS BROOD NAP_US HOW: STORMS times, BROOD children are forked at once; each sleeps a drawn length up to
 * NAP_US in child_nap and ends. HOW is fork, or exec: then each child first becomes another program (this one, under the
 * name short-lived). The parent, storm, waits for each to end in reap_here.
 * Truth: the naps of all children, STORMS x BROOD of them, each ended by the timer; the parent is woken by a child that
 * ends.
 */
#include "account.h"
#include "seeded.h"

/* Where a child that has become another program finds the pipe; above what was open before. */
#define RESULT_FD 100

void child_nap(uint64_t ns)
{
	sleep_ns(ns);
}

void reap_here(void)
{
	bare_syscall(SYS_wait4, -1, 0, 0, 0);
}

/* What a child writes when it is another program, and has no shared memory any more. */
struct slept {
	uint64_t asked_ns;
	uint64_t took_ns;
};

static struct slept nap(const char *name, uint64_t asked)
{
	struct slept slept = { .asked_ns = asked };

	name_thread(name);
	slept.took_ns = -now_ns();
	child_nap(asked);
	slept.took_ns += now_ns();
	return slept;
}

int main(int count, char **values)
{
	long storms = argument(count, values, 2, 10), brood = argument(count, values, 3, 50);
	long nap_ns = argument(count, values, 4, 10000) * 1000;
	int is_exec = count > 5 && strcmp(values[5], "exec") == 0, results[2];
	uint64_t seed = argument(count, values, 1, 1);
	struct slept slept;

	if (count == 3 && strcmp(values[1], "child") == 0) {
		slept = nap("short-lived", strtoul(values[2], NULL, 10));
		return write(RESULT_FD, &slept, sizeof(slept)) != sizeof(slept);
	}
	share_accounts();
	open_pipe(results);
	if (is_exec && dup2(results[1], RESULT_FD) != RESULT_FD) {
		perror("dup2");
		return 1;
	}
	name_thread("storm");
	for (long storm = 0; storm < storms; storm++) {
		for (long i = 0; i < brood; i++) {
			uint64_t asked = draw_between(&seed, nap_ns / 4, nap_ns);
			char text[24];

			if (fork())
				continue;
			if (is_exec) {
				snprintf(text, sizeof(text), "%lu", asked);
				execl("/proc/self/exe", "forks", "child", text, NULL);
				_exit(1);
			}
			slept = nap("child", asked);
			_exit(write(results[1], &slept, sizeof(slept)) != sizeof(slept));
		}
		for (long i = 0; i < brood; i++)
			reap_here();
		for (long i = 0; i < brood; i++) {
			if (read(results[0], &slept, sizeof(slept)) != sizeof(slept)) {
				fprintf(stderr, "forks: a child did not say how long it slept\n");
				return 1;
			}
			add_finished_wait(&accounts[0].waits[0], "child_nap", slept.took_ns, slept.asked_ns);
		}
	}
	strcpy(accounts[0].name, is_exec ? "short-lived" : "child");
	print_accounts(1, "");
	return 0;
}
