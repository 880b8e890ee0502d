/* What an error notification of the gateway means (RFC 7296 section 3.10.1). Pure.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "iked/reason.h"

struct tunnel;

/* What the message that brought it is about. */
enum notify_about {
	NOTIFY_ABOUT_IKE,   /* IKE_SA_INIT, or an IKE SA that is rekeyed */
	NOTIFY_ABOUT_CHILD, /* a new child SA, in IKE_AUTH or later */
	NOTIFY_ABOUT_REKEY, /* a child SA that is rekeyed */
};

/* Errors have lower numbers; COOKIE alone of the others can keep a tunnel down. */
#define NOTIFY_MAX_ERROR 16383
#define NOTIFY_COOKIE 16390
#define NOTIFY_INVALID_KE_PAYLOAD 17

/* Asked once or twice to try again, we try again; after so many times in a row it is a reason. */
#define NOTIFY_PATIENCE 3

struct notify_meaning {
	enum reason reason; /* REASON_NONE: it is none */
	bool is_ordinary;   /* until it has come NOTIFY_PATIENCE times in a row */
};

/* The meaning of notification `type`. For INVALID_KE_PAYLOAD `ke` is the group that it names, and
 * `tunnel` what is configured. */
struct notify_meaning notify_meaning(uint16_t type, enum notify_about about, uint16_t ke,
				     const struct tunnel *tunnel);
