/* Readiness, as the supervisor understands it: systemd's notification protocol, sd_notify(3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

/* Tells the supervisor that the service does its work: sends "READY=1" to $NOTIFY_SOCKET. Does
 * nothing and returns 0 when the variable is unset. Returns 0 or a negative errno. */
int notify_ready(void);
