/* Answers how each tunnel is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/status.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "iked/ike.h"
#include "proto/status_proto.h"

static_assert(sizeof(struct status_tunnel) <= SERVER_MAX_MESSAGE_BYTES, "a row is one message");

#define WAN_MS 1000 /* a look at the WAN is good for all rows of one report */

static const struct wan_state *look_at_wan(struct status *status)
{
	uint64_t now = clock_now_ms();

	if (status->wan_ms == 0 || now - status->wan_ms > WAN_MS) {
		status->wan = path_look_wan(tunnels_wan(status->tunnels));
		status->wan_ms = now;
	}
	return &status->wan;
}

static void fill(struct status *status, size_t i, struct status_tunnel *row)
{
	const struct wan_state *wan = look_at_wan(status);
	struct ike_counters counters;

	ike_count(i, &counters);
	row->bytes_in = counters.bytes_in;
	row->bytes_out = counters.bytes_out;
	row->packets_in = counters.packets_in;
	row->packets_out = counters.packets_out;
	tunnels_row(status->tunnels, i, clock_now_ms(), wan,
		    path_look_route(tunnels_gateway(status->tunnels, i)), row);
}

static void answer_tunnel(struct server_session *session, const void *request,
			  struct server_reply *ret_reply)
{
	struct status *status = session->server->config->owner;
	const struct status_request *asked = request;
	struct status_tunnel row = { .error = -ENOENT };

	if (asked->row < tunnels_n(status->tunnels)) {
		row.error = 0;
		fill(status, asked->row, &row);
	}
	row.version = STATUS_PROTO_VERSION;
	row.type = asked->type;
	memcpy(ret_reply->bytes, &row, sizeof(row));
	ret_reply->len = sizeof(row);
}

static const struct server_row rows[] = {
	{ STATUS_REQUEST_TUNNEL, sizeof(struct status_request), 1, "TUNNEL", answer_tunnel },
	{ .name = NULL },
};

int status_open(struct status *status, struct loop *loop, struct tunnels *tunnels)
{
	status->tunnels = tunnels;
	status->config = (struct server_config){
		.path = STATUS_IKED_PATH,
		.name = "status",
		.mode = 0660,
		.group = IKE_GROUP,
		.n_sessions = SERVER_MAX_SESSIONS,
		.version = STATUS_PROTO_VERSION,
		.rows = rows,
		.owner = status,
	};
	return server_open(&status->server, loop, &status->config);
}

void status_close(struct status *status)
{
	server_close(&status->server);
}
