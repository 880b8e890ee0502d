/* ICMP errors about packets that we sent, as the kernel queues them (IP_RECVERR, ip(7)). No
 * libcharon, no right.
 *
 * The kernel queues none for a socket that unpacks ESP (__udp4_lib_err in net/ipv4/udp.c): from UDP
 * port 4500 nothing ever comes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdint.h>

#include "base/addr.h"
#include "iked/reason.h"

struct icmp_error {
	struct addr destination; /* where our packet went */
	struct addr reporter;	 /* who sent the error: a router, the gateway, or this box */
	enum reason reason;
};

/* Takes the next error off a socket's queue; never blocks. Returns 1 with `ret_error` filled, 0 for
 * one that says nothing about reachability, or -EAGAIN when there is none left. */
__attribute__((warn_unused_result)) int icmp_error_take(int fd, struct icmp_error *ret_error);

/* The reason that a code of ICMP "destination unreachable" is (RFC 792, RFC 1812 section 5.2.7.1);
 * REASON_NONE for those that are none. */
enum reason icmp_error_reason(uint8_t code);
