/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* What the dns probe counts by: the function of the C library that was called. Wire codes of the agent. */
#ifndef STALLSCOPE_DNS_H
#define STALLSCOPE_DNS_H

enum dns_function {
	DNS_GETADDRINFO = 0,
	DNS_GETHOSTBYNAME = 1,
	DNS_GETHOSTBYNAME2 = 2,
};

#endif
