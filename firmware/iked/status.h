/* Answers how each tunnel is, on STATUS_IKED_PATH (proto/status_proto.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "iked/path_look.h"
#include "iked/tunnels.h"
#include "runtime/server.h"

struct status {
	struct server server;
	struct server_config config;
	struct tunnels *tunnels;
	struct wan_state wan; /* as it was at wan_ms of CLOCK_MONOTONIC */
	uint64_t wan_ms;
};

/* Opens the socket for the group IKE_GROUP. Call it while IKE runs: a row's counters are asked from
 * the kernel. Returns 0 or a negative errno. */
__attribute__((warn_unused_result)) int status_open(struct status *status, struct loop *loop,
						    struct tunnels *tunnels);
void status_close(struct status *status);
