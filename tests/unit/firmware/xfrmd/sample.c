/* Samples for xfrmd's tests.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sample.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "config/suite.h"

struct addr sample_addr(const char *text)
{
	struct addr addr;

	if (addr_parse(text, &addr) < 0)
		abort();
	return addr;
}

struct prefix sample_prefix(const char *text)
{
	struct prefix prefix;

	if (prefix_parse(text, &prefix) < 0)
		abort();
	return prefix;
}

static struct envelope_child child(uint32_t reqid, uint32_t tunnel, const char *local,
				   const char *remote)
{
	return (struct envelope_child){ .reqid = reqid,
					.tunnel = tunnel,
					.local = sample_prefix(local),
					.remote = sample_prefix(remote) };
}

void sample_envelope(struct envelope *ret_envelope)
{
	memset(ret_envelope, 0, sizeof(*ret_envelope));
	ret_envelope->head = (struct envelope_head){
		.n_prefixes = 3, .n_tunnels = 2, .n_children = 4, .config_sha256 = { 1, 2, 3 }
	};
	ret_envelope->prefixes[0] = sample_prefix("10.50.0.0/16");
	ret_envelope->prefixes[1] = sample_prefix("10.60.0.0/16");
	ret_envelope->prefixes[2] = sample_prefix("fd00:50::/32");
	ret_envelope->tunnels[0] = (struct envelope_tunnel){
		.name = "cn-route",
		.if_id = 1,
		.gateway = sample_addr(SAMPLE_GATEWAY),
		.priority = 1,
		.n_suites = 1,
		.suites = { { ENCR_AES_GCM_16, 256, INTEG_NONE, KE_ECP_384 } },
		.first_child = 0,
		.n_children = 1,
		.max_life_s = 27000,
		.max_life_bytes = 102400000ull * 1024,
	};
	ret_envelope->tunnels[1] = (struct envelope_tunnel){
		.name = "cn-policy",
		.if_id = 7,
		.gateway = sample_addr(SAMPLE_GATEWAY_2),
		.priority = 1,
		.n_suites = 2,
		.suites = { { ENCR_AES_CBC, 256, INTEG_HMAC_SHA2_256_128, KE_MODP_2048 },
			    { ENCR_3DES, 0, INTEG_HMAC_SHA1_96, KE_NONE } },
		.first_child = 1,
		.n_children = 3,
		.max_life_s = 3600,
	};
	ret_envelope->children[0] = child(1, 0, "0.0.0.0/0", "0.0.0.0/0");
	ret_envelope->children[1] = child(71, 1, "192.168.12.0/24", "10.50.0.0/16");
	ret_envelope->children[2] = child(72, 1, "192.168.12.0/24", "10.60.8.0/24");
	ret_envelope->children[3] = child(73, 1, "fd00:12::/64", "fd00:50::/32");
}

static void set_direction(struct xfrm_sa_add *request, const char *gateway, uint8_t direction)
{
	bool is_in = direction == XFRM_DIRECTION_IN;

	request->direction = direction;
	request->src = sample_addr(is_in ? gateway : SAMPLE_BOX);
	request->dst = sample_addr(is_in ? SAMPLE_BOX : gateway);
	request->spi_be = htonl(is_in ? 0xc0000001 : 0x1001);
}

struct xfrm_sa_add sample_request(enum sample sample)
{
	bool is_policy = sample == SAMPLE_POLICY_IN || sample == SAMPLE_POLICY_OUT;
	bool is_in = sample == SAMPLE_ROUTE_IN || sample == SAMPLE_POLICY_IN;
	struct xfrm_sa_add request = {
		.header = { XFRM_PROTO_VERSION, XFRM_REQUEST_SA_ADD, 9 },
		.if_id = is_policy ? 7 : 1,
		.reqid = is_policy ? 71 : 1,
		.protocol = IPPROTO_ESP,
		.mode = XFRM_MODE_TUNNEL_ASKED,
		.encr = is_policy ? ENCR_AES_CBC : ENCR_AES_GCM_16,
		.integ = is_policy ? INTEG_HMAC_SHA2_256_128 : INTEG_NONE,
		.encr_key_bytes = is_policy ? 32 : 36,
		.integ_key_bytes = is_policy ? 32 : 0,
		.replay_window = 32,
		.soft_s = 2880,
		.hard_s = 3600,
		.soft_bytes = 80000000ull * 1024,
		.hard_bytes = 102400000ull * 1024,
		.local = sample_prefix(is_policy ? "192.168.12.0/24" : "0.0.0.0/0"),
		.remote = sample_prefix(is_policy ? "10.50.0.0/16" : "0.0.0.0/0"),
	};

	set_direction(&request, is_policy ? SAMPLE_GATEWAY_2 : SAMPLE_GATEWAY,
		      is_in ? XFRM_DIRECTION_IN : XFRM_DIRECTION_OUT);
	for (uint8_t i = 0; i < request.encr_key_bytes; i++)
		request.encr_key[i] = i + 1;
	for (uint8_t i = 0; i < request.integ_key_bytes; i++)
		request.integ_key[i] = 0x80 + i;
	return request;
}
