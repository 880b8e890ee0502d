/* What the sockets tell before libcharon reads a packet: that a gateway is there, that it speaks
 * another protocol, and ICMP errors about what we sent to it.
 *
 * Nothing here is authenticated, and none of it ends anything: it explains, and makes the keeper
 * look.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/charon_parts.h"

#include "iked/icmp_error.h"

#define MAX_ERRORS 64 /* the loop comes back for more */

#define MARKER_BYTES 4	  /* ahead of IKE on UDP 4500 (RFC 3948 section 2.2) */
#define VERSION_OFFSET 17 /* RFC 7296 section 3.1 */

static uint8_t major_version(chunk_t data, uint16_t port)
{
	size_t at = VERSION_OFFSET + (port == IKEV2_NATT_PORT ? MARKER_BYTES : 0);

	return data.len > at ? data.ptr[at] >> 4 : 0;
}

void charon_wire_note_packet(const uint8_t source[4], uint16_t port, chunk_t data)
{
	struct tunnels *tunnels = charon_parts()->tunnels;
	int tunnel = tunnels_find_gateway(tunnels, source);

	if (tunnel < 0)
		return;
	tunnels_note_heard(tunnels, (size_t)tunnel, port, clock_now_us());
	if (major_version(data, port) == 1)
		tunnels_set_reason(tunnels, (size_t)tunnel, REASON_VERSION, NULL);
}

void charon_wire_note_icmp(size_t tunnel, enum reason reason, const char *reporter)
{
	struct charon_parts *parts = charon_parts();

	tunnels_set_reason(parts->tunnels, tunnel, reason, reporter);
	parts->keeper->probe(parts->keeper, tunnel);
}

/* Only what is about a packet to a gateway counts. */
void charon_wire_take_errors(int fd)
{
	struct icmp_error error;
	char reporter[ADDR_TEXT_BYTES];
	int taken, tunnel;

	for (int i = 0; i < MAX_ERRORS; i++) {
		taken = icmp_error_take(fd, &error);
		if (taken < 0)
			return;
		tunnel = taken ? tunnels_find_gateway(charon_parts()->tunnels,
						      error.destination.bytes)
			       : -1;
		if (tunnel >= 0)
			charon_wire_note_icmp((size_t)tunnel, error.reason,
					      addr_print(&error.reporter, reporter));
	}
}
