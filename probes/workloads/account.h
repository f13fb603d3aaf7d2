/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each thread of a workload knows of its own waits, by clocks that no tracer has a part in. A thread opens its
 * account first and closes it last; around each wait it reads the clock. The kernel's own accounting gives the rest:
 *
 *     elapsed (CLOCK_MONOTONIC) = on CPU (CLOCK_THREAD_CPUTIME_ID) + runnable (schedstat's run delay) + blocked
 *
 * and voluntary switches (getrusage) are the number of blocks. Accounts live in shared memory, so that processes have
 * them too; they are printed by the first process when all have closed theirs:
 *
 *     {"threads":[{"name":"a","tgid":1,"tid":2,"elapsedNs":…,"cpuNs":…,"queuedNs":…,"bornQueuedNs":…,"blocks":…,
 *                  "waits":[{"in":"nap_here","count":…,"slept":…,"whole":…,"askedNs":…,"tookNs":…,"longestNs":…}]}]}
 */
#ifndef STALLSCOPE_ACCOUNT_H
#define STALLSCOPE_ACCOUNT_H

#include "workload.h"
#include <sys/mman.h>
#include <sys/resource.h>

#define MAX_ACCOUNTS 256
#define WAITS_AN_ACCOUNT 2

struct wait_account {
	/* The function that waits, as a stack names it; NULL ends the list. A literal: every process has it at one address. */
	const char *in;
	/* Times it waited, how often of them it went to sleep, and how often all that its chain is to name had slept too. */
	uint64_t count;
	uint64_t slept;
	uint64_t whole;
	/* What it asked to sleep, 0 where another decides; what it took by its own clock; the longest. */
	uint64_t asked_ns;
	uint64_t took_ns;
	uint64_t longest_ns;
};

struct account {
	char name[16];
	int tgid;
	int tid;
	uint64_t elapsed_ns;
	uint64_t cpu_ns;
	/* Runnable and not running since the account was opened, and since the thread was born. */
	uint64_t queued_ns;
	uint64_t born_queued_ns;
	uint64_t blocks;
	struct wait_account waits[WAITS_AN_ACCOUNT];
};

static struct account *accounts;

static inline void *share_memory(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return memory;
}

/* Each gets its number as its argument, and has an account at that place. */
static inline void run_threads(long threads, void *(*body)(void *))
{
	pthread_t all[MAX_ACCOUNTS];

	for (long i = 0; i < threads; i++)
		all[i] = start_thread(body, (void *)i);
	for (long i = 0; i < threads; i++)
		pthread_join(all[i], NULL);
}

/* In the first process, before it makes others. */
static inline void share_accounts(void)
{
	accounts = share_memory(MAX_ACCOUNTS * sizeof(*accounts));
}

static inline uint64_t thread_cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

/* The second number of schedstat; 0 on a kernel that keeps none. */
static inline uint64_t thread_queued_ns(void)
{
	char text[96];
	unsigned long long ran, queued = 0;
	int fd = open("/proc/thread-self/schedstat", O_RDONLY);
	long length;

	if (fd < 0)
		return 0;
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[length > 0 ? length : 0] = 0;
	return sscanf(text, "%llu %llu", &ran, &queued) == 2 ? queued : 0;
}

static inline uint64_t thread_blocks(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nvcsw;
}

static inline struct account *open_account(int index, const char *name)
{
	struct account *account = &accounts[index];

	name_thread(name);
	strncpy(account->name, name, sizeof(account->name) - 1);
	account->tgid = getpid();
	account->tid = syscall(SYS_gettid);
	account->blocks = -thread_blocks();
	account->queued_ns = -thread_queued_ns();
	account->cpu_ns = -thread_cpu_ns();
	account->elapsed_ns = -now_ns();
	return account;
}

static inline void close_account(struct account *account)
{
	account->elapsed_ns += now_ns();
	account->cpu_ns += thread_cpu_ns();
	account->born_queued_ns = thread_queued_ns();
	account->queued_ns += account->born_queued_ns;
	account->blocks += thread_blocks();
}

static inline void add_finished_wait(struct wait_account *wait, const char *in, uint64_t took_ns, uint64_t asked_ns)
{
	wait->in = in;
	wait->count++;
	wait->asked_ns += asked_ns;
	wait->took_ns += took_ns;
	if (took_ns > wait->longest_ns)
		wait->longest_ns = took_ns;
}

/* One that has just ended. */
static inline void add_wait(struct wait_account *wait, const char *in, uint64_t began_ns, uint64_t asked_ns)
{
	add_finished_wait(wait, in, now_ns() - began_ns, asked_ns);
}

/* `more` is further members of the object, each with a comma before it; "" for none. */
static inline void print_accounts(int count, const char *more)
{
	printf("{\"threads\":[");
	for (int i = 0; i < count; i++) {
		struct account *a = &accounts[i];

		printf("%s{\"name\":\"%s\",\"tgid\":%d,\"tid\":%d,\"elapsedNs\":%lu,\"cpuNs\":%lu,\"queuedNs\":%lu,"
		       "\"bornQueuedNs\":%lu,\"blocks\":%lu,\"waits\":[",
		       i ? "," : "", a->name, a->tgid, a->tid, a->elapsed_ns, a->cpu_ns, a->queued_ns, a->born_queued_ns,
		       a->blocks);
		for (int w = 0; w < WAITS_AN_ACCOUNT && a->waits[w].in; w++) {
			struct wait_account *wait = &a->waits[w];

			printf("%s{\"in\":\"%s\",\"count\":%lu,\"slept\":%lu,\"whole\":%lu,\"askedNs\":%lu,\"tookNs\":%lu,"
			       "\"longestNs\":%lu}",
			       w ? "," : "", wait->in, wait->count, wait->slept, wait->whole, wait->asked_ns, wait->took_ns,
			       wait->longest_ns);
		}
		printf("]}");
	}
	printf("]%s}\n", more);
}

#endif
