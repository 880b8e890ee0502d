/* ICMP errors about packets that we sent.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/icmp_error.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <linux/errqueue.h> /* needs struct timespec */

enum reason icmp_error_reason(uint8_t code)
{
	switch (code) {
	case ICMP_NET_UNREACH:
	case ICMP_NET_UNKNOWN:
	case ICMP_NET_UNR_TOS:
		return REASON_ICMP_NET;
	case ICMP_HOST_UNREACH:
	case ICMP_HOST_UNKNOWN:
	case ICMP_HOST_UNR_TOS:
		return REASON_ICMP_HOST;
	case ICMP_PORT_UNREACH:
		return REASON_ICMP_PORT;
	case ICMP_NET_ANO:
	case ICMP_HOST_ANO:
	case ICMP_PKT_FILTERED:
		return REASON_ICMP_ADMIN;
	default: /* of the path, not of its end */
		return REASON_NONE;
	}
}

static struct addr addr_from_sockaddr(const struct sockaddr_in *from)
{
	struct addr addr = { .family = ADDR_FAMILY_IPV4 };

	memcpy(addr.bytes, &from->sin_addr, sizeof(from->sin_addr));
	return addr;
}

/* The reason in the control data, and who reported it. */
static enum reason read_control(struct msghdr *message, struct addr *ret_reporter)
{
	for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control;
	     control = CMSG_NXTHDR(message, control)) {
		struct {
			struct sock_extended_err error;
			struct sockaddr_in offender; /* SO_EE_OFFENDER */
		} data;

		if (control->cmsg_level != IPPROTO_IP || control->cmsg_type != IP_RECVERR ||
		    control->cmsg_len < CMSG_LEN(sizeof(data)))
			continue;
		memcpy(&data, CMSG_DATA(control), sizeof(data));
		if (data.error.ee_origin != SO_EE_ORIGIN_ICMP ||
		    data.error.ee_type != ICMP_DEST_UNREACH)
			continue;
		*ret_reporter = addr_from_sockaddr(&data.offender);
		return icmp_error_reason(data.error.ee_code);
	}
	return REASON_NONE;
}

int icmp_error_take(int fd, struct icmp_error *ret_error)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(struct sock_extended_err) +
				      sizeof(struct sockaddr_in)) +
			   CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control;
	struct sockaddr_in destination = { 0 };
	struct msghdr message = { .msg_name = &destination,
				  .msg_namelen = sizeof(destination),
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	struct icmp_error error;

	if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return -EAGAIN;
	error.reason = read_control(&message, &error.reporter);
	if (error.reason == REASON_NONE || destination.sin_family != AF_INET)
		return 0;
	error.destination = addr_from_sockaddr(&destination);
	*ret_error = error;
	return 1;
}
