/* The configuration as libcharon sees it: one peer_cfg a tunnel, its children, its shared key.
 *
 * Decides nothing; peer_plan.c did.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/charon_parts.h"

#include <collections/hashtable.h>
#include <credentials/keys/shared_key.h>
#include <credentials/sets/mem_cred.h>
#include <threading/mutex.h>

#include "base/log.h"
#include "base/secret.h"
#include "iked/peer_plan.h"

typedef struct private_peers_t private_peers_t;

/* One tunnel's objects. */
struct peer {
	peer_cfg_t *cfg;
	bool may_initiate;
	size_t n_children;
	child_cfg_t **children;
};

struct private_peers_t {
	charon_peers_t public;
	size_t n;
	struct peer *peers;
	hashtable_t *numbers; /* peer_cfg_t -> number + 1 */
	mem_cred_t *keys;
};

static_assert((int)PLAN_TRANSFORM_ENCR == (int)ENCRYPTION_ALGORITHM, "IANA's numbers");
static_assert((int)PLAN_TRANSFORM_PRF == (int)PSEUDO_RANDOM_FUNCTION, "IANA's numbers");
static_assert((int)PLAN_TRANSFORM_INTEG == (int)INTEGRITY_ALGORITHM, "IANA's numbers");
static_assert((int)PLAN_TRANSFORM_KE == (int)KEY_EXCHANGE_METHOD, "IANA's numbers");
static_assert((int)PLAN_TRANSFORM_ESN == (int)EXTENDED_SEQUENCE_NUMBERS, "IANA's numbers");

/* libcharon numbers them when it sends them: in a rekey the suite in use comes first. */
static proposal_t *proposal_from_plan(const struct plan_proposal *plan, protocol_id_t protocol)
{
	proposal_t *proposal = proposal_create(protocol, 0);

	for (size_t i = 0; i < plan->n; i++)
		proposal->add_algorithm(proposal, plan->transforms[i].type, plan->transforms[i].id,
					plan->transforms[i].key_bits);
	return proposal;
}

static identification_t *id_from_addr(const struct addr *addr)
{
	return identification_create_from_encoding(
		addr->family == ADDR_FAMILY_IPV6 ? ID_IPV6_ADDR : ID_IPV4_ADDR,
		chunk_create((uint8_t *)addr->bytes, addr->family == ADDR_FAMILY_IPV6 ? 16 : 4));
}

static traffic_selector_t *selector_from_prefix(const struct prefix *prefix)
{
	return traffic_selector_create_from_subnet(charon_host_from_addr(&prefix->addr, 0),
						   prefix->len, 0, 0, 65535);
}

static ike_cfg_t *ike_cfg_from_plan(const struct peer_plan *plan)
{
	char gateway[ADDR_TEXT_BYTES];
	ike_cfg_create_t data = {
		.version = IKEV2,
		.local = "%any",
		.local_port = IKEV2_UDP_PORT,
		.remote = (char *)addr_print(&plan->gateway, gateway),
		.remote_port = IKEV2_UDP_PORT,
		.no_certreq = TRUE,
		.force_encap = plan->is_encap_forced,
		.fragmentation = FRAGMENTATION_YES,
		.childless = CHILDLESS_NEVER,
	};
	ike_cfg_t *cfg = ike_cfg_create(&data);

	for (size_t i = 0; i < plan->n_ike; i++)
		cfg->add_proposal(cfg, proposal_from_plan(&plan->ike[i], PROTO_IKE));
	return cfg;
}

/* The keeper and not libcharon decides when to try again: no actions, one try. */
static child_cfg_t *child_cfg_from_plan(const struct peer_plan *plan,
					const struct plan_child *child)
{
	child_cfg_create_t data = {
		.options = OPT_NO_POLICIES,
		.reqid = child->reqid,
		.if_id_in = plan->if_id,
		.if_id_out = plan->if_id,
		.mode = MODE_TUNNEL,
		.lifetime = {
			.time = { plan->child_s.life, plan->child_s.rekey, plan->child_s.jitter },
			.bytes = { plan->child_bytes.life, plan->child_bytes.rekey,
				   plan->child_bytes.jitter },
		},
	};
	child_cfg_t *cfg = child_cfg_create((char *)child->name, &data);

	for (size_t i = 0; i < plan->n_esp; i++)
		cfg->add_proposal(cfg, proposal_from_plan(&plan->esp[i], PROTO_ESP));
	cfg->add_traffic_selector(cfg, TRUE, selector_from_prefix(&child->local));
	cfg->add_traffic_selector(cfg, FALSE, selector_from_prefix(&child->remote));
	cfg->set_replay_window(cfg, plan->replay_window);
	return cfg;
}

