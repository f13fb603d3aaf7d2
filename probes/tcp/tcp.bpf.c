// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * How long TCP connections take to come about, and what comes of them: from the SYN until the socket's next state.
 *
 *     CLOSE ──▶ SYN_SENT ──┬──▶ ESTABLISHED                connected (also by way of SYN_RECV: both connected at once)
 *       in the connecting  ├──▶ CLOSE, error of the socket  refused, timed out, reset, unreachable, …
 *       thread             └──▶ CLOSE, no error             given up: the program closed it before an answer came
 *
 * The thread that connects is the one whose operation it is, also where it does not wait (O_NONBLOCK) and another closes
 * the socket; the end comes in a softirq mostly, on top of whoever runs. What fails before a SYN is tried at all (no route,
 * a wrong address) does not begin here.
 */
#include "../include/kernel.h"
#include "tcp.h"
#include "../include/latency.h"
/* Uses what latency.h names. */
#include "../include/in-flight-objects.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define AF_INET6 10
#define IPPROTO_TCP 6

/* include/net/tcp_states.h, of the ABI by way of TCP_INFO. */
#define TCP_ESTABLISHED 1
#define TCP_SYN_SENT 2
#define TCP_SYN_RECV 3
#define TCP_CLOSE 7


/* include/uapi/asm-generic/errno.h; x86 and arm64 have these numbers. */
#define ENETUNREACH 101
#define ECONNABORTED 103
#define ECONNRESET 104
#define ETIMEDOUT 110
#define ECONNREFUSED 111
#define EHOSTDOWN 112
#define EHOSTUNREACH 113

struct in6_addr {
	u8 bytes[16];
};

struct sock_common {
	u16 skc_family;
	struct in6_addr skc_v6_daddr;
} __attribute__((preserve_access_index));

/* include/uapi/linux/net.h: connect() leaves the first for the second once the SYN is out. */
enum socket_state {
	SS_UNCONNECTED = 1,
	SS_CONNECTING = 2,
};

struct socket {
	enum socket_state state;
} __attribute__((preserve_access_index));

struct sock {
	struct sock_common __sk_common;
	/* A bit field of 8 before 5.6 (bf9765145b85). */
	u16 sk_protocol;
	int sk_err;
	struct socket *sk_socket;
} __attribute__((preserve_access_index));

/* Nothing reads these: they keep enums that are used as plain constants in the BTF that layouts are generated from. */
enum tcp_outcome *tcp_outcome_in_btf;
enum tcp_family *tcp_family_in_btf;

/* ::ffff:a.b.c.d, by which IPv6 sockets speak IPv4. */
static __always_inline bool is_mapped_ipv4(struct sock *sk)
{
	struct in6_addr address = {};
	u32 words[4];

	BPF_CORE_READ_INTO(&address, sk, __sk_common.skc_v6_daddr);
	__builtin_memcpy(words, &address, sizeof(words));
	return !words[0] && !words[1] && words[2] == __builtin_bswap32(0xffff);
}

static __always_inline u32 family_of(struct sock *sk)
{
	if (BPF_CORE_READ(sk, __sk_common.skc_family) != AF_INET6 || is_mapped_ipv4(sk))
		return TCP_IPV4;
	return TCP_IPV6;
}

/* The kernel sets the error before it closes the socket for it; close() and a failing connect() set none by then. */
static __always_inline u16 outcome_of_close(struct sock *sk)
{
	struct socket *socket;

	switch (BPF_CORE_READ(sk, sk_err)) {
	case ECONNREFUSED:
		return TCP_REFUSED;
	case ETIMEDOUT:
		return TCP_TIMED_OUT;
	case ECONNRESET:
		return TCP_RESET;
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EHOSTDOWN:
		return TCP_UNREACHABLE;
	case ECONNABORTED:
		return TCP_ABORTED;
	case 0:
		socket = BPF_CORE_READ(sk, sk_socket);
		if (socket && BPF_CORE_READ(socket, state) == SS_UNCONNECTED)
			return TCP_NOT_SENT;
		return TCP_GIVEN_UP;
	default:
		return TCP_FAILED;
	}
}

static __always_inline void begin_connect(struct sock *sk, u64 now_ns)
{
	struct in_flight *begun;

	begin_object(sk, bpf_get_current_task_btf(), now_ns);
	begun = find_object(sk);
	if (begun)
		begun->target = family_of(sk);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_state, struct sock *sk, int old_state, int new_state)
{
	struct in_flight *begun;

	if (new_state != TCP_SYN_SENT && old_state != TCP_SYN_SENT && old_state != TCP_SYN_RECV)
		return 0;
	/* MPTCP, SCTP and DCCP have these states too. */
	if (BPF_CORE_READ(sk, sk_protocol) != IPPROTO_TCP)
		return 0;
	if (new_state == TCP_SYN_SENT) {
		begin_connect(sk, bpf_ktime_get_ns());
		return 0;
	}
	/* The answer to a SYN of one's own is a SYN: it is not over yet. */
	if (new_state == TCP_SYN_RECV)
		return 0;
	begun = find_object(sk);
	/* A connection that came in, one that began before anybody looked, or one that found no room and has been counted. */
	if (!begun)
		return 0;
	begun->operation = new_state == TCP_CLOSE ? outcome_of_close(sk) : TCP_CONNECTED;
	end_object(sk, begun, bpf_ktime_get_ns());
	return 0;
}
