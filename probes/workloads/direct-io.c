/* SPDX-License-Identifier: Apache-2.0 */
/*
 * direct-io FILE SEED COUNT KIB: writes COUNT blocks of KIB to FILE, then reads as many at drawn places, past the page
 * cache and one after the other. FILE may be a block device: then it is flushed and each block discarded, too.
 * Truth: each is one request of its device, which took a little less than the call did, as long as the device takes that
 * many bytes at once.
 */
#include "own-lengths.h"
#include "seeded.h"
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

int main(int count, char **values)
{
	uint64_t seed = argument(count, values, 2, 1);
	long times = argument(count, values, 3, 100);
	long bytes = argument(count, values, 4, 4) * 1024;
	struct stat what;
	void *block;
	int fd;

	if (count < 2 || times < 1 || bytes < 4096 || bytes % 4096) {
		fprintf(stderr, "usage: direct-io FILE SEED COUNT KIB, KIB a multiple of 4\n");
		return 2;
	}
	name_thread("direct-io");
	if (posix_memalign(&block, 4096, bytes)) {
		fprintf(stderr, "no memory for %ld bytes\n", bytes);
		return 1;
	}
	memset(block, 'x', bytes);
	fd = open(values[1], O_CREAT | O_RDWR | O_TRUNC | O_DIRECT, 0600);
	must(fd, values[1]);
	for (long i = 0; i < times; i++)
		must(TIMED("write", pwrite(fd, block, bytes, i * bytes)), "pwrite");
	for (long i = 0; i < times; i++) {
		long at = bytes * draw_between(&seed, 0, times - 1);

		must(TIMED("read", pread(fd, block, bytes, at)), "pread");
	}
	must(fstat(fd, &what), "fstat");
	for (long i = 0; S_ISBLK(what.st_mode) && i < times; i++) {
		uint64_t range[2] = { i * bytes, bytes };

		must(TIMED("flush", fsync(fd)), "fsync");
		must(TIMED("discard", ioctl(fd, BLKDISCARD, range)), "BLKDISCARD");
	}
	close(fd);
	if (S_ISREG(what.st_mode))
		unlink(values[1]);
	print_own_lengths();
	return 0;
}
