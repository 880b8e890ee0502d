/* The state of fairlead-xfrmd, one object for the whole process, and its channels.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "base/event.h"
#include "runtime/server.h"
#include "xfrmd/install.h"
#include "xfrmd/sa.h"
#include "xfrmd/steer.h"

struct xfrmd {
	const char *config_path;
	uid_t iked_uid;
	struct loop loop;
	struct loop_signals signals;
	struct kernel kernel;
	const struct envelope *envelope; /* sealed */
	struct install install;		 /* work space */
	struct sa_table sas;
	struct loop_timer orphan_timer;
	bool is_orphan_timer_set;
	struct steer steer;
	struct loop_timer steer_timer;
	struct server requests, status;
	int udp_fds[2];	     /* ports 500 and 4500: held, handed out, never read */
	int event_fd;	     /* to the session's events, or -1 */
	uint64_t session;    /* its number; 0: none */
	bool is_failed;	     /* a reload could not be installed */
	uint64_t up_since_s; /* Unix time */
	uint64_t n_requests, n_refusals;
	struct event_budget told; /* what iked can bring about: it must not fill the log */
	char last_refusal[MAX_SENTENCE_BYTES];
};

/* What may be asked on xfrm.sock and on xfrmd-status.sock; the owner of the server's configuration
 * is the struct xfrmd. */
extern const struct server_row answer_rows[], answer_status_rows[];

/* on_end of xfrm.sock. */
void answer_end(struct server_session *session);
