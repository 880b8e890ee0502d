/* The noun of the system: one IPsec tunnel to one Azure VPN gateway instance.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "config/tunnel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void tunnel_deinit(struct tunnel *tunnel)
{
	free(tunnel->children);
	*tunnel = (struct tunnel){ 0 };
}

static bool child_equal(const struct tunnel_child *a, const struct tunnel_child *b)
{
	return strcmp(a->name, b->name) == 0 && a->reqid == b->reqid &&
	       prefix_equal(&a->local, &b->local) && prefix_equal(&a->remote, &b->remote);
}

static bool children_equal(const struct tunnel *a, const struct tunnel *b)
{
	if (a->n_children != b->n_children)
		return false;
	for (size_t i = 0; i < a->n_children; i++)
		if (!child_equal(&a->children[i], &b->children[i]))
			return false;
	return true;
}

/* Suites are numbers without padding. */
static bool suites_equal(const struct tunnel *a, const struct tunnel *b)
{
	static_assert(sizeof(struct ike_suite) == 10 && sizeof(struct esp_suite) == 8,
		      "no padding");
	return a->n_ike_suites == b->n_ike_suites && a->n_esp_suites == b->n_esp_suites &&
	       memcmp(a->ike_suites, b->ike_suites, a->n_ike_suites * sizeof(*a->ike_suites)) ==
		       0 &&
	       memcmp(a->esp_suites, b->esp_suites, a->n_esp_suites * sizeof(*a->esp_suites)) == 0;
}

bool tunnel_equal(const struct tunnel *a, const struct tunnel *b)
{
	return strcmp(a->name, b->name) == 0 && a->if_id == b->if_id &&
	       addr_equal(&a->gateway, &b->gateway) && addr_equal(&a->gateway_id, &b->gateway_id) &&
	       addr_equal(&a->local_id, &b->local_id) && a->role == b->role &&
	       a->priority == b->priority &&
	       a->force_udp_encapsulation == b->force_udp_encapsulation && a->mss == b->mss &&
	       suites_equal(a, b) && a->ike_rekey_s == b->ike_rekey_s &&
	       a->dpd_timeout_s == b->dpd_timeout_s && a->child_life_s == b->child_life_s &&
	       a->child_life_kilobytes == b->child_life_kilobytes && children_equal(a, b);
}

/* Of ASCII, whatever the locale is. */
static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool tunnel_name_is_valid(const char *text)
{
	if (!is_alnum(text[0]) || strlen(text) >= MAX_NAME_BYTES)
		return false;
	for (; *text; text++)
		if (!is_alnum(*text) && !strchr("._-", *text))
			return false;
	return true;
}

const char *tunnel_ifname(uint32_t if_id, char buf[static MAX_IFNAME_BYTES])
{
	snprintf(buf, MAX_IFNAME_BYTES, "ipsec%u", if_id);
	return buf;
}
