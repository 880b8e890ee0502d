/* What happens in libcharon, for status rows, log and keeper.
 *
 * A listener_t. Why a tunnel is not up is read from three places: error notifications in the
 * messages themselves, libcharon's alerts, and the state in which an SA ended. It also narrows what
 * a gateway proposes to one plain prefix at each end, which is what an SA of the kernel can hold.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/charon_parts.h"

#include <encoding/payloads/delete_payload.h>
#include <encoding/payloads/notify_payload.h>

#define MAX_ERROR_NOTIFY 16383 /* RFC 7296 section 3.10.1 */
#define SILENT_AFTER 2	       /* retransmissions after which silence is worth telling */

/* The tunnel of an IKE SA; before a responder knows its peer, that of the address. -1: none. */
static int tunnel_of(ike_sa_t *ike_sa)
{
	struct charon_parts *parts = charon_parts();
	chunk_t address;
	host_t *other;
	int tunnel;

	if (!ike_sa)
		return -1;
	tunnel = parts->peers->find(parts->peers, ike_sa->get_peer_cfg(ike_sa));
	if (tunnel >= 0)
		return tunnel;
	other = ike_sa->get_other_host(ike_sa);
	address = other->get_address(other);
	return address.len == 4 ? tunnels_find_gateway(parts->tunnels, address.ptr) : -1;
}

static void set_reason(ike_sa_t *ike_sa, enum reason reason, const char *detail)
{
	int tunnel = tunnel_of(ike_sa);

	if (tunnel >= 0)
		tunnels_set_reason(charon_parts()->tunnels, (size_t)tunnel, reason, detail);
}

/* A child SA cannot be rekeyed in this IKE SA. */
static void note_rekey_refused(ike_sa_t *ike_sa)
{
	struct charon_parts *parts = charon_parts();
	int tunnel = tunnel_of(ike_sa);

	set_reason(ike_sa, REASON_PFS, NULL);
	if (tunnel >= 0)
		parts->keeper->reopen(parts->keeper, (size_t)tunnel);
}

static void wake(void)
{
	struct charon_parts *parts = charon_parts();

	parts->keeper->wake(parts->keeper);
}

static uint16_t algorithm(proposal_t *proposal, transform_type_t type, uint16_t *ret_bits)
{
	uint16_t id = 0, bits = 0;

	proposal->get_algorithm(proposal, type, &id, &bits);
	if (ret_bits)
		*ret_bits = bits;
	return id;
}

static struct negotiated negotiated_from(proposal_t *proposal)
{
	struct negotiated suite = { 0 };

	if (!proposal)
		return suite;
	suite.encr = algorithm(proposal, ENCRYPTION_ALGORITHM, &suite.key_bits);
	suite.integ = algorithm(proposal, INTEGRITY_ALGORITHM, NULL);
	suite.prf = algorithm(proposal, PSEUDO_RANDOM_FUNCTION, NULL);
	suite.ke = algorithm(proposal, KEY_EXCHANGE_METHOD, NULL);
	return suite;
}

static void note_ike(ike_sa_t *ike_sa)
{
	struct negotiated suite = negotiated_from(ike_sa->get_proposal(ike_sa));
	int tunnel = tunnel_of(ike_sa);

	if (tunnel >= 0)
		tunnels_set_ike(charon_parts()->tunnels, (size_t)tunnel, &suite,
				ike_sa->has_condition(ike_sa, COND_NAT_ANY));
}

static void note_child(ike_sa_t *ike_sa, child_sa_t *child_sa)
{
	struct negotiated suite = negotiated_from(child_sa->get_proposal(child_sa));
	int tunnel = tunnel_of(ike_sa);

	if (tunnel >= 0)
		tunnels_set_esp(charon_parts()->tunnels, (size_t)tunnel, &suite);
}

/* --- messages ------------------------------------------------------------------------------- */

/* What was good enough for the first child SA is refused: only the KE is new. */
static bool is_about_rekeying(ike_sa_t *ike_sa)
{
	return ike_sa->get_state(ike_sa) == IKE_ESTABLISHED && ike_sa->get_child_count(ike_sa) > 0;
}

static void note_no_proposal(ike_sa_t *ike_sa, message_t *message)
{
	exchange_type_t exchange = message->get_exchange_type(message);

	if (exchange == CREATE_CHILD_SA && is_about_rekeying(ike_sa))
		note_rekey_refused(ike_sa);
	else if (exchange == IKE_SA_INIT || ike_sa->get_state(ike_sa) == IKE_REKEYING)
		set_reason(ike_sa, REASON_IKE_PROPOSAL, NULL);
	else
		set_reason(ike_sa, REASON_ESP_PROPOSAL, NULL);
}

