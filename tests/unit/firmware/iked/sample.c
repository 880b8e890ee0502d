/* A configuration and its keys.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sample.h"

#include <assert.h>
#include <string.h>

#include "config/secrets.h"

const struct device_config *sample_config(void)
{
	static struct tunnel_child child = { .name = "any", .reqid = 7 };
	static struct tunnel tunnel = { .name = "cn-branch7",
					.if_id = 3,
					.ike_rekey_s = 24000,
					.dpd_timeout_s = 45,
					.child_life_s = 27000,
					.child_life_kilobytes = 102400000,
					.n_children = 1,
					.children = &child };
	static struct device_config config = { .n_tunnels = 1, .tunnels = &tunnel };
	const struct ike_suite *ike = ike_suites_azure_default(&tunnel.n_ike_suites);
	const struct esp_suite *esp = esp_suites_azure_default(&tunnel.n_esp_suites);
	int failed = addr_parse(SAMPLE_GATEWAY, &tunnel.gateway) |
		     addr_parse(SAMPLE_GATEWAY, &tunnel.gateway_id) |
		     addr_parse(SAMPLE_LOCAL_ID, &tunnel.local_id) |
		     prefix_parse("0.0.0.0/0", &child.local) |
		     prefix_parse("0.0.0.0/0", &child.remote);

	assert(!failed);
	(void)failed;
	memcpy(tunnel.ike_suites, ike, tunnel.n_ike_suites * sizeof(*ike));
	memcpy(tunnel.esp_suites, esp, tunnel.n_esp_suites * sizeof(*esp));
	return &config;
}

const struct secrets *sample_secrets(void)
{
	static struct tunnel_secret key = { .tunnel = "cn-branch7",
					    .psk = { .len = 12, .bytes = "invented-key" } };
	static const struct secrets secrets = { .n_keys = 1, .keys = &key };

	return &secrets;
}

const struct secrets *sample_no_secrets(void)
{
	static const struct secrets secrets;

	return &secrets;
}
