/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fsyncer FILE [COUNT]: writes a block to FILE and fsyncs it, COUNT times.
 * Truth: waits in flush_here in state D for the disk, as long as the calls took less what they computed; the wait ends
 * by block completion, directly or by way of the journal's thread.
 */
#include "account.h"

int flush_here(int fd)
{
	return bare_syscall(SYS_fsync, fd, 0, 0, 0);
}

int main(int count, char **values)
{
	long flushes = argument(count, values, 2, 20);
	static char block[65536];
	struct account *account;
	char more[80];
	uint64_t started;
	int fd;

	if (count < 2) {
		fprintf(stderr, "usage: fsyncer FILE [COUNT]\n");
		return 2;
	}
	share_accounts();
	account = open_account(0, "fsyncer");
	fd = open(values[1], O_CREAT | O_RDWR, 0600);
	if (fd < 0) {
		perror(values[1]);
		return 1;
	}
	for (long i = 0; i < flushes; i++) {
		memset(block, (int)i, sizeof(block));
		if (pwrite(fd, block, sizeof(block), i * (long)sizeof(block)) != sizeof(block)) {
			perror("pwrite");
			return 1;
		}
		started = now_ns();
		if (flush_here(fd)) {
			fprintf(stderr, "fsync failed\n");
			return 1;
		}
		add_wait(&account->waits[0], "flush_here", started, 0);
	}
	unlink(values[1]);
	/* Gives its blocks back, which waits too: within the account. */
	close(fd);
	close_account(account);
	snprintf(more, sizeof(more), ",\"flushes\":%ld,\"inFlushNs\":%lu", flushes, account->waits[0].took_ns);
	print_accounts(1, more);
	return 0;
}
