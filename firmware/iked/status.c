/* Answers how each tunnel is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/status.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "iked/ike.h"
#include "proto/status_proto.h"

static_assert(sizeof(struct status_tunnel) <= SERVER_MAX_MESSAGE_BYTES, "a row is one message");

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void answer_tunnel(struct server_session *session, const void *request,
			  struct server_reply *ret_reply)
{
	const struct status *status = session->server->config->owner;
	const struct status_request *asked = request;
	struct status_tunnel row = { .error = -ENOENT };

	if (asked->row < tunnels_n(status->tunnels)) {
		struct ike_counters counters;

		tunnels_row(status->tunnels, asked->row, now_ms(), &row);
		ike_count(asked->row, &counters);
		row.bytes_in = counters.bytes_in;
		row.bytes_out = counters.bytes_out;
		row.packets_in = counters.packets_in;
		row.packets_out = counters.packets_out;
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
