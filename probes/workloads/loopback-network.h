/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A network and mounts of the workload's own, in which it may listen on any port and say who resolves names: nothing of the
 * host is changed, and nothing of it is in the way.
 */
#ifndef STALLSCOPE_LOOPBACK_NETWORK_H
#define STALLSCOPE_LOOPBACK_NETWORK_H

#include "workload.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>

static inline void need(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

static inline void make_loopback_network(void)
{
	struct ifreq loopback = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	need(!unshare(CLONE_NEWNET | CLONE_NEWNS), "unshare");
	need(!mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL), "private mounts");
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	need(!ioctl(fd, SIOCSIFFLAGS, &loopback), "loopback up");
	close(fd);
}

/* `text` is what is read at `path` from now on, in these mounts alone; where there is no such file, nothing is changed. */
static inline void put_over(const char *path, const char *text)
{
	char other[] = "/tmp/stallscope-XXXXXX";
	int fd;

	if (access(path, F_OK))
		return;
	fd = mkstemp(other);
	need(fd >= 0 && write(fd, text, strlen(text)) == (long)strlen(text), other);
	/* Whoever resolves names may not be root. */
	need(!fchmod(fd, 0644), other);
	close(fd);
	need(!mount(other, path, NULL, MS_BIND, NULL), path);
	unlink(other);
}

#endif
