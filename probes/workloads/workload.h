/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the workloads share. They wait by bare system calls: a libc built without frame pointers would hide the function
 * that called it, and the tests name every frame. Each prints one JSON line of its own truth when it ends.
 */
#ifndef STALLSCOPE_WORKLOAD_H
#define STALLSCOPE_WORKLOAD_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static inline __attribute__((always_inline)) long bare_syscall(long number, long a, long b, long c, long d)
{
	/* A function that needs no stack gets no frame, whatever the flags: asking for the frame's address makes one. */
	__asm__ volatile("" : : "r"(__builtin_frame_address(0)));
#if defined(__x86_64__)
	long result;
	register long r10 __asm__("r10") = d;

	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return result;
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
	return x0;
#else
#error "no bare system call for this architecture"
#endif
}

static inline uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

/* Inlined, so that the frame in the stack is the caller's. */
static inline __attribute__((always_inline)) void sleep_ns(uint64_t ns)
{
	struct timespec length = { ns / 1000000000ull, ns % 1000000000ull };

	bare_syscall(SYS_nanosleep, (long)&length, 0, 0, 0);
}

static inline __attribute__((always_inline)) void futex_wait(uint32_t *word, uint32_t expected)
{
	bare_syscall(SYS_futex, (long)word, FUTEX_WAIT_PRIVATE, expected, 0);
}

static inline __attribute__((always_inline)) void futex_wake(uint32_t *word, int count)
{
	bare_syscall(SYS_futex, (long)word, FUTEX_WAKE_PRIVATE, count, 0);
}

static inline __attribute__((always_inline)) long read_byte(int fd)
{
	char byte;

	return bare_syscall(SYS_read, fd, (long)&byte, 1, 0);
}

static inline __attribute__((always_inline)) long write_byte(int fd)
{
	char byte = 'x';

	return bare_syscall(SYS_write, fd, (long)&byte, 1, 0);
}

static inline void name_thread(const char *name)
{
	prctl(PR_SET_NAME, name);
	/* The default slack of 50 us would lengthen each sleep by an amount that no test knows. */
	prctl(PR_SET_TIMERSLACK, 1);
}

static inline long argument(int count, char **values, int index, long fallback)
{
	return index < count ? strtol(values[index], NULL, 10) : fallback;
}

static inline void open_pipe(int ends[2])
{
	if (pipe(ends)) {
		perror("pipe");
		exit(1);
	}
}

static inline pthread_t start_thread(void *(*body)(void *), void *context)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, body, context);

	if (error) {
		fprintf(stderr, "pthread_create: %s\n", strerror(error));
		exit(1);
	}
	return thread;
}

#endif
