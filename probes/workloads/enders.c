/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enders WHAT ROUNDS WAIT_US: threads and processes that end while they are blocked, or while they wake others. ROUNDS
 * processes run one after the other; each has a thread that waits for ever in wait_for_ever, and after WAIT_US
 *     group  the process ends as a whole, by exit_group in end_group
 *     kill   the first process kills it, in kill_it
 *     leave  its first thread waits in wait_for_leaver instead, for a thread that sleeps WAIT_US and then ends in
 *            leave_here: the wake is part of its exit
 * Truth: ROUNDS waits of WAIT_US at least, of stuck (group, kill) or joiner (leave), each ended as said. The one account
 * is of them all: asked and took are sums over the processes.
 */
#include "account.h"
#include <signal.h>

enum what { GROUP, KILL, LEAVE };
static enum what what;
static uint64_t wait_ns;
static uint32_t never;
/* When the wait that will not return began, and which thread is in it. */
static struct wait_account *sum;

void wait_for_ever(void)
{
	while (1)
		futex_wait(&never, 0);
}

void end_group(void)
{
	bare_syscall(SYS_exit_group, 0, 0, 0, 0);
}

void kill_it(int tgid)
{
	bare_syscall(SYS_kill, tgid, SIGKILL, 0, 0);
}

void wait_for_leaver(uint32_t *tid_word)
{
	uint32_t tid;

	/* The kernel clears the word of a thread that ends and wakes who waits for it, of any process. */
	while ((tid = __atomic_load_n(tid_word, __ATOMIC_ACQUIRE)) != 0)
		bare_syscall(SYS_futex, (long)tid_word, FUTEX_WAIT, tid, 0);
}

void leave_here(void)
{
	bare_syscall(SYS_exit, 0, 0, 0, 0);
}

static uint64_t *stuck_since;
static uint32_t leaver_word = 1;

static void *stuck_body(void *context)
{
	name_thread("stuck");
	*stuck_since = now_ns();
	wait_for_ever();
	return context;
}

static void *leaver_body(void *context)
{
	name_thread("leaver");
	bare_syscall(SYS_set_tid_address, (long)&leaver_word, 0, 0, 0);
	sleep_ns(wait_ns);
	leave_here();
	return context;
}

static void be_round(void)
{
	uint64_t began;

	if (what == LEAVE) {
		name_thread("joiner");
		began = now_ns();
		start_thread(leaver_body, NULL);
		wait_for_leaver(&leaver_word);
		add_wait(sum, "wait_for_leaver", began, wait_ns);
		_exit(0);
	}
	name_thread("ender");
	start_thread(stuck_body, NULL);
	while (!*stuck_since)
		sleep_ns(100000);
	sleep_ns(what == GROUP ? wait_ns : wait_ns * 100);
	end_group();
}

int main(int count, char **values)
{
	long rounds = argument(count, values, 2, 20);

	what = count > 1 && !strcmp(values[1], "kill") ? KILL : count > 1 && !strcmp(values[1], "leave") ? LEAVE : GROUP;
	wait_ns = argument(count, values, 3, 20000) * 1000;
	share_accounts();
	sum = &accounts[0].waits[0];
	stuck_since = share_memory(sizeof(*stuck_since));
	name_thread("undertaker");
	strcpy(accounts[0].name, what == LEAVE ? "joiner" : "stuck");
	for (long i = 0; i < rounds; i++) {
		int child;

		*stuck_since = 0;
		child = fork();
		if (child == 0) {
			be_round();
			_exit(0);
		}
		if (what == KILL) {
			while (!*(volatile uint64_t *)stuck_since)
				sleep_ns(100000);
			sleep_ns(wait_ns);
			kill_it(child);
		}
		waitpid(child, NULL, 0);
		/* Until its process was gone: a little later than its wait was over. */
		if (what != LEAVE)
			add_wait(sum, "wait_for_ever", *stuck_since, wait_ns);
	}
	print_accounts(1, "");
	return 0;
}
