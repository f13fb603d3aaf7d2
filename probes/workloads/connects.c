/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connects COUNT: in a network of its own, connects over loopback, by IPv4 and by IPv6, COUNT times each to a port that is
 * open and to one where nobody listens; then, each in a thread of its own and all at once:
 *   - crowded: to a listener whose backlog is full and who begins to accept after 300 ms. The SYN was dropped, and is sent
 *     again after about a second: then it is accepted;
 *   - silent: to a listener who never accepts, with one retransmission allowed (TCP_SYNCNT): it times out;
 *   - impatient: to the same, without waiting in connect(), and closes after 150 ms.
 * Truth: what each took, by what came of it, under the names that the tcp probe has; of the impatient one until its close.
 */
#include "latencies.h"
#include "loopback-network.h"
#include <netinet/tcp.h>
#include <poll.h>

#define ACCEPT_AFTER_NS 300000000ull
#define PATIENCE_NS 150000000ull

static union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
} crowded, silent;
static int crowded_listener;

static union address loopback_address(int family)
{
	union address address;

	memset(&address, 0, sizeof(address));
	address.any.sa_family = family;
	if (family == AF_INET)
		address.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		address.v6.sin6_addr = in6addr_loopback;
	return address;
}

static socklen_t address_bytes(const union address *address)
{
	return address->any.sa_family == AF_INET ? sizeof(address->v4) : sizeof(address->v6);
}

static int bound(int family, union address *address)
{
	socklen_t bytes = sizeof(*address);
	int fd = socket(family, SOCK_STREAM, 0);

	*address = loopback_address(family);
	need(fd >= 0 && !bind(fd, &address->any, address_bytes(address)) && !getsockname(fd, &address->any, &bytes),
	     "bind");
	return fd;
}

static const char *outcome(int error)
{
	switch (error) {
	case 0:
		return "connected";
	case ECONNREFUSED:
		return "refused";
	case ETIMEDOUT:
		return "timed out";
	default:
		perror("connect");
		exit(1);
	}
}

/* Measured around connect() alone: a socket is made and closed quickly, but not by the kernel's connect. */
static void connect_to(const union address *address, int is_nearly_out_of_patience)
{
	int once = 1, fd = socket(address->any.sa_family, SOCK_STREAM, 0);
	uint64_t began_ns;
	int failed;

	need(fd >= 0, "socket");
	if (is_nearly_out_of_patience)
		need(!setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &once, sizeof(once)), "TCP_SYNCNT");
	began_ns = now_ns();
	failed = connect(fd, &address->any, address_bytes(address));
	add_latency(outcome(failed ? errno : 0), began_ns);
	close(fd);
}

/* Connections that nobody accepts: one more than the backlog is taken, all further SYNs are dropped. */
static int full_listener(union address *address)
{
	int fd = bound(AF_INET, address);

	need(!listen(fd, 0), "listen");
	connect_to(address, 0);
	return fd;
}

static void *connect_crowded(void *unused)
{
	(void)unused;
	connect_to(&crowded, 0);
	return NULL;
}

static void *connect_silent(void *unused)
{
	(void)unused;
	connect_to(&silent, 1);
	return NULL;
}

static void *connect_impatiently(void *unused)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	uint64_t began_ns = now_ns();

	(void)unused;
	need(connect(fd, &silent.any, address_bytes(&silent)) && errno == EINPROGRESS, "connect without waiting");
	sleep_ns(PATIENCE_NS);
	close(fd);
	add_latency("given up", began_ns);
	return NULL;
}

static void *accept_late(void *unused)
{
	(void)unused;
	sleep_ns(ACCEPT_AFTER_NS);
	need(accept(crowded_listener, NULL, NULL) >= 0, "accept");
	return NULL;
}

int main(int count, char **values)
{
	long times = argument(count, values, 1, 50);
	const int families[] = { AF_INET, AF_INET6 };
	void *(*const bodies[])(void *) = { accept_late, connect_crowded, connect_silent, connect_impatiently };
	pthread_t threads[4];

	make_loopback_network();
	for (int f = 0; f < 2; f++) {
		union address open_port, closed_port;
		int listener = bound(families[f], &open_port);

		/* Stays bound, so that it is nobody else's. */
		bound(families[f], &closed_port);
		need(!listen(listener, times + 1), "listen");
		for (long i = 0; i < times; i++) {
			connect_to(&open_port, 0);
			connect_to(&closed_port, 0);
		}
		close(listener);
	}
	crowded_listener = full_listener(&crowded);
	full_listener(&silent);
	for (int i = 0; i < 4; i++)
		threads[i] = start_thread(bodies[i], NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	print_latencies();
	return 0;
}
