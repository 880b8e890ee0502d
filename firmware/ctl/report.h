/* What the daemons say about themselves, gathered once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "proto/status_proto.h"

struct report {
	uint64_t now_s;	 /* Unix time at which it was gathered */
	int iked_error;	 /* 0, or the negative errno with which iked could not be asked */
	int xfrmd_error; /* the same of xfrmd */
	struct status_kernel kernel; /* zero without xfrmd */
	size_t n_tunnels, n_up;
	struct status_tunnel *tunnels; /* owned; what iked answered before an error included */
};

/* Asks both daemons by their sockets below `run_dir` (STATUS_RUN_DIR), each answer at most 2 s. A
 * daemon that is not there, or breaks the protocol (-EPROTO), is part of the report. Texts in it
 * are NUL-terminated and states are known ones. Returns 0 and a report that the caller deinits, or
 * -ENOMEM. */
__attribute__((warn_unused_result)) int report_init(const char *run_dir, struct report *ret_report);
void report_deinit(struct report *report);
