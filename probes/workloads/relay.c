/* SPDX-License-Identifier: Apache-2.0 */
/*
 * relay MEDIUM STAGES PROCESSES ROUNDS SLEEP_US: 2 to 8 threads (or, with PROCESSES 1, processes) named stage-0, stage-1,
 * … in a row. stage-0 starts a round in stage_0_pass; stage-K waits in stage_K_wait and, woken, goes on in stage_K_pass.
 * MEDIUM is pipe, socketpair, eventfd, futex, semaphore or tcp (over loopback; a datagram may be lost there).
 * With SLEEP_US the row is open: stage-0 sleeps so long in stage_0_sleep before each round. With 0 it is a ring: stage-0
 * waits in stage_0_wait for the last stage, and two stages are a ping-pong.
 * Truth: the waker of stage-K is stage-(K-1) in its pass, behind it the one before, and so on; behind stage-0 of an open
 * row is the timer. A stage that had not gone to sleep when its turn came breaks the chain behind it: `whole` counts the
 * waits of a stage in rounds in which all before it slept too.
 */
#include "account.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#define MAX_STAGES 8
#define MAX_ROUNDS 100000

enum medium { PIPE, SOCKETPAIR, EVENTFD, FUTEX, SEMAPHORE, TCP, MEDIA };
static const char *const MEDIUM_NAMES[MEDIA] = { "pipe", "socketpair", "eventfd", "futex", "semaphore", "tcp" };

/* Into a stage: word is a futex's turn, or a semaphore's value. */
struct inlet {
	int read_fd;
	int write_fd;
	uint32_t word;
	uint32_t waiters;
};

static enum medium medium;
static long stages, rounds, sleep_us;
static struct inlet *inlets;
/* [round]: bit K when stage K slept before its turn. */
static uint8_t *slept;
/* [round][stage]: when the stage before began to pass on to it; until then it is to be blocked. */
static uint64_t (*passed_ns)[MAX_STAGES];

static inline __attribute__((always_inline)) void wait_at(struct inlet *inlet, uint32_t round)
{
	uint64_t value;
	uint32_t now;

	if (medium == FUTEX) {
		while ((now = __atomic_load_n(&inlet->word, __ATOMIC_ACQUIRE)) <= round)
			bare_syscall(SYS_futex, (long)&inlet->word, FUTEX_WAIT, now, 0);
	} else if (medium == SEMAPHORE) {
		while (1) {
			now = __atomic_load_n(&inlet->word, __ATOMIC_ACQUIRE);
			if (now && __atomic_compare_exchange_n(&inlet->word, &now, now - 1, 0, __ATOMIC_ACQUIRE,
							       __ATOMIC_RELAXED))
				return;
			if (now)
				continue;
			__atomic_add_fetch(&inlet->waiters, 1, __ATOMIC_SEQ_CST);
			bare_syscall(SYS_futex, (long)&inlet->word, FUTEX_WAIT, 0, 0);
			__atomic_sub_fetch(&inlet->waiters, 1, __ATOMIC_SEQ_CST);
		}
	} else if (medium == EVENTFD) {
		bare_syscall(SYS_read, inlet->read_fd, (long)&value, sizeof(value), 0);
	} else {
		read_byte(inlet->read_fd);
	}
}

static inline __attribute__((always_inline)) void pass_to(struct inlet *inlet, uint32_t round)
{
	uint64_t one = 1;

	if (medium == FUTEX) {
		__atomic_store_n(&inlet->word, round + 1, __ATOMIC_RELEASE);
		bare_syscall(SYS_futex, (long)&inlet->word, FUTEX_WAKE, 1, 0);
	} else if (medium == SEMAPHORE) {
		__atomic_add_fetch(&inlet->word, 1, __ATOMIC_SEQ_CST);
		if (__atomic_load_n(&inlet->waiters, __ATOMIC_SEQ_CST))
			bare_syscall(SYS_futex, (long)&inlet->word, FUTEX_WAKE, 1, 0);
	} else if (medium == EVENTFD) {
		bare_syscall(SYS_write, inlet->write_fd, (long)&one, sizeof(one), 0);
	} else {
		write_byte(inlet->write_fd);
	}
}

static long next_of(long stage)
{
	return stage + 1 == stages ? 0 : stage + 1;
}

/* One function a stage, so that a stack tells which. */
#define STAGE(K)                                                     \
	void stage_##K##_wait(uint32_t round)                        \
	{                                                            \
		wait_at(&inlets[K], round);                          \
	}                                                            \
	void stage_##K##_pass(uint32_t round)                        \
	{                                                            \
		pass_to(&inlets[next_of(K)], round);                  \
	}
STAGE(0)
STAGE(1)
STAGE(2)
STAGE(3)
STAGE(4)
STAGE(5)
STAGE(6)
STAGE(7)

static void (*const WAIT[MAX_STAGES])(uint32_t) = { stage_0_wait, stage_1_wait, stage_2_wait, stage_3_wait,
						    stage_4_wait, stage_5_wait, stage_6_wait, stage_7_wait };
