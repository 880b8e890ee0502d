/* Notices that addresses or routes of the box change.
 *
 * Says only that something did; who is told looks for itself. A burst of changes is told once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "runtime/loop.h"

/* A burst, as a DHCP client makes one, is over after so long. */
#define PATH_WATCH_SETTLE_MS 200

struct path_watch {
	struct loop *loop;
	struct loop_source source;
	struct loop_timer timer;
	void (*on_change)(void);
};

/* Subscribes to IPv4 addresses and routes (rtnetlink(7)); needs no right. Returns 0 or a negative
 * errno. */
__attribute__((warn_unused_result)) int path_watch_open(struct path_watch *watch, struct loop *loop,
							void (*on_change)(void));
void path_watch_close(struct path_watch *watch);
