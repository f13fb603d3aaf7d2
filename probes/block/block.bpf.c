// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * How long block devices take: from when a request is issued to its device until it is complete, as biolatency counts
 * without -Q, by disk, operation and whose request it is.
 *
 *     a task submits ──block_io_start──▶ whose it is ──block_rq_issue──▶ begins ──block_rq_complete──▶ ends
 *                      or block_rq_insert                 ▲────block_rq_requeue────┘
 *
 * Whose: a request may be issued by a worker of the kernel long after it was submitted, so the task is noted where it
 * submits (block_io_start, since 6.5) or where the request goes into the scheduler's queue, and only then where it is
 * issued. What the kernel writes back is its own worker's.
 *
 * Target: the disk's number, major << 20 | minor. Operation: enum block_operation.
 */
#include "../include/in-flight-objects.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Order is that of BLOCK_OPERATIONS in the agent. */
enum block_operation {
	BLOCK_READ = 0,
	BLOCK_WRITE = 1,
	BLOCK_FLUSH = 2,
	BLOCK_DISCARD = 3,
	BLOCK_SECURE_ERASE = 4,
	BLOCK_WRITE_ZEROES = 5,
	/* Zones of zoned devices, and what drivers and programs send past the file systems. */
	BLOCK_OTHER = 6,
};

/* include/linux/blk_types.h: the low 8 bits of cmd_flags since 4.10; these numbers have not changed since. */
#define REQ_OP_MASK 0xff
#define REQ_OP_READ 0
#define REQ_OP_WRITE 1
#define REQ_OP_FLUSH 2
#define REQ_OP_DISCARD 3
#define REQ_OP_SECURE_ERASE 5
#define REQ_OP_WRITE_ZEROES 9

#define MINOR_BITS 20

/* A request that went back into the queue keeps whose it is: who inserts it again is a worker. */
#define MARK_REQUEUED 1

struct gendisk {
	int major;
	int first_minor;
} __attribute__((preserve_access_index));

struct request_queue {
	struct gendisk *disk;
} __attribute__((preserve_access_index));

struct request {
	struct request_queue *q;
	unsigned int cmd_flags;
	unsigned int __data_len;
	/* CLOCK_MONOTONIC; 0 where the device keeps no statistics. */
	u64 start_time_ns;
} __attribute__((preserve_access_index));

/* 5.17 took rq_disk out of the request (f3fa33acca9f). */
struct request___before_5_17 {
	struct gendisk *rq_disk;
} __attribute__((preserve_access_index));

static __always_inline u32 disk_of(struct request *rq)
{
	struct request___before_5_17 *old = (void *)rq;
	struct gendisk *disk;

	if (bpf_core_field_exists(old->rq_disk))
		disk = old->rq_disk;
	else
		disk = rq->q->disk;
	/* None: what is sent to a device that has no disk, such as a tape or an enclosure. */
	return disk ? disk->major << MINOR_BITS | disk->first_minor : 0;
}

static __always_inline u16 operation_of(u32 op)
{
	switch (op) {
	case REQ_OP_READ:
		return BLOCK_READ;
	case REQ_OP_WRITE:
		return BLOCK_WRITE;
	case REQ_OP_FLUSH:
		return BLOCK_FLUSH;
	case REQ_OP_DISCARD:
		return BLOCK_DISCARD;
	case REQ_OP_SECURE_ERASE:
		return BLOCK_SECURE_ERASE;
	case REQ_OP_WRITE_ZEROES:
		return BLOCK_WRITE_ZEROES;
	default:
		return BLOCK_OTHER;
	}
}

/* Whoever runs now submits it. */
static __always_inline int submitted(struct request *rq)
{
	struct in_flight *known = find_object(rq);

	if (!known || known->mark != MARK_REQUEUED)
		begin_in_place_of(known, rq, bpf_get_current_task_btf(), 0);
	return 0;
}

/* block_io_start has told already, but for what drivers send and for devices without statistics. */
static __always_inline int inserted(struct request *rq)
{
	struct in_flight *known = find_object(rq);

	if (!known || known->began_ns)
		begin_in_place_of(known, rq, bpf_get_current_task_btf(), 0);
	return 0;
}

static __always_inline int issued(struct request *rq)
{
	struct in_flight *known = find_object(rq);
	u64 now_ns = bpf_ktime_get_ns();

	if (known && !known->began_ns)
		known->began_ns = now_ns;
	else
		begin_in_place_of(known, rq, bpf_get_current_task_btf(), now_ns);
	return 0;
}

static __always_inline int requeued(struct request *rq)
{
	struct in_flight *known = find_object(rq);

	if (known) {
		known->began_ns = 0;
		known->mark = MARK_REQUEUED;
	}
	return 0;
}

/* It has become a part of another. */
static __always_inline int merged(struct request *rq)
{
	drop_object(rq);
	return 0;
}

SEC("tp_btf/block_io_start")
int BPF_PROG(block_io_start, struct request *rq)
{
	return submitted(rq);
}

SEC("tp_btf/block_rq_insert")
int BPF_PROG(block_rq_insert, struct request *rq)
{
	return inserted(rq);
}

SEC("tp_btf/block_rq_issue")
int BPF_PROG(block_rq_issue, struct request *rq)
{
	return issued(rq);
}

SEC("tp_btf/block_rq_requeue")
int BPF_PROG(block_rq_requeue, struct request *rq)
{
	return requeued(rq);
}

SEC("tp_btf/block_rq_merge")
int BPF_PROG(block_rq_merge, struct request *rq)
{
	return merged(rq);
}

/* 5.11 took the queue out of these (a54895fa057c). */
SEC("tp_btf/block_rq_insert")
int BPF_PROG(block_rq_insert_before_5_11, void *queue, struct request *rq)
{
	return inserted(rq);
}

SEC("tp_btf/block_rq_issue")
int BPF_PROG(block_rq_issue_before_5_11, void *queue, struct request *rq)
{
	return issued(rq);
}

SEC("tp_btf/block_rq_requeue")
int BPF_PROG(block_rq_requeue_before_5_11, void *queue, struct request *rq)
{
	return requeued(rq);
}

SEC("tp_btf/block_rq_merge")
int BPF_PROG(block_rq_merge_before_5_11, void *queue, struct request *rq)
{
	return merged(rq);
}

/*
 * Of a request that never went to the device as itself: it asked for a flush, which is a request of its own, or its data
 * are written and the flush behind them is too. Nothing is missing then.
 */
static __always_inline bool is_of_the_device(struct request *rq, u32 bytes)
{
	return bytes || (rq->cmd_flags & REQ_OP_MASK) == REQ_OP_FLUSH;
}

SEC("tp_btf/block_rq_complete")
int BPF_PROG(block_rq_complete, struct request *rq, int error, unsigned int bytes)
{
	u64 now_ns = bpf_ktime_get_ns();
	struct in_flight *known = find_object(rq);
	u64 submitted_ns;

	/* A part of it; the rest is to come. */
	if (bytes < rq->__data_len)
		return 0;
	if (known && known->began_ns) {
		known->target = disk_of(rq);
		known->operation = operation_of(rq->cmd_flags & REQ_OP_MASK);
		end_object(rq, known, now_ns);
		return 0;
	}
	if (known)
		drop_object(rq);
	submitted_ns = rq->start_time_ns;
	if (is_of_the_device(rq, bytes) && (!submitted_ns || submitted_ns > attached_ns))
		count(LOST_START_MISSED);
	return 0;
}
