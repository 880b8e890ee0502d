/* What happens in libcharon, for status rows, log and keeper.
 *
 * A listener_t. Why a tunnel is not up is read from three places: error notifications in the
 * messages themselves, libcharon's alerts, and the state in which an SA ended.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/charon_parts.h"

#include <encoding/payloads/delete_payload.h>
#include <encoding/payloads/notify_payload.h>

#include "iked/azure_words.h"
#include "iked/notify_reason.h"

#define SILENT_AFTER 2 /* retransmissions after which silence is worth telling */
#define DOUBT_AFTER 2  /* and after which another tunnel is the better way, 2.5 s */

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
static void note_rekey_refused(ike_sa_t *ike_sa, enum reason reason, const char *detail)
{
	struct charon_parts *parts = charon_parts();
	int tunnel = tunnel_of(ike_sa);

	if (tunnel < 0)
		return;
	tunnels_warn(parts->tunnels, (size_t)tunnel, reason, detail);
	parts->keeper->reopen(parts->keeper, (size_t)tunnel);
}

/* xfrmd moves traffic to another tunnel as long as the gateway is doubted. What fails is logged,
 * and said again when xfrmd is back. */
static void set_doubted(ike_sa_t *ike_sa, bool is_doubted)
{
	struct charon_parts *parts = charon_parts();
	int tunnel = tunnel_of(ike_sa);

	if (tunnel >= 0 && tunnels_set_doubted(parts->tunnels, (size_t)tunnel, is_doubted))
		(void)!xfrmc_tunnel_doubt(
			parts->xfrmc, tunnels_if_id(parts->tunnels, (size_t)tunnel), is_doubted);
}

