/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own-files FILE SEED COUNT: opens FILE, writes a drawn length to it, reads it, fsyncs it, COUNT times, by each of the
 * calls that do it; and as often does the same to a pipe, and to a FIFO beside FILE, which are no files of ext4.
 * Truth: COUNT opens, 3 × COUNT writes, 3 × COUNT reads, COUNT fsyncs of FILE; each takes a little less than its call.
 */
#include "own-lengths.h"
#include "seeded.h"
#include <sys/stat.h>
#include <sys/uio.h>

#define MOST_BYTES (1 << 20)

int main(int count, char **values)
{
	static char bytes[MOST_BYTES];
	uint64_t seed = argument(count, values, 2, 1);
	long times = argument(count, values, 3, 100);
	struct iovec whole = { bytes, 0 };
	char fifo[256];
	int pipe_ends[2], fifo_end;

	if (count < 2) {
		fprintf(stderr, "usage: own-files FILE SEED COUNT\n");
		return 2;
	}
	name_thread("own-files");
	open_pipe(pipe_ends);
	snprintf(fifo, sizeof(fifo), "%s.fifo", values[1]);
	must(mkfifo(fifo, 0600), fifo);
	/* Reads and writes: does not wait for another end. */
	fifo_end = open(fifo, O_RDWR);
	must(fifo_end, fifo);
	for (long i = 0; i < times; i++) {
		int file = TIMED("open", open(values[1], O_CREAT | O_RDWR, 0600));

		must(file, values[1]);
		whole.iov_len = draw_length(&seed, 512, MOST_BYTES);
		must(TIMED("write", write(file, bytes, whole.iov_len)), "write");
		must(TIMED("write", pwrite(file, bytes, whole.iov_len, 0)), "pwrite");
		must(TIMED("write", writev(file, &whole, 1)), "writev");
		must(TIMED("fsync", i % 2 ? fsync(file) : fdatasync(file)), "fsync");
		must(TIMED("read", pread(file, bytes, whole.iov_len, 0)), "pread");
		must(TIMED("read", preadv(file, &whole, 1, 0)), "preadv");
		must(TIMED("read", read(file, bytes, 1)), "read");
		close(file);
		for (int end = 0; end < 2; end++) {
			int to = end ? fifo_end : pipe_ends[1], from = end ? fifo_end : pipe_ends[0];

			must(write_byte(to), "write to a pipe");
			must(read_byte(from), "read from a pipe");
		}
	}
	unlink(fifo);
	unlink(values[1]);
	print_own_lengths();
	return 0;
}
