/* Which of the traffic selectors that a gateway proposes are taken.
 *
 * A listener_t. An SA of the kernel holds one plain prefix at each end, so what is left after
 * libcharon's narrowing is cut down to that. Of a tunnel with several children, a proposal that
 * could mean more than one of them is refused: Azure begins with any to any, and only after
 * TS_UNACCEPTABLE it proposes pair by pair (Azure facts, 1.6).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/charon_parts.h"

#include <encoding/payloads/ts_payload.h>
#include <threading/thread_value.h>

#include "iked/peer_plan.h"

typedef struct private_selectors_t private_selectors_t;

struct private_selectors_t {
	listener_t public;
	thread_value_t *is_ambiguous; /* the request that this thread works on */
};

/* What a request proposes, seen from our side; NULL: nothing. */
struct proposed {
	linked_list_t *local, *remote;
};

static linked_list_t *selectors_in(message_t *message, payload_type_t type)
{
	ts_payload_t *payload = (ts_payload_t *)message->get_payload(message, type);

	return payload ? payload->get_traffic_selectors(payload) : NULL;
}

static void destroy_selectors(linked_list_t *selectors)
{
	if (selectors)
		selectors->destroy_offset(selectors, offsetof(traffic_selector_t, destroy));
}

enum fit { FIT_NONE, FIT_PART, FIT_EXACT };

static enum fit fit_of(linked_list_t *selectors, const struct prefix *prefix)
{
	host_t *net = charon_host_from_addr(&prefix->addr, 0);
	traffic_selector_t *selector, *common, *wanted;
	enumerator_t *enumerator = selectors->create_enumerator(selectors);
	enum fit fit = FIT_NONE;

	wanted = traffic_selector_create_from_subnet(net, prefix->len, 0, 0, 65535);
	while (fit != FIT_EXACT && enumerator->enumerate(enumerator, &selector)) {
		common = selector->get_subset(selector, wanted);
		if (common)
			fit = selector->equals(selector, wanted) ? FIT_EXACT : FIT_PART;
		DESTROY_IF(common);
	}
	enumerator->destroy(enumerator);
	wanted->destroy(wanted);
	return fit;
}

/* A proposal means a child when it is exactly the child's, or touches no other. */
static bool could_mean_several(size_t tunnel, const struct proposed *proposed)
{
	struct tunnels *tunnels = charon_parts()->tunnels;
	struct peer_plan plan;
	size_t n_touched = 0;

	peer_plan_from_tunnel(tunnels_get(tunnels, tunnel), &plan);
	for (size_t i = 0; i < plan.n_children; i++) {
		struct plan_child child = plan_child_from_tunnel(tunnels_get(tunnels, tunnel), i);
		enum fit local = fit_of(proposed->local, &child.local);
		enum fit remote = fit_of(proposed->remote, &child.remote);

		if (local == FIT_EXACT && remote == FIT_EXACT)
			return FALSE;
		if (local != FIT_NONE && remote != FIT_NONE)
			n_touched++;
	}
	return n_touched > 1;
}

static bool is_ambiguous(ike_sa_t *ike_sa, message_t *message)
{
	host_t *gateway = ike_sa->get_other_host(ike_sa);
	chunk_t address = gateway->get_address(gateway);
	int tunnel =
		address.len == 4 ? tunnels_find_gateway(charon_parts()->tunnels, address.ptr) : -1;
	struct proposed proposed;
	bool is_ambiguous;

	if (tunnel < 0 || message->get_notify(message, REKEY_SA)) /* that one names its child */
		return FALSE;
	proposed.remote = selectors_in(message, PLV2_TS_INITIATOR);
	proposed.local = selectors_in(message, PLV2_TS_RESPONDER);
	is_ambiguous =
		proposed.local && proposed.remote && could_mean_several((size_t)tunnel, &proposed);
	destroy_selectors(proposed.local);
	destroy_selectors(proposed.remote);
	return is_ambiguous;
}

METHOD(listener_t, message_hook, bool, private_selectors_t *this, ike_sa_t *ike_sa,
       message_t *message, bool incoming, bool plain)
{
	if (plain && incoming && message->get_request(message))
		this->is_ambiguous->set(this->is_ambiguous,
					(void *)(uintptr_t)is_ambiguous(ike_sa, message));
	return TRUE;
}

static bool is_plain_prefix(traffic_selector_t *selector)
{
	host_t *net = NULL;
	uint8_t len;
	bool is_prefix = selector->to_subnet(selector, &net, &len);

	DESTROY_IF(net);
	return is_prefix && selector->get_protocol(selector) == 0 &&
	       selector->get_from_port(selector) == 0 && selector->get_to_port(selector) == 65535;
}

/* The first plain prefix stays; with `is_refused` none does, which is TS_UNACCEPTABLE. */
static void keep_one_prefix(linked_list_t *selectors, bool is_refused)
{
	enumerator_t *enumerator = selectors->create_enumerator(selectors);
	traffic_selector_t *selector;
	bool is_done = is_refused;

	while (enumerator->enumerate(enumerator, &selector)) {
		if (!is_done && is_plain_prefix(selector)) {
			is_done = TRUE;
			continue;
		}
		selectors->remove_at(selectors, enumerator);
		selector->destroy(selector);
	}
	enumerator->destroy(enumerator);
}

METHOD(listener_t, narrow, bool, private_selectors_t *this, ike_sa_t *ike_sa, child_sa_t *child_sa,
       narrow_hook_t type, linked_list_t *local, linked_list_t *remote)
{
	bool is_refused;

	if (type != NARROW_RESPONDER && type != NARROW_INITIATOR_POST_NOAUTH &&
	    type != NARROW_INITIATOR_POST_AUTH)
		return TRUE;
	is_refused = type == NARROW_RESPONDER && this->is_ambiguous->get(this->is_ambiguous);
	keep_one_prefix(local, is_refused);
	keep_one_prefix(remote, is_refused);
	return TRUE;
}

listener_t *charon_selectors_create(void)
{
	private_selectors_t *this;

	INIT(this, .public = { .message = _message_hook, .narrow = _narrow },
	     .is_ambiguous = thread_value_create(NULL));
	return &this->public;
}

void charon_selectors_destroy(listener_t *selectors)
{
	private_selectors_t *this = (private_selectors_t *)selectors;

	if (!this)
		return;
	this->is_ambiguous->destroy(this->is_ambiguous);
	free(this);
}
