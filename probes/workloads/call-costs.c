/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call-costs FILE COUNT: what calls cost that do next to nothing, ns each, the least of nine rounds of COUNT: getppid, a
 * FUTEX_WAIT that need not wait, a read of one byte of FILE and one of /dev/zero. For measuring what probes add to them.
 */
#include "own-lengths.h"

#define ROUNDS 9

#define LEAST(name, call)                                                            \
	do {                                                                         \
		uint64_t least = ~0ull;                                              \
		for (int round = 0; round < ROUNDS; round++) {                       \
			uint64_t began = now_ns();                                   \
			for (long i = 0; i < times; i++)                             \
				call;                                                \
			uint64_t took = now_ns() - began;                            \
			least = took < least ? took : least;                         \
		}                                                                    \
		printf("%s\"%s\":%.1f", separator, name, (double)least / times);     \
		separator = ",";                                                     \
	} while (0)

int main(int count, char **values)
{
	long times = argument(count, values, 2, 200000);
	const char *separator = "{";
	static uint32_t word = 1;
	char byte = 'x';
	int file, zero;

	if (count < 2) {
		fprintf(stderr, "usage: call-costs FILE COUNT\n");
		return 2;
	}
	name_thread("call-costs");
	file = open(values[1], O_CREAT | O_RDWR | O_TRUNC, 0600);
	must(file, values[1]);
	must(write(file, &byte, 1), "write");
	zero = open("/dev/zero", O_RDONLY);
	must(zero, "/dev/zero");
	LEAST("getppid", syscall(SYS_getppid));
	LEAST("futexWait", syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0));
	LEAST("readFile", pread(file, &byte, 1, 0));
	LEAST("readOther", pread(zero, &byte, 1, 0));
	printf("}\n");
	unlink(values[1]);
	return 0;
}