static auth_cfg_t *auth_by_key(const struct addr *id)
{
	auth_cfg_t *auth = auth_cfg_create();

	auth->add(auth, AUTH_RULE_AUTH_CLASS, AUTH_CLASS_PSK);
	auth->add(auth, AUTH_RULE_IDENTITY, id_from_addr(id));
	return auth;
}

static peer_cfg_t *peer_cfg_from_plan(const struct peer_plan *plan)
{
	peer_cfg_create_t data = {
		CHARON_NO_MOBIKE,
		.cert_policy = CERT_NEVER_SEND,
		.ocsp_policy = OCSP_SEND_NEVER,
		.unique = UNIQUE_NEVER, /* else INITIAL_CONTACT, and packets are lost */
		.keyingtries = 1,
		.rekey_time = plan->ike_rekey_s,
		.jitter_time = plan->ike_jitter_s,
		.over_time = plan->ike_over_s,
		.dpd = plan->dpd_s,
		.if_id_in = plan->if_id,
		.if_id_out = plan->if_id,
	};
	peer_cfg_t *cfg = peer_cfg_create((char *)plan->name, ike_cfg_from_plan(plan), &data);

	cfg->add_auth_cfg(cfg, auth_by_key(&plan->local_id), TRUE);
	cfg->add_auth_cfg(cfg, auth_by_key(&plan->gateway_id), FALSE);
	return cfg;
}

static void add_peer(private_peers_t *this, size_t i, const struct tunnel *tunnel)
{
	struct peer *peer = &this->peers[i];
	struct peer_plan plan;

	peer_plan_from_tunnel(tunnel, &plan);
	peer->cfg = peer_cfg_from_plan(&plan);
	peer->may_initiate = plan.is_initiator;
	peer->n_children = plan.n_children;
	peer->children = calloc(plan.n_children, sizeof(*peer->children));
	for (size_t j = 0; j < plan.n_children; j++) {
		struct plan_child child = plan_child_from_tunnel(tunnel, j);

		peer->children[j] = child_cfg_from_plan(&plan, &child);
		peer->cfg->add_child_cfg(peer->cfg, peer->children[j]->get_ref(peer->children[j]));
	}
	this->numbers->put(this->numbers, peer->cfg, (void *)(uintptr_t)(i + 1));
}

static bool add_key(private_peers_t *this, const struct tunnel *tunnel,
		    const struct secrets *secrets)
{
	const struct secret *key = plan_key_from_secrets(tunnel, secrets);
	struct peer_plan plan;

	peer_plan_from_tunnel(tunnel, &plan);
	if (!key) {
		log_error("the secrets file has no key for this tunnel tunnel=%s", plan.name);
		return FALSE;
	}
	this->keys->add_shared(
		this->keys,
		shared_key_create(SHARED_IKE,
				  chunk_clone(chunk_create((uint8_t *)key->bytes, key->len))),
		id_from_addr(&plan.local_id), id_from_addr(&plan.gateway_id), NULL);
	return TRUE;
}

/* --- backend_t ------------------------------------------------------------------------------ */

typedef struct {
	enumerator_t public;
	private_peers_t *peers;
	size_t next;
	bool is_ike; /* of IKE configurations, else of peers */
} cfg_enumerator_t;

METHOD(enumerator_t, cfg_enumerate, bool, cfg_enumerator_t *this, va_list args)
{
	peer_cfg_t *cfg;
	void **out;

	VA_ARGS_VGET(args, out);
	if (this->next >= this->peers->n)
		return FALSE;
	cfg = this->peers->peers[this->next++].cfg;
	*out = this->is_ike ? (void *)cfg->get_ike_cfg(cfg) : (void *)cfg;
	return TRUE;
}

