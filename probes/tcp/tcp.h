/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* What the tcp probe counts by: what came of a connection, and by which protocol it was tried. Wire codes of the agent. */
#ifndef STALLSCOPE_TCP_H
#define STALLSCOPE_TCP_H

enum tcp_outcome {
	TCP_CONNECTED = 0,
	/* A reset came, or an ICMP that says that nobody listens there. */
	TCP_REFUSED = 1,
	/* No answer to any of the SYNs that the kernel sends. */
	TCP_TIMED_OUT = 2,
	TCP_RESET = 3,
	/* An ICMP says so, or nobody on the link answers for the address. */
	TCP_UNREACHABLE = 4,
	/* The program closed the socket before an answer: its own timeout, mostly. */
	TCP_GIVEN_UP = 5,
	/* The administrator ended it (ss -K), or the device or its address went. */
	TCP_ABORTED = 6,
	/* connect() failed before the SYN was out: no local port was free, a firewall here refused it, … */
	TCP_NOT_SENT = 7,
	TCP_FAILED = 8,
};

/* Targets: 0 is none. */
enum tcp_family {
	TCP_IPV4 = 1,
	TCP_IPV6 = 2,
};

#endif
