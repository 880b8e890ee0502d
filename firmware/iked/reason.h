/* Why a tunnel is not up, in words, and what to do about it. One table; pure.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "base/limits.h"

struct tunnel;

/* In rising order of what they tell: within one attempt a later one with more to tell takes the
 * place of an earlier one, never the other way round. */
enum reason {
	REASON_NONE,
	REASON_STARTING,       /* first attempt is under way */
	REASON_WAITING,	       /* responder only: the gateway has to begin */
	REASON_ENDED,	       /* the IKE SA or child SA is gone, nothing else is known */
	REASON_GATEWAY_CLOSED, /* the gateway sent a DELETE */
	REASON_EXPIRED,	       /* not rekeyed in time */
	REASON_WAN_CHANGED,    /* our own address is another one now */
	REASON_DEAD,	       /* was up, then no answer */
	REASON_NO_ROUTE,       /* no way to the gateway */
	REASON_SILENT,	       /* no answer to IKE_SA_INIT */
	REASON_SILENT_AUTH,    /* answer to IKE_SA_INIT, none to IKE_AUTH */
	REASON_NOTIFY,	       /* some other error notification; `detail` names it */
	REASON_SELECTORS,      /* TS_UNACCEPTABLE */
	REASON_ESP_PROPOSAL,   /* NO_PROPOSAL_CHOSEN for the child SA */
	REASON_PFS,	       /* the same when rekeying: the KE differs */
	REASON_IKE_PROPOSAL,   /* NO_PROPOSAL_CHOSEN in IKE_SA_INIT */
	REASON_KEY_REFUSED,    /* AUTHENTICATION_FAILED from the gateway */
	REASON_KEY_WRONG,      /* the gateway failed to prove its identity or key */
	REASON_XFRMD,	       /* xfrmd or the kernel did not install the SAs; `detail` says why */
	REASON_N,
};

/* Prints a reason as a sentence and what to do about it, for `tunnel`. `detail` may be NULL. Cut at
 * MAX_SENTENCE_BYTES; "" where there is nothing to say. */
void reason_print(enum reason reason, const struct tunnel *tunnel, const char *detail,
		  char ret_text[static MAX_SENTENCE_BYTES],
		  char ret_remedy[static MAX_SENTENCE_BYTES]);

/* One word for logs, e.g. "ike-proposal". */
const char *reason_id(enum reason reason);
