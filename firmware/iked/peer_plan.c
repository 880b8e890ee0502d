/* What libcharon is told about a tunnel.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/peer_plan.h"

#include "config/secrets.h"

/* Azure's queues reorder; 1,024 packets are what it takes on a fast line (Azure facts, 10.1). */
#define REPLAY_WINDOW 1024

#define MIN_DPD_S 10 /* sooner, Azure's own advice says, IKE turns aggressive */

/* IKE SA: Azure's ends after 28,800 s. Ours, rekeyed at 24,000 s, ends then too. */
#define IKE_OVER_PERCENT 20
#define IKE_MIN_OVER_S 60

#define REKEY_PERCENT 80
#define JITTER_PERCENT 5 /* two tunnels of one start must not rekey in one instant for ever */

static uint64_t percent(uint64_t value, unsigned int part)
{
	return value / 100 * part + value % 100 * part / 100;
}

static void add(struct plan_proposal *proposal, uint16_t type, uint16_t id, uint16_t key_bits)
{
	if (id == 0 && type != PLAN_TRANSFORM_ESN)
		return;
	proposal->transforms[proposal->n++] =
		(struct plan_transform){ .type = type, .id = id, .key_bits = key_bits };
}

static struct plan_proposal from_ike_suite(const struct ike_suite *suite)
{
	struct plan_proposal proposal = { 0 };

	add(&proposal, PLAN_TRANSFORM_ENCR, suite->encr, suite->key_bits);
	add(&proposal, PLAN_TRANSFORM_INTEG, suite->integ, 0);
	add(&proposal, PLAN_TRANSFORM_PRF, suite->prf, 0);
	add(&proposal, PLAN_TRANSFORM_KE, suite->ke, 0);
	return proposal;
}

/* Extended sequence numbers off: Azure never offers them. */
static struct plan_proposal from_esp_suite(const struct esp_suite *suite)
{
	struct plan_proposal proposal = { 0 };

	add(&proposal, PLAN_TRANSFORM_ENCR, suite->encr, suite->key_bits);
	add(&proposal, PLAN_TRANSFORM_INTEG, suite->integ, 0);
	add(&proposal, PLAN_TRANSFORM_KE, suite->ke, 0);
	add(&proposal, PLAN_TRANSFORM_ESN, 0, 0);
	return proposal;
}

static struct plan_limit limit(uint64_t life)
{
	return (struct plan_limit){ .life = life,
				    .rekey = percent(life, REKEY_PERCENT),
				    .jitter = percent(life, JITTER_PERCENT) };
}

static uint32_t at_least(uint32_t value, uint32_t least)
{
	return value < least ? least : value;
}

void peer_plan_from_tunnel(const struct tunnel *tunnel, struct peer_plan *ret_plan)
{
	*ret_plan = (struct peer_plan){
		.name = tunnel->name,
		.if_id = tunnel->if_id,
		.gateway = tunnel->gateway,
		.gateway_id = tunnel->gateway_id,
		.local_id = tunnel->local_id,
		.is_encap_forced = tunnel->force_udp_encapsulation,
		.is_initiator = tunnel->role != TUNNEL_ROLE_RESPONDER,
		.ike_rekey_s = tunnel->ike_rekey_s,
		.ike_jitter_s = (uint32_t)percent(tunnel->ike_rekey_s, JITTER_PERCENT),
		.ike_over_s = at_least((uint32_t)percent(tunnel->ike_rekey_s, IKE_OVER_PERCENT),
				       IKE_MIN_OVER_S),
		.dpd_s = at_least(tunnel->dpd_timeout_s / 3, MIN_DPD_S),
		.child_s = limit(tunnel->child_life_s),
		.child_bytes = limit(tunnel->child_life_kilobytes * 1024),
		.replay_window = REPLAY_WINDOW,
		.n_ike = tunnel->n_ike_suites,
		.n_esp = tunnel->n_esp_suites,
		.n_children = tunnel->n_children,
	};
	for (size_t i = 0; i < tunnel->n_ike_suites; i++)
		ret_plan->ike[i] = from_ike_suite(&tunnel->ike_suites[i]);
	for (size_t i = 0; i < tunnel->n_esp_suites; i++)
		ret_plan->esp[i] = from_esp_suite(&tunnel->esp_suites[i]);
}

struct plan_child plan_child_from_tunnel(const struct tunnel *tunnel, size_t i)
{
	const struct tunnel_child *child = &tunnel->children[i];

	return (struct plan_child){ .name = child->name,
				    .reqid = child->reqid,
				    .local = child->local,
				    .remote = child->remote };
}

const struct secret *plan_key_from_secrets(const struct tunnel *tunnel,
					   const struct secrets *secrets)
{
	return secrets_find(secrets, tunnel->name);
}
