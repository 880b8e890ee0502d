/* A kernel_ipsec_t that asks xfrmd.
 *
 * Only what xfrmd's vocabulary knows is asked: SPIs and ESP tunnel SAs. Policies are xfrmd's, from
 * the configuration; they are answered here and never forwarded. An SA is asked for only when its
 * IKE SA has passed authentication (CVE-2026-78135 was an IKE SA that had not).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/charon_parts.h"

#include <errno.h>

#include "base/event.h"
#include "base/secret.h"

typedef struct private_ipsec_t private_ipsec_t;

struct private_ipsec_t {
	kernel_ipsec_t public;
	struct xfrmc *xfrmc;
};

METHOD(kernel_ipsec_t, get_features, kernel_feature_t, private_ipsec_t *this)
{
	return KERNEL_SA_USE_TIME;
}

METHOD(kernel_ipsec_t, get_spi, status_t, private_ipsec_t *this, host_t *src, host_t *dst,
       uint8_t protocol, uint32_t *spi)
{
	struct addr source = charon_addr_from_host(src), destination = charon_addr_from_host(dst);

	if (protocol != IPPROTO_ESP)
		return NOT_SUPPORTED;
	return xfrmc_spi_get(this->xfrmc, &source, &destination, spi) == 0 ? SUCCESS : FAILED;
}

METHOD(kernel_ipsec_t, get_cpi, status_t, private_ipsec_t *this, host_t *src, host_t *dst,
       uint16_t *cpi)
{
	return NOT_SUPPORTED;
}

bool charon_ipsec_may_install(ike_sa_t *ike_sa)
{
	identification_t *wanted, *proved;
	enumerator_t *rounds;
	auth_cfg_t *round;
	peer_cfg_t *peer;
	bool is_proved = FALSE;

	if (!ike_sa || !ike_sa->has_condition(ike_sa, COND_AUTHENTICATED))
		return FALSE;
	peer = ike_sa->get_peer_cfg(ike_sa);
	if (!peer)
		return FALSE;
	rounds = peer->create_auth_cfg_enumerator(peer, FALSE);
	wanted = rounds->enumerate(rounds, &round) ? round->get(round, AUTH_RULE_IDENTITY) : NULL;
	rounds->destroy(rounds);
	rounds = ike_sa->create_auth_cfg_enumerator(ike_sa, FALSE);
	while (rounds->enumerate(rounds, &round)) {
		proved = round->get(round, AUTH_RULE_IDENTITY);
		if ((uintptr_t)round->get(round, AUTH_RULE_AUTH_CLASS) == AUTH_CLASS_PSK &&
		    wanted && proved && proved->equals(proved, wanted))
			is_proved = TRUE;
	}
	rounds->destroy(rounds);
	return is_proved;
}

/* The one traffic selector of a list as a prefix; charon_selectors.c narrows to one. */
static bool prefix_from_selectors(linked_list_t *selectors, struct prefix *ret_prefix)
{
	traffic_selector_t *selector;
	host_t *net;
	uint8_t len;

	if (selectors->get_count(selectors) != 1 ||
	    selectors->get_first(selectors, (void **)&selector) != SUCCESS ||
	    !selector->to_subnet(selector, &net, &len))
		return FALSE;
	*ret_prefix = (struct prefix){ .addr = charon_addr_from_host(net), .len = len };
	net->destroy(net);
	return TRUE;
}

static bool is_within_vocabulary(kernel_ipsec_sa_id_t *id, kernel_ipsec_add_sa_t *data)
{
	return id->proto == IPPROTO_ESP && data->mode == MODE_TUNNEL && !data->ipcomp &&
	       !data->label && !data->interface && data->hw_offload == HW_OFFLOAD_NO &&
	       CHARON_IS_FOR_ALL_CPUS(data) && !id->mark.value && !data->mark.value &&
	       data->enc_key.len <= MAX_ENCR_KEY_BYTES && data->int_key.len <= MAX_INTEG_KEY_BYTES;
}

static bool fill_sa(kernel_ipsec_sa_id_t *id, kernel_ipsec_add_sa_t *data,
		    struct xfrm_sa_add *ret_sa)
{
	const lifetime_cfg_t *lifetime = data->lifetime;

	*ret_sa = (struct xfrm_sa_add){
		.src = charon_addr_from_host(id->src),
		.dst = charon_addr_from_host(id->dst),
		.spi_be = id->spi,
		.if_id = id->if_id,
		.reqid = data->reqid,
		.direction = data->inbound ? XFRM_DIRECTION_IN : XFRM_DIRECTION_OUT,
		.protocol = id->proto,
		.mode = XFRM_MODE_TUNNEL_ASKED,
		.flags = (data->encap ? XFRM_SA_ENCAP : 0) | (data->esn ? XFRM_SA_ESN : 0),
		.encr = data->enc_alg,
		.integ = data->int_alg == AUTH_UNDEFINED ? 0 : data->int_alg,
		.encr_key_bytes = (uint16_t)data->enc_key.len,
		.integ_key_bytes = (uint16_t)data->int_key.len,
		.encap_src_port = data->encap ? id->src->get_port(id->src) : 0,
		.encap_dst_port = data->encap ? id->dst->get_port(id->dst) : 0,
		.replay_window = data->replay_window,
		.soft_bytes = lifetime->bytes.rekey,
		.hard_bytes = lifetime->bytes.life,
		.soft_packets = lifetime->packets.rekey,
		.hard_packets = lifetime->packets.life,
		.soft_s = lifetime->time.rekey,
		.hard_s = lifetime->time.life,
	};
	memcpy(ret_sa->encr_key, data->enc_key.ptr, data->enc_key.len);
	memcpy(ret_sa->integ_key, data->int_key.ptr, data->int_key.len);
	return prefix_from_selectors(data->inbound ? data->dst_ts : data->src_ts, &ret_sa->local) &&
	       prefix_from_selectors(data->inbound ? data->src_ts : data->dst_ts, &ret_sa->remote);
}

