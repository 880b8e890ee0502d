/* What an error notification of the gateway means.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/notify_reason.h"

#include "base/cleanup.h"
#include "config/tunnel.h"

/* IANA's registry "IKEv2 Notify Message Error Types" */
enum {
	UNSUPPORTED_CRITICAL_PAYLOAD = 1,
	INVALID_IKE_SPI = 4,
	INVALID_MAJOR_VERSION = 5,
	INVALID_SYNTAX = 7,
	INVALID_MESSAGE_ID = 9,
	NO_PROPOSAL_CHOSEN = 14,
	AUTHENTICATION_FAILED = 24,
	SINGLE_PAIR_REQUIRED = 34,
	NO_ADDITIONAL_SAS = 35,
	INTERNAL_ADDRESS_FAILURE = 36,
	FAILED_CP_REQUIRED = 37,
	TS_UNACCEPTABLE = 38,
	INVALID_SELECTORS = 39,
	TEMPORARY_FAILURE = 43,
	CHILD_SA_NOT_FOUND = 44,
};

static const struct {
	uint16_t type;
	enum reason reason;
	bool is_ordinary;
} rows[] = {
	{ UNSUPPORTED_CRITICAL_PAYLOAD, REASON_PAYLOAD, false },
	{ INVALID_IKE_SPI, REASON_STRANGER, false },
	{ INVALID_MAJOR_VERSION, REASON_VERSION, false },
	{ INVALID_SYNTAX, REASON_PAYLOAD, false },
	{ INVALID_MESSAGE_ID, REASON_HEADER, false },
	{ AUTHENTICATION_FAILED, REASON_KEY_REFUSED, false },
	{ SINGLE_PAIR_REQUIRED, REASON_SINGLE_PAIR, false },
	{ NO_ADDITIONAL_SAS, REASON_CHILD_LIMIT, false },
	{ INTERNAL_ADDRESS_FAILURE, REASON_ADDRESS_WANTED, false },
	{ FAILED_CP_REQUIRED, REASON_ADDRESS_WANTED, false },
	{ TS_UNACCEPTABLE, REASON_SELECTORS, false },
	{ INVALID_SELECTORS, REASON_SELECTORS_LEFT, false },
	{ TEMPORARY_FAILURE, REASON_AGAIN_LATER, true },
	{ CHILD_SA_NOT_FOUND, REASON_NONE, true }, /* two rekeyings crossed */
	{ NOTIFY_COOKIE, REASON_COOKIES, true },
};

/* A proposal that is refused. */
static enum reason proposal_reason(enum notify_about about)
{
	switch (about) {
	case NOTIFY_ABOUT_IKE:
		return REASON_IKE_PROPOSAL;
	case NOTIFY_ABOUT_CHILD:
		return REASON_ESP_PROPOSAL;
	case NOTIFY_ABOUT_REKEY:
		break;
	}
	return REASON_PFS;
}

static bool has_ike_group(const struct tunnel *tunnel, uint16_t ke)
{
	for (size_t i = 0; i < tunnel->n_ike_suites; i++)
		if (tunnel->ike_suites[i].ke == ke)
			return true;
	return false;
}

static bool has_esp_group(const struct tunnel *tunnel, uint16_t ke)
{
	for (size_t i = 0; i < tunnel->n_esp_suites; i++)
		if (tunnel->esp_suites[i].ke == ke)
			return true;
	return false;
}

struct notify_meaning notify_meaning(uint16_t type, enum notify_about about, uint16_t ke,
				     const struct tunnel *tunnel)
{
	if (type == NOTIFY_INVALID_KE_PAYLOAD && about == NOTIFY_ABOUT_IKE)
		return (struct notify_meaning){ REASON_IKE_GROUP, has_ike_group(tunnel, ke) };
	if (type == NOTIFY_INVALID_KE_PAYLOAD)
		return (struct notify_meaning){ REASON_PFS_GROUP, has_esp_group(tunnel, ke) };
	if (type == NO_PROPOSAL_CHOSEN)
		return (struct notify_meaning){ proposal_reason(about), false };
	for (size_t i = 0; i < countof(rows); i++)
		if (rows[i].type == type)
			return (struct notify_meaning){ rows[i].reason, rows[i].is_ordinary };
	return (struct notify_meaning){ type <= NOTIFY_MAX_ERROR ? REASON_NOTIFY : REASON_NONE,
					false };
}
