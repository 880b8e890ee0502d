/* From a site to what a box runs.
 *
 * One tunnel to each instance of the gateway. A route-based tunnel has one child SA, any to any;
 * which traffic enters it is up to the routes. With policy-based selectors it has one a pair.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "provisioning/fleet/translate.h"

#include <errno.h>
#include <stdio.h>
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

/* Of the tunnel to instance `i`, whose reqids follow those of the instance before. */
static int set_children(const struct site *site, size_t i, struct tunnel *tunnel)
{
	static const struct prefix any = { .addr = { .family = ADDR_FAMILY_IPV4 } };
	size_t n = site->n_children > 0 ? site->n_children : 1;
	struct tunnel_child *children = calloc(n, sizeof(*children));

	if (!children)
		return -ENOMEM;
	children[0] = (struct tunnel_child){ .name = "any", .local = any, .remote = any };
	for (size_t k = 0; k < site->n_children; k++) {
		snprintf(children[k].name, sizeof(children[k].name), "pair-%zu", k + 1);
		children[k].local = site->children[k].office;
		children[k].remote = site->children[k].azure;
	}
	for (size_t k = 0; k < n; k++)
		children[k].reqid = FIRST_REQID + (uint32_t)(i * n + k);
	tunnel->n_children = n;
	tunnel->children = children;
	return 0;
}

/* The connection's; with Azure's number of the instance when there are several. */
static int set_name(const struct site *site, size_t i, char ret_name[static MAX_NAME_BYTES])
{
	char name[MAX_NAME_BYTES + 8];

	if (site->n_gateways == 1)
		return copy_name(ret_name, MAX_NAME_BYTES, site->connection);
	snprintf(name, sizeof(name), "%s-%zu", site->connection, i);
	return copy_name(ret_name, MAX_NAME_BYTES, name);
}

static int set_tunnel(const struct site *site, size_t i, struct tunnel *tunnel)
{
	int r = set_name(site, i, tunnel->name);

	if (r < 0)
		return r;
	tunnel->if_id = FIRST_IF_ID + (uint32_t)i;
	tunnel->gateway = site->gateways[i];
	tunnel->gateway_id = site->gateways[i];
	tunnel->local_id = site->local_id;
	tunnel->role = role_from_mode(site->mode);
	tunnel->priority = 1; /* Azure spreads flows over both; so do we */
	tunnel->mss = TUNNEL_MSS;
	tunnel->ike_rekey_s = IKE_REKEY_S;
	tunnel->dpd_timeout_s = site->dpd_timeout_s;
	tunnel->child_life_s = site->policy.child_life_s;
	tunnel->child_life_kilobytes = site->policy.child_life_kilobytes;
	set_suites(&site->policy, tunnel);
	return set_children(site, i, tunnel);
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
	config->tunnels = calloc(site->n_gateways, sizeof(*config->tunnels));
	if (!config->tunnels)
		return -ENOMEM;
	config->n_tunnels = site->n_gateways;
	for (size_t i = 0; r == 0 && i < site->n_gateways; i++)
		r = set_tunnel(site, i, &config->tunnels[i]);
	return r;
}

static int make_secrets(const struct site *site, struct secrets *secrets)
{
	int r = 0;

	secrets->keys = calloc(site->n_gateways, sizeof(*secrets->keys));
	if (!secrets->keys)
		return -ENOMEM;
	secrets->n_keys = site->n_gateways;
	for (size_t i = 0; r == 0 && i < site->n_gateways; i++) {
		secrets->keys[i].psk = site->psk;
		r = set_name(site, i, secrets->keys[i].tunnel);
	}
	return r;
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