METHOD(kernel_ipsec_t, add_sa, status_t, private_ipsec_t *this, kernel_ipsec_sa_id_t *id,
       kernel_ipsec_add_sa_t *data)
{
	ike_sa_t *ike_sa = charon->bus->get_sa(charon->bus);
	struct xfrm_sa_add sa;
	status_t status = FAILED;

	if (!is_within_vocabulary(id, data)) {
		DBG1(DBG_KNL, "an SA of this kind is not supported");
		return NOT_SUPPORTED;
	}
	if (!charon_ipsec_may_install(ike_sa)) {
		event_log(EVENT_UNAUTHENTICATED, "tunnel=%s if_id=%u spi=%08x",
			  ike_sa ? ike_sa->get_name(ike_sa) : "none", id->if_id, ntohl(id->spi));
		return FAILED;
	}
	if (fill_sa(id, data, &sa) && xfrmc_sa_add(this->xfrmc, &sa) == 0)
		status = SUCCESS;
	secret_wipe_bytes(&sa, sizeof(sa));
	return status;
}

/* Unused: libcharon rekeys when it is told that an SA cannot be changed. */
METHOD(kernel_ipsec_t, update_sa, status_t, private_ipsec_t *this, kernel_ipsec_sa_id_t *id,
       kernel_ipsec_update_sa_t *data)
{
	return NOT_SUPPORTED;
}

static struct xfrm_sa_ref ref_from_id(kernel_ipsec_sa_id_t *id)
{
	return (struct xfrm_sa_ref){ .src = charon_addr_from_host(id->src),
				     .dst = charon_addr_from_host(id->dst),
				     .spi_be = id->spi,
				     .if_id = id->if_id };
}

static status_t status_from_errno(int rc)
{
	if (rc == 0)
		return SUCCESS;
	return rc == -ESRCH || rc == -ENOENT ? NOT_FOUND : FAILED;
}

METHOD(kernel_ipsec_t, query_sa, status_t, private_ipsec_t *this, kernel_ipsec_sa_id_t *id,
       kernel_ipsec_query_sa_t *data, uint64_t *bytes, uint64_t *packets, time_t *time)
{
	struct xfrm_sa_ref ref = ref_from_id(id);
	struct xfrmc_use use;
	status_t status = status_from_errno(xfrmc_sa_query(this->xfrmc, &ref, &use));

	if (status != SUCCESS)
		return status;
	if (bytes)
		*bytes = use.bytes;
	if (packets)
		*packets = use.packets;
	if (time)
		*time = use.used_ago_s == UINT64_MAX
				? 0
				: time_monotonic(NULL) - (time_t)use.used_ago_s;
	return SUCCESS;
}

METHOD(kernel_ipsec_t, del_sa, status_t, private_ipsec_t *this, kernel_ipsec_sa_id_t *id,
       kernel_ipsec_del_sa_t *data)
{
	struct xfrm_sa_ref ref = ref_from_id(id);

	return status_from_errno(xfrmc_sa_del(this->xfrmc, &ref));
}

/* Nothing here may remove an SA that belongs to another iked's time. */
METHOD(kernel_ipsec_t, flush, status_t, private_ipsec_t *this)
{
	return SUCCESS;
}

METHOD(kernel_ipsec_t, manage_policy, status_t, private_ipsec_t *this, kernel_ipsec_policy_id_t *id,
       kernel_ipsec_manage_policy_t *data)
{
	return SUCCESS;
}

METHOD(kernel_ipsec_t, query_policy, status_t, private_ipsec_t *this, kernel_ipsec_policy_id_t *id,
       kernel_ipsec_query_policy_t *data, time_t *use_time)
{
	return NOT_SUPPORTED;
}

/* Every policy of xfrmd's carries an if_id, so that none applies to IKE's own packets. */
METHOD(kernel_ipsec_t, bypass_socket, bool, private_ipsec_t *this, int fd, int family)
{
	return TRUE;
}

/* xfrmd has set encapsulation on the socket before we got it. */
METHOD(kernel_ipsec_t, enable_udp_decap, bool, private_ipsec_t *this, int fd, int family,
       uint16_t port)
{
	return TRUE;
}

METHOD(kernel_ipsec_t, destroy, void, private_ipsec_t *this)
{
	free(this);
}

kernel_ipsec_t *charon_ipsec_create(void)
{
	private_ipsec_t *this;

	INIT(this,
		.public = {
			.get_features = _get_features,
			.get_spi = _get_spi,
			.get_cpi = _get_cpi,
			.add_sa = _add_sa,
			.update_sa = _update_sa,
			.query_sa = _query_sa,
			.del_sa = _del_sa,
			.flush_sas = _flush,
			.add_policy = _manage_policy,
			.query_policy = _query_policy,
			.del_policy = _manage_policy,
			.flush_policies = _flush,
			.bypass_socket = _bypass_socket,
			.enable_udp_decap = _enable_udp_decap,
			.destroy = _destroy,
		},
		.xfrmc = charon_parts()->xfrmc);
	return &this->public;
}
