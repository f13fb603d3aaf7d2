/* SPDX-License-Identifier: Apache-2.0 */
/*
 * epoll-server SEED MEDIUM CLIENTS REQUESTS THINK_US: clients client-0, client-1, … (processes) think, asleep in
 * client_think up to THINK_US, send a request in client_send and wait for the answer in client_wait. The process server
 * waits for them all in serve_wait, takes the request in serve_read, works off CPU in serve_work for 300 us a request, and answers in serve_reply.
 * MEDIUM is socketpair or tcp (over loopback).
 * Truth: server is woken by a client in client_send, which the timer woke; a client is woken by server in serve_reply,
 * which the timer woke. A client whose thinking was over before the server went to wait is the cause, and nothing stands
 * behind it: `whole` of serve_wait counts the others.
 */
#include "account.h"
#include "seeded.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define MAX_CLIENTS 32
#define WORK_NS 300000

static uint64_t seed, think_ns;
static long clients, requests;
static int served[MAX_CLIENTS];
/* Before this instant the timer does not wake a client; shared with the server. */
static uint64_t *due_ns;

void client_think(uint64_t ns)
{
	sleep_ns(ns);
}

void client_send(int fd)
{
	write_byte(fd);
}

void client_wait(int fd)
{
	read_byte(fd);
}

long serve_wait(int epoll, struct epoll_event *event)
{
	/* pwait: not every architecture has epoll_wait. The fifth argument is a mask of no length. */
	return bare_syscall(SYS_epoll_pwait, epoll, (long)event, 1, -1);
}

void serve_read(int fd)
{
	read_byte(fd);
}

void serve_work(uint64_t ns)
{
	sleep_ns(ns);
}

void serve_reply(int fd)
{
	write_byte(fd);
}

static void be_client(long mine, int fd)
{
	uint64_t own_seed = seed + mine, began, asked, blocks;
	struct account *account;
	char name[16];

	snprintf(name, sizeof(name), "client-%ld", mine);
	account = open_account(1 + mine, name);
	for (long i = 0; i < requests; i++) {
		asked = draw_between(&own_seed, think_ns / 4, think_ns);
		began = now_ns();
		due_ns[mine] = began + asked;
		client_think(asked);
		add_wait(&account->waits[0], "client_think", began, asked);
		client_send(fd);
		blocks = thread_blocks();
		began = now_ns();
		client_wait(fd);
		add_wait(&account->waits[1], "client_wait", began, 0);
		account->waits[1].slept += thread_blocks() != blocks;
	}
	close_account(account);
}

static void be_server(int epoll)
{
	struct account *account = open_account(0, "server");
	struct epoll_event event;

	for (long left = clients * requests; left > 0; left--) {
		uint64_t blocks = thread_blocks(), began = now_ns(), slept;
		int fd;

		if (serve_wait(epoll, &event) != 1) {
			fprintf(stderr, "epoll-server: waiting failed\n");
			exit(1);
		}
		add_wait(&account->waits[0], "serve_wait", began, 0);
		slept = thread_blocks() != blocks;
		account->waits[0].slept += slept;
		account->waits[0].whole += slept && due_ns[event.data.u32] > began;
		fd = served[event.data.u32];
		serve_read(fd);
		began = now_ns();
		serve_work(WORK_NS);
		add_wait(&account->waits[1], "serve_work", began, WORK_NS);
		serve_reply(fd);
	}
	close_account(account);
}

static void connect_ends(int is_tcp, int ends[2])
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int door;

	if (!is_tcp && !socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		return;
	door = socket(AF_INET, SOCK_STREAM, 0);
	ends[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (!is_tcp || bind(door, (struct sockaddr *)&address, length) ||
	    getsockname(door, (struct sockaddr *)&address, &length) || listen(door, 1) ||
	    connect(ends[0], (struct sockaddr *)&address, length) || (ends[1] = accept(door, NULL, NULL)) < 0) {
		perror("epoll-server: sockets");
		exit(1);
	}
	close(door);
}

int main(int count, char **values)
{
	int is_tcp = count > 2 && strcmp(values[2], "tcp") == 0;
	int ends[MAX_CLIENTS][2], epoll = epoll_create1(0);

	seed = argument(count, values, 1, 1);
	clients = argument(count, values, 3, 3);
	requests = argument(count, values, 4, 100);
	think_ns = argument(count, values, 5, 4000) * 1000;
	if (clients < 1 || clients > MAX_CLIENTS) {
		fprintf(stderr, "epoll-server: 1 to %d clients\n", MAX_CLIENTS);
		return 2;
	}
	share_accounts();
	due_ns = share_memory(clients * sizeof(*due_ns));
	for (long i = 0; i < clients; i++) {
		struct epoll_event event = { .events = EPOLLIN };

		connect_ends(is_tcp, ends[i]);
		served[i] = ends[i][1];
		event.data.u32 = i;
		epoll_ctl(epoll, EPOLL_CTL_ADD, ends[i][1], &event);
		if (fork() == 0) {
			be_client(i, ends[i][0]);
			_exit(0);
		}
	}
	if (fork() == 0) {
		be_server(epoll);
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	print_accounts(1 + clients, "");
	return 0;
}
