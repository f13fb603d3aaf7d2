/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lookups COUNT: in a network and mounts of its own, whose resolver is a process of its own on loopback that takes its time:
 * asked for dN.test it answers after N ms, asked for none.test there is no such name, and asked for silent.test it says
 * nothing. Looks up d0, d3, d20 and none COUNT times by each of getaddrinfo, gethostbyname and gethostbyname2, silent once
 * by getaddrinfo, and localhost, which needs no resolver, COUNT times.
 * Truth: what each call took, by the function that was called. Built with every C library that there is.
 */
#include "latencies.h"
#include "loopback-network.h"
#include <netdb.h>
#include <signal.h>

#define HEADER_BYTES 12
#define NO_SUCH_NAME 3

/* One question a packet, its name at the 13th byte: a byte of length, then so many characters, …, 0, type, class. */
static void serve(int fd)
{
	/* A (1) IN (1), by a pointer to the name in the question, for 0 s: nobody keeps it. */
	static const unsigned char answer[] = { 0xc0, HEADER_BYTES, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 192, 0, 2, 1 };
	unsigned char packet[512 + sizeof(answer)];

	for (;;) {
		struct sockaddr_in from;
		socklen_t from_bytes = sizeof(from);
		long bytes = recvfrom(fd, packet, 512, 0, (struct sockaddr *)&from, &from_bytes);
		long at = HEADER_BYTES;

		if (bytes < HEADER_BYTES + 6)
			continue;
		while (at < bytes && packet[at])
			at += packet[at] + 1;
		/* Without what may follow the question (EDNS). */
		bytes = at + 5;
		packet[2] |= 0x80;
		packet[3] = 0;
		memset(packet + 6, 0, 6);
		if (!memcmp(packet + HEADER_BYTES, "\6silent", 7))
			continue;
		if (packet[HEADER_BYTES + 1] == 'd') {
			sleep_ns(strtoul((char *)packet + HEADER_BYTES + 2, NULL, 10) * 1000000ull);
			packet[7] = 1;
			memcpy(packet + bytes, answer, sizeof(answer));
			bytes += sizeof(answer);
		} else {
			packet[3] |= NO_SUCH_NAME;
		}
		sendto(fd, packet, bytes, 0, (struct sockaddr *)&from, from_bytes);
	}
}

static pid_t start_resolver(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(53)
	};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	pid_t child;

	need(fd >= 0 && !bind(fd, (struct sockaddr *)&address, sizeof(address)), "bind port 53");
	child = fork();
	need(child >= 0, "fork");
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		name_thread("resolver");
		serve(fd);
	}
	close(fd);
	return child;
}

static void look_up(const char *name)
{
	const struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	uint64_t began_ns = now_ns();

	if (!getaddrinfo(name, "80", &hints, &found))
		freeaddrinfo(found);
	add_latency("getaddrinfo", began_ns);
}

static void look_up_each_way(const char *name)
{
	uint64_t began_ns;

	look_up(name);
	began_ns = now_ns();
	gethostbyname(name);
	add_latency("gethostbyname", began_ns);
	began_ns = now_ns();
	gethostbyname2(name, AF_INET);
	add_latency("gethostbyname2", began_ns);
}

int main(int count, char **values)
{
	long times = argument(count, values, 1, 10);
	pid_t resolver;

	make_loopback_network();
	put_over("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
	put_over("/etc/nsswitch.conf", "hosts: files dns\n");
	resolver = start_resolver();
	for (long i = 0; i < times; i++) {
		look_up_each_way("d0.test");
		look_up_each_way("d3.test");
		look_up_each_way("d20.test");
		look_up_each_way("none.test");
		look_up("localhost");
	}
	look_up("silent.test");
	kill(resolver, SIGKILL);
	waitpid(resolver, NULL, 0);
	print_latencies();
	return 0;
}
