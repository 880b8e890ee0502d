/* From a site to what a box runs.
 *
 * A route-based tunnel has one child SA, any to any; which traffic enters it is up to the routes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "provisioning/fleet/translate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define TUNNEL_MSS 1350	  /* Azure's advice for any path */
#define IKE_REKEY_S 24000 /* before Azure does, at 28,800 s */
#define FIRST_IF_ID 1
#define FIRST_REQID 1

static int copy_name(char *ret_name, size_t size, const char *name)
{
	size_t len = strlen(name);

	if (len >= size)
		return -ENAMETOOLONG;
	memcpy(ret_name, name, len + 1);
	return 0;
}

static int copy_prefixes(const struct azure_prefixes *from, size_t *ret_n,
			 struct prefix **ret_prefixes)
{
	struct prefix *prefixes = calloc(from->n, sizeof(*prefixes));

	if (!prefixes)
		return -ENOMEM;
	for (size_t i = 0; i < from->n; i++)
		prefixes[i] = from->rows[i].prefix;
	*ret_n = from->n;
	*ret_prefixes = prefixes;
	return 0;
}

static enum tunnel_role role_from_mode(enum azure_mode mode)
{
	switch (mode) {
	case AZURE_MODE_RESPONDER_ONLY:
		return TUNNEL_ROLE_INITIATOR;
	case AZURE_MODE_INITIATOR_ONLY:
		return TUNNEL_ROLE_RESPONDER;
	case AZURE_MODE_DEFAULT:
		break;
	}
	return TUNNEL_ROLE_BOTH;
}

static void set_suites(const struct azure_policy *policy, struct tunnel *tunnel)
{
	const struct ike_suite *ike = policy->ike_suites;
	const struct esp_suite *esp = &policy->esp_suite;
	size_t n_ike = policy->n_ike_suites, n_esp = 1;

	if (!policy->is_custom) {
		ike = ike_suites_azure_default(&n_ike);
		esp = esp_suites_azure_default(&n_esp);
	}
	memcpy(tunnel->ike_suites, ike, n_ike * sizeof(*ike));
	memcpy(tunnel->esp_suites, esp, n_esp * sizeof(*esp));
	tunnel->n_ike_suites = n_ike;
	tunnel->n_esp_suites = n_esp;
}

static int set_child(struct tunnel *tunnel)
{
	static const struct prefix any = { .addr = { .family = ADDR_FAMILY_IPV4 } };
	struct tunnel_child *child = calloc(1, sizeof(*child));

	if (!child)
		return -ENOMEM;
	memcpy(child->name, "any", sizeof("any"));
	child->reqid = FIRST_REQID;
	child->local = any;
	child->remote = any;
	tunnel->n_children = 1;
	tunnel->children = child;
	return 0;
}

static int set_tunnel(const struct site *site, struct tunnel *tunnel)
{
	int r = copy_name(tunnel->name, sizeof(tunnel->name), site->connection);

	if (r < 0)
		return r;
	tunnel->if_id = FIRST_IF_ID;
	tunnel->gateway = site->gateway;
	tunnel->gateway_id = site->gateway;
	tunnel->local_id = site->local_id;
	tunnel->role = role_from_mode(site->mode);
	tunnel->mss = TUNNEL_MSS;
	tunnel->ike_rekey_s = IKE_REKEY_S;
	tunnel->dpd_timeout_s = site->dpd_timeout_s;
	tunnel->child_life_s = site->policy.child_life_s;
	tunnel->child_life_kilobytes = site->policy.child_life_kilobytes;
	set_suites(&site->policy, tunnel);
	return set_child(tunnel);
}

static int make_config(const struct site *site, const char *wan, const char *lan,
		       struct device_config *config)
{
	int r;

	r = copy_name(config->site, sizeof(config->site), site->name);
	if (r == 0)
		r = copy_name(config->wan_interface, sizeof(config->wan_interface), wan);
	if (r == 0)
		r = copy_name(config->lan_interface, sizeof(config->lan_interface), lan);
	if (r == 0)
		r = copy_prefixes(&site->office, &config->n_office_prefixes,
				  &config->office_prefixes);
	if (r == 0)
		r = copy_prefixes(&site->azure, &config->n_azure_prefixes, &config->azure_prefixes);
	if (r < 0)
		return r;
	config->wan_services =
		WAN_SERVICE_DHCP | WAN_SERVICE_DNS | WAN_SERVICE_NTP | WAN_SERVICE_HTTPS;
	config->tunnels = calloc(1, sizeof(*config->tunnels));
	if (!config->tunnels)
		return -ENOMEM;
	config->n_tunnels = 1;
	return set_tunnel(site, config->tunnels);
}

static int make_secrets(const struct site *site, struct secrets *secrets)
{
	secrets->keys = calloc(1, sizeof(*secrets->keys));
	if (!secrets->keys)
		return -ENOMEM;
	secrets->n_keys = 1;
	secrets->keys[0].psk = site->psk;
	return copy_name(secrets->keys[0].tunnel, sizeof(secrets->keys[0].tunnel),
			 site->connection);
}

int translate_site(const struct site *site, const char *wan, const char *lan,
		   struct device_config **ret_config, struct secrets **ret_secrets)
{
	_cleanup_(cleanup_config) struct device_config *config = calloc(1, sizeof(*config));
	_cleanup_(cleanup_secrets) struct secrets *secrets = calloc(1, sizeof(*secrets));
	int r;

	if (!config || !secrets)
		return -ENOMEM;
	r = make_config(site, wan, lan, config);
	if (r == 0)
		r = make_secrets(site, secrets);
	if (r < 0)
		return r;
	*ret_config = steal(&config);
	*ret_secrets = steal(&secrets);
	return 0;
}
