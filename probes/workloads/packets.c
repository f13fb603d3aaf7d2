/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packets MS GAP_US BUSY: in a network of its own whose loopback hands every packet to the last CPU (RPS), so that it
 * arrives there in a softirq on top of whatever runs. The process sender, on the first CPU, sends one each GAP_US in
 * send_here; receiver waits for it in receive_here. Beside them, each with its own wait: napper in nap_here (a timer in
 * hard interrupt), and timeouter in time_out_here, whose receive times out after GAP_US rounded up to a tick (a timer in
 * softirq). BUSY keeps every CPU busy meanwhile with threads that never wait and wake nobody: user (they compute), calls
 * (they enter the kernel all the time), network (they send to an address that nobody receives at, with softirqs held off
 * for much of the time), or none.
 * Truth: receiver is woken by network receive, the others by the timer. No busy thread ever wakes anybody.
 */
#include "account.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>

enum who { RECEIVER, NAPPER, TIMEOUTER, PROCESSES };

static uint64_t until_ns, gap_ns;
static const char *busy;

void receive_here(int fd)
{
	read_byte(fd);
}

void send_here(int fd)
{
	write_byte(fd);
}

void nap_here(uint64_t ns)
{
	sleep_ns(ns);
}

void time_out_here(int fd)
{
	read_byte(fd);
}

static void need(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

static void run_on(long cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	need(!sched_setaffinity(0, sizeof(set), &set), "packets: sched_setaffinity");
}

static void make_network(long cpus)
{
	struct ifreq loopback = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	need(!unshare(CLONE_NEWNET | CLONE_NEWNS), "packets: unshare");
	need(!mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL), "packets: private mounts");
	need(!mount("sysfs", "/sys", "sysfs", 0, NULL), "packets: sysfs of the network");
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	need(!ioctl(fd, SIOCSIFFLAGS, &loopback), "packets: loopback up");
	close(fd);
	fd = open("/sys/class/net/lo/queues/rx-0/rps_cpus", O_WRONLY);
	need(fd >= 0 && dprintf(fd, "%lx\n", 1ul << (cpus - 1)) > 0, "packets: rps_cpus");
	close(fd);
}

static int bound_socket(struct sockaddr_in *address)
{
	socklen_t length = sizeof(*address);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	*address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	need(!bind(fd, (struct sockaddr *)address, length) && !getsockname(fd, (struct sockaddr *)address, &length),
	     "packets: bind");
	return fd;
}

static void *busy_body(void *context)
{
	long mine = (long)context;
	struct sockaddr_in nowhere = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000002), .sin_port = htons(9) };
	char name[16];
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	snprintf(name, sizeof(name), "busy-%ld", mine);
	name_thread(name);
	run_on(mine);
	while (now_ns() < until_ns) {
		if (busy[0] == 'c')
			bare_syscall(SYS_getppid, 0, 0, 0, 0);
		else if (busy[0] == 'n')
			sendto(fd, "x", 1, 0, (struct sockaddr *)&nowhere, sizeof(nowhere));
	}
	return NULL;
}

static void be_busy(long cpus)
{
	pthread_t all[MAX_ACCOUNTS];

	for (long i = 0; i < cpus; i++)
		all[i] = start_thread(busy_body, (void *)i);
	for (long i = 0; i < cpus; i++)
		pthread_join(all[i], NULL);
}

static void be_sender(const struct sockaddr_in *to)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	name_thread("sender");
	run_on(0);
	need(!connect(fd, (const struct sockaddr *)to, sizeof(*to)), "packets: connect");
	while (now_ns() < until_ns) {
		sleep_ns(gap_ns);
		send_here(fd);
	}
	/* One more a while later: the receiver may have begun to wait again. */
	sleep_ns(20000000);
	send_here(fd);
}

static void be_waiter(enum who who, int fd)
{
	static const char *const NAMES[] = { "receiver", "napper", "timeouter" };
	static const char *const WAITS[] = { "receive_here", "nap_here", "time_out_here" };
	struct account *account = open_account(who, NAMES[who]);

	while (now_ns() < until_ns) {
		uint64_t blocks = thread_blocks(), began = now_ns();

		if (who == RECEIVER)
			receive_here(fd);
		else if (who == NAPPER)
			nap_here(gap_ns);
		else
			time_out_here(fd);
		add_wait(&account->waits[0], WAITS[who], began, who == RECEIVER ? 0 : gap_ns);
		account->waits[0].slept += thread_blocks() != blocks;
	}
	close_account(account);
}

int main(int count, char **values)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct timeval timeout;
	struct sockaddr_in to, silent;
	int ends[2];

	gap_ns = argument(count, values, 2, 5000) * 1000;
	busy = count > 3 ? values[3] : "none";
	if (cpus > 64)
		cpus = 64;
	share_accounts();
	make_network(cpus);
	timeout = (struct timeval){ gap_ns / 1000000000, gap_ns / 1000 % 1000000 };
	ends[0] = bound_socket(&to);
	ends[1] = bound_socket(&silent);
	need(!setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)), "packets: SO_RCVTIMEO");
	until_ns = now_ns() + argument(count, values, 1, 1000) * 1000000ull;
	for (int who = 0; who < PROCESSES; who++) {
		if (fork() == 0) {
			be_waiter(who, who == RECEIVER ? ends[0] : ends[1]);
			_exit(0);
		}
	}
	if (fork() == 0) {
		be_sender(&to);
		_exit(0);
	}
	if (strcmp(busy, "none") != 0)
		be_busy(cpus);
	while (wait(NULL) > 0)
		;
	print_accounts(PROCESSES, "");
	return 0;
}