static void (*const PASS[MAX_STAGES])(uint32_t) = { stage_0_pass, stage_1_pass, stage_2_pass, stage_3_pass,
						    stage_4_pass, stage_5_pass, stage_6_pass, stage_7_pass };
static const char *const WAIT_NAMES[MAX_STAGES] = { "stage_0_wait", "stage_1_wait", "stage_2_wait", "stage_3_wait",
						    "stage_4_wait", "stage_5_wait", "stage_6_wait", "stage_7_wait" };

void stage_0_sleep(uint64_t ns)
{
	sleep_ns(ns);
}

static void wait_a_turn(struct account *account, long mine, long round)
{
	uint64_t blocks = thread_blocks(), began = now_ns(), ended, passed;
	uint8_t before;
	int has_slept;

	WAIT[mine](round);
	ended = now_ns();
	passed = __atomic_load_n(&passed_ns[round][mine], __ATOMIC_ACQUIRE);
	has_slept = thread_blocks() != blocks;
	add_finished_wait(&account->waits[0], WAIT_NAMES[mine], ended - began,
			  has_slept && passed > began ? passed - began : 0);
	if (!has_slept)
		return;
	account->waits[0].slept++;
	/* Whoever passed on to here had set its own bit before. */
	before = __atomic_fetch_or(&slept[round], 1 << mine, __ATOMIC_SEQ_CST);
	if ((before & ((1 << mine) - 1)) == (1 << mine) - 1)
		account->waits[0].whole++;
}

static void *body(void *context)
{
	long mine = (long)context;
	struct account *account;
	char name[16];

	snprintf(name, sizeof(name), "stage-%ld", mine);
	account = open_account(mine, name);
	for (long round = 0; round < rounds; round++) {
		if (mine)
			wait_a_turn(account, mine, round);
		if (!mine && sleep_us) {
			uint64_t began = now_ns();

			stage_0_sleep(sleep_us * 1000);
			add_wait(&account->waits[0], "stage_0_sleep", began, sleep_us * 1000);
			__atomic_fetch_or(&slept[round], 1, __ATOMIC_SEQ_CST);
		}
		if (mine + 1 < stages || !sleep_us) {
			__atomic_store_n(&passed_ns[round][next_of(mine)], now_ns(), __ATOMIC_RELEASE);
			PASS[mine](round);
		}
		if (!mine && !sleep_us)
			wait_a_turn(account, mine, round);
	}
	close_account(account);
	return NULL;
}

static void connect_loopback(struct inlet *inlet)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int door = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	socklen_t length = sizeof(address);

	inlet->write_fd = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(door, (struct sockaddr *)&address, length) || getsockname(door, (struct sockaddr *)&address, &length) ||
	    listen(door, 1) || connect(inlet->write_fd, (struct sockaddr *)&address, length) ||
	    (inlet->read_fd = accept(door, NULL, NULL)) < 0 ||
	    setsockopt(inlet->write_fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one))) {
		perror("relay: loopback");
		exit(1);
	}
}

static void open_inlet(struct inlet *inlet)
{
	int ends[2] = { -1, -1 };

	if (medium == PIPE)
		open_pipe(ends);
	else if (medium == EVENTFD)
		ends[0] = ends[1] = eventfd(0, EFD_SEMAPHORE);
	else if (medium == SOCKETPAIR && socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		perror("socketpair");
	inlet->read_fd = ends[0];
	inlet->write_fd = ends[1];
	if (medium == TCP)
		connect_loopback(inlet);
}

int main(int count, char **values)
{
	long are_processes = argument(count, values, 3, 0);
	pthread_t all[MAX_STAGES];

	for (medium = 0; medium < MEDIA && count > 1 && strcmp(values[1], MEDIUM_NAMES[medium]); medium++)
		;
	stages = argument(count, values, 2, 2);
	rounds = argument(count, values, 4, 1000);
	sleep_us = argument(count, values, 5, 0);
	if (count < 2 || medium == MEDIA || stages < 2 || stages > MAX_STAGES || rounds > MAX_ROUNDS) {
		fprintf(stderr, "relay: a medium, 2 to %d stages, at most %d rounds\n", MAX_STAGES, MAX_ROUNDS);
		return 2;
	}
	share_accounts();
	inlets = share_memory(MAX_STAGES * sizeof(*inlets));
	slept = share_memory(MAX_ROUNDS);
	passed_ns = share_memory(MAX_ROUNDS * sizeof(*passed_ns));
	for (long i = 0; i < stages; i++)
		open_inlet(&inlets[i]);
	for (long i = stages - 1; i >= 0; i--) {
		if (!are_processes) {
			all[i] = start_thread(body, (void *)i);
		} else if (fork() == 0) {
			body((void *)i);
			_exit(0);
		}
	}
	for (long i = 0; i < stages && !are_processes; i++)
		pthread_join(all[i], NULL);
	while (wait(NULL) > 0)
		;
	print_accounts(stages, "");
	return 0;
}