/* A message that only the gateway can have sent. */
static bool is_proof_of_life(ike_sa_t *ike_sa, message_t *message)
{
	ike_sa_state_t state = ike_sa->get_state(ike_sa);

	return message->get_exchange_type(message) != IKE_SA_INIT &&
	       (state == IKE_ESTABLISHED || state == IKE_REKEYING);
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
		tunnels_set_ike(charon_parts()->tunnels, (size_t)tunnel, &suite);
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

static enum notify_about about_of(ike_sa_t *ike_sa, message_t *message)
{
	exchange_type_t exchange = message->get_exchange_type(message);

	if (exchange == CREATE_CHILD_SA && is_about_rekeying(ike_sa))
		return NOTIFY_ABOUT_REKEY;
	if (exchange == IKE_SA_INIT || ike_sa->get_state(ike_sa) == IKE_REKEYING)
		return NOTIFY_ABOUT_IKE;
	return NOTIFY_ABOUT_CHILD;
}

/* What is told of a notification beside its meaning. */
static void print_detail(notify_type_t type, uint16_t ke, char detail[static MAX_SENTENCE_BYTES])
{
	const char *name = enum_to_name(notify_type_names, type);
	char group[AZURE_WORDS_BYTES];

	if (type == INVALID_KE_PAYLOAD)
		snprintf(detail, MAX_SENTENCE_BYTES, "%s", azure_words_group(ke, group));
	else if (name)
		snprintf(detail, MAX_SENTENCE_BYTES, "%s", name);
	else
		snprintf(detail, MAX_SENTENCE_BYTES, "error %d", type);
}

static void note_notify(ike_sa_t *ike_sa, message_t *message, notify_payload_t *notify)
{
	notify_type_t type = notify->get_notify_type(notify);
	chunk_t data = notify->get_notification_data(notify);
	uint16_t ke = data.len == sizeof(ke) ? untoh16(data.ptr) : 0;
	struct tunnels *tunnels = charon_parts()->tunnels;
	int tunnel = tunnel_of(ike_sa);
	char detail[MAX_SENTENCE_BYTES];
	struct notify_meaning meaning;

	if (tunnel < 0)
		return;
	meaning = notify_meaning(type, about_of(ike_sa, message), ke,
				 tunnels_get(tunnels, (size_t)tunnel));
	if (meaning.reason == REASON_NONE ||
	    (meaning.is_ordinary && tunnels_count_again(tunnels, (size_t)tunnel) < NOTIFY_PATIENCE))
		return;
	print_detail(type, ke, detail);
	if (about_of(ike_sa, message) == NOTIFY_ABOUT_REKEY &&
	    (meaning.reason == REASON_PFS || meaning.reason == REASON_PFS_GROUP))
		note_rekey_refused(ike_sa, meaning.reason, detail);
	else
		set_reason(ike_sa, meaning.reason, detail);
}

static void note_payload(ike_sa_t *ike_sa, message_t *message, payload_t *payload)
{
	if (payload->get_type(payload) == PLV2_NOTIFY) {
		note_notify(ike_sa, message, (notify_payload_t *)payload);
	} else if (payload->get_type(payload) == PLV2_DELETE) {
		delete_payload_t *deletion = (delete_payload_t *)payload;

		if (deletion->get_protocol_id(deletion) == PROTO_IKE &&
		    ike_sa->get_state(ike_sa) == IKE_ESTABLISHED)
			set_reason(ike_sa, REASON_GATEWAY_CLOSED, NULL);
	}
}

static void note_request(ike_sa_t *ike_sa, message_t *message)
{
	struct tunnels *tunnels = charon_parts()->tunnels;
	int tunnel = tunnel_of(ike_sa);

	/* after the first exchange both sides know */
	if (tunnel >= 0 && message->get_exchange_type(message) != IKE_SA_INIT)
		tunnels_set_nat(tunnels, (size_t)tunnel,
				ike_sa->has_condition(ike_sa, COND_NAT_ANY));
}

METHOD(listener_t, message_hook, bool, listener_t *this, ike_sa_t *ike_sa, message_t *message,
       bool incoming, bool plain)
{
	enumerator_t *payloads;
	payload_t *payload;

	if (!plain)
		return TRUE;
	if (!incoming) {
		if (message->get_request(message))
			note_request(ike_sa, message);
		return TRUE;
	}
	if (is_proof_of_life(ike_sa, message))
		set_doubted(ike_sa, FALSE);
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
	int n;

	(void)va_arg(args, packet_t *);
	n = va_arg(args, int);
	if (n >= SILENT_AFTER && ike_sa->get_state(ike_sa) == IKE_CONNECTING)
		note_silence(ike_sa);
	if (n >= DOUBT_AFTER && ike_sa->get_state(ike_sa) != IKE_CONNECTING)
		set_doubted(ike_sa, TRUE);
}

static void note_install_failure(ike_sa_t *ike_sa)
{
	char failure[MAX_SENTENCE_BYTES];

	xfrmc_last_failure(charon_parts()->xfrmc, failure);
	set_reason(ike_sa, REASON_XFRMD, failure[0] ? failure : "the SAs could not be installed");
}

/* A gateway that is another one, or the right one with a wrong key. It may have failed before a
 * configuration was found for it. */
static void note_wrong_peer(ike_sa_t *ike_sa)
{
	charon_peers_t *peers = charon_parts()->peers;
	identification_t *other = ike_sa->get_other_id(ike_sa), *wanted;
	int tunnel = tunnel_of(ike_sa);
	auth_cfg_t *auth = NULL;
	enumerator_t *rounds;
	peer_cfg_t *peer;
	char detail[MAX_SENTENCE_BYTES];

	if (tunnel < 0)
		return;
	peer = peers->get(peers, (size_t)tunnel);
	rounds = peer->create_auth_cfg_enumerator(peer, FALSE);
	wanted = rounds->enumerate(rounds, &auth) ? auth->get(auth, AUTH_RULE_IDENTITY) : NULL;
	if (wanted && !other->equals(other, wanted)) {
		snprintf(detail, sizeof(detail), "%Y", other);
		set_reason(ike_sa, REASON_NAME_WRONG, detail);
	} else {
		set_reason(ike_sa, REASON_KEY_WRONG, NULL);
	}
	rounds->destroy(rounds);
}

METHOD(listener_t, alert, bool, listener_t *this, ike_sa_t *ike_sa, alert_t alert, va_list args)
{
	if (!ike_sa)
		return TRUE;
	switch (alert) {
	case ALERT_PEER_AUTH_FAILED:
		note_wrong_peer(ike_sa);
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
			note_rekey_refused(ike_sa, REASON_PFS, NULL);
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
		tunnels_note_installed(charon_parts()->tunnels, (size_t)tunnel, clock_now_us());
	set_doubted(ike_sa, FALSE);
	note_ike(ike_sa); /* the hook for the IKE SA comes after the one for its first child */
	note_child(ike_sa, child_sa);
	return TRUE;
}

METHOD(listener_t, child_rekey, bool, listener_t *this, ike_sa_t *ike_sa, child_sa_t *old,
       child_sa_t *new)
{
	int tunnel = tunnel_of(ike_sa);
	uint64_t packets = 0;

	note_child(ike_sa, new);
	if (tunnel < 0)
		return TRUE;
	tunnels_note_rekeyed(charon_parts()->tunnels, (size_t)tunnel);
	old->get_usestats(old, TRUE, NULL, NULL, &packets); /* its counters go with it */
	if (packets > 0)
		tunnels_note_inside(charon_parts()->tunnels, (size_t)tunnel, clock_now_us());
	return TRUE;
}

listener_t *charon_events_create(void)
{
	listener_t *this;

	INIT(this, .alert = _alert, .message = _message_hook, .ike_state_change = _ike_state_change,
	     .child_state_change = _child_state_change, .ike_updown = _ike_updown,
	     .ike_rekey = _ike_rekey, .child_updown = _child_updown, .child_rekey = _child_rekey);
	return this;
}
