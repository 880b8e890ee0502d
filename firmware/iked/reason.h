/* Why a tunnel is not up: in words, in Azure's words, and what to do about it. One table; pure.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "base/limits.h"
#include "proto/rung.h"

struct tunnel;

enum reason {
#define REASON(name, ...) REASON_##name,
#include "iked/reason.def"
#undef REASON
	REASON_N,
};

/* All that is said of a reason; each is "" where there is nothing to say. */
struct reason_words {
	char text[MAX_SENTENCE_BYTES];	  /* what happened */
	char offered[MAX_SENTENCE_BYTES]; /* what we had offered: two of a kind and how many more */
	char remedy[MAX_REMEDY_BYTES];
	const char *code;    /* in Azure's log; static */
	const char *setting; /* of Azure's; static */
};

/* Says a reason for `tunnel`, on a box whose WAN interface is `wan`. `detail` may be NULL. What
 * does not fit is cut. */
void reason_print(enum reason reason, const struct tunnel *tunnel, const char *wan,
		  const char *detail, struct reason_words *ret_words);

/* One word for logs, e.g. "ike-proposal". */
const char *reason_id(enum reason reason);
/* The rung at which it stops; RUNG_N when that is not known. */
enum rung reason_rung(enum reason reason);