static enumerator_t *create_enumerator(private_peers_t *peers, bool is_ike)
{
	cfg_enumerator_t *this;

	INIT(this,
		.public = {
			.enumerate = enumerator_enumerate_default,
			.venumerate = _cfg_enumerate,
			.destroy = (void *)free,
		},
		.peers = peers,
		.is_ike = is_ike);
	return &this->public;
}

METHOD(backend_t, create_ike_cfg_enumerator, enumerator_t *, private_peers_t *this, host_t *me,
       host_t *other)
{
	return create_enumerator(this, TRUE);
}

METHOD(backend_t, create_peer_cfg_enumerator, enumerator_t *, private_peers_t *this,
       identification_t *me, identification_t *other)
{
	return create_enumerator(this, FALSE);
}

METHOD(backend_t, get_peer_cfg_by_name, peer_cfg_t *, private_peers_t *this, char *name)
{
	for (size_t i = 0; i < this->n; i++)
		if (streq(this->peers[i].cfg->get_name(this->peers[i].cfg), name))
			return this->peers[i].cfg->get_ref(this->peers[i].cfg);
	return NULL;
}

/* --- charon_peers_t ------------------------------------------------------------------------- */

METHOD(charon_peers_t, find, int, private_peers_t *this, peer_cfg_t *peer)
{
	return peer ? (int)(uintptr_t)this->numbers->get(this->numbers, peer) - 1 : -1;
}

METHOD(charon_peers_t, find_child, int, private_peers_t *this, int tunnel, child_cfg_t *child)
{
	if (tunnel < 0)
		return -1;
	for (size_t i = 0; i < this->peers[tunnel].n_children; i++)
		if (this->peers[tunnel].children[i] == child)
			return (int)i;
	return -1;
}

METHOD(charon_peers_t, n_children, size_t, private_peers_t *this, size_t tunnel)
{
	return this->peers[tunnel].n_children;
}

METHOD(charon_peers_t, may_initiate, bool, private_peers_t *this, size_t tunnel)
{
	return this->peers[tunnel].may_initiate;
}

METHOD(charon_peers_t, get, peer_cfg_t *, private_peers_t *this, size_t tunnel)
{
	return this->peers[tunnel].cfg;
}

METHOD(charon_peers_t, get_child, child_cfg_t *, private_peers_t *this, size_t tunnel, size_t child)
{
	return this->peers[tunnel].children[child];
}

METHOD(charon_peers_t, destroy, void, private_peers_t *this)
{
	charon->backends->remove_backend(charon->backends, &this->public.backend);
	lib->credmgr->remove_set(lib->credmgr, &this->keys->set);
	for (size_t i = 0; i < this->n; i++) {
		for (size_t j = 0; j < this->peers[i].n_children; j++)
			DESTROY_IF(this->peers[i].children[j]);
		free(this->peers[i].children);
		DESTROY_IF(this->peers[i].cfg);
	}
	free(this->peers);
	this->numbers->destroy(this->numbers);
	this->keys->destroy(this->keys);
	free(this);
}

charon_peers_t *charon_peers_create(struct tunnels *tunnels, const struct secrets *secrets)
{
	private_peers_t *this;
	bool is_complete = TRUE;

	INIT(this,
		.public = {
			.backend = {
				.create_ike_cfg_enumerator = _create_ike_cfg_enumerator,
				.create_peer_cfg_enumerator = _create_peer_cfg_enumerator,
				.get_peer_cfg_by_name = _get_peer_cfg_by_name,
			},
			.find = _find,
			.find_child = _find_child,
			.n_children = _n_children,
			.may_initiate = _may_initiate,
			.get = _get,
			.get_child = _get_child,
			.destroy = _destroy,
		},
		.n = tunnels_n(tunnels),
		.peers = calloc(tunnels_n(tunnels) + 1, sizeof(struct peer)),
		.numbers = hashtable_create(hashtable_hash_ptr, hashtable_equals_ptr, 8),
		.keys = mem_cred_create());
	for (size_t i = 0; i < this->n; i++) {
		add_peer(this, i, tunnels_get(tunnels, i));
		is_complete = add_key(this, tunnels_get(tunnels, i), secrets) && is_complete;
	}
	lib->credmgr->add_set(lib->credmgr, &this->keys->set);
	charon->backends->add_backend(charon->backends, &this->public.backend);
	if (!is_complete) {
		destroy(this);
		return NULL;
	}
	return &this->public;
}
