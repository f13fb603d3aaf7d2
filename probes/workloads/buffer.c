/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buffer SEED SLOTS ITEMS SLOW_US: a producer and a consumer share a buffer of SLOTS, counted by two semaphores. For a run
 * of 3 x SLOTS items the producer sleeps up to SLOW_US in make_slowly before each, so that the consumer waits in
 * wait_for_item; for the next run the consumer sleeps in use_slowly, so that the producer waits in wait_for_slot.
 * Truth: the consumer's waits are ended by producer in give_item, the producer's by consumer in give_slot, and whoever
 * ended one was woken by the timer.
 */
#include "account.h"
#include "seeded.h"

struct semaphore {
	uint32_t value;
	uint32_t waiters;
};

static struct semaphore items, slots;
static uint64_t seed, slow_ns;
static long item_count, slot_count;

static inline __attribute__((always_inline)) void take(struct semaphore *semaphore)
{
	while (1) {
		uint32_t value = __atomic_load_n(&semaphore->value, __ATOMIC_ACQUIRE);

		if (value) {
			if (__atomic_compare_exchange_n(&semaphore->value, &value, value - 1, 0, __ATOMIC_ACQUIRE,
							__ATOMIC_RELAXED))
				return;
			continue;
		}
		__atomic_add_fetch(&semaphore->waiters, 1, __ATOMIC_SEQ_CST);
		futex_wait(&semaphore->value, 0);
		__atomic_sub_fetch(&semaphore->waiters, 1, __ATOMIC_SEQ_CST);
	}
}

static inline __attribute__((always_inline)) void give(struct semaphore *semaphore)
{
	__atomic_add_fetch(&semaphore->value, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&semaphore->waiters, __ATOMIC_SEQ_CST))
		futex_wake(&semaphore->value, 1);
}

void wait_for_item(void)
{
	take(&items);
}

void wait_for_slot(void)
{
	take(&slots);
}

void give_item(void)
{
	give(&items);
}

void give_slot(void)
{
	give(&slots);
}

void make_slowly(uint64_t ns)
{
	sleep_ns(ns);
}

void use_slowly(uint64_t ns)
{
	sleep_ns(ns);
}

static void wait_in(struct account *account, void (*wait_here)(void), const char *in)
{
	uint64_t blocks = thread_blocks(), began = now_ns();

	wait_here();
	add_wait(&account->waits[0], in, began, 0);
	account->waits[0].slept += thread_blocks() != blocks;
}

static void sleep_in(struct account *account, void (*slow)(uint64_t), const char *in, uint64_t *own_seed)
{
	uint64_t asked = draw_between(own_seed, slow_ns / 2, slow_ns), began = now_ns();

	slow(asked);
	add_wait(&account->waits[1], in, began, asked);
}

static void *produce(void *context)
{
	uint64_t own_seed = seed;
	struct account *account = open_account(0, "producer");

	for (long i = 0; i < item_count; i++) {
		wait_in(account, wait_for_slot, "wait_for_slot");
		if (i / (3 * slot_count) % 2 == 0)
			sleep_in(account, make_slowly, "make_slowly", &own_seed);
		give_item();
	}
	close_account(account);
	return context;
}

static void *consume(void *context)
{
	uint64_t own_seed = seed + 1;
	struct account *account = open_account(1, "consumer");

	for (long i = 0; i < item_count; i++) {
		wait_in(account, wait_for_item, "wait_for_item");
		if (i / (3 * slot_count) % 2 == 1)
			sleep_in(account, use_slowly, "use_slowly", &own_seed);
		give_slot();
	}
	close_account(account);
	return context;
}

int main(int count, char **values)
{
	pthread_t producer, consumer;

	seed = argument(count, values, 1, 1);
	slot_count = argument(count, values, 2, 4);
	item_count = argument(count, values, 3, 1000);
	slow_ns = argument(count, values, 4, 2000) * 1000;
	if (slot_count < 1) {
		fprintf(stderr, "buffer: at least one slot\n");
		return 2;
	}
	slots.value = slot_count;
	share_accounts();
	producer = start_thread(produce, NULL);
	consumer = start_thread(consume, NULL);
	pthread_join(producer, NULL);
	pthread_join(consumer, NULL);
	print_accounts(2, "");
	return 0;
}
