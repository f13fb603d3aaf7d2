/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a workload knows of how long each of its own operations took, by a clock that no tracer has a part in: the lengths
 * themselves, not their sum, so that a test can find each in the bucket that counted it. Printed when it ends:
 *
 *     {"tgid":1,"tid":2,"lengths":{"read":[123456,…],"fsync":[…]}}
 */
#ifndef STALLSCOPE_OWN_LENGTHS_H
#define STALLSCOPE_OWN_LENGTHS_H

#include "workload.h"

#define MAX_OPERATIONS 16
#define MAX_LENGTHS 65536

struct own_lengths {
	const char *operation;
	uint64_t count;
	uint64_t ns[MAX_LENGTHS];
};

static struct own_lengths own_lengths[MAX_OPERATIONS];

/* The clock is read before this is called, or finding the place would be a part of the length. */
static inline void add_length(const char *operation, uint64_t ns)
{
	struct own_lengths *of = own_lengths;

	while (of->operation && strcmp(of->operation, operation))
		if (++of == own_lengths + MAX_OPERATIONS) {
			fprintf(stderr, "more than %d operations\n", MAX_OPERATIONS);
			exit(1);
		}
	of->operation = operation;
	if (of->count == MAX_LENGTHS) {
		fprintf(stderr, "more than %d times %s\n", MAX_LENGTHS, operation);
		exit(1);
	}
	of->ns[of->count++] = ns;
}

/* `call` is evaluated once; its value is the expression's. */
#define TIMED(operation, call)                                     \
	({                                                         \
		uint64_t began_ns_ = now_ns();                     \
		long result_ = (long)(call);                       \
		uint64_t took_ns_ = now_ns() - began_ns_;          \
                                                                   \
		add_length(operation, took_ns_);                   \
		result_;                                           \
	})

static inline void print_own_lengths(void)
{
	printf("{\"tgid\":%d,\"tid\":%ld,\"lengths\":{", getpid(), syscall(SYS_gettid));
	for (struct own_lengths *of = own_lengths; of < own_lengths + MAX_OPERATIONS && of->operation; of++) {
		printf("%s\"%s\":[", of == own_lengths ? "" : ",", of->operation);
		for (uint64_t i = 0; i < of->count; i++)
			printf("%s%lu", i ? "," : "", of->ns[i]);
		printf("]");
	}
	printf("}}\n");
}

static inline void must(long result, const char *what)
{
	if (result >= 0)
		return;
	perror(what);
	exit(1);
}

#endif
