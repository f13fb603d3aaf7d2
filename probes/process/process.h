/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* The record of an exec, as it lies in the ring. Of args what lies behind args_read means nothing. */
#ifndef STALLSCOPE_PROCESS_H
#define STALLSCOPE_PROCESS_H

#include "../include/fixed-width.h"

/* Of the words of a command line, with the zero after each: more than a table shows; cut ones say so by args_bytes. */
#define MAX_ARGS_BYTES 1024

struct exec_record {
	/* CLOCK_MONOTONIC. */
	u64 time_ns;
	/* On the v2 hierarchy. */
	u64 cgroup;
	u32 tgid;
	/* At that instant: an orphan has another later. */
	u32 parent_tgid;
	/* Effective, in the first user namespace. */
	u32 uid;
	/* Of the whole command line. */
	u32 args_bytes;
	/* Read into args: the smaller of args_bytes and MAX_ARGS_BYTES, or 0 when it could not be read. */
	u32 args_read;
	u32 reserved;
	u8 args[MAX_ARGS_BYTES];
};

_Static_assert(sizeof(struct exec_record) == 40 + MAX_ARGS_BYTES, "exec_record has no padding");

enum exec_counter {
	/* One for each exec whose record found no room in the ring: in on_exec. */
	EXEC_LOST = 0,
	EXEC_COUNTER_COUNT,
};

#endif