static void note_error(ike_sa_t *ike_sa, message_t *message, notify_type_t type)
{
	switch (type) {
	case INVALID_KE_PAYLOAD: /* in the ordinary course of a negotiation */
	case TEMPORARY_FAILURE:
	case CHILD_SA_NOT_FOUND:
		return;
	case NO_PROPOSAL_CHOSEN:
		note_no_proposal(ike_sa, message);
		return;
	case AUTHENTICATION_FAILED:
		set_reason(ike_sa, REASON_KEY_REFUSED, NULL);
		return;
	case TS_UNACCEPTABLE:
		set_reason(ike_sa, REASON_SELECTORS, NULL);
		return;
	default:
		set_reason(ike_sa, REASON_NOTIFY, enum_to_name(notify_type_names, type));
		return;
	}
}

static void note_payload(ike_sa_t *ike_sa, message_t *message, payload_t *payload)
{
	if (payload->get_type(payload) == PLV2_NOTIFY) {
		notify_payload_t *notify = (notify_payload_t *)payload;
		notify_type_t type = notify->get_notify_type(notify);

		if (type <= MAX_ERROR_NOTIFY)
			note_error(ike_sa, message, type);
	} else if (payload->get_type(payload) == PLV2_DELETE) {
		delete_payload_t *deletion = (delete_payload_t *)payload;

		if (deletion->get_protocol_id(deletion) == PROTO_IKE &&
		    ike_sa->get_state(ike_sa) == IKE_ESTABLISHED)
			set_reason(ike_sa, REASON_GATEWAY_CLOSED, NULL);
	}
}

METHOD(listener_t, message_hook, bool, listener_t *this, ike_sa_t *ike_sa, message_t *message,
       bool incoming, bool plain)
{
	enumerator_t *payloads;
	payload_t *payload;
	int tunnel;

	if (!plain)
		return TRUE;
	if (!incoming) {
		tunnel = tunnel_of(ike_sa);
		if (tunnel >= 0 && message->get_exchange_type(message) == IKE_SA_INIT &&
		    message->get_request(message))
			tunnels_note_start(charon_parts()->tunnels, (size_t)tunnel,
					   charon_now_us());
		return TRUE;
	}
	payloads = message->create_payload_enumerator(message);
	while (payloads->enumerate(payloads, &payload))
		note_payload(ike_sa, message, payload);
	payloads->destroy(payloads);
	return TRUE;
}

/* --- alerts --------------------------------------------------------------------------------- */

static void note_silence(ike_sa_t *ike_sa)
{
	ike_sa_id_t *id = ike_sa->get_id(ike_sa);

	if (ike_sa->get_state(ike_sa) != IKE_CONNECTING)
		set_reason(ike_sa, REASON_DEAD, NULL);
	else if (id->get_responder_spi(id))
		set_reason(ike_sa, REASON_SILENT_AUTH, NULL);
	else
		set_reason(ike_sa, REASON_SILENT, NULL);
}

static void note_retransmission(ike_sa_t *ike_sa, va_list args)
{
	(void)va_arg(args, packet_t *);
	if (va_arg(args, int) >= SILENT_AFTER && ike_sa->get_state(ike_sa) == IKE_CONNECTING)
		note_silence(ike_sa);
}

static void note_install_failure(ike_sa_t *ike_sa)
{
	char failure[MAX_SENTENCE_BYTES];

	xfrmc_last_failure(charon_parts()->xfrmc, failure);
	set_reason(ike_sa, REASON_XFRMD, failure[0] ? failure : "the SAs could not be installed");
}

METHOD(listener_t, alert, bool, listener_t *this, ike_sa_t *ike_sa, alert_t alert, va_list args)
{
	if (!ike_sa)
		return TRUE;
	switch (alert) {
	case ALERT_PEER_AUTH_FAILED:
		set_reason(ike_sa, REASON_KEY_WRONG, NULL);
		break;
	case ALERT_RETRANSMIT_SEND:
		note_retransmission(ike_sa, args);
		break;
	case ALERT_RETRANSMIT_SEND_TIMEOUT:
		note_silence(ike_sa);
		break;
	case ALERT_PROPOSAL_MISMATCH_IKE:
		set_reason(ike_sa, REASON_IKE_PROPOSAL, NULL);
		break;
	case ALERT_PROPOSAL_MISMATCH_CHILD:
		if (is_about_rekeying(ike_sa))
			note_rekey_refused(ike_sa);
		else
			set_reason(ike_sa, REASON_ESP_PROPOSAL, NULL);
		break;
	case ALERT_TS_MISMATCH:
		set_reason(ike_sa, REASON_SELECTORS, NULL);
		break;
	case ALERT_INSTALL_CHILD_SA_FAILED:
		note_install_failure(ike_sa);
		break;
	case ALERT_IKE_SA_EXPIRED:
		set_reason(ike_sa, REASON_EXPIRED, NULL);
		break;
	default: /* certificates, RADIUS, virtual IPs: not in use; the rest is no reason */
		break;
	}
	return TRUE;
}

/* --- states --------------------------------------------------------------------------------- */

METHOD(listener_t, ike_state_change, bool, listener_t *this, ike_sa_t *ike_sa, ike_sa_state_t state)
{
	int tunnel;

	if (state == IKE_DESTROYING && ike_sa->get_state(ike_sa) == IKE_CONNECTING) {
		tunnel = tunnel_of(ike_sa);
		if (tunnel >= 0)
			tunnels_note_ended(charon_parts()->tunnels, (size_t)tunnel);
	}
	wake();
	return TRUE;
}

METHOD(listener_t, child_state_change, bool, listener_t *this, ike_sa_t *ike_sa,
       child_sa_t *child_sa, child_sa_state_t state)
{
	wake();
	return TRUE;
}

METHOD(listener_t, ike_updown, bool, listener_t *this, ike_sa_t *ike_sa, bool up)
{
	if (up)
		note_ike(ike_sa);
	return TRUE;
}

METHOD(listener_t, ike_rekey, bool, listener_t *this, ike_sa_t *old, ike_sa_t *new)
{
	note_ike(new);
	return TRUE;
}

/* Only the gateway closes a child SA that has not expired; duplicates that the keeper closes leave
 * the tunnel up, and then the reason is not shown. */
static void note_closed(ike_sa_t *ike_sa, child_sa_t *child_sa)
{
	time_t end = child_sa->get_lifetime(child_sa, TRUE);

	if (ike_sa->get_state(ike_sa) != IKE_ESTABLISHED)
		return;
	set_reason(ike_sa,
		   end && time_monotonic(NULL) >= end ? REASON_EXPIRED : REASON_GATEWAY_CLOSED,
		   NULL);
}

METHOD(listener_t, child_updown, bool, listener_t *this, ike_sa_t *ike_sa, child_sa_t *child_sa,
       bool up)
{
	int tunnel = tunnel_of(ike_sa);

	if (!up) {
		note_closed(ike_sa, child_sa);
		return TRUE;
	}
	if (tunnel >= 0)
		tunnels_note_installed(charon_parts()->tunnels, (size_t)tunnel, charon_now_us());
	note_ike(ike_sa); /* the hook for the IKE SA comes after the one for its first child */
	note_child(ike_sa, child_sa);
	return TRUE;
}

METHOD(listener_t, child_rekey, bool, listener_t *this, ike_sa_t *ike_sa, child_sa_t *old,
       child_sa_t *new)
{
	note_child(ike_sa, new);
	return TRUE;
}

/* --- traffic selectors ---------------------------------------------------------------------- */

static bool is_plain_prefix(traffic_selector_t *selector)
{
	host_t *net = NULL;
	uint8_t len;
	bool is_prefix = selector->to_subnet(selector, &net, &len);

	DESTROY_IF(net);
	return is_prefix && selector->get_protocol(selector) == 0 &&
	       selector->get_from_port(selector) == 0 && selector->get_to_port(selector) == 65535;
}

static void keep_one_prefix(linked_list_t *selectors)
{
	enumerator_t *enumerator = selectors->create_enumerator(selectors);
	traffic_selector_t *selector;
	bool has_one = FALSE;

	while (enumerator->enumerate(enumerator, &selector)) {
		if (!has_one && is_plain_prefix(selector)) {
			has_one = TRUE;
			continue;
		}
		selectors->remove_at(selectors, enumerator);
		selector->destroy(selector);
	}
	enumerator->destroy(enumerator);
}

METHOD(listener_t, narrow, bool, listener_t *this, ike_sa_t *ike_sa, child_sa_t *child_sa,
       narrow_hook_t type, linked_list_t *local, linked_list_t *remote)
{
	if (type == NARROW_RESPONDER || type == NARROW_INITIATOR_POST_NOAUTH ||
	    type == NARROW_INITIATOR_POST_AUTH) {
		keep_one_prefix(local);
		keep_one_prefix(remote);
	}
	return TRUE;
}

listener_t *charon_events_create(void)
{
	listener_t *this;

	INIT(this, .alert = _alert, .message = _message_hook, .ike_state_change = _ike_state_change,
	     .child_state_change = _child_state_change, .ike_updown = _ike_updown,
	     .ike_rekey = _ike_rekey, .child_updown = _child_updown, .child_rekey = _child_rekey,
	     .narrow = _narrow);
	return this;
}
